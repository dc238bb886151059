@preconcurrency import CGSL

/// A normal distribution fitted by maximum likelihood.
public struct NormalFit: FittedFamily, Equatable, Codable {
  public static let familyName = "normal"
  public static let parameterCount = 2
  public var mean: Double
  public var standardDeviation: Double

  public var location: Double { mean }
  public var scale: Double { standardDeviation }

  public init(mean: Double, standardDeviation: Double) {
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// From moments; the standard deviation is the likelihood's, divided by n.
  ///
  /// - Parameter sumOfSquaredDeviations: Σ(x − mean)².
  /// - Returns: `nil` without values or spread.
  public init?(count: Double, mean: Double, sumOfSquaredDeviations: Double) {
    let deviation = (sumOfSquaredDeviations / count).squareRoot()
    guard count > 0, mean.isFinite, deviation.isFinite, deviation > 0 else { return nil }
    self.init(mean: mean, standardDeviation: deviation)
  }

  /// From a sample.
  ///
  /// - Returns: `nil` without values or spread, or with values that are not finite.
  /// - Complexity: O(n).
  public init?(samples: [Double]) {
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + $1 / count }
    self.init(
      count: count, mean: mean, sumOfSquaredDeviations: samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
  }

  /// From a histogram by maximum likelihood, without an assumption on where in its bin a value lies.
  ///
  /// - Parameters:
  ///   - counts: Shape `[edges.count + 1]`: below the first edge, between edges, above the last.
  ///   - edges: Ascending.
  /// - Returns: `nil` unless at least three bins hold values, because fewer leave the scale open.
  /// - Complexity: About 100 passes over the bins that hold values.
  public init?(counts: [Double], edges: [Double]) {
    guard let histogram = BinnedSample(counts: counts, edges: edges),
      let (location, scale) = histogram.fit(logProbability: NormalFit.logProbability)
    else { return nil }
    self.init(mean: location, standardDeviation: scale)
  }

  /// From a sample with the mean fixed: the root mean square about it.
  public init?(samples: [Double], location: Double) {
    guard let (values, largest) = centred(samples, location) else { return nil }
    let square = values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) } / Double(values.count)
    self.init(mean: location, standardDeviation: largest * square.squareRoot())
  }

  public func standardCumulative(_ z: Double) -> Double { standardNormalCDF(z) }
  public func standardDraw(_ random: GSLPhilox) -> Double { random.normal() }

  public func logDensity(_ x: Double) -> Double {
    let z = (x - mean) / standardDeviation
    return -0.5 * z * z - log(standardDeviation) - 0.918_938_533_204_672_741_8
  }

  /// ln P(lower < Z < upper) of the standard normal distribution, stable in the tails.
  static func logProbability(_ lower: Double, _ upper: Double) -> Double {
    guard upper > lower else { return -.infinity }
    if lower > 0 { return logDifference(logNormalUpperTail(lower), logNormalUpperTail(upper)) }
    if upper < 0 { return logDifference(logNormalUpperTail(-upper), logNormalUpperTail(-lower)) }
    let half = 0.5.squareRoot()
    return log(0.5 * (erf(upper * half) + erf(-lower * half)))
  }
}

/// ln(eᵃ − eᵇ) for a ≥ b.
func logDifference(_ a: Double, _ b: Double) -> Double {
  a > b ? a + log(-expm1(b - a)) : -.infinity
}
