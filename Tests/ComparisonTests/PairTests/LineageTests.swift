import Checkpoints
import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

@Suite struct LineageTests {
  private func bundledPair(_ a: String, _ b: String) async throws -> ModelComparison {
    let options = testing {
      $0.significance?.tests = [LineageTest.id]
      $0.metrics = []
    }
    return try await compare(openCheckpoint(at: bundled(a)), openCheckpoint(at: bundled(b)), options: options).result
  }

  private let kernels = ["dense_1/kernel", "dense_2/kernel", "output/kernel"]

  @Test func theFineTunedCopyDescends() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-finetuned")
    for name in kernels {
      let row = try result.pair(name).row(LineageTest.id, "matched_cosine")
      #expect(row.pValue == 1.0 / 200, "\(name)")
      #expect(try #require(row.effect?.value) > 0.9)
      #expect(row.level == "relabelling" && row.alternative == "greater")
    }
    let far = try result.pair("dense_1/kernel").row(LineageTest.id, "standardized_matched_cosine")
    #expect(far.method == "pearson3" && (far.pValue ?? 1) < 1e-20 && (far.pValue ?? 0) > 0)
    #expect(try result.pair("dense_1/bias").row(LineageTest.id, "matched_cosine").pValue == nil)
    // No layer's p rests on it.
    #expect(result.layers?.allSatisfy { $0.pValue == nil } == true)
  }

  @Test func theReinitialisedLayerDoesNot() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit")
    #expect(try result.pair("dense_1/kernel").row(LineageTest.id, "matched_cosine").pValue == 1.0 / 200)
    #expect(try #require(try result.pair("dense_2/kernel").row(LineageTest.id, "matched_cosine").pValue) > 0.05)
    #expect(try result.pair("dense_1/kernel").row(LineageTest.id, "units_elsewhere").value == 0)
  }

  /// Two seeds share nothing; over 6 pairs and 3 kernels no more than a few of 18 p-values are at most .05.
  @Test func twoSeedsDoNot() async throws {
    var small = 0
    for (i, j) in [(0, 1), (2, 3), (0, 4)] {
      for recipe in ["1e-5", "1e-2"] {
        let result = try await bundledPair("dense-l2-\(recipe)-seed\(i)", "dense-l2-\(recipe)-seed\(j)")
        for name in kernels {
          let p = try #require(try result.pair(name).row(LineageTest.id, "matched_cosine").pValue)
          small += p <= 0.05 ? 1 : 0
        }
      }
    }
    #expect(small <= 5, "\(small) of 18: 5 or fewer in 99.9 % under the null hypothesis")
  }

  @Test func aFlattenedConvolutionIsTakenByChannels() async throws {
    let result = try await bundledPair("conv-l2-1e-5-seed0", "conv-l2-1e-5-seed1")
    let row = try result.pair("output/kernel").row(LineageTest.id, "matched_cosine")
    #expect(row.unit == "channel" && row.unitCount == 32)
    #expect(try result.pair("conv_2/kernel").row(LineageTest.id, "matched_cosine").unitCount == 32)
  }

  @Test func permutedUnitsAreNamedWithoutAP() async throws {
    var random = Simulation(seed: 41)
    let (inputs, units) = (10, 12)
    let a = random.normals(inputs * units)
    let order = (0..<units).map { ($0 + 5) % units }
    let b = (0..<inputs * units).map { a[$0 / units * units + order[$0 % units]] }
    let next = random.normals(units * 8)
    // The next layer's rows follow; its columns stay where they are.
    let nextB = (0..<units * 8).map { next[order[$0 / 8] * 8 + $0 % 8] }
    func model(_ first: [Double], _ second: [Double]) -> MemoryCheckpoint {
      MemoryCheckpoint([
        .float64("a/kernel", [inputs, units], first), .float64("b/kernel", [units, 8], second),
        .float64("c/kernel", [8, 1], Array(repeating: 0.5, count: 8)),
      ])
    }
    let options = testing { $0.significance?.tests = [LineageTest.id] }
    let result = try await compare(model(a, next), model(b, nextB), options: options).result
    let first = try result.pair("a/kernel").row(LineageTest.id, "units_elsewhere")
    #expect(first.value == 1 && first.pValue == nil)
    #expect(first.warnings.contains { $0.contains("12 of 12 units") && $0.contains("permuted") })
    // In the stored order there is nothing to see.
    #expect(try #require(try result.pair("a/kernel").row(LineageTest.id, "matched_cosine").pValue) > 0.05)
    let second = try result.pair("b/kernel").row(LineageTest.id, "units_elsewhere")
    #expect(second.details?["same_weights_inputs_reordered"] == 8)
    // Permuted and trained on: exact no more, close still.
    let noisy = try await compare(
      model(a, next), model(b.map { $0 + 0.05 * random.normal() }, nextB), options: options
    ).result.pair("a/kernel").row(LineageTest.id, "units_elsewhere")
    #expect(noisy.value == 0 && noisy.details?["cosine_above_0.95_elsewhere"] == 1)
    #expect(noisy.warnings.contains { $0.contains("another place") })
  }

  @Test func hiddenAxes() throws {
    func view(_ shape: [Int], _ part: String, _ layer: LayerContext) throws -> UnitView? {
      let pass = try PairPass(
        a: source(shape), b: source(shape), view: UnitView(units: 1, inner: 1, name: ""), histograms: [],
        verifies: false)
      let found = LineageTest.view(UnitSource(pass: pass, shape: shape, part: part, layer: layer))
      return found.refusal == nil ? found.0 : nil
    }
    func source(_ shape: [Int]) throws -> TensorSource {
      let model = MemoryCheckpoint([.float32("x", shape, Array(repeating: 1, count: shape.reduce(1, *)))])
      return try TensorSource(model, model.tensors[0])
    }
    var last = LayerContext(name: "out", shapes: ["bias": [3]], isLast: true)
    #expect(
      try view([7, 5], "embeddings", LayerContext()) == UnitView(units: 5, inner: 1, name: "embedding dimension"))
    #expect(
      try view([6, 2, 4], "kernel", LayerContext(shapes: ["bias": [2, 4]]))
        == UnitView(units: 2, inner: 4, name: "head"))
    #expect(try view([8, 3], "kernel", last)?.units == 8)
    last.lastInputs = .channels(4)
    #expect(try view([8, 3], "kernel", last) == UnitView(units: 4, inner: 3, name: "channel"))
    last.lastInputs = .unclear
    #expect(try view([8, 3], "kernel", last) == nil)
    #expect(try view([3], "bias", LayerContext()) == nil)
    let gates = LayerContext(shapes: ["recurrent_kernel": [5, 20]])
    #expect(try view([9, 20], "kernel", gates)?.units == 5)
  }

  @Test func cosinesAgainstExact() throws {
    var random = Simulation(seed: 42)
    // [outer, units, inner] = [3, 5, 2]
    let (a, b) = (random.normals(30), random.normals(30))
    let model = MemoryCheckpoint([.float64("a", [3, 5, 2], a), .float64("b", [3, 5, 2], b)])
    let matrix = UnitMatrix(
      try TensorSource(model, model.tensors[0]), try TensorSource(model, model.tensors[1]),
      view: UnitView(units: 5, inner: 2, name: ""))
    let found = try UnitCosines(matrix, progress: .ignored)
    func unit(_ x: [Double], _ u: Int) -> [Double] {
      var values: [Double] = []
      for o in 0..<3 {
        let start = (o * 5 + u) * 2
        values += [x[start], x[start + 1]]
      }
      return values
    }
    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    for u in 0..<5 {
      for v in 0..<5 {
        let x = unit(a, u)
        let y = unit(b, v)
        let size: Double = (dot(x, x) * dot(y, y)).squareRoot()
        #expect(close(found.cosines[u * 5 + v], dot(x, y) / size, 1e-6, absolute: 1e-6))
      }
    }
    // A part of the units has the same cosines.
    let part = try UnitCosines(
      UnitMatrix(matrix.a, matrix.b, view: UnitView(units: 5, inner: 2, name: ""), chosen: [1, 4]), progress: .ignored)
    #expect(part.cosines == [6, 9, 21, 24].map { found.cosines[$0] })
  }

  @Test func degenerate() async throws {
    func rows(_ a: [Double], _ b: [Double], _ shape: (Int, Int)) async throws -> [TestResult] {
      let (x, y) = modelPair(a, b, inputs: shape.0, units: shape.1)
      let options = testing { $0.significance?.tests = [LineageTest.id] }
      return try await compare(x, y, options: options).result.pair("first/kernel").tests ?? []
    }
    let zeros = [Double](repeating: 0, count: 12)
    #expect(try await rows(zeros, zeros.map { $0 + 1 }, (3, 4)).first?.pValue == nil)
    #expect(try await rows([1, 2, 3], [2, 3, 4], (3, 1)).first?.pValue == nil)
    #expect(try await rows([1, 2, 3], [2, 3, 4], (1, 3)).first?.warnings.isEmpty == false)
    // NaN on one side leaves the pair of numbers out.
    let a: [Double] = [1, 2, .nan, 4, 5, 6, 7, 8, -9, 10, 11, -12]
    let holes = try #require(try await rows(a, a.map { $0.isNaN ? 3 : $0 }, (3, 4)).first)
    #expect(holes.value == 1 && holes.pValue == 1.0 / 24)
  }
}
