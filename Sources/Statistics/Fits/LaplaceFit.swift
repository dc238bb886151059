@preconcurrency import CGSL

/// A Laplace (double exponential) distribution fitted by maximum likelihood.
public struct LaplaceFit: FittedFamily, Equatable, Codable {
  public static let familyName = "laplace"
  public static let parameterCount = 2
  public var location: Double
  public var scale: Double

  public init(location: Double, scale: Double) {
    self.location = location
    self.scale = scale
  }

  /// From a sample: the median and the mean absolute deviation from it.
  ///
  /// - Returns: `nil` without values or spread, or with values that are not finite.
  /// - Complexity: O(n log n).
  public init?(samples: [Double]) {
    guard !samples.isEmpty, samples.allSatisfy(\.isFinite) else { return nil }
    let ascending = samples.sorted()
    let middle = ascending.count / 2
    let median = ascending.count % 2 == 1 ? ascending[middle] : 0.5 * ascending[middle - 1] + 0.5 * ascending[middle]
    let scale = samples.reduce(0) { $0 + abs($1 - median) / Double(samples.count) }
    guard scale > 0, scale.isFinite else { return nil }
    self.init(location: median, scale: scale)
  }

  /// From a histogram by maximum likelihood, without an assumption on where in its bin a value lies. Between halves that lie
  /// apart every location is as likely: the middle, as for the median.
  ///
  /// - Parameters:
  ///   - counts: Shape `[edges.count + 1]`: below the first edge, between edges, above the last.
  ///   - edges: Ascending.
  /// - Returns: `nil` unless at least three bins hold values, because fewer leave the scale open.
  /// - Complexity: Some 20 passes over the bins that hold values.
  public init?(counts: [Double], edges: [Double]) {
    guard let histogram = BinnedSample(counts: counts, edges: edges),
      let (location, scale) = histogram.fitLaplace()
    else { return nil }
    self.init(location: location, scale: scale)
  }

  /// From a sample with the location fixed: the mean absolute deviation from it.
  public init?(samples: [Double], location: Double) {
    guard let (values, _) = centred(samples, location) else { return nil }
    self.init(location: location, scale: values.reduce(0) { $0 + $1 / Double(values.count) })
  }

  public func standardCumulative(_ z: Double) -> Double { z <= 0 ? 0.5 * exp(z) : 1 - 0.5 * exp(-z) }
  public func standardDraw(_ random: GSLPhilox) -> Double { gsl_ran_laplace(random.generator, 1) }

  public func logDensity(_ x: Double) -> Double { -abs(x - location) / scale - log(2 * scale) }
}
