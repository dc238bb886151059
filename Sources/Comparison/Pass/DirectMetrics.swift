import CKernels
import Results
import Statistics

/// Units whose norm is 0 or below 10⁻⁶ of the median over the tensor: switched off by training.
func deadUnits(_ norms: [Double]) -> [Int] {
  let sorted = norms.ascending()
  guard !sorted.isEmpty else { return [] }
  let middle = sorted.count / 2
  let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  let limit = median.isFinite ? 1e-6 * median : 0
  return norms.indices.filter { norms[$0] == 0 || norms[$0] < limit }
}

/// Rounding errors off a cosine or a correlation; NaN, which sums that overflow leave, stays NaN.
func clampedToUnit(_ x: Double) -> Double { x.isNaN ? x : max(-1, min(1, x)) }

extension PairSums {
  /// Pseudo-count that the histogram estimate of KL adds to every bin.
  static let smoothing = 0.5

  /// Every asked-for measure of the pair; `ks` is computed apart and handed in.
  ///
  /// Norms, cosine and the rest follow CONTRACT's conventions: differences are b − a, the standard
  /// deviation divides by n, elements that are not finite on either side are left out.
  func metrics(_ wanted: Set<Metric>, view: UnitView, ks: Double?) -> Metrics {
    var result = Metrics()
    let n = sums.total(eqp_count)
    result.excludedCount = Int(sums.total(eqp_excluded))
    result.nonFinite = nonFinite
    let aa = sums.total(eqp_sum_aa)
    let bb = sums.total(eqp_sum_bb)
    let ab = sums.total(eqp_sum_ab)
    let normA = aa.squareRoot()
    let normB = bb.squareRoot()
    let none = Number.undefined("no finite elements")
    func set(_ metric: Metric, _ value: @autoclosure () -> Number) {
      if wanted.contains(metric) { result.values[metric] = n > 0 || metric == .changedCount ? value() : none }
    }
    set(.meanSquaredDifference, Number(sums.total(eqp_sum_dd) / n))
    set(
      .cosineSimilarity,
      normA > 0 && normB > 0
        ? Number(clampedToUnit(ab / normA / normB)) : .undefined("a norm is 0"))
    set(
      .relativeL2, normA > 0 ? Number(sums.total(eqp_sum_dd).squareRoot() / normA) : .undefined("the norm of A is 0"))
    set(.maxAbsDifference, Number(sums.column(eqp_max_abs_d).max() ?? 0))
    set(.changedCount, Number(sums.total(eqp_changed)))
    set(.meanDifference, Number(sums.total(eqp_sum_d) / n))
    set(.pearson, pearson(n: n))
    set(.normA, Number(normA))
    set(.normB, Number(normB))
    set(.normRatio, normA > 0 ? Number(normB / normA) : .undefined("the norm of A is 0"))
    if view.units > 1, view.isExchangeable, unitCount == sums.units {
      set(.deadUnitsA, Number(Double(deadUnits(sums.normA).count)))
      set(.deadUnitsB, Number(Double(deadUnits(sums.normB).count)))
    } else {
      let reason = unitCount == sums.units ? "no interchangeable units" : "units are grouped into blocks"
      set(.deadUnitsA, .undefined(reason))
      set(.deadUnitsB, .undefined(reason))
    }
    set(.ks, ks.map { Number($0) } ?? none)
    if !wanted.isDisjoint(with: Metric.distributional), !sums.wholeA.isEmpty, n > 0 {
      distances(wanted, into: &result, n: n)
    } else {
      for metric in Metric.distributional where wanted.contains(metric) { result.values[metric] = none }
    }
    return result
  }

  private func pearson(n: Double) -> Number {
    let shift = pilot.shift
    let sa = sums.total(eqp_sum_a) - n * shift
    let sb = sums.total(eqp_sum_b) - n * shift
    let va = sums.total(eqp_shifted_aa) - sa * sa / n
    let vb = sums.total(eqp_shifted_bb) - sb * sb / n
    guard va.isFinite, vb.isFinite else { return .undefined("the sums overflow") }
    guard va > 1e-14 * sums.total(eqp_shifted_aa), vb > 1e-14 * sums.total(eqp_shifted_bb) else {
      return .undefined("a side is constant")
    }
    return Number(clampedToUnit((sums.total(eqp_shifted_ab) - sa * sb / n) / (va.squareRoot() * vb.squareRoot())))
  }

  private func distances(_ wanted: Set<Metric>, into result: inout Metrics, n: Double) {
    let (a, b) = (sums.wholeA, sums.wholeB)
    let estimate = HistogramDistances(a: a, b: b, width: sums.width, smoothing: Self.smoothing)
    for (metric, value) in [
      (Metric.wasserstein1, estimate.wasserstein1), (.klAB, estimate.klAB), (.klBA, estimate.klBA),
      (.jensenShannon, estimate.jensenShannon),
    ] where wanted.contains(metric) {
      result.values[metric] = value.map { Number($0) } ?? .undefined("empty histogram")
    }
    let outside = a[0] + b[0] + a[a.count - 1] + b[b.count - 1]
    result.estimator = Estimator(
      bins: sums.bins, edges: [sums.low, sums.low + sums.width * Double(sums.bins)], smoothing: Self.smoothing,
      outside: outside / (2 * n))
  }

  /// Standard deviation of each side and of both pooled, dividing by n.
  func standardDeviations() -> (a: Double, b: Double, pooled: Double) {
    let n = sums.total(eqp_count)
    guard n > 0 else { return (0, 0, 0) }
    let shift = pilot.shift
    let sa = sums.total(eqp_sum_a) - n * shift
    let sb = sums.total(eqp_sum_b) - n * shift
    let qa = sums.total(eqp_shifted_aa)
    let qb = sums.total(eqp_shifted_bb)
    func deviation(_ q: Double, _ s: Double, _ n: Double) -> Double { max(0, (q - s * s / n) / n).squareRoot() }
    return (deviation(qa, sa, n), deviation(qb, sb, n), deviation(qa + qb, sa + sb, 2 * n))
  }
}
