/// Returns ranks from 1, ties sharing the mean of theirs; NaN stays out, its place holds 0.
///
/// - Complexity: O(n log n).
public func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var first = 0
  while first < order.count {
    var last = first
    while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
    let midRank = Double(first + last + 2) / 2
    for position in first...last { ranks[order[position]] = midRank }
    first = last + 1
  }
  return ranks
}

/// Returns signed ranks: the mid-ranks of the non-zero |d| with the sign of d; zeros and NaN are dropped, their place holds
/// 0.
///
/// Their sum under random signs is Wilcoxon's signed-rank statistic.
/// - Complexity: O(n log n).
/// ## Source
/// Wilcoxon (1945), doi:10.2307/3001968
public func signedRanks(_ differences: [Double]) -> [Double] {
  let magnitudes = ranks(differences.map { $0 == 0 ? .nan : abs($0) })
  return zip(differences, magnitudes).map { $0 < 0 ? -$1 : $1 }
}
