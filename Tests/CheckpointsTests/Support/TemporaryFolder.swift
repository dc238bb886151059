import Foundation

@testable import Checkpoints
@testable import Tensors

/// A folder that is removed when it is forgotten.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoints-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let target = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    // Foundation waits until the disk has each file, which thousands of damaged ones need not.
    guard let stream = fopen(target.path, "wb") else { throw CocoaError(.fileWriteUnknown) }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
    guard fclose(stream) == 0, written == bytes.count else { throw CocoaError(.fileWriteUnknown) }
    return target.path
  }

  func write(_ files: [String: [UInt8]]) throws {
    for (name, bytes) in files { try write(name, bytes) }
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }
}

extension Checkpoint {
  /// The tensor with `key`; a test fails without it.
  func tensor(_ key: String) throws -> StoredTensor {
    guard let found = tensors.first(where: { $0.key == key }) else { throw MissingTensor(key: key) }
    return found
  }

  /// All of a tensor's bytes, read in pieces of `step`.
  func contents(_ tensor: StoredTensor, step: Int = Int.max) throws(CheckpointError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: tensor.byteCount)
    var start = 0
    while start < result.count {
      let count = min(step, result.count - start)
      let part = try OwnedBytes(count: count, file: "test") { (buffer) throws(CheckpointError) in
        try read(tensor, at: start, into: buffer)
      }
      part.withBytes { result.replaceSubrange(start..<start + count, with: $0) }
      start += count
    }
    return result
  }

  func strings(_ tensor: StoredTensor) throws(CheckpointError) -> [[UInt8]] {
    var result: [[UInt8]] = []
    try forEachString(in: tensor) { (string) throws(CheckpointError) in result.append(Array(string)) }
    return result
  }
}

struct MissingTensor: Error { var key: String }

/// The error that `body` throws.
func failure(_ body: () throws(CheckpointError) -> Void) -> CheckpointError? {
  do {
    try body()
    return nil
  } catch { return error }
}

extension CheckpointError {
  /// The kind alone, to be compared.
  var kind: String {
    switch self {
    case .corrupt: "corrupt"
    case .truncated: "truncated"
    case .unsupported: "unsupported"
    case .notFound: "notFound"
    case .io: "io"
    }
  }
}
