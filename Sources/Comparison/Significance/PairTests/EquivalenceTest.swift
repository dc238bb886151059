import CKernels
import Results
import Statistics

/// "Same within a margin?" Signed effects by two one-sided t-tests, others by their upper limit; small p = same.
///
/// Copies in another type or on another grid are compared as they are, with the worst unit, and without p: their
/// differences are no sample of anything.
enum EquivalenceTest: PairTest {
  static let id = "equivalence"

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    var rows = try settings.margins.ordered.map { measure, margin in
      try row(subject, measure, margin, settings)
    }
    if let worst = worstUnit(subject, settings.margins.values[.relativeL2]) { rows.append(worst) }
    return rows
  }

  private static func row(
    _ subject: PairSubject, _ measure: EquivalenceMeasure, _ margin: Double, _ settings: LayerTests.Settings
  ) throws -> TestResult {
    let sample = subject.sample
    let isSigned = measure == .meanShiftPerSD || measure == .logNormRatio
    let value = value(subject, measure)
    var row = subject.row(
      id, measure.rawValue,
      null: isSigned
        ? "\(measure.rawValue) lies outside ± \(margin), in the population that the units are drawn from"
        : "\(measure.rawValue) is \(margin) or more, in the population that the units are drawn from",
      value: value, alternative: .less)
    row.margin = margin
    row.effect = Effect(name: measure.rawValue, value: value)
    guard let value else {
      row.warnings.append("not defined for these tensors")
      return row
    }
    let verdict =
      "exact for this pair: \(abs(value) < margin ? "within" : "beyond") the margin; no p, for nothing is sampled"
    if let reason = sample.obstacle {
      row.warnings += [reason, verdict]
      return row
    }
    if ShapeTest.refusal(sample.pair) != nil || measure == .maxAbsDifference {
      row.warnings.append(verdict)
      return row
    }
    guard let intervals = subject.intervals else { return row }
    if sample.identical {
      row.take(try twoOneSidedTests(estimate: 0, standardError: 0, margin: margin, units: sample.units))
      row.effect?.interval = [0, 0]
      row.effect?.intervalMethod = "exact"
      return row
    }
    // Of a mean of squares the t-based limit is too low: .07 where .05 is meant, at 48 units.
    let least =
      measure == .meanSquaredDifference
      ? PairIntervals.bootstrapFrom : measure == .relativeL2 ? PairIntervals.ratiosFrom : 0
    if sample.units < least {
      row.warnings.append("below \(least) units no upper limit of it holds its level")
      return row
    }
    guard let (p, interval) = try intervals.equivalence(measure, margin: margin, confidence: settings.confidence) else {
      row.warnings.append("the units give no standard error")
      return row
    }
    row.take(p)
    row.effect?.interval = [interval.lower, interval.upper]
    row.effect?.intervalMethod = interval.method
    return row
  }

  private static func value(_ subject: PairSubject, _ measure: EquivalenceMeasure) -> Double? {
    let sample = subject.sample
    if sample.identical { return sample.sums.total(eqp_count) > 0 ? 0 : nil }
    if measure == .maxAbsDifference { return sample.sums.column(eqp_max_abs_d).max() }
    return subject.intervals?.equivalenceEstimate(measure)
  }

  /// The live unit with the largest ‖b − a‖/‖a‖; `nil` where units are not apart or have one weight each.
  static func worst(_ sample: UnitSample) -> (unit: Int, value: Double)? {
    let sums = sample.sums
    guard sample.view.units > 1, sample.pair.unitCount == sample.units,
      sums.total(eqp_count) > Double(sums.units)
    else { return nil }
    // Of dead units any change is large.
    let dead = Set(deadUnits(sums.normA))
    var worst: (unit: Int, value: Double)?
    for u in 0..<sums.units where !dead.contains(u) {
      let value = (sums[eqp_sum_dd, u]).squareRoot() / sums.normA[u]
      if value.isFinite, value > worst?.value ?? -1 { worst = (u, value) }
    }
    return worst
  }

  /// The unit that changed most for its size.
  private static func worstUnit(_ subject: PairSubject, _ margin: Double?) -> TestResult? {
    let sample = subject.sample
    let sums = sample.sums
    guard let worst = worst(sample) else { return nil }
    var row = subject.row(
      id, "worst_unit_relative_l2", null: "none: a description of the \(sample.view.name) that changed most",
      value: worst.value, effect: Effect(name: "worst_unit_relative_l2", value: worst.value))
    row.margin = margin
    row.details = ["unit": Double(worst.unit), "max_abs_difference": sums[eqp_max_abs_d, worst.unit]]
    row.warnings.append("\(sample.view.name) \(worst.unit); exact for this pair, no p")
    return row
  }
}
