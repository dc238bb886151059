import Testing

@testable import Comparison

@Suite struct UnitViewTests {
  private func view(
    _ shape: [Int], _ part: String = "kernel", with others: [String: [Int]] = [:], layer: String = "layer",
    isLast: Bool = false,
    choice: UnitChoice = .auto
  ) -> UnitView {
    var context = LayerContext(name: layer, shapes: others, isLast: isLast)
    context.shapes[part] = shape
    return UnitView.of(shape: shape, part: part, layer: context, choice: choice)
  }

  @Test func everyKindOfKernel() {
    let dense = view([64, 10], with: ["bias": [10]])
    #expect(dense == UnitView(units: 10, inner: 1, name: "output column"))
    #expect(view([3, 3, 8, 16], with: ["bias": [16]]) == UnitView(units: 16, inner: 1, name: "filter"))
    #expect(view([3, 3, 8, 16]) == UnitView(units: 16, inner: 1, name: "filter"))
    #expect(view([5, 8, 16], with: ["bias": [16]]) == UnitView(units: 16, inner: 1, name: "filter"))
    #expect(
      view([3, 3, 8, 2], "depthwise_kernel", with: ["bias": [16]])
        == UnitView(units: 16, inner: 1, name: "depthwise filter"))
    #expect(view([1_000, 32], "embeddings") == UnitView(units: 1_000, inner: 32, name: "row"))
  }

  @Test func outputsComeFirstInPyTorchOrder() {
    #expect(view([10, 64], "weight", with: ["bias": [10]]) == UnitView(units: 10, inner: 64, name: "output row"))
    #expect(view([64, 64], "weight", with: ["bias": [64]]) == UnitView(units: 64, inner: 64, name: "output row"))
    #expect(view([16, 8, 3, 3], "weight") == UnitView(units: 16, inner: 72, name: "filter"))
    #expect(view([10, 64], "weight", isLast: true) == UnitView(units: 64, inner: 1, name: "input column"))
    #expect(view([64, 10], "weight", with: ["bias": [10]]) == UnitView(units: 10, inner: 1, name: "output column"))
    let kernels = [("fc1", [128, 64]), ("fc2", [32, 128]), ("fc3", [10, 32])].map {
      KernelShape(layer: $0.0, part: "weight", shape: $0.1)
    }
    #expect(lastLayers(kernels) == ["fc3"])
  }

  @Test func transposedConvolutions() {
    // [h, w, out, in]: the bias tells; with as many inputs as outputs, the name.
    #expect(view([3, 3, 4, 8], with: ["bias": [4]]) == UnitView(units: 4, inner: 8, name: "filter"))
    #expect(view([3, 3, 8, 8], with: ["bias": [8]]) == UnitView(units: 8, inner: 1, name: "filter"))
    #expect(
      view([3, 3, 8, 8], with: ["bias": [8]], layer: "decoder/conv2d_transpose_1")
        == UnitView(units: 8, inner: 8, name: "filter"))
    #expect(view([3, 3, 4, 8], layer: "conv2d_transpose") == UnitView(units: 4, inner: 8, name: "filter"))
    #expect(
      view([3, 3, 1, 8], with: ["bias": [1]], isLast: true) == UnitView(units: 8, inner: 1, name: "input channel"))
  }

  @Test func attention() {
    // Queries [d, heads, k] with bias [heads, k]; output [heads, k, d] with bias [d].
    #expect(view([32, 4, 8], with: ["bias": [4, 8]]) == UnitView(units: 32, inner: 1, name: "head unit"))
    #expect(view([4, 8], "bias", with: ["kernel": [32, 4, 8]]) == UnitView(units: 32, inner: 1, name: "head unit"))
    #expect(view([4, 8, 32], with: ["bias": [32]]) == UnitView(units: 32, inner: 1, name: "filter"))
  }

  @Test func recurrentGatesGoTogether() {
    let lstm = ["kernel": [10, 32], "recurrent_kernel": [8, 32], "bias": [32]]
    let unit = UnitView(units: 8, inner: 1, name: "recurrent unit")
    for (part, shape) in lstm { #expect(view(shape, part, with: lstm) == unit, "\(part)") }
    let gru = ["kernel": [10, 24], "recurrent_kernel": [8, 24], "bias": [2, 24]]
    for (part, shape) in gru { #expect(view(shape, part, with: gru) == unit, "\(part)") }
  }

  @Test func vectorsAndScalars() {
    #expect(view([7], "gamma") == UnitView(units: 7, inner: 1, name: "unit"))
    #expect(view([7], "bias", isLast: true) == UnitView(units: 7, inner: 1, name: "class", isExchangeable: false))
    #expect(view([], "temperature") == UnitView(units: 1, inner: 1, name: "scalar", isExchangeable: false))
  }

  @Test func lastKernelGoesByInputs() {
    #expect(view([64, 10], with: ["bias": [10]], isLast: true) == UnitView(units: 64, inner: 10, name: "input row"))
    #expect(view([1, 1, 64, 10], isLast: true) == UnitView(units: 64, inner: 10, name: "input channel"))
  }

  @Test func choices() {
    #expect(view([3, 4], choice: .element).units == 12)
    #expect(view([3, 4], choice: .row) == UnitView(units: 3, inner: 4, name: "row"))
    #expect(view([2, 3, 4], choice: .input) == UnitView(units: 3, inner: 4, name: "input row"))
    #expect(view([64, 10], isLast: true, choice: .output) == UnitView(units: 10, inner: 1, name: "output column"))
    #expect(view([5], "bias", choice: .output) == UnitView(units: 5, inner: 1, name: "unit"))
    #expect(view([], "x", choice: .element).units == 1)
  }

  @Test func emptyShapesHaveAView() {
    for shape in [[0], [0, 5], [5, 0], [2, 0, 3]] {
      let view = view(shape)
      #expect(view.units >= 0)
      #expect(view.inner >= 1)
    }
  }
}

@Suite struct LastLayerTests {
  private func last(_ kernels: [(layer: String, part: String, shape: [Int])], isNumbered: Bool = false) -> Set<String> {
    var contexts: [String: LayerContext] = [:]
    for kernel in kernels {
      contexts[kernel.layer, default: LayerContext(name: kernel.layer)].shapes[kernel.part] = kernel.shape
    }
    return lastLayers(
      kernels.enumerated().map { i, kernel in
        KernelShape(
          layer: kernel.layer, part: kernel.part, shape: kernel.shape,
          path: isNumbered ? "layer_with_weights-\(i)/\(kernel.part)" : nil,
          context: contexts[kernel.layer] ?? LayerContext())
      })
  }

  private func dense(_ widths: [Int]) -> [(layer: String, part: String, shape: [Int])] {
    zip(widths, widths.dropFirst()).enumerated().map { ("dense_\($0)", "kernel", [$1.0, $1.1]) }
  }

  @Test func chainsOfDense() {
    #expect(last(dense([64, 128, 64, 10])) == ["dense_2"])
    // Widths that are multiples of the number of classes: nothing is flattened between dense layers.
    #expect(last(dense([784, 300, 100, 10])) == ["dense_2"])
    #expect(last(dense([784, 128, 2])) == ["dense_1"])
    #expect(last(dense([5, 1])) == ["dense_0"])
    #expect(last(dense([30, 64, 64, 64, 1])) == ["dense_3"])
  }

  @Test func numberedLayersFeedLaterOnesOnly() {
    // As many classes as features, and an autoencoder: shapes alone don't tell.
    #expect(last(dense([10, 32, 10]), isNumbered: true) == ["dense_1"])
    #expect(last(dense([784, 32, 784]), isNumbered: true) == ["dense_1"])
    // More than ten: by number, not by spelling.
    #expect(last(dense([9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9]), isNumbered: true) == ["dense_11"])
  }

  @Test func convolutionsAndFlatten() {
    let network: [(layer: String, part: String, shape: [Int])] = [
      ("conv_1", "kernel", [3, 3, 1, 16]), ("conv_2", "kernel", [3, 3, 16, 32]), ("dense_1", "kernel", [128, 120]),
      ("dense_2", "kernel", [120, 10]),
    ]
    #expect(last(network) == ["dense_2"])
    #expect(last(Array(network[..<2]) + [("output", "kernel", [128, 10])]) == ["output"])
    // One output, and a grey picture that has one channel.
    #expect(last(Array(network[..<2]) + [("output", "kernel", [128, 1])], isNumbered: true) == ["output"])
  }

  @Test func separableConvolutions() {
    let network: [(layer: String, part: String, shape: [Int])] = [
      ("stem", "kernel", [3, 3, 3, 32]), ("dw", "depthwise_kernel", [3, 3, 32, 1]), ("pw", "kernel", [1, 1, 32, 64]),
      ("sep", "depthwise_kernel", [3, 3, 64, 2]), ("sep", "pointwise_kernel", [1, 1, 128, 96]),
      ("output", "kernel", [96, 10]),
    ]
    #expect(last(network) == ["output"])
  }

  @Test func residualBlocks() {
    let network: [(layer: String, part: String, shape: [Int])] = [
      ("stem", "kernel", [7, 7, 3, 64]), ("a1", "kernel", [3, 3, 64, 64]), ("a2", "kernel", [3, 3, 64, 64]),
      ("b1", "kernel", [3, 3, 64, 128]), ("b2", "kernel", [3, 3, 128, 128]), ("shortcut", "kernel", [1, 1, 64, 128]),
      ("fc", "kernel", [128, 1_000]),
    ]
    #expect(last(network) == ["fc"])
  }

  @Test func severalHeads() {
    let network: [(layer: String, part: String, shape: [Int])] = [
      ("trunk", "kernel", [20, 32]), ("digits", "kernel", [32, 10]), ("colours", "kernel", [32, 7]),
      ("age", "kernel", [32, 1]),
    ]
    #expect(last(network) == ["digits", "colours", "age"])
  }

  @Test func decodersByTransposedConvolution() {
    let network: [(layer: String, part: String, shape: [Int])] = [
      ("dense", "kernel", [16, 7 * 7 * 32]), ("conv2d_transpose", "kernel", [3, 3, 64, 32]),
      ("conv2d_transpose_1", "kernel", [3, 3, 1, 64]),
    ]
    #expect(last(network).contains("conv2d_transpose_1"))
    #expect(!last(network).contains("conv2d_transpose"))
  }
}
