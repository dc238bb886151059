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
  }

  /// Maximises Σ count · ln P(bin) over location and ln scale, by a simplex: the likelihood has kinks where a location
  /// crosses an edge.
  ///
  /// - Parameter logProbability: ln P of an interval under the standard member of the family.
  func fit(logProbability: (_ lower: Double, _ upper: Double) -> Double) -> (location: Double, scale: Double)? {
    guard let (centre, spread) = start() else { return nil }
    let objective = { (parameters: UnsafePointer<gsl_vector>) -> Double in
      let location = centre + spread * gsl_vector_get(parameters, 0)
      let scale = spread * exp(gsl_vector_get(parameters, 1))
      guard scale > 0, scale.isFinite, location.isFinite else { return 1e300 }
      let value = bins.reduce(0) {
        $0 - $1.count / total * logProbability(($1.lower - location) / scale, ($1.upper - location) / scale)
      }
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

  /// Location and scale of the Laplace distribution of the largest likelihood.
  ///
  /// The likelihood is log-concave in location/scale and 1/scale (Prékopa 1973), so that its slope in the scale, at the
  /// best location for that scale, has one root.
  func fitLaplace() -> (location: Double, scale: Double)? {
    guard let spread = start()?.spread else { return nil }
    let median = MedianBin(bins, total)
    let slope = { (logScale: Double) in laplaceSlope(median, scale: spread * exp(logScale)) }
    // Rising below the root, falling above.
    var low = -1.0
    var high = 1.0
    while slope(low) <= 0, low > -100 { low *= 2 }
    while slope(high) >= 0, high < 100 { high *= 2 }
    guard let root = GSL.root(from: low, to: high, slope) else { return nil }
    let scale = spread * exp(root)
    let location = median.location(scale)
    return scale > 0 && scale.isFinite && location.isFinite ? (location, scale) : nil
  }

  /// d/d(ln scale) of the mean log-likelihood, at the best location for the scale.
  private func laplaceSlope(_ median: MedianBin, scale: Double) -> Double {
    let location = median.location(scale)
    return bins.reduce(0) { sum, bin in
      let share = bin.count / total
      let below = (location - bin.lower) / scale
      let above = (bin.upper - location) / scale
      if below > 0, above > 0 {
        // P = 1 − (e^−below + e^−above) / 2
        let probability = -0.5 * (expm1(-below) + expm1(-above))
        let moved = (below.isFinite ? below * exp(-below) : 0) + (above.isFinite ? above * exp(-above) : 0)
        return sum - 0.5 * share * moved / probability
      }
      // P = e^−distance · (1 − e^−width) / 2
      let width = (bin.upper - bin.lower) / scale
      let distance = max(-below, -above)
      return sum + share * (distance - (width.isFinite ? width / expm1(width) : 0))
    }
  }

  /// The bin in which half of the values are reached, or the place between two bins of which each side holds half.
  private struct MedianBin {
    private var lower: Double, upper: Double
    /// Shares of the values below the bin, in it and above it.
    private var left: Double, within: Double, right: Double

    init(_ bins: [Bin], _ total: Double) {
      var below = 0.0
      var index = 0
      while below + bins[index].count < total / 2 {
        below += bins[index].count
        index += 1
      }
      let bin = bins[index]
      (lower, upper) = (bin.lower, bin.upper)
      (left, within, right) = (below / total, bin.count / total, (total - below - bin.count) / total)
      if 2 * (below + bin.count) == total {
        (lower, upper) = (bin.upper, bins[index + 1].lower)
        (left, within, right) = (0.5, 0, 0.5)
      }
    }

    /// The location of the largest likelihood for a scale, where the derivative is 0. All places between two halves are
    /// as likely: the middle, as for the median.
    func location(_ scale: Double) -> Double {
      if lower.isInfinite { return upper + scale * log(2 * right) }
      if upper.isInfinite { return lower - scale * log(2 * left) }
      let balance = within == 0 ? 0 : (left - right) / within
      if balance == 0 { return 0.5 * lower + 0.5 * upper }
      // (1 + t) z² − 2tz − (1 − t) e^−width = 0 for z = e^−distance from the edge that the location is nearer to
      let t = abs(balance)
      let inner = t * t + (1 - t * t) * exp((lower - upper) / scale)
      let distance = -scale * log((t + inner.squareRoot()) / (1 + t))
      return balance > 0 ? min(lower + distance, upper) : max(upper - distance, lower)
    }
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
