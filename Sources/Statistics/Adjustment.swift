/// How p-values of several hypotheses are adjusted.
public enum Adjustment: String, Sendable, Codable, CaseIterable {
  /// Family-wise error, any dependence: Holm (1979), doi:10.2307/4615733
  case holm
  /// Family-wise error under positive dependence: Hochberg (1988), doi:10.1093/biomet/75.4.800
  case hochberg
  /// False discovery rate under positive dependence: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x
  case bh
  /// False discovery rate, any dependence: Benjamini & Yekutieli (2001), doi:10.1214/aos/1013699998
  case by
  /// Family-wise error, any dependence; never better than `holm`.
  case bonferroni
  case none
}

/// Returns adjusted p-values in the order given, as R's `p.adjust`.
///
/// `nil`, NaN and anything outside [0, 1] stay out: their place holds `nil`, and the number of hypotheses is that of the
/// others.
/// - Complexity: O(m log m).
public func adjustedPValues(_ p: [Double?], method: Adjustment) -> [Double?] {
  let members: [(index: Int, p: Double)] = p.enumerated().compactMap { index, value in
    guard let value, value >= 0, value <= 1 else { return nil }
    return (index, value)
  }
  let ascending = members.sorted { ($0.p, $0.index) < ($1.p, $1.index) }
  let m = Double(ascending.count)
  let harmonic = method == .by ? (1..<max(2, ascending.count + 1)).reduce(0.0) { $0 + 1 / Double($1) } : 1
  var adjusted = [Double?](repeating: nil, count: p.count)
  switch method {
  case .none:
    for member in members { adjusted[member.index] = member.p }
  case .bonferroni:
    for member in members { adjusted[member.index] = min(1, m * member.p) }
  case .holm:
    var largest = 0.0
    for (rank, member) in ascending.enumerated() {
      largest = max(largest, (m - Double(rank)) * member.p)
      adjusted[member.index] = min(1, largest)
    }
  case .hochberg, .bh, .by:
    var smallest = 1.0
    for (rank, member) in ascending.enumerated().reversed() {
      let factor = method == .hochberg ? m - Double(rank) : harmonic * m / Double(rank + 1)
      smallest = min(smallest, factor * member.p)
      adjusted[member.index] = smallest
    }
  }
  return adjusted
}
