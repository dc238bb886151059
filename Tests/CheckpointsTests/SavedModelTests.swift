import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct SavedModelTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func graph() -> SavedModelWriter.Graph {
    var graph = SavedModelWriter.Graph()
    graph.objects = [
      ([("kernel", 1), ("moving", 2)], nil), ([], ("dense/kernel:0", true)), ([], ("dense/moving:0", false)),
    ]
    return graph
  }

  private func write(_ graphs: [SavedModelWriter.Graph] = [graph()], extra: [String: [UInt8]] = [:]) throws {
    var bundle = BundleWriter()
    bundle.add("kernel/.ATTRIBUTES/VARIABLE_VALUE", [1, 2])
    bundle.add("moving/.ATTRIBUTES/VARIABLE_VALUE", [3])
    bundle.addObjectGraph(ObjectGraphWriter.variables([("kernel", ""), ("moving", "")]).bytes)
    var files = bundle.files("variables/variables")
    files["saved_model.pb"] = SavedModelWriter(graphs: graphs).bytes
    try folder.write(files.merging(extra) { $1 })
  }

  /// As a file of such a name was taken for none where its table was damaged.
  @Test(arguments: ["saved_model_variables", "variables/variables", "variables/variables-00000-of-00001"])
  func damagedFirstVersionIsSaid(name: String) throws {
    try folder.write(["saved_model.pb": SavedModelWriter(graphs: [Self.graph()]).bytes, name: [1, 2, 3]])
    #expect(throws: CheckpointError.self) { try openCheckpoint(at: folder.path) }
  }

  @Test(arguments: [false, true]) func roundTrip(descending: Bool) throws {
    var graph = Self.graph()
    graph.descending = descending
    try write([graph])
    let model = try openCheckpoint(at: folder.path)
    #expect(model.model.format == "SavedModel")
    #expect(model.model.tags == ["serve"])
    #expect(model.model.tensorFlowVersion == "2.99.0")
    #expect(model.model.files.keys.sorted().first == "saved_model.pb")
    let kernel = try model.tensor("kernel/.ATTRIBUTES/VARIABLE_VALUE")
    #expect(kernel.fullName == "dense/kernel")
    #expect(kernel.trainable == true)
    #expect(try model.tensor("moving/.ATTRIBUTES/VARIABLE_VALUE").trainable == false)
    #expect(try model.contents(kernel) == bytes([Float(1), 2]))
    let structure = model.model.structure
    #expect(structure["nodes"] == .integer(3))
    #expect(structure["functions"] == .integer(2))
    #expect(
      structure["operations"]
        == .object(["Const": .integer(1), "VarHandleOp": .integer(2), "MatMul": .integer(2), "Relu": .integer(1)]))
    let input = structure["signatures"]?["serving_default"]?["inputs"]?["pixels"]
    #expect(input?["dtype"] == .string("float32"))
    #expect(input?["shape"] == .array([.integer(-1), .integer(64)]))
    #expect(structure["signatures"]?["serving_default"]?["outputs"]?["output"]?["shape"] == .null)
    #expect(model.model.metadata["tensorflow"]?["git_version"] == .string("v2.99.0-test"))
  }

  @Test func anyOfItsPathsLeadsToIt() throws {
    try write()
    for path in [
      "", "/", "/saved_model.pb", "/variables", "/variables/", "/variables/variables", "/variables/variables.index",
      "/variables/variables.data-00000-of-00001",
    ] {
      #expect(try openCheckpoint(at: folder.path + path).model.format == "SavedModel", "\(path)")
    }
  }

  @Test func tagsChooseTheGraph() throws {
    var training = Self.graph()
    training.tags = ["train", "gpu"]
    training.version = "1.0"
    try write([training, Self.graph()])
    #expect(try openCheckpoint(at: folder.path).model.tags == ["serve"])
    #expect(try openCheckpoint(at: folder.path, tag: "gpu,train").model.tensorFlowVersion == "1.0")
    #expect(
      failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path, tag: "gpu") }?.kind == "notFound")
    try write([training])
    #expect(try openCheckpoint(at: folder.path).model.tags == ["train", "gpu"])
    try write([training, training])
    #expect(failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }?.kind == "unsupported")
  }

  @Test func kerasMetadataIsRead() throws {
    let json =
      #"{"class_name": "Dense", "config": {"name": "dense_1", "units": 64, "l2": 1e-05, "shared_object_id": 3}}"#
    let root = """
      {"class_name": "Sequential", "name": "mlp", "keras_version": "2.15.0", "backend": "tensorflow",
       "training_config": {"loss": "mse", "clip": -Infinity, "text": "NaN \\" Infinity"}}
      """
    try write(extra: [
      "keras_metadata.pb": SavedModelWriter.kerasMetadata([
        ("root", "_tf_keras_sequential", root), ("root.layer-0", "_tf_keras_layer", json),
        ("root.layer-1", "_tf_keras_layer", "not json"), ("root.metrics.0", "_tf_keras_metric", json),
      ])
    ])
    let model = try openCheckpoint(at: folder.path).model
    #expect(model.kerasVersion == "2.15.0")
    #expect(model.metadata["model"]?["class_name"] == .string("Sequential"))
    #expect(model.metadata["training_config"]?["clip"] == .string("-Infinity"))
    #expect(model.metadata["training_config"]?["text"] == .string("NaN \" Infinity"))
    let layer = model.metadata["layers"]?["dense_1"]
    #expect(layer?["config"] == .object(["name": .string("dense_1"), "units": .integer(64), "l2": .number(1e-05)]))
    #expect(model.warnings.count == 2)
  }

  @Test func damagedMetadataIsAWarning() throws {
    try write(extra: ["keras_metadata.pb": [0x0a, 0xff]])
    let model = try openCheckpoint(at: folder.path)
    #expect(model.model.warnings.contains { $0.contains("Keras metadata") })
    #expect(model.tensors.count == 3)
  }

  @Test func deeplyNestedMetadataIsHarmless() throws {
    for depth in [100, 500, 513, 200_000] {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      try write(extra: [
        "keras_metadata.pb": SavedModelWriter.kerasMetadata([("root", "_tf_keras_model", "{\"config\": \(nested)}")])
      ])
      let model = try openCheckpoint(at: folder.path).model
      #expect(model.warnings.isEmpty == (depth <= 500), "\(depth)")
    }
  }

  @Test func modelWithoutVariablesIsLegal() throws {
    for (operations, sentence) in [
      (["Const"], "The model has no variables"),
      (["Const", "VarHandleOp"], "The graph has 1 variables, and their values"),
    ] {
      var graph = SavedModelWriter.Graph()
      graph.operations = operations
      try folder.write("saved_model.pb", SavedModelWriter(graphs: [graph]).bytes)
      let model = try openCheckpoint(at: folder.path)
      #expect(model.tensors.isEmpty)
      #expect(model.model.warnings.contains { $0.contains(sentence) }, "\(model.model.warnings)")
      #expect(model.verifyFiles().failures.isEmpty)
    }
  }

  @Test func damagedGraphIsAnError() throws {
    try write()
    let sound = SavedModelWriter(graphs: [Self.graph()]).bytes
    for (name, damaged) in [
      ("cut", Array(sound.dropLast(7))), ("no graph", Message { $0.number(1, 1) }.bytes),
      ("text", Array("# text".utf8)),
      ("wrong wire type", Message { $0.number(2, 1) }.bytes),
    ] {
      try folder.write("saved_model.pb", damaged)
      let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }
      #expect(error?.kind == "corrupt" && error?.description.contains("saved_model.pb") == true, "\(name)")
    }
    try folder.write("saved_model.pb", [])
    #expect(failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }?.kind == "truncated")
    // The variables can still be had by name.
    let rescued = try openCheckpoint(at: folder.file("variables/variables"))
    #expect(rescued.model.format == "V2 checkpoint")
    #expect(rescued.model.warnings.contains { $0.contains("saved_model.pb") })
  }

  @Test func variablesWithoutAnIndexAreAnError() throws {
    try write()
    try folder.remove("variables/variables.index")
    let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path) }
    #expect(error?.kind == "notFound" && error?.description.contains("variables.index") == true)
  }

  @Test func fingerprintsAreVerified() throws {
    try write()
    let index = try RandomAccessFile(path: folder.file("variables/variables.index"))
    let graph = try RandomAccessFile(path: folder.file("saved_model.pb"))
    let recorded = (try Fingerprint64.of(graph), try Fingerprint64.of(index))
    func fingerprint(_ graph: UInt64, _ index: UInt64) -> [UInt8] {
      Message {
        $0.unsigned(1, graph)
        $0.unsigned(5, index)
        $0.text(7, "1234")
      }.bytes
    }
    try folder.write("fingerprint.pb", fingerprint(recorded.0, recorded.1))
    let model = try openCheckpoint(at: folder.path)
    #expect(model.verifyFiles().checked == 3)
    #expect(model.verifyFiles().failures.isEmpty)
    #expect(model.model.fingerprint == hexadecimalDigits(recorded.1))
    // The graph's is taken of another order of the same fields: no proof of damage.
    try folder.write("fingerprint.pb", fingerprint(recorded.0 ^ 1, recorded.1))
    #expect(model.verifyFiles().checked == 2)
    #expect(model.verifyFiles().failures.isEmpty)
    try folder.write("fingerprint.pb", fingerprint(recorded.0, recorded.1 ^ 1))
    #expect(model.verifyFiles().failures.map(\.kind) == ["corrupt"])
    try folder.write("fingerprint.pb", [0x08])
    #expect(model.verifyFiles().failures.map(\.kind) == ["corrupt"])
  }
}
