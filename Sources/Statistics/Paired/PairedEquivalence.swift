@preconcurrency import CGSL

/// Returns the p-value of the hypothesis that the mean difference is `margin` or more either way, by two one-sided t-tests.
///
/// A small p says that the two are the same within the margin. The larger of the two one-sided p-values.
/// - Parameters:
///   - differences: b − a per example, finite.
///   - margin: Δ > 0, in the differences' own unit.
/// - Returns: A probability in (0, 1]. Where all differences are the same number there is no spread to judge by: within the
///   margin 2⁻ⁿ, the sign test's, else 1.
/// - Throws: ``SampleError/tooFewUnits(count:required:)`` below 2; ``SampleError/nonFinite(index:)``;
///   ``SampleError/outOfRange(parameter:value:)`` for a margin that is not positive.
/// - Complexity: O(n).
/// ## Source
/// Schuirmann (1987), doi:10.1007/BF01068419
public func pairedEquivalenceTest(_ differences: [Double], margin: Double) throws(SampleError) -> PValue {
  guard margin > 0, margin.isFinite else { throw .outOfRange(parameter: "margin", value: margin) }
  guard differences.count >= 2 else { throw .tooFewUnits(count: differences.count, required: 2) }
  try SampleError.checkFinite(differences)
  let n = Double(differences.count)
  let mean = differences.reduce(0) { $0 + $1 / n }
  let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let error = (squares / (n * (n - 1))).squareRoot()
  let slack = margin - abs(mean)
  guard error > 0 else {
    let exponent = min(differences.count, 1_074)
    let value = slack > 0 ? Double(sign: .plus, exponent: -exponent, significand: 1) : 1
    return PValue(
      value: value, method: .exact, smallestAttainable: value,
      reason: "all differences are the same, so that only their signs against the margin count",
      warnings: ["all differences are the same"])
  }
  GSL.prepare()
  // The nearer bound gives the larger p.
  let value = gsl_cdf_tdist_Q(slack / error, n - 1)
  guard value.isFinite else { throw .numerical(function: "gsl_cdf_tdist_Q", status: GSL_EFAILED.status) }
  return PValue(
    value: min(1, max(value, .leastNonzeroMagnitude)), method: .t, smallestAttainable: .leastNonzeroMagnitude,
    reason: "two one-sided t-tests, of which the larger p counts")
}
