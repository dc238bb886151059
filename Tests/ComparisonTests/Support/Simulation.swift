import CKernels
import Checkpoints
import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

/// Random numbers, a function of the seed alone (SplitMix64).
struct Simulation {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform on (0, 1).
  mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func normal() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  mutating func normals(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Double] {
    (0..<count).map { _ in mean + deviation * normal() }
  }
}

/// The folder of these tests.
private let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

/// Reference answers made by `Oracles/make_oracles.py`.
func oracle<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
  try JSONDecoder().decode(Value.self, from: Data(contentsOf: tests.appendingPathComponent("Oracles/\(name).json")))
}

/// A bundled model or table of the `data` folder.
func bundled(_ name: String) -> String {
  tests.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("data/\(name)").path
}

func close(_ value: Double?, _ expected: Double, _ relative: Double = 1e-12, absolute: Double = 0) -> Bool {
  value.map { abs($0 - expected) <= max(relative * abs(expected), absolute) } ?? false
}

/// Sums of a pair of tensors as the pass leaves them.
func sums(
  _ a: MemoryCheckpoint.Tensor, _ b: MemoryCheckpoint.Tensor, view: UnitView, histograms: Bool = true, width: Int = 2
) async throws -> PairSums {
  let left = MemoryCheckpoint([a])
  let right = MemoryCheckpoint([b])
  return try await PairPass(
    a: TensorSource(left, left.tensors[0]), b: TensorSource(right, right.tensors[0]), view: view,
    histograms: histograms ? [.units, .fine] : .fine, verifies: true
  ).run(width: width)
}

func exactKS(
  _ a: MemoryCheckpoint.Tensor, _ b: MemoryCheckpoint.Tensor, mostKeys: Int = 1 << 23
) async throws -> Double? {
  let left = MemoryCheckpoint([a])
  let right = MemoryCheckpoint([b])
  let pass = try PairPass(
    a: TensorSource(left, left.tensors[0]), b: TensorSource(right, right.tensors[0]),
    view: UnitView(units: 1, inner: max(1, left.tensors[0].count), name: "tensor"), histograms: .fine,
    verifies: true)
  return try await KolmogorovSmirnov.distance(
    of: pass.run(width: 1), pass: pass, width: 1, mostKeys: mostKeys)
}

/// Options with tests, small enough for a debug build.
func testing(_ change: (inout ComparisonOptions) -> Void = { _ in }) -> ComparisonOptions {
  var options = ComparisonOptions()
  options.significance = SignificanceOptions()
  options.significance?.resamples = 199
  options.significance?.intervalResamples = 99
  change(&options)
  return options
}

/// A pair of models with one tested kernel `first/kernel` [inputs, units] and an output layer that is the same in both.
func modelPair(_ a: [Double], _ b: [Double], inputs: Int, units: Int) -> (MemoryCheckpoint, MemoryCheckpoint) {
  func model(_ values: [Double]) -> MemoryCheckpoint {
    MemoryCheckpoint([
      .float64("first/kernel", [inputs, units], values),
      .float64("second/kernel", [units, 1], Array(repeating: 0.5, count: units)),
    ])
  }
  return (model(a), model(b))
}

extension ModelComparison {
  func pair(_ name: String) throws -> PairResult { try #require(pairs.first { $0.name == name }) }
  func layer(_ name: String) throws -> LayerResult { try #require(layers?.first { $0.layer == name }) }
}

extension PairResult {
  func row(_ id: String, _ statistic: String) throws -> TestResult {
    try #require(tests?.first { $0.id == id && $0.statistic == statistic })
  }
}

func encoded(_ result: ModelComparison) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return try encoder.encode(result)
}
