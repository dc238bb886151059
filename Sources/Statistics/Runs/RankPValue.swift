/// Returns the share of values that are at least as large as the first, itself among them: (1 + b)/n.
///
/// Null hypothesis: the first is exchangeable with the others. Ties, and values that are not numbers, count.
/// - Parameter values: Not empty, the observed one first.
/// - Complexity: O(n).
public func rankPValue(_ values: [Double]) -> Double {
  guard let observed = values.first, !observed.isNaN else { return 1 }
  let scale = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  return Double(exceedances(values, threshold: tieThreshold(observed, scale))) / Double(values.count)
}
