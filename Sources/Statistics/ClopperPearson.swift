@preconcurrency import CGSL

/// Returns the exact (Clopper-Pearson) confidence interval of a probability.
///
/// - Throws: ``SampleError/outOfRange(parameter:value:)`` unless 0 ≤ successes ≤ trials and 0 < confidence < 1;
///   ``SampleError/numerical(function:status:)``. No trials give [0, 1].
/// - Complexity: O(1).
/// ## Source
/// Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404
public func clopperPearson(
  successes: Int, trials: Int, confidence: Double = 0.95
) throws(SampleError) -> ClosedRange<Double> {
  try SampleError.checkConfidence(confidence)
  guard trials >= 0 else { throw .outOfRange(parameter: "trials", value: Double(trials)) }
  guard successes >= 0, successes <= trials else { throw .outOfRange(parameter: "successes", value: Double(successes)) }
  guard trials > 0 else { return 0...1 }
  let tail = (1 - confidence) / 2
  let (k, n) = (Double(successes), Double(trials))
  var lower = 0.0
  var upper = 1.0
  if successes > 0 { lower = try betaQuantile(tail, k, n - k + 1) }
  if successes < trials { upper = try 1 - betaQuantile(tail, n - k, k + 1) }
  return min(lower, upper)...max(lower, upper)
}

/// The lower quantile of a beta distribution, GSL's if it solves the equation, else found by Brent's method.
func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) throws(SampleError) -> Double {
  GSL.prepare()
  let candidate = gsl_cdf_beta_Pinv(probability, a, b)
  if candidate.isFinite, candidate >= 0, candidate <= 1,
    abs(gsl_cdf_beta_P(candidate, a, b) - probability) <= 1e-12 * probability
  {
    return candidate
  }
  // In the logarithm, because the quantile of few successes in many trials is small.
  guard
    let root = GSL.root(from: -745, to: 0, { gsl_cdf_beta_P($0 == 0 ? 1 : exp($0), a, b) - probability })
  else { throw .numerical(function: "gsl_cdf_beta_Pinv", status: GSL_EFAILED.status) }
  return exp(root)
}
