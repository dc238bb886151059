@preconcurrency import CGSL

/// A Pearson type III (shifted gamma) distribution with three given moments, for the null distributions of quadratic forms and
/// assignment sums, whose moments have closed forms.
///
/// ## Source
/// Mielke & Berry (2007), Permutation Methods, chapter 2, doi:10.1007/978-0-387-69813-7
public struct PearsonIII: Sendable, Equatable {
  public let mean: Double
  public let standardDeviation: Double
  /// Third standardised moment.
  public let skewness: Double

  /// - Parameters:
  ///   - variance: Positive.
  ///   - thirdMoment: The third central moment.
  /// - Returns: `nil` without spread, or for moments that are not finite.
  public init?(mean: Double, variance: Double, thirdMoment: Double) {
    let deviation = variance.squareRoot()
    let skewness = thirdMoment / (variance * deviation)
    guard mean.isFinite, deviation > 0, deviation.isFinite, skewness.isFinite else { return nil }
    self.mean = mean
    standardDeviation = deviation
    self.skewness = skewness
  }

  /// Returns ln P(X ≥ x), at most 0; −∞ beyond the end of a support that is bounded above.
  ///
  /// - Complexity: O(1).
  public func logUpperTail(_ x: Double) -> Double {
    let z = (x - mean) / standardDeviation
    guard !z.isNaN else { return .nan }
    // The gamma's own error there is larger than that of leaving the skewness out.
    if abs(skewness) < 1e-7 { return logNormalUpperTail(z) }
    let shape = 4 / (skewness * skewness)
    // (x − start)/scale of the gamma distribution, mirrored for negative skewness.
    let y = shape + z * skewness.magnitude / skewness * shape.squareRoot()
    if skewness > 0 { return y <= 0 ? 0 : logGammaUpperTail(y, shape: shape) }
    guard y > 0 else { return -.infinity }
    GSL.prepare()
    let tail = gsl_cdf_gamma_P(y, shape, 1)
    return tail > 1e-290 ? log(tail) : logGammaLowerTail(y, shape: shape)
  }

  /// Returns P(X ≥ x) as a p-value: at least 1/`arrangements`, where that is known, and never 0.
  public func pValue(of x: Double, atLeast smallest: Double, reason: String) -> PValue {
    PValue(
      value: min(1, max(exp(logUpperTail(x)), smallest, .leastNonzeroMagnitude)), method: .pearson3,
      alternative: .greater, smallestAttainable: max(smallest, .leastNonzeroMagnitude), reason: reason,
      warnings: ["three moments stand for the whole null distribution: approximate"])
  }
}

/// ln Q(shape, y) of the gamma distribution; by its continued fraction where Q leaves the range of Double.
private func logGammaUpperTail(_ y: Double, shape: Double) -> Double {
  GSL.prepare()
  let tail = gsl_cdf_gamma_Q(y, shape, 1)
  if tail > 1e-290 { return log(tail) }
  // Lentz's algorithm; y is far above the shape here, so it converges in some dozen steps.
  let tiny = 1e-300
  var b = y + 1 - shape
  var c = 1 / tiny
  var d = 1 / b
  var fraction = d
  for i in 1..<10_000 {
    let a = -Double(i) * (Double(i) - shape)
    b += 2
    d = a * d + b
    if abs(d) < tiny { d = tiny }
    c = b + a / c
    if abs(c) < tiny { c = tiny }
    d = 1 / d
    let factor = d * c
    fraction *= factor
    if abs(factor - 1) < 1e-15 { break }
  }
  return shape * log(y) - y - lgamma(shape) + log(fraction)
}

/// ln P(shape, y) far below the shape, by its series.
private func logGammaLowerTail(_ y: Double, shape: Double) -> Double {
  var term = 1 / shape
  var sum = term
  for i in 1..<100_000 {
    term *= y / (shape + Double(i))
    sum += term
    if term < sum * 1e-16 { break }
  }
  return shape * log(y) - y - lgamma(shape) + log(sum)
}
