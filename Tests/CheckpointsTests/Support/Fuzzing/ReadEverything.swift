@testable import Checkpoints
@testable import Tensors

/// Something that no file may make a reader do.
struct BrokenPromise: Error, CustomStringConvertible {
  var description: String
}

/// Does with a path what a user can do: opens it, lists everything, verifies and reads every tensor.
///
/// - Parameter body: Gets each tensor that is sound, and its strings, or its bytes as one.
/// - Throws: ``BrokenPromise`` where the model contradicts itself. That it can't be read, in whole or in part, is no
///   fault.
func readEverything(
  at path: String, _ body: (StoredTensor, [[UInt8]]) throws -> Void = { _, _ in }
) throws {
  let model: any Checkpoint
  do throws(CheckpointError) { model = try openCheckpoint(at: path) } catch {
    return try check(error)
  }
  for failure in model.verifyFiles().failures { try check(failure) }
  do {
    if let graph = try model.graph() { try readGraph(graph) }
  } catch let error as CheckpointError { try check(error) }
  var previous: String?
  for tensor in model.tensors {
    guard tensor.index >= 0, previous != tensor.key, elementCount(of: tensor.shape) ?? 0 == tensor.count else {
      throw BrokenPromise(description: "the catalogue's '\(tensor.key)' has \(tensor.count) of \(tensor.shape)")
    }
    previous = tensor.key
    if let value = try value(of: tensor, in: model) { try body(tensor, value) }
  }
}

/// Looks at every node and every edge; attributes that can't be read are no fault.
private func readGraph(_ graph: ComputationGraph) throws {
  for body in graph.bodies {
    for index in body.nodes {
      let node = graph.nodes[index]
      guard graph.edges[node.inputs].allSatisfy({ $0.node == -1 || body.nodes.contains($0.node) }),
        node.calls.allSatisfy(graph.bodies.indices.contains)
      else { throw BrokenPromise(description: "'\(node.name)' leads out of its graph") }
      do throws(CheckpointError) { _ = try graph.attributes(of: index) } catch { try check(error) }
    }
  }
}

private func check(_ error: CheckpointError) throws {
  guard !error.description.isEmpty else { throw BrokenPromise(description: "an error without words") }
}

/// Bytes that are read of a tensor that claims more.
private let mostBytes = 1 << 20

private func value(of tensor: StoredTensor, in model: any Checkpoint) throws -> [[UInt8]]? {
  do throws(CheckpointError) { try model.verify(tensor) } catch {
    try check(error)
    // What is damaged must be bearable too.
    guard tensor.byteCount <= mostBytes else { return nil }
    if tensor.elementType == .string { _ = try? model.strings(tensor) } else { _ = try? model.contents(tensor) }
    return nil
  }
  do {
    if tensor.elementType == .string {
      let strings = try model.strings(tensor)
      guard strings.count == tensor.count else {
        throw BrokenPromise(description: "'\(tensor.key)' has \(tensor.count) strings and hands over \(strings.count)")
      }
      return strings
    }
    guard let width = tensor.elementType.byteWidth, tensor.unreadable == nil else { return nil }
    guard tensor.byteCount == tensor.count * width else {
      throw BrokenPromise(description: "'\(tensor.key)' has \(tensor.byteCount) bytes for \(tensor.count) of \(width)")
    }
    guard tensor.byteCount <= mostBytes else { return try ends(of: tensor, in: model) }
    let whole = try model.contents(tensor)
    guard try tensor.byteCount > 256 || model.contents(tensor, step: 7) == whole else {
      throw BrokenPromise(description: "'\(tensor.key)' differs when it is read in pieces")
    }
    if let recorded = tensor.checksum, recorded != checksum(whole) {
      throw BrokenPromise(description: "'\(tensor.key)' is verified and not what its checksum says")
    }
    _ = try sha256(of: tensor, in: model)
    return [whole]
  } catch let error as CheckpointError {
    throw BrokenPromise(description: "'\(tensor.key)' is verified and can't be read: \(error)")
  }
}

/// The first and last bytes of a tensor that is too large to be read for nothing.
private func ends(of tensor: StoredTensor, in model: any Checkpoint) throws(CheckpointError) -> [[UInt8]] {
  var result: [[UInt8]] = []
  for offset in [0, tensor.byteCount - 4096] {
    let part = try OwnedBytes(count: 4096, file: "test") { (buffer) throws(CheckpointError) in
      try model.read(tensor, at: offset, into: buffer)
    }
    result.append(part.withBytes { Array($0) })
  }
  return result
}
