import Tensors

/// What a SavedModel's graph is run by: signatures, and the operation that restores its variables.
public struct ServingInterface: Sendable {
  /// An input or an output.
  public struct Argument: Sendable, Hashable {
    /// In the graph, such as `serving_default_x:0`.
    public var tensor: String
    public var elementType: ElementType
    /// Elements along each axis, `nil` where any number goes; `nil` where the rank is not fixed.
    public var shape: [Int?]?
  }

  public struct Signature: Sendable {
    public var inputs: [String: Argument] = [:]
    public var outputs: [String: Argument] = [:]
  }

  /// The model's folder.
  public var folder: String
  /// All tags of the graph.
  public var tags: [String]
  public var signatures: [String: Signature] = [:]
  /// The string tensor that takes a checkpoint's prefix, and the operation that then restores every variable; `nil` where the
  /// graph has none.
  public var restore: (filename: String, operation: String)?
  /// Operations that hold a variable.
  public var variableCount = 0
  /// Prefix of the variables' files; `nil` where there are none.
  public var variables: String?

  /// Reads the interface of the SavedModel that `path` is or belongs to.
  ///
  /// - Parameter tag: Tags of the graph, separated by commas; `nil` for the one meant for serving.
  /// - Throws: ``CheckpointError``; `.unsupported` for a model of another format, which has no graph to run.
  /// - Complexity: O(graph).
  /// ## Source
  /// TensorFlow, `core/protobuf/meta_graph.proto`, `core/protobuf/saver.proto`.
  public init(at path: String, tag: String?) throws(CheckpointError) {
    let path = Paths.trimmed(path)
    guard let folder = SavedModelFormat.folder(of: path), let file = GraphFile.find(in: folder) else {
      throw .unsupported(
        file: path, reason: "only a SavedModel can be run, for it holds the graph; others hold weights alone")
    }
    self.folder = folder
    let prefix = Paths.join(folder, SavedModel.variablesPrefix)
    variables = FileStatus.find(prefix + ".index") != nil ? prefix : nil
    let source = try file.read(in: folder)
    tags = []
    try source.withBytes { (bytes) throws(CheckpointError) in
      let graphs = try source.decoding("the model") { () throws(WireError) in try MetaGraph.all(in: bytes) }
      let graph = try MetaGraph.chosen(from: graphs, tag: tag, file: source.path)
      tags = graph.tags
      try source.decoding("the signatures") { () throws(WireError) in
        for entry in graph.signatures {
          let reader = WireReader(bytes, entry)
          let (key, value) = try reader.mapEntry(entry)
          signatures[reader.text(key)] = try Signature(bytes, value)
        }
        if let saver = graph.saver { try readSaver(bytes, saver) }
        var operations = OperationCount()
        if let range = graph.graph { try operations.countGraph(bytes, range) }
        let holders = ["VarHandleOp", "VariableV2", "Variable"]
        variableCount = holders.reduce(0) { $0 + (operations.operations[$1] ?? 0) }
      }
    }
  }

  private mutating func readSaver(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var filename = ""
    var operation = ""
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      if field.number == 1, let part = field.range { filename = reader.text(part) }
      if field.number == 3, let part = field.range { operation = reader.text(part) }
    }
    if !filename.isEmpty, !operation.isEmpty { restore = (filename, operation) }
  }
}

extension ServingInterface.Signature {
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard field.number == 1 || field.number == 2, let part = field.range else { continue }
      let (key, value) = try reader.mapEntry(part)
      let argument = try ServingInterface.Argument(bytes, value)
      if field.number == 1 { inputs[reader.text(key)] = argument } else { outputs[reader.text(key)] = argument }
    }
  }
}

extension ServingInterface.Argument {
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    tensor = ""
    elementType = .unknown
    shape = nil
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let name)): tensor = reader.text(name)
      case (2, .varint):
        elementType = Int32(exactly: field.int ?? 0).flatMap(ElementType.init(rawValue:)) ?? .unknown
      case (3, .bytes(let part)):
        shape = try TensorShapeMessage(bytes, part).dimensions.map { $0.map { $0 < 0 ? nil : $0 } }
      default: break
      }
    }
  }
}
