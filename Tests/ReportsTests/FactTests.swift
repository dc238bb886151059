import Results
import Tensors
import Testing

@testable import Reports

struct FactTests {
  private func comparison(metadata: [Difference], structure: [Difference] = []) -> ModelComparison {
    let summary = ModelSummary(
      path: "m", format: "SavedModel", tags: [], tensorFlowVersion: nil, kerasVersion: nil, tensorCount: 0,
      weightCount: 0)
    return ModelComparison(
      schema: ModelComparison.comparisonSchema, provenance: Provenance(version: "0", arguments: []), warnings: [],
      a: summary, b: summary, verdict: .different, pairs: [], unpaired: Unpaired(), mismatched: [], damaged: [],
      structure: structure, metadata: metadata)
  }

  @Test func layersOfOneDifferenceShareARow() {
    let differences = ["a", "b", "c", "d"].map {
      Difference(path: "layers.\($0).config.kernel_regularizer.config.l2", a: .number(1e-5), b: .number(0.01))
    }
    let lines = factLines(comparison(metadata: differences), color: false)
    #expect(
      lines == [
        "differs in training    A      B     where", "kernel_regularizer.l2  1e-05  0.01  a, b, c and 1 more", "",
      ])
  }

  @Test func statisticsNameTheirLayerAndWhatDiffers() {
    let difference = Difference(
      path: "data.statistics.net/batch.moving_mean", a: .array([.number(1)]), b: .array([.number(2)]),
      note: "1 of 1 differ")
    #expect(
      factLines(comparison(metadata: [difference]), color: false)[1]
        == "moving_mean          [1.0]  [2.0]  net/batch, 1 of 1 differ")
  }

  @Test func onlyOneSideHasIt() {
    let differences = [
      Difference(path: "optimizer.decay", a: nil, b: .integer(0)),
      Difference(path: "layers.drop", a: .object(["class_name": .string("Dropout")]), b: nil),
    ]
    let lines = factLines(comparison(metadata: differences), color: false)
    #expect(lines[1].split(separator: " ") == ["optimizer.decay", "–", "0"])
    #expect(lines[2].split(separator: " ") == ["layer", "there", "–", "drop"])
  }

  @Test func whatIsTheSameIsSaidApart() {
    #expect(
      samenessLine(Sameness(bytes: false, values: true, metadata: true, graph: nil, fingerprint: false))
        == "Same: values, metadata. Other: bytes, fingerprint. Unknown: graph.")
    #expect(samenessLine(Sameness()) == "Unknown: bytes, values, metadata, graph, fingerprint.")
  }

  @Test func treeOfAModel() {
    var inspection = Inspection(
      provenance: Provenance(version: "0", arguments: []), warnings: [],
      model: Inspection.Model(
        path: "m", format: "SavedModel", tags: ["serve"], tensorFlowVersion: "2.21.0", kerasVersion: nil, files: [:],
        fingerprint: nil),
      tensors: [
        Inspection.Tensor(
          name: "first/kernel", key: "k", layer: "first", role: .weight, dtype: "float32", shape: [4, 8], count: 32,
          bytes: 128),
        Inspection.Tensor(
          name: "mean", key: "layer_with_weights-0/mean/.ATTRIBUTES/VARIABLE_VALUE", layer: "", role: .state,
          dtype: "float32", shape: [4], count: 4, bytes: 16),
      ],
      metadata: .object([
        "layers": .object([
          "first": .object([
            "class_name": .string("Custom>Dense"),
            "config": .object([
              "units": .integer(8), "activation": .string("relu"),
              "kernel_regularizer": .object(["class_name": .string("L2"), "config": .object(["l2": .number(0.5)])]),
            ]),
          ])
        ]),
        "optimizer": .object(["class_name": .string("SGD"), "learning_rate": .number(0.1), "nesterov": .bool(false)]),
      ]),
      structure: .object([
        "layers": .array([
          .object([
            "name": .string("scale"), "class_name": .string("Normalization"), "path": .string("layer_with_weights-0"),
          ]), .object(["name": .string("first"), "class_name": .string("Dense")]),
        ])
      ]))
    #expect(
      tree(inspection)
        == """
        m   SavedModel · TensorFlow 2.21.0 · tags serve
        ├─ layers
        │  ├─ scale  Normalization             mean [4]
        │  └─ first  Dense(8, relu) · L2(l2 0.5)  kernel [4, 8]
        └─ optimizer
           └─ SGD: learning_rate 0.1

        """.replacing("Normalization             mean", with: "Normalization                mean"))
    inspection.metadata = .object([:])
    inspection.structure = .object([:])
    #expect(tree(inspection).contains("first  kernel [4, 8]"))
  }
}
