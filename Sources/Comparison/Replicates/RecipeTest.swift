import Results
import Statistics

/// The test `recipe` on one set of distances between runs: does the recipe change what the runs became?
struct RecipeTest {
  static let id = "recipe"
  static let nullHypothesis =
    "the recipe labels of the runs are exchangeable: runs of A and B are draws from one distribution"
  static let dispersionNullHypothesis =
    "runs scatter about the centre of their group alike in A and B; relabelled residuals, so approximate"

  let statistics: RelabellingStatistics
  let confidence: Double

  init(_ labellings: Labellings, _ distances: RunDistances, confidence: Double) throws(SampleError) {
    statistics = try RelabellingStatistics(labellings, distances)
    self.confidence = confidence
  }

  private var labellings: Labellings { statistics.labellings }

  /// The analysis of variance of the observed labelling.
  func variance() throws(SampleError) -> PERMANOVA {
    try PERMANOVA(
      statistics.distances,
      groups: (0..<labellings.runs).map { $0 < labellings.sizeA ? 0 : 1 })
  }

  static let constantWarning = "every run has the same values: there is nothing to test"

  /// PERMANOVA as a row. `suffix` names the family of features where it is one of several.
  func permanova(suffix: String = "") throws(SampleError) -> TestResult {
    let variance = try variance()
    var row = try row(
      "permanova\(suffix)", value: variance.fStatistic, statistics.rSquared,
      effect: Effect(name: "omega_squared", value: variance.omegaSquared))
    if variance.fStatistic.isInfinite { row.warnings.append("runs of one group are the same: F has no finite value") }
    return row
  }

  func energy() throws(SampleError) -> TestResult {
    let column = statistics.energy
    return try row("energy", value: column.values[0], column, effect: nil)
  }

  func maximumMeanDiscrepancy() throws(SampleError) -> TestResult {
    let column = statistics.maximumMeanDiscrepancy
    return try row("mmd", value: column.values[0], column, effect: nil)
  }

  /// `nil` where a group has one run.
  func dispersion() throws(SampleError) -> TestResult? {
    guard let column = statistics.dispersion else { return nil }
    let (a, b) = statistics.spread
    var ratio: Double?
    if let a, let b, a > 0 { ratio = b / a }
    var row = try row(
      "dispersion", value: column.values[0], column, effect: Effect(name: "spread_ratio", value: ratio))
    row.nullHypothesis = Self.dispersionNullHypothesis
    return row
  }

  /// Every statistic under every labelling that was looked at, the observed one first.
  func null() -> [(name: String, values: [Double])] {
    var columns = [
      ("r_squared", statistics.rSquared.values), ("energy", statistics.energy.values),
      ("mmd", statistics.maximumMeanDiscrepancy.values),
    ]
    if let dispersion = statistics.dispersion { columns.append(("dispersion", dispersion.values)) }
    return columns
  }

  private func row(
    _ statistic: String, value: Double, _ column: RelabellingStatistics.Column, effect: Effect?
  ) throws(SampleError) -> TestResult {
    var row = TestResult(
      id: Self.id, level: "run", nullHypothesis: Self.nullHypothesis, statistic: statistic, value: value,
      alternative: Alternative.twoSided.rawValue, unit: "run", unitCount: labellings.runs, effect: effect)
    guard !statistics.distances.isZero else {
      row.pValue = 1
      row.method = PValueMethod.exact.rawValue
      row.methodReason = "no run differs from another: every labelling gives the same"
      row.smallestPValue = 1
      row.warnings.append(Self.constantWarning)
      return row
    }
    let p = try labellings.pValue(column.values, scale: column.scale, confidence: confidence)
    row.pValue = p.value
    row.pInterval = p.interval.map { [$0.lowerBound, $0.upperBound] }
    row.method = p.method.rawValue
    row.methodReason = p.reason
    row.resamples = p.resamples
    row.exceedances = p.exceedances
    row.smallestPValue = p.smallestAttainable
    row.warnings += p.warnings
    return row
  }
}
