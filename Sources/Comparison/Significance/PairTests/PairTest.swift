import Results
import Statistics

/// A test or a description of one pair that stands beside the shared swaps: what it computes is not linear in their signs, or rests
/// on other randomness. To add one, add a file with a conforming type and list it in ``pairTests``.
protocol PairTest: Sendable {
  static var id: String { get }
  /// The rows of one pair, in the order in which they are shown.
  static func rows(_ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox) async throws
    -> [TestResult]
}

/// One pair with what its tests may look at.
struct PairSubject: Sendable {
  let sample: UnitSample
  /// All pairs of the layer: a bias belongs to the units of its kernel.
  let layer: [UnitSample]
  let intervals: PairIntervals?
  /// Rows of the swap tests.
  let swaps: [TestResult]

  func row(
    _ id: String, _ statistic: String, level: String? = nil, null: String, value: Double?,
    alternative: Alternative = .twoSided, effect: Effect? = nil, unit: String? = nil, units: Int? = nil,
    warnings: [String] = []
  ) -> TestResult {
    TestResult(
      id: id, level: level ?? sample.level, nullHypothesis: null, statistic: statistic, value: value,
      alternative: alternative.rawValue, unit: unit ?? sample.view.name, unitCount: units ?? sample.units,
      effect: effect, warnings: warnings)
  }
}

/// The tests that are offered beside the swap tests, in the order in which they are shown.
let pairTests: [any PairTest.Type] = [
  PopulationTest.self, EquivalenceTest.self, LineageTest.self, FitTest.self, DivergenceRows.self, FlipsTest.self,
  BinsTest.self,
]

extension TestResult {
  /// Takes over a p-value with all that belongs to it.
  mutating func take(_ p: PValue) {
    pValue = p.value
    pInterval = p.interval.map { [$0.lowerBound, $0.upperBound] }
    method = p.method.rawValue
    methodReason = p.reason
    resamples = p.resamples
    exceedances = p.exceedances
    smallestPValue = p.smallestAttainable
    warnings += p.warnings
  }
}

/// Where a tensor's bytes can be had again, for tests that need more than the sums.
struct UnitSource: Sendable {
  let pass: PairPass
  let shape: [Int]
  let part: String
  let layer: LayerContext
}
