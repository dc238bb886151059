@preconcurrency import CGSL

/// How the p-value of a linear sign-flip statistic is computed.
public enum SignFlipMethod: Sendable, CaseIterable {
  /// Exact to 22 non-zero differences and in the far tail, saddlepoint above, Monte Carlo where that is not to be trusted.
  case automatic
  case exact
  case saddlepoint
  /// A random group of sign vectors.
  case group
  case monteCarlo
}

/// Returns the sign-flip p-value of the sum of differences.
///
/// Null hypothesis: the differences are jointly symmetric about zero. The statistic is Σ ε_u d_u over independent signs ε;
/// two-sided, |Σ ε_u d_u|. Differences of zero do not count; with none left p = 1. Ties, which include sums equal but for
/// rounding, count as exceedances: T ≥ T_obs − 100 ε · max(|T_obs|, Σ|d|).
///
/// `automatic` enumerates up to 22 differences. Above, it counts the exact tail when no more than 10⁶ sign vectors lie in it,
/// which includes the boundary where all differences have one sign (p = 2⁻ⁿ, where a saddlepoint has no root); takes random
/// signs when one difference outweighs all others together; and else the saddlepoint, with the signs of the few
/// differences that carry much of the variance enumerated. `saddlepoint` is the plain one.
/// - Parameters:
///   - differences: b − a per unit, shape `[units]`, any unit.
///   - resamples: Random sign vectors where they are used. They are those of ``SignFlips`` for the same generator.
///   - confidence: Of the Clopper-Pearson interval where random signs are used.
/// - Returns: A probability in (0, 1].
/// - Throws: ``SampleError/nonFinite(index:)``; ``SampleError/outOfRange(parameter:value:)``;
///   ``SampleError/tooManyArrangements(units:limit:)`` for `exact` above 44 differences unless the tail can be counted.
/// - Complexity: O(n log n + 2^(n/2)) exact, O(n) saddlepoint, O(resamples · n / 8) Monte Carlo.
/// ## Source
/// Fisher (1935), The Design of Experiments, § 21; Robinson (1982), doi:10.1111/j.2517-6161.1982.tb01191.x
public func signFlipTest(
  _ differences: [Double], alternative: Alternative = .twoSided, method: SignFlipMethod = .automatic,
  resamples: Int = 9_999, generator: Philox, confidence: Double = 0.95
) throws(SampleError) -> PValue {
  try SampleError.checkConfidence(confidence)
  guard resamples >= 1, resamples < Int(UInt32.max) else {
    throw .outOfRange(parameter: "resamples", value: Double(resamples))
  }
  let columns = try UnitColumns(units: differences.count, columns: 1, values: differences)
  let problem = SignFlipProblem(columns.grid, alternative: alternative)
  if let certain = problem.certain() { return certain }
  let monteCarlo = { (warnings: [String]) in
    problem.monteCarlo(columns, resamples, generator, confidence: confidence, warnings: warnings)
  }
  switch method {
  case .exact:
    if let result = problem.enumerated(limit: SignFlipProblem.enumerationLimit) ?? problem.countedTail() {
      return result
    }
    throw .tooManyArrangements(units: problem.count, limit: SignFlipProblem.enumerationLimit)
  case .monteCarlo:
    return monteCarlo([])
  case .group:
    return problem.group(columns, resamples, generator)
  case .saddlepoint:
    let warnings = problem.isDominated ? [SignFlipProblem.dominatedWarning] : []
    if let result = problem.boundary() ?? problem.saddlepoint(warnings: warnings) { return result }
    return problem.countedTail() ?? monteCarlo(["the saddlepoint equation has no solution here"])
  case .automatic:
    if let result = problem.enumerated(limit: SignFlipProblem.automaticLimit) ?? problem.countedTail() { return result }
    if problem.isDominated { return monteCarlo([SignFlipProblem.dominatedWarning]) }
    return problem.saddlepoint(conditioned: true) ?? monteCarlo(["the saddlepoint equation has no solution here"])
  }
}

/// A sign-flip test in grid steps, turned so that large sums are extreme.
struct SignFlipProblem {
  /// Enumerated without being asked: 2²² arrangements.
  static let automaticLimit = 22
  /// Enumerated on demand: halves of 2²² sums are 32 MiB each.
  static let enumerationLimit = 44
  /// Sign vectors counted in a tail.
  static let tailLimit = 1_000_000
  static let dominatedWarning = "one difference outweighs all others together"

  let alternative: Alternative
  /// Non-zero |d| in grid steps, ascending.
  let magnitudes: [Double]
  /// Σ|d|
  let total: Double
  /// The observed sum, oriented by the alternative: |Σd| two-sided.
  let observed: Double
  /// Below this a sum is less extreme than the observed one.
  let threshold: Double

  init(_ grid: [Double], alternative: Alternative) {
    self.alternative = alternative
    magnitudes = grid.lazy.filter { $0 != 0 }.map { abs($0) }.sorted()
    total = magnitudes.reduce(0, +)
    let sum = grid.reduce(0, +)
    observed =
      switch alternative {
      case .twoSided: abs(sum)
      case .greater: sum
      case .less: 0 - sum
      }
    threshold = observed - 100 * .ulpOfOne * max(abs(observed), total)
  }

