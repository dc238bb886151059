@preconcurrency import CGSL

extension SignFlipSaddlepoint {
  /// Returns ln P(Σ ε x ≥ s) with the signs of the few largest x enumerated and the saddlepoint taken of the others.
  ///
  /// A saddlepoint smooths over the gaps that a few large terms leave in the distribution and is then wrong by up to 25 %
  /// (30 reciprocals of uniform numbers); given their signs the rest has no such gaps, and the error falls to about 1 %.
  /// Without large terms this is the plain saddlepoint.
  /// - Parameter magnitudes: |x_i| > 0 in ascending order, on an integer grid.
  /// - Returns: At most 0; `nil` where a saddlepoint equation has no solution.
  /// - Complexity: O(2^k · n) for k large terms, of which there are at most 4, or more as long as 2^k · n ≤ 2¹⁴.
  static func conditionedLogUpperTail(_ magnitudes: [Double], _ s: Double) -> Double? {
    let large = largeTerms(magnitudes)
    let rest = Array(magnitudes.dropLast(large.count))
    guard let saddlepoint = SignFlipSaddlepoint(rest) else { return nil }
    let total = rest.reduce(0, +)
    var tails: [Double] = []
    for signs in 0..<1 << large.count {
      var point = s
      for (index, term) in large.enumerated() { point += signs >> index & 1 == 0 ? -term : term }
      guard let tail = saddlepoint.guardedLogUpperTail(point, rest, total: total) else { return nil }
      tails.append(tail)
    }
    guard let largest = tails.max(), largest > -.infinity else { return nil }
    let sum = tails.reduce(0) { $0 + exp($1 - largest) }
    return min(0, largest + log(sum) - Double(large.count) * SignFlipProblem.ln2)
  }

  /// The largest terms as long as each carries more than 1/20 of the variance of what is left.
  private static func largeTerms(_ ascending: [Double]) -> ArraySlice<Double> {
    var variance = 0.0
    for term in ascending { variance += term * term }
    var limit = 4
    while limit < 12, ascending.count << (limit + 1) <= 1 << 14 { limit += 1 }
    var count = 0
    for term in ascending.reversed() {
      guard count < limit, term * term > 0.05 * variance else { break }
      variance -= term * term
      count += 1
    }
    return ascending.suffix(count)
  }

  /// As ``logUpperTail(_:)``, but for any point: counted near and beyond the boundary.
  private func guardedLogUpperTail(_ point: Double, _ terms: [Double], total: Double) -> Double? {
    let tolerance = 100 * .ulpOfOne * total
    let slack = ((total - point + tolerance) / 2).rounded(.down)
    if slack < 0 { return -.infinity }
    if slack >= total { return 0 }
    let all = Double(terms.count) * SignFlipProblem.ln2
    if let count = SubsetSums.boundedCount(terms, upTo: slack, limit: 2_000) { return log(Double(count)) - all }
    return logUpperTail(point).map { max($0, -all) }
  }
}
