import Tensors

/// A SavedModel that is loaded to be run, on the processor.
///
/// Every operation runs on the thread that calls, with one thread inside, so that the same input gives the same bytes whatever
/// the machine's number of processors; runs may go side by side.
public final class TensorFlowSession: Sendable {
  /// Mirrors `TF_Output`: an operation and which of its outputs.
  private struct Output {
    var operation: OpaquePointer?
    var index: Int32
  }

  private let library: TensorFlowLibrary
  // Unchecked: pointers that are set once; TensorFlow's sessions may be used from any thread.
  private nonisolated(unsafe) let graph: OpaquePointer
  private nonisolated(unsafe) let session: OpaquePointer

  /// `ConfigProto`: no GPU, one thread within an operation, operations on the caller's thread.
  private static let configuration: [UInt8] =
    [0x0a, 0x07, 0x0a, 0x03, 0x47, 0x50, 0x55, 0x10, 0x00, 0x10, 0x01, 0x28]
    + [UInt8](repeating: 0xff, count: 9) + [0x01, 0x38, 0x01]

  /// Loads the graph, restores its variables and fills its tables.
  ///
  /// A model whose variables' files are missing loads all the same: the caller checks.
  /// - Parameters:
  ///   - folder: Of the SavedModel.
  ///   - tags: All tags of the graph.
  /// - Throws: ``TensorFlowError`` `.failed`.
  public init(_ library: TensorFlowLibrary, folder: String, tags: [String]) throws(TensorFlowError) {
    let status = library.newStatus()
    let options = library.newOptions()
    defer {
      library.deleteOptions(options)
      library.deleteStatus(status)
    }
    library.setConfiguration(options, Self.configuration, Self.configuration.count, status)
    try library.check(status, "configure a session")
    guard let graph = library.newGraph() else {
      throw .failed(doing: "make a graph", code: 8, message: "out of memory")
    }
    let session = withCStrings(tags) { library.load(options, nil, folder, $0, Int32(tags.count), graph, nil, status) }
    guard library.code(status) == 0, let session else {
      defer { library.deleteGraph(graph) }
      try library.check(status, "load \(folder)")
      throw .failed(doing: "load \(folder)", code: 2, message: "no session came of it")
    }
    self.library = library
    self.graph = graph
    self.session = session
  }

  deinit {
    let status = library.newStatus()
    library.closeSession(session, status)
    library.deleteSession(session, status)
    library.deleteStatus(status)
    library.deleteGraph(graph)
  }

  /// Runs the graph.
  ///
  /// - Parameters:
  ///   - inputs: By tensor of the graph, such as `serving_default_x:0`.
  ///   - outputs: Tensors of the graph to return, in this order.
  ///   - targets: Operations to run for what they do.
  /// - Throws: ``TensorFlowError`` `.failed`, for what the graph does not hold too.
  public func run(
    _ inputs: [(tensor: String, value: TensorValue)], outputs: [String] = [], targets: [String] = []
  ) throws(TensorFlowError) -> [TensorValue] {
    let sources = try find(inputs.map(\.tensor))
    let sinks = try find(outputs)
    let operations = try targets.map { (name) throws(TensorFlowError) -> OpaquePointer? in try operation(name) }
    var values: [OpaquePointer?] = []
    defer { for case .some(let value) in values { library.release(value) } }
    for input in inputs { values.append(try library.tensor(input.value)) }
    var results = [OpaquePointer?](repeating: nil, count: outputs.count)
    let status = library.newStatus()
    defer { library.deleteStatus(status) }
    sources.withUnsafeBytes { sources in
      sinks.withUnsafeBytes { sinks in
        library.run(
          session, nil, sources.baseAddress, values, Int32(values.count), sinks.baseAddress, &results,
          Int32(results.count), operations, Int32(operations.count), nil, status)
      }
    }
    defer { for case .some(let result) in results { library.release(result) } }
    try library.check(status, "run the model")
    return results.compactMap { $0.map(library.value) }
  }

  private func find(_ tensors: [String]) throws(TensorFlowError) -> [Output] {
    var result: [Output] = []
    for tensor in tensors {
      let parts = tensor.split(separator: ":")
      let index = parts.count > 1 ? Int32(parts[1]) ?? 0 : 0
      result.append(Output(operation: try operation(parts.first.map(String.init) ?? tensor), index: index))
    }
    return result
  }

  private func operation(_ name: String) throws(TensorFlowError) -> OpaquePointer {
    guard let found = library.operation(graph, name) else {
      throw .failed(doing: "run the model", code: 5, message: "its graph has no operation '\(name)'")
    }
    return found
  }
}

extension TensorFlowLibrary {
  func check(_ status: OpaquePointer?, _ doing: String) throws(TensorFlowError) {
    let code = code(status)
    guard code != 0 else { return }
    throw .failed(doing: doing, code: code, message: message(status).map { String(cString: $0) } ?? "")
  }
}

private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  func next(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> Result {
    if index == texts.count { return pointers.withUnsafeBufferPointer { body($0.baseAddress) } }
    return texts[index].withCString { next(index + 1, pointers + [$0]) }
  }
  return next(0, [])
}
