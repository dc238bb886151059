@preconcurrency import CGSL

/// Returns the Cauchy combination of p-values, which holds its level under any dependence as long as it is small.
///
/// Values that are not probabilities are left out; with none left the result is 1. Each p is capped at 1 − 1/2K, because a
/// single p of 1 would outweigh all others.
/// - Parameter p: K p-values in (0, 1], equal weights.
/// - Returns: A probability in (0, 1].
/// - Complexity: O(K).
/// ## Source
/// Liu & Xie (2020), doi:10.1080/01621459.2018.1554485
public func cauchyCombination(_ p: [Double]) -> Double {
  let valid = p.filter { $0 > 0 && $0 <= 1 }
  guard !valid.isEmpty else { return 1 }
  let cap = 1 - 0.5 / Double(valid.count)
  var sum = 0.0
  for value in valid {
    // cot(πp) = tan((½ − p)π); near 0 it is 1/(πp), where the tangent would lose p in rounding.
    let p = min(value, cap)
    sum += p < 1e-9 ? 1 / (p * .pi) : tan((0.5 - p) * .pi)
  }
  let mean = sum / Double(valid.count)
  let combined = mean > 1 ? atan(1 / mean) / .pi : 0.5 - atan(mean) / .pi
  return min(1, max(combined, .leastNonzeroMagnitude))
}
