@preconcurrency import CGSL

/// Returns ln Q(x), the logarithm of the normal distribution's upper tail, correct where Q itself is 0 in Double.
///
/// - Returns: At most 0; `ln Q(100)` = −5005.52420869.
/// - Complexity: O(1).
public func logNormalUpperTail(_ x: Double) -> Double {
  if x.isNaN { return .nan }
  // Beyond this the logarithm itself leaves the range of Double.
  if x > 1e153 { return -.infinity }
  if x < -38 { return 0 }
  GSL.prepare()
  if x > 1e6 {
    // Asymptotic series, two terms: below rounding here, where GSL's is not defined for sure.
    return -0.5 * x * x - 0.918_938_533_204_672_741_8 - log(x) - 1 / (x * x)
  }
  if x < -1 { return log1p(-0.5 * erfc(-x * 0.5.squareRoot())) }
  return gsl_sf_log_erfc(x * 0.5.squareRoot()) - 0.693_147_180_559_945_309_4
}

/// Returns the standard normal quantile.
///
/// - Throws: ``SampleError/outOfRange(parameter:value:)`` unless 0 < probability < 1.
public func standardNormalQuantile(_ probability: Double) throws(SampleError) -> Double {
  guard probability > 0, probability < 1 else { throw .outOfRange(parameter: "probability", value: probability) }
  GSL.prepare()
  return gsl_cdf_ugaussian_Pinv(probability)
}

/// Returns the standard normal distribution function.
func standardNormalCDF(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }

/// Returns P(T ≤ t) of Student's t distribution for t ≤ 0, by the incomplete beta function: GSL's own takes an expansion above 30
/// degrees of freedom, which keeps fewer digits.
func studentTLowerTail(_ t: Double, degreesOfFreedom nu: Double) -> Double {
  GSL.prepare()
  return 0.5 * gsl_cdf_beta_P(nu / (nu + t * t), 0.5 * nu, 0.5)
}

/// Returns the quantile of Student's t distribution.
///
/// GSL's inverse is wrong by orders of magnitude in the far tail, so its answer is checked against the distribution function
/// and refined by Brent's method where it does not hold.
/// - Throws: ``SampleError/outOfRange(parameter:value:)`` unless 0 < probability < 1 and degreesOfFreedom > 0;
///   ``SampleError/numerical(function:status:)``.
public func studentTQuantile(_ probability: Double, degreesOfFreedom: Double) throws(SampleError) -> Double {
  guard probability > 0, probability < 1 else { throw .outOfRange(parameter: "probability", value: probability) }
  guard degreesOfFreedom > 0, degreesOfFreedom.isFinite else {
    throw .outOfRange(parameter: "degreesOfFreedom", value: degreesOfFreedom)
  }
  if probability == 0.5 { return 0 }
  GSL.prepare()
  let tail = min(probability, 1 - probability)
  let sign = probability < 0.5 ? -1.0 : 1.0
  let candidate = gsl_cdf_tdist_Qinv(tail, degreesOfFreedom)
  if candidate.isFinite, candidate > 0, abs(gsl_cdf_tdist_Q(candidate, degreesOfFreedom) / tail - 1) < 1e-12 {
    return sign * candidate
  }
  var upper = 1.0
  while gsl_cdf_tdist_Q(upper, degreesOfFreedom) > tail, upper < 1e300 { upper *= 2 }
  guard let root = GSL.root(from: 0, to: upper, { log(gsl_cdf_tdist_Q($0, degreesOfFreedom) / tail) }) else {
    throw .numerical(function: "gsl_cdf_tdist_Qinv", status: GSL_EFAILED.status)
  }
  return sign * root
}
