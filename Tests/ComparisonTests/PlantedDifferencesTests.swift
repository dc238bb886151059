import Checkpoints
import Foundation
import Results
import Tensors
import Testing

@testable import Comparison

/// Pairs of models that TensorFlow and Keras wrote with one known difference: it is found and named, and nothing else
/// is. The models and the script that makes them are in `Oracles`.
@Suite struct PlantedDifferencesTests {
  struct Found {
    var result: ModelComparison
    /// `path: a → b`, of what differs in metadata and of what differs in structure.
    var metadata: [String]
    var structure: [String]
    var changed: [String]
  }

  static func path(_ name: String) -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Oracles/planted/"
    if FileManager.default.fileExists(atPath: folder + name + "/model.ckpt.meta") {
      return folder + name + "/model.ckpt"
    }
    for ending in [".keras", ".pb"] where FileManager.default.fileExists(atPath: folder + name + ending) {
      return folder + name + ending
    }
    return folder + name
  }

  static func find(_ a: String, _ b: String, roles: Set<Role> = [.weight, .state]) async throws -> Found {
    var options = ComparisonOptions()
    options.roles = roles
    let result = try await compare(
      openCheckpoint(at: path(a)), openCheckpoint(at: path(b)), options: options
    ).result
    func texts(_ differences: [Difference]) -> [String] {
      differences.map { "\($0.path): \($0.textA) → \($0.textB)" }
    }
    return Found(
      result: result, metadata: texts(result.metadata), structure: texts(result.structure),
      changed: result.pairs.filter { !$0.identical }.map(\.name).sorted())
  }

  // MARK: Nothing planted

  @Test(arguments: ["keras3", "module", "lookup", "export"])
  func nothingAgainstTensorFlow(name: String) async throws {
    let found = try await Self.find(name, "\(name)-again")
    #expect(found.metadata.isEmpty && found.structure.isEmpty && found.changed.isEmpty, "\(found.structure)")
    #expect(found.result.same.metadata == true)
    #expect(found.result.same.graph == (name == "keras3" ? nil : true))
    #expect(found.result.same.bytes == false)
  }

  /// TensorFlow's own fingerprints of one model differ from save to save where functions were traced in another order.
  @Test func fingerprintsAreKeptApart() async throws {
    #expect(try await Self.find("export", "export-again").result.same.fingerprint == false)
    #expect(try await Self.find("module", "module-again").result.same.fingerprint == true)
    #expect(try await Self.find("keras3", "keras3-again").result.same.fingerprint == nil)
    #expect(
      try await Self.find("module", "module").result.same
        == Sameness(
          bytes: true, values: true, metadata: true, graph: true, fingerprint: true))
  }

  // MARK: Training

  @Test(arguments: [
    ("keras3-learning-rate", "optimizer.learning_rate: 0.001 → 0.01"),
    ("keras3-l2", "layers.first.config.kernel_regularizer.config.l2: 0.0001 → 0.01"),
    ("keras3-dropout", "layers.drop.config.rate: 0.25 → 0.5"),
  ]) func trainingAgainstKeras3(name: String, expected: String) async throws {
    let found = try await Self.find("keras3", name)
    #expect(found.metadata == [expected])
    #expect(found.structure.isEmpty && found.changed.isEmpty)
    #expect(found.result.same.metadata == false && found.result.same.values == true)
  }

  @Test func scheduleAndClippingAgainstKeras3() async throws {
    let found = try await Self.find("keras3-schedule", "keras3-other-schedule")
    #expect(
      found.metadata == [
        "optimizer.clipnorm: 1 → 2", "optimizer.learning_rate.config.decay_rate: 0.9 → 0.8",
        "optimizer.momentum: 0.9 → 0.95", "optimizer.weight_decay: 0.0001 → 1e-05",
      ])
  }

  @Test func learningRateAgainstKeras2() async throws {
    let found = try await Self.find("untraced", "untraced-learning-rate")
    #expect(found.metadata == ["optimizer.learning_rate: 0.001 → 0.01"])
    #expect(found.structure.isEmpty && found.changed.isEmpty)
  }

  /// The rate is in the layer's configuration, and in the constants of the graphs for training.
  @Test func dropoutAgainstKeras2() async throws {
    let found = try await Self.find("keras2", "keras2-dropout")
    #expect(found.metadata == ["layers.drop.config.rate: 0.25 → 0.5"])
    #expect(found.changed.isEmpty)
    #expect(found.structure.count == 2, "\(found.structure)")
    #expect(found.structure.contains { $0.hasSuffix("dropout/Const.value: 1.3333334 → 2.0") })
    #expect(found.structure.contains { $0.hasSuffix("GreaterEqual/y.value: 0.25 → 0.5") })
    #expect(found.result.same.graph == false)
  }

  @Test func batchStatisticsAgainstKeras3() async throws {
    let found = try await Self.find("keras3", "keras3-batch")
    #expect(found.changed == ["batch/moving_mean", "batch/moving_variance"])
    #expect(
      found.result.metadata.map(\.path) == [
        "data.statistics.batch.moving_mean", "data.statistics.batch.moving_variance",
      ])
    #expect(found.result.metadata.allSatisfy { $0.note?.hasPrefix("8 of 8 differ, by at most 0.25") == true })
  }

  @Test func layerAgainstKeras3() async throws {
    let found = try await Self.find("keras3", "keras3-layer")
    #expect(found.changed == ["last/bias", "last/kernel"])
    #expect(found.metadata.isEmpty && found.structure.isEmpty)
  }

  @Test func nameOfLayerAgainstKeras2() async throws {
    let found = try await Self.find("untraced", "untraced-name")
    #expect(found.metadata == ["layers.first.config.name: first → begin"])
    #expect(found.structure.isEmpty && found.changed.isEmpty)
    #expect(found.result.same.graph == true)
  }

  // MARK: Vocabularies

  @Test(arguments: ["lookup", "adapted"]) func vocabularyOrderAgainstTensorFlow(name: String) async throws {
    let found = try await Self.find(name, "\(name)-order")
    #expect(found.metadata == ["data.tables.words.order: [birch, cedar] → [cedar, birch]"])
    #expect(found.result.structure.allSatisfy { $0.note?.contains("in another place") == true })
    #expect(found.structure.count == 1 && found.structure[0].hasSuffix(".value: [birch, cedar] → [cedar, birch]"))
  }

  @Test func vocabularyEntriesAgainstTensorFlow() async throws {
    let found = try await Self.find("asset", "asset-words")
    #expect(found.metadata == ["data.assets.words.txt.entries: [hazel] → [larch, oak]"])
    #expect(found.result.metadata[0].note == "6 in A, 7 in B; 1 only in A, 2 only in B")
    #expect(found.structure.isEmpty)
  }

  @Test func assetOrderAgainstTensorFlow() async throws {
    let found = try await Self.find("asset", "asset-order")
    #expect(found.metadata == ["data.assets.words.txt.order: [birch, cedar] → [cedar, birch]"])
    #expect(found.structure.isEmpty)
  }

  // MARK: Labels

  @Test func labelsAgainstTensorFlow() async throws {
    let order = try await Self.find("labels", "labels-order")
    #expect(order.metadata == ["data.label_maps.label_map.pbtxt: [2: birch, 3: cedar] → [2: cedar, 3: birch]"])
    #expect(order.result.metadata[0].note == "2 of 3 numbers stand for another label; the labels are the same")
    #expect(order.structure.isEmpty)
    let word = try await Self.find("labels", "labels-word")
    #expect(word.metadata == ["data.label_maps.label_map.pbtxt: [3: cedar] → [3: elm]"])
    #expect(
      word.result.metadata[0].note == "1 of 3 numbers stand for another label; 1 labels only in A, 1 only in B")
  }

  // MARK: What the first TensorFlow's graph says of the training

  @Test(arguments: [
    ("tf1", "tf1-learning-rate", "optimizer.learning_rate: 0.001 → 0.01", "Adam/learning_rate.value: 0.001 → 0.01"),
    (
      "tf1", "tf1-l2", "regularizers.dense/kernel.l2: 0.0001 → 0.01",
      "dense/kernel/Regularizer/mul/x.value: 0.0001 → 0.01"
    ),
    (
      "tf1-schedule", "tf1-other-schedule", "optimizer.learning_rate.config.decay_rate: 0.9 → 0.8",
      "ExponentialDecay/Cast_1/x.value: 0.9 → 0.8"
    ),
  ]) func trainingAgainstTensorFlow1(a: String, b: String, metadata: String, node: String) async throws {
    let found = try await Self.find(a, b)
    #expect(found.metadata == [metadata])
    #expect(found.structure == ["graph.nodes.\(node)"])
    #expect(found.changed.isEmpty)
  }

  @Test func optimizerOfTensorFlow1() throws {
    for name in ["tf1", "tf1-first"] {
      let facts = ModelFacts(Catalogue(try openCheckpoint(at: Self.path(name))))
      #expect(
        facts.metadata["optimizer"]
          == .object([
            "class_name": .string("Adam"), "class_name_source": .string("operations of its graph"),
            "learning_rate": .number(0.001), "beta_1": .number(0.8), "beta_2": .number(0.999),
            "epsilon": .number(1e-8),
          ]))
      #expect(facts.metadata["regularizers"] == .object(["dense/kernel": .object(["l2": .number(1e-4)])]))
      #expect(facts.metadata["counters"] == .object(["global_step": .integer(0)]))
    }
  }

  /// The V1 and the V2 checkpoint of one model have their graphs beside them.
  @Test func versionsOfCheckpointAgainstTensorFlow1() async throws {
    let found = try await Self.find("tf1", "tf1-first")
    #expect(found.metadata.isEmpty && found.structure.isEmpty && found.changed.isEmpty)
    #expect(found.result.same.graph == true && found.result.same.values == true)
  }

  // MARK: Quantisation

  @Test(arguments: [
    ("quantised-bits", "dense/weights_quant", "num_bits", "8 → 4"),
    ("quantised-range", "dense/act_quant", "max", "6.0 → 8.0"),
  ]) func quantisationAgainstTensorFlow(name: String, layer: String, what: String, change: String) async throws {
    let found = try await Self.find("quantised", name)
    #expect(found.metadata == ["quantization.layers.\(layer).FakeQuantWithMinMaxVars.\(what): \(change)"])
    #expect(found.structure.count == 1 && found.structure[0].hasSuffix(": \(change)"), "\(found.structure)")
    #expect(found.changed.isEmpty)
  }

  // MARK: Graphs

  @Test func renamedNodesAgainstTensorFlow() async throws {
    for name in ["module", "frozen"] {
      let found = try await Self.find(name, "\(name)-renamed")
      #expect(found.structure == ["graph.renamed: hidden → inner"])
      #expect(found.metadata.isEmpty && found.changed.isEmpty)
      #expect(found.result.same.graph == true)
    }
  }

  @Test func constantAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-constant")
    #expect(found.metadata.isEmpty && found.changed.isEmpty)
    #expect(found.structure == ["graph.nodes.Const.value: [1.5, 2.0, 3.0, 4.0, …] → [1.25, 2.0, 3.0, 4.0, …]"])
    #expect(found.result.structure.first?.note == "1 of 5 elements differ, by at most 0.25")
  }

  @Test func addedNodeAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-extra")
    #expect(found.structure == ["graph.nodes.hidden/Square: – → Square", "operations.Square: – → 2"])
    #expect(found.metadata.isEmpty && found.changed.isEmpty)
    let back = try await Self.find("module-extra", "module")
    #expect(back.structure == ["graph.nodes.hidden/Square: Square → –", "operations.Square: 2 → –"])
  }

  @Test func operationAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-activation")
    #expect(
      found.structure == [
        "graph.nodes.hidden/Relu.operation: Relu → Elu", "operations.Elu: – → 2", "operations.Relu: 2 → –",
      ])
  }

  @Test func orderOfInputsAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-swapped")
    #expect(found.structure.count == 1, "\(found.structure)")
    #expect(found.structure.first?.hasPrefix("graph.nodes.sub.inputs: ") == true)
  }

  @Test func typeOfInputAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-dtype")
    #expect(found.structure.first == "signatures.serving_default.inputs.x.dtype: float32 → float64")
    #expect(found.result.same.graph == false && found.changed.isEmpty)
  }

  @Test func vocabularyInGraphAgainstTensorFlow() async throws {
    let found = try await Self.find("module", "module-order")
    #expect(found.structure.count == 1, "\(found.structure)")
    #expect(found.structure.first?.hasSuffix(".value: [birch, cedar] → [cedar, birch]") == true)
  }

  /// The graph has a loop, so nodes lie in cycles.
  @Test func constantOfCyclicGraphAgainstTensorFlow() async throws {
    let loop = try await Self.find("frozen", "frozen-loop")
    #expect(loop.structure == ["graph.nodes.while/Less/y.value: 10 → 20"])
    let scalar = try await Self.find("frozen", "frozen-constant")
    #expect(scalar.structure == ["graph.nodes.hidden/add/y.value: 1.5 → 1.25"])
    #expect(scalar.changed.isEmpty && scalar.result.verdict == .identicalValues)
    let all = try await Self.find("frozen", "frozen-constant", roles: [.weight, .constant])
    #expect(all.changed == ["hidden/add/y"] && all.result.pairs.count == 6)
  }

  @Test func layerOfFrozenGraphAgainstTensorFlow() async throws {
    let found = try await Self.find("frozen", "frozen-layer")
    #expect(found.changed == ["hidden/kernel"])
    #expect(found.structure.isEmpty && found.metadata.isEmpty)
  }
}
