@preconcurrency import CGSL

/// A histogram as a sample of intervals, to fit location-scale families to.
struct BinnedSample {
  private struct Bin {
    var lower: Double
    var upper: Double
    var count: Double
  }

  /// The bins that hold values, ascending; the outer ones reach to infinity.
  private let bins: [Bin]
  private let total: Double
  private let edges: [Double]

  /// - Parameter counts: Shape `[edges.count + 1]`, not negative.
  /// - Returns: `nil` for another shape, edges that do not ascend, or fewer than three bins that hold values.
  init?(counts: [Double], edges: [Double]) {
    guard edges.count >= 2, counts.count == edges.count + 1, edges.allSatisfy(\.isFinite),
      counts.allSatisfy({ $0 >= 0 && $0.isFinite }), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    bins = counts.indices.compactMap { index in
      guard counts[index] > 0 else { return nil }
      return Bin(
        lower: index == 0 ? -.infinity : edges[index - 1],
        upper: index == edges.count ? .infinity : edges[index], count: counts[index])
    }
    guard bins.count >= 3 else { return nil }
    total = bins.reduce(0) { $0 + $1.count }
    self.edges = edges
  }

  /// Maximises Σ count · ln P(bin) over location and ln scale, by a simplex: the likelihood has kinks where a location
  /// crosses an edge.
  ///
  /// - Parameter logProbability: ln P of an interval under the standard member of the family.
  func fit(logProbability: (_ lower: Double, _ upper: Double) -> Double) -> (location: Double, scale: Double)? {
    maximum { location, scale in
      bins.reduce(0) {
        $0 + $1.count / total * logProbability(($1.lower - location) / scale, ($1.upper - location) / scale)
      }
    }
  }

  /// ``fit(logProbability:)`` of the Laplace distribution. Beside its location, bins of one width have one probability but
  /// for a factor: a logarithm serves them all.
  func fitLaplace() -> (location: Double, scale: Double)? {
    let widths = zip(edges, edges.dropFirst()).map { $1 - $0 }
    guard let width = widths.first, widths.allSatisfy({ abs($0 - width) <= 1e-9 * width }) else {
      return fit(logProbability: LaplaceFit.logProbability)
    }
    let shares = bins.map { $0.count / total }
    return maximum { location, scale in
      let inner = log(-0.5 * expm1(-width / scale))
      var sum = 0.0
      for i in bins.indices {
        let bin = bins[i]
        let lower = bin.lower - location
        let upper = bin.upper - location
        let value: Double
        if lower.isInfinite || upper.isInfinite || (lower < 0 && upper > 0) {
          value = LaplaceFit.logProbability(lower / scale, upper / scale)
        } else {
          value = inner - (lower >= 0 ? lower : -upper) / scale
        }
        sum += shares[i] * value
      }
      return sum
    }
  }

  private func maximum(_ logLikelihood: (_ location: Double, _ scale: Double) -> Double) -> (
    location: Double, scale: Double
  )? {
    guard let (centre, spread) = start() else { return nil }
    let objective = { (parameters: UnsafePointer<gsl_vector>) -> Double in
      let location = centre + spread * gsl_vector_get(parameters, 0)
      let scale = spread * exp(gsl_vector_get(parameters, 1))
      guard scale > 0, scale.isFinite, location.isFinite else { return 1e300 }
      let value = -logLikelihood(location, scale)
      // GSL's simplex has no use for infinity.
      return value.isFinite ? value : 1e300
    }
    // Once more from where it ended: a simplex may collapse early.
    var best = [0.0, 0.0]
    for step in [0.25, 0.01] {
      guard let found = GSL.minimum(start: best, step: [step, step], objective) else { return nil }
      best = found
    }
    let scale = spread * exp(best[1])
    let location = centre + spread * best[0]
    return scale > 0 && scale.isFinite && location.isFinite ? (location, scale) : nil
  }

  /// Mean and standard deviation with the values at the middle of their bins, those of the outer ones at the edge.
  private func start() -> (centre: Double, spread: Double)? {
    let middle = { (bin: Bin) in
      if bin.lower.isInfinite { return bin.upper }
      return bin.upper.isInfinite ? bin.lower : 0.5 * bin.lower + 0.5 * bin.upper
    }
    let mean = bins.reduce(0) { $0 + $1.count / total * middle($1) }
    let variance = bins.reduce(0) { $0 + $1.count / total * (middle($1) - mean) * (middle($1) - mean) }
    let spread = variance.squareRoot()
    guard mean.isFinite, spread.isFinite, spread > 0 else { return nil }
    return (mean, spread)
  }
}