  var count: Int { magnitudes.count }
  var isDominated: Bool { 2 * (magnitudes.last ?? 0) > total }
  var sides: Double { alternative == .twoSided ? 2 : 1 }
  var smallest: Double { PValue.smallestOfSignFlips(units: count, alternative: alternative) }

  /// The cases that need no distribution: nothing differs, or no sum is less extreme than the observed one.
  func certain() -> PValue? {
    if count == 0 {
      return .enumerated(
        exceedances: 1, of: 1, alternative: alternative, smallestAttainable: 1,
        reason: "there is nothing to swap: all differences are zero", warnings: ["all differences are zero"])
    }
    if alternative == .twoSided ? threshold <= 0 : threshold <= -total {
      return PValue(
        value: 1, method: .exact, alternative: alternative, smallestAttainable: smallest,
        reason: "every arrangement is at least as extreme as the observed one")
    }
    return nil
  }

  /// The largest sum of magnitudes whose signs may be flipped without becoming less extreme: T = Σ|d| − 2 · flipped.
  var slack: Double { ((total - threshold) / 2).rounded(.down) }

  /// p over all 2ⁿ sign vectors.
  func enumerated(limit: Int) -> PValue? {
    guard count <= min(limit, 60) else { return nil }
    let exceedances = SubsetSums.count(magnitudes, upTo: slack) * Int(sides)
    return .enumerated(
      exceedances: exceedances, of: 1 << count, alternative: alternative, smallestAttainable: smallest,
      reason: "\(count) units differ: all 2^\(count) ways to swap them were counted")
  }

  /// p by counting the sign vectors in the tail alone, exact for any n; `nil` if there are too many.
  func countedTail() -> PValue? {
    guard let subsets = SubsetSums.boundedCount(magnitudes, upTo: slack, limit: SignFlipProblem.tailLimit) else {
      return nil
    }
    let exceedances = subsets * Int(sides)
    return result(
      logTail: log(Double(subsets)) - Double(count) * SignFlipProblem.ln2, method: .exact, exceedances,
      reason: "of 2^\(count) ways to swap units so few are as extreme that they were counted")
  }

  /// All differences of one sign, as extreme as can be.
  func boundary() -> PValue? {
    guard let smallest = magnitudes.first, slack < smallest else { return nil }
    return countedTail()
  }

  func saddlepoint(conditioned: Bool = false, warnings: [String] = []) -> PValue? {
    let tail =
      conditioned
      ? SignFlipSaddlepoint.conditionedLogUpperTail(magnitudes, observed)
      : SignFlipSaddlepoint(magnitudes)?.logUpperTail(observed)
    guard let tail else { return nil }
    return result(
      logTail: max(tail, -Double(count) * SignFlipProblem.ln2), method: .saddlepoint, nil,
      reason:
        "2^\(count) ways to swap units are too many to count, and a saddlepoint reaches beyond what random swaps can see",
      warnings: warnings)
  }

  func monteCarlo(
    _ columns: UnitColumns, _ resamples: Int, _ generator: Philox, confidence: Double, warnings: [String]
  ) -> PValue {
    let flips = SignFlips(columns: columns, resamples: resamples, generator: generator, mayEnumerate: false)
    let step = columns.steps.first ?? 1
    var exceedances = 0
    for first in stride(from: 1, through: resamples, by: flips.blockRows) {
      flips.forEachRow(of: first..<min(resamples + 1, first + flips.blockRows)) { sums in
        if isExtreme((sums.first ?? 0) / step) { exceedances += 1 }
      }
    }
    return .monteCarlo(
      exceedances: exceedances, resamples: resamples, alternative: alternative, smallestAttainable: smallest,
      confidence: confidence, reason: warnings.first ?? "random swaps, as asked for", warnings: warnings)
  }

  func group(_ columns: UnitColumns, _ resamples: Int, _ generator: Philox) -> PValue {
    let flips = SignFlips(
      columns: columns, resamples: resamples, generator: generator, mayEnumerate: false, usesSubgroup: true)
    let step = columns.steps.first ?? 1
    var exceedances = 0
    for first in stride(from: 0, to: flips.rows, by: flips.blockRows) {
      flips.forEachRow(of: first..<first + flips.blockRows) { sums in
        if isExtreme((sums.first ?? 0) / step) { exceedances += 1 }
      }
    }
    return .group(
      exceedances: exceedances - 1, size: flips.rows, alternative: alternative, smallestAttainable: smallest)
  }

  /// Whether a sum in grid steps is at least as extreme as the observed one.
  private func isExtreme(_ sum: Double) -> Bool {
    switch alternative {
    case .twoSided: abs(sum) >= threshold
    case .greater: sum >= threshold
    case .less: -sum >= threshold
    }
  }

  /// From the logarithm of the one-sided tail, so that small p-values keep their digits as long as Double has them.
  private func result(
    logTail: Double, method: PValueMethod, _ exceedances: Int?, reason: String, warnings: [String] = []
  ) -> PValue {
    let value = min(1, exp(logTail + log(sides)))
    return PValue(
      value: max(value, .leastNonzeroMagnitude), method: method, alternative: alternative, resamples: exceedances,
      exceedances: exceedances, smallestAttainable: smallest, reason: reason, warnings: warnings)
  }

  static let ln2 = 0.693_147_180_559_945_309_4
}
