import Testing

@testable import Checkpoints
@testable import Tensors

/// SavedModels whose graph is written as a message, as text and in chunks.
@Suite struct GraphFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["tf2-pbtxt", "tf2-cpb", "tf2-cpb-plain"]) func formsAgainstTensorFlow(name: String) throws {
    try same(oracle("models/" + name), oracle("models/tf2-pb"), tag: nil)
  }

  @Test(arguments: ["tf1-pbtxt", "tf1-cpb", "tf1-cpb-plain"]) func severalGraphsAgainstTensorFlow(name: String) throws {
    for tag in ["train", "gpu,serve", nil] { try same(oracle("models/" + name), oracle("models/tf1-pb"), tag: tag) }
    let error = failure { () throws(CheckpointError) in
      _ = try openCheckpoint(at: oracle("models/" + name), tag: "serve")
    }
    #expect(error?.kind == "notFound" && error?.description.contains("'train', 'serve,gpu'") == true, "\(error as Any)")
  }

  private func same(_ path: String, _ other: String, tag: String?) throws {
    let a = try openCheckpoint(at: path, tag: tag)
    let b = try openCheckpoint(at: other, tag: tag)
    #expect(a.model.tags == b.model.tags && a.model.tensorFlowVersion == b.model.tensorFlowVersion)
    #expect(a.model.structure == b.model.structure)
    #expect(a.model.structure["signatures"]?["serving_default"]?["inputs"]?["x"]?["dtype"] == .string("float32"))
    #expect(a.model.metadata == b.model.metadata && a.model.warnings == b.model.warnings)
    #expect(a.tensors == b.tensors && !a.tensors.isEmpty)
    #expect(a.tensors.contains { $0.trainable == true })
    for tensor in a.tensors { try a.verify(tensor) }
  }

  @Test(arguments: [
    ("tf2-pbtxt", "tf2-pb"), ("tf1-pbtxt", "tf1-pb"), ("tf1-cpb", "tf1-pb"), ("tf2-cpb-plain", "tf2-pb"),
  ])
  func theWholeMessageIsTheSame(name: String, other: String) throws {
    // Written anew field by field, so that the order does not matter.
    func canonical(_ folder: String) throws -> [UInt8] {
      let file = try #require(GraphFile.find(in: folder))
      let source = try file.read(in: folder)
      return try source.withBytes { (bytes) throws(CheckpointError) in
        try source.decoding("the model") { () throws(WireError) in
          try Canonical.message(bytes, 0..<bytes.count, depth: 0)
        }
      }
    }
    let a = try canonical(oracle("models/" + name))
    let b = try canonical(oracle("models/" + other))
    #expect(a == b && a.count > 5000)
  }

  @Test func textWithoutVariables() throws {
    try folder.write(
      "saved_model.pbtxt",
      Array("meta_graphs { meta_info_def { tags: 'serve' tensorflow_version: \"1.0\" } graph_def { } }".utf8))
    let model = try openCheckpoint(at: folder.path)
    #expect(model.tensors.isEmpty && model.model.tags == ["serve"] && model.model.tensorFlowVersion == "1.0")
    #expect(model.model.warnings == ["The model has no variables: there is no 'variables' folder."])
    try folder.write(
      "saved_model.pbtxt",
      Array("meta_graphs { graph_def { node { name: 'v' op: 'VarHandleOp' } node { name: 'w' op: 'Variable' } } }".utf8)
    )
    #expect(
      try openCheckpoint(at: folder.path).model.warnings == [
        "The graph has 2 variables, and their values are not here: copy the 'variables' folder too."
      ])
  }

  @Test func collectionsAndTheirAssets() throws {
    let text = """
      meta_graphs {
        meta_info_def { tags: "serve" }
        collection_def { key: "saved_model_assets" value { any_list { value {
          [type.googleapis.com/tensorflow.AssetFileDef] { tensor_info { name: "x:0" } filename: "words.txt" }
        } value { type_url: "type.googleapis.com/tensorflow.AssetFileDef" value: "\\022\\005a.txt" } } } }
        collection_def { key: "losses" value { node_list { value: "loss:0" } } }
      }
      """
    try folder.write("saved_model.pbtxt", Array(text.utf8))
    let structure = try openCheckpoint(at: folder.path).model.structure
    #expect(structure["assets"] == .array([.string("a.txt"), .string("words.txt")]))
    #expect(structure["collections"] == .array([.string("losses"), .string("saved_model_assets")]))
  }

  @Test func whoMustChooseIsToldTheTags() throws {
    let graphs = ["train", "eval"].map { "meta_graphs { meta_info_def { tags: '\($0)' tags: 'gpu' } }" }
    try folder.write("saved_model.pbtxt", Array(graphs.joined().utf8))
    let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }
    #expect(error?.description.contains("choose one by its tags: 'train,gpu', 'eval,gpu'") == true, "\(error as Any)")
    #expect(try openCheckpoint(at: folder.path, tag: "gpu,eval").model.tags == ["eval", "gpu"])
  }

  @Test func damagedTextNamesTheLine() throws {
    try folder.write("saved_model.pbtxt", Array("meta_graphs {\n  graph_def {\n    node { name 'x' }".utf8))
    let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }
    #expect(
      error
        == .corrupt(
          file: folder.file("saved_model.pbtxt"), offset: 44,
          reason: "line 3, column 17: expected ':' or '{' after 'name'"))
  }

  /// Flipped bytes and cuts of chunks: every hash is checked, so nothing wrong is read silently.
  @Test func damagedChunksAreErrors() throws {
    for name in ["tf2-cpb", "tf2-cpb-plain"] {
      let file = try RandomAccessFile.opened(oracle("models/\(name)/saved_model.cpb"))
      let sound = try file.contents().withBytes { Array($0) }
      try folder.write("copy.cpb", sound)
      #expect(try !read("copy.cpb").isEmpty)
      var random = SplitMix64(state: 3)
      for _ in 0..<60 {
        var damaged = sound
        damaged[Int.random(in: 64..<sound.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        try folder.write("copy.cpb", damaged)
        #expect(throws: CheckpointError.self) { try read("copy.cpb") }
        try folder.write("copy.cpb", Array(sound.prefix(Int.random(in: 0..<sound.count, using: &random))))
        #expect(throws: CheckpointError.self) { try read("copy.cpb") }
      }
    }
  }

  private func read(_ name: String) throws(CheckpointError) -> [UInt8] {
    try ChunkedMessage.read(RandomAccessFile.opened(folder.file(name))).withBytes { Array($0) }
  }

  @Test func highwayHashAgainstItsAuthors() {
    // github.com/google/highwayhash, highwayhash/highwayhash_test.cc: bytes 0, 1, 2 … under the key 0 … 31.
    let key: SIMD4<UInt64> = [
      0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908, 0x1716_1514_1312_1110, 0x1f1e_1d1c_1b1a_1918,
    ]
    #expect(HighwayHash.of(UnsafeRawBufferPointer(start: nil, count: 0), key: key) == 0x907a_56de_22c2_6e53)
    #expect([UInt8(0)].withUnsafeBytes { HighwayHash.of($0, key: key) } == 0x7eab_43aa_c7cd_dd78)
  }
}

/// A message whose fields are sorted, and maps' entries with them, without those that are 0 or empty.
enum Canonical {
  /// Looks into whatever can be read as a message, on both sides alike.
  static func message(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, depth: Int
  ) throws(WireError) -> [UInt8] {
    var fields: [(number: Int, bytes: [UInt8])] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch field.value {
      // Text leaves out what is 0 in a map's entry, bytes do not.
      case .varint(0): break
      case .varint(let value): fields.append((field.number, Message.varint(value)))
      case .fixed32(let value): fields.append((field.number, littleEndian(value)))
      case .fixed64(let value): fields.append((field.number, littleEndian(value)))
      case .bytes(let part):
        let inner = depth < 90 ? try? message(bytes, part, depth: depth + 1) : nil
        let content = inner ?? Array(bytes[part])
        guard !content.isEmpty else { continue }
        fields.append((field.number, Message.varint(UInt64(content.count)) + content))
      }
    }
    return fields.enumerated().sorted {
      if $0.element.number != $1.element.number { return $0.element.number < $1.element.number }
      // Entries of a map have a message with the key as field 1.
      return $0.element.bytes.lexicographicallyPrecedes($1.element.bytes)
    }.flatMap { Message.varint(UInt64($0.element.number)) + $0.element.bytes }
  }
}
