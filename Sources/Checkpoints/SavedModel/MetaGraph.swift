/// One graph of a SavedModel: where its parts lie, and what is said of it as a whole.
///
/// ## Source
/// TensorFlow, `core/protobuf/saved_model.proto`, `core/protobuf/meta_graph.proto`.
struct MetaGraph {
  var tags: [String] = []
  var tensorFlowVersion: String?
  var gitVersion: String?
  /// Whether attributes with their default value were left out.
  var isStripped = false
  /// Number of operations that the graph uses, as the writer listed them.
  var strippedOperations = 0
  var graph: Range<Int>?
  var objects: Range<Int>?
  /// How variables are saved and restored.
  var saver: Range<Int>?
  var signatures: [Range<Int>] = []
  var collections: [Range<Int>] = []
  var assetFiles: [Range<Int>] = []

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1: try readInformation(bytes, part)
      case 2: graph = part
      case 3: saver = part
      case 4: collections.append(part)
      case 5: signatures.append(part)
      case 6: assetFiles.append(part)
      case 7: objects = part
      default: break
      }
    }
  }

  private mutating func readInformation(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (2, .bytes(let operations)):
        var list = WireReader(bytes, operations)
        while let field = try list.next() {
          if field.number == 1 { strippedOperations += 1 }
        }
      case (4, .bytes(let tag)): tags.append(reader.text(tag))
      case (5, .bytes(let version)): tensorFlowVersion = reader.text(version)
      case (6, .bytes(let version)): gitVersion = reader.text(version)
      case (7, .varint(let value)): isStripped = value != 0
      default: break
      }
    }
  }

  /// Reads the graphs of a whole `saved_model.pb`.
  static func all(in bytes: UnsafeRawBufferPointer) throws(WireError) -> [MetaGraph] {
    var result: [MetaGraph] = []
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard field.number == 2 else { continue }
      guard let range = field.range else { throw WireError(offset: field.offset, reason: "a meta graph is no message") }
      result.append(try MetaGraph(bytes, range))
    }
    return result
  }

  /// Chooses the graph with the tags asked for; else the one for serving; else the only one.
  ///
  /// - Parameter tag: Tags separated by commas, which must be all the graph has.
  static func chosen(from graphs: [MetaGraph], tag: String?, file: String) throws(CheckpointError) -> MetaGraph {
    guard !graphs.isEmpty else {
      throw .corrupt(file: file, offset: 0, reason: "no meta graph is in it, so this is no SavedModel")
    }
    let known = graphs.map { "'\($0.tags.joined(separator: ","))'" }.joined(separator: ", ")
    if let tag {
      let wanted = Set(tag.split(separator: ",").map(String.init))
      if let found = graphs.first(where: { Set($0.tags) == wanted }) { return found }
      throw .notFound(file: file, reason: "no graph has exactly the tags '\(tag)'; there are \(known)")
    }
    if graphs.count == 1 { return graphs[0] }
    if let found = graphs.first(where: { $0.tags == ["serve"] }) { return found }
    let serving = graphs.filter { $0.tags.contains("serve") }
    if serving.count == 1 { return serving[0] }
    throw .unsupported(file: file, reason: "holds \(graphs.count) graphs; choose one by its tags: \(known)")
  }
}
