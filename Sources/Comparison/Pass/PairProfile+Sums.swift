import CKernels
import Results
import Statistics

extension PairSums {
  /// Histograms, unit norms and fits of both sides, from the sums of the pass.
  ///
  /// - Returns: `nil` where the pass kept no histograms.
  /// - Complexity: O(units · bins).
  /// - Parameter hasFits: With the normal and Laplace fits, which cost more than all else.
  package func profile(hasFits: Bool = true) -> PairProfile? {
    guard !sums.wholeA.isEmpty else { return nil }
    let edges = (0...sums.bins).map { sums.low + Double($0) * sums.width }
    func finite(_ x: Double) -> Double? { x.isFinite ? x : nil }
    var profile = PairProfile(
      edges: [sums.low, sums.low + Double(sums.bins) * sums.width], countsA: sums.wholeA.map { Int($0) },
      countsB: sums.wholeB.map { Int($0) }, unitNormsA: sums.normA.map(finite), unitNormsB: sums.normB.map(finite))
    let n = sums.total(eqp_count)
    guard n > 0, hasFits else { return profile }
    profile.minA = sums.column(eqp_min_a).min().flatMap(finite)
    profile.maxA = sums.column(eqp_max_a).max().flatMap(finite)
    profile.minB = sums.column(eqp_min_b).min().flatMap(finite)
    profile.maxB = sums.column(eqp_max_b).max().flatMap(finite)
    let deviations = standardDeviations()
    for (side, sum, deviation, counts) in [
      ("a", sums.total(eqp_sum_a), deviations.a, sums.wholeA),
      ("b", sums.total(eqp_sum_b), deviations.b, sums.wholeB),
    ] {
      if deviation > 0, deviation.isFinite, (sum / n).isFinite {
        profile.fits.append(DistributionFit(side: side, family: "norm", location: sum / n, scale: deviation))
      }
      if let fit = LaplaceFit(counts: counts, edges: edges) {
        profile.fits.append(
          DistributionFit(side: side, family: "laplace", location: fit.location, scale: fit.scale))
      }
    }
    return profile
  }
}
