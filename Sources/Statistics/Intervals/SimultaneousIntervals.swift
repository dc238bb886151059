/// Returns intervals that hold together: all of them cover with the stated confidence, whatever depends on what.
///
/// Each estimate's replicates are standardised on its scale; the quantile c of the largest |θ* − θ̂|/SE over the estimates then
/// gives θ̂ ± c · SE for all. Estimates that move together cost little, where Bonferroni's would pay for each.
/// - Parameters:
///   - estimates: θ̂, one a statistic.
///   - replicates: Shape `[statistics][samples]`; sample r of all statistics from one and the same draw of units.
///   - scales: One a statistic.
/// - Returns: One a statistic; `nil` where an estimate has no spread, is outside its scale or has replicates that are not
///   finite. Those are left out of the maximum.
/// - Complexity: O(statistics · samples + samples log samples).
/// ## Source
/// Romano & Wolf (2005), doi:10.1198/016214504000000539; Davison & Hinkley (1997), section 4.2.4
public func simultaneousIntervals(
  estimates: [Double], replicates: [[Double]], scales: [IntervalScale], confidence: Double = 0.95
) -> [ConfidenceInterval?] {
  let samples = replicates.first?.count ?? 0
  guard estimates.count == replicates.count, estimates.count == scales.count, confidence > 0, confidence < 1,
    replicates.allSatisfy({ $0.count == samples }), samples > 1
  else { return Array(repeating: nil, count: estimates.count) }
  var largest = [Double](repeating: 0, count: samples)
  var errors = [Double?](repeating: nil, count: estimates.count)
  for i in estimates.indices {
    let centre = scales[i].transformed(estimates[i])
    let values = replicates[i].map(scales[i].transformed)
    guard centre.isFinite, values.allSatisfy(\.isFinite), let error = bootstrapStandardError(values), error > 0 else {
      continue
    }
    errors[i] = error
    for r in 0..<samples { largest[r] = max(largest[r], abs(values[r] - centre) / error) }
  }
  guard let factor = quantile(largest.ascending(), confidence) else {
    return Array(repeating: nil, count: estimates.count)
  }
  return estimates.indices.map { i in
    errors[i].map { error in
      let centre = scales[i].transformed(estimates[i])
      return ConfidenceInterval(
        lower: scales[i].restored(centre - factor * error), upper: scales[i].restored(centre + factor * error),
        confidence: confidence, method: "simultaneous_maxT")
    }
  }
}
