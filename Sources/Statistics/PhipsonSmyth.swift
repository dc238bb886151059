@preconcurrency import CGSL

/// Returns the exact p-value of a permutation test whose random arrangements were drawn with replacement from few.
///
/// With N distinct arrangements the p-value (b + 1)/(m + 1) is too large; the exact one is the mean over j = 1 … N of
/// P(Binomial(m, j/N) ≤ b). Above 10⁴ arrangements the sum is replaced by (b + 1)/(m + 1) − ∫₀^{1/2N} P(Binomial(m, x) ≤ b) dx.
/// - Parameters:
///   - exceedances: b, random arrangements at least as extreme as the observed one.
///   - resamples: m.
///   - partitions: N, which may be beyond the range of `Int`.
/// - Throws: ``SampleError/outOfRange(parameter:value:)``.
/// - Complexity: O(min(N, 10⁴)).
/// ## Source
/// Phipson & Smyth (2010), doi:10.2202/1544-6115.1585
public func permp(exceedances: Int, resamples: Int, partitions: Double) throws(SampleError) -> Double {
  guard resamples >= 1, resamples <= Int(UInt32.max) else {
    throw .outOfRange(parameter: "resamples", value: Double(resamples))
  }
  guard exceedances >= 0, exceedances <= resamples else {
    throw .outOfRange(parameter: "exceedances", value: Double(exceedances))
  }
  guard partitions >= 1, partitions == partitions.rounded() else {
    throw .outOfRange(parameter: "partitions", value: partitions)
  }
  GSL.prepare()
  let (b, m) = (UInt32(exceedances), UInt32(resamples))
  if partitions <= 10_000 {
    var sum = 0.0
    for j in 1...Int(partitions) {
      sum += exceedances == resamples ? 1 : gsl_cdf_binomial_P(b, Double(j) / partitions, m)
    }
    return min(1, max(sum / partitions, .leastNonzeroMagnitude))
  }
  guard let table = gsl_integration_glfixed_table_alloc(128) else {
    throw .numerical(function: "gsl_integration_glfixed_table_alloc", status: GSL_ENOMEM.status)
  }
  defer { gsl_integration_glfixed_table_free(table) }
  let distribution = { (x: Double) in gsl_cdf_binomial_P(b, x, m) }
  let excess = GSL.withFunction(distribution) { gsl_integration_glfixed($0, 0, 0.5 / partitions, table) }
  return min(1, max((Double(exceedances) + 1) / (Double(resamples) + 1) - excess, .leastNonzeroMagnitude))
}
