@preconcurrency import CGSL

/// Returns McNemar's exact p-value for two classifiers on the same examples.
///
/// Null hypothesis: each is right where the other is wrong equally often, so that of the discordant examples those of one
/// kind are binomial with ½. Two-sided, twice the smaller tail, at most 1, as SciPy's `binomtest` and R's `binom.test` at ½.
/// `greater` says that B is right more often.
/// - Parameters:
///   - onlyA: Examples that A alone gets right.
///   - onlyB: Examples that B alone gets right.
/// - Returns: A probability in (0, 1]; 1, with a warning, when no example is discordant.
/// - Throws: ``SampleError/outOfRange(parameter:value:)`` for negative counts or more than 2³² examples.
/// - Complexity: O(examples) at most.
/// ## Source
/// McNemar (1947), doi:10.1007/BF02295996
public func mcNemarTest(
  onlyA: Int, onlyB: Int, alternative: Alternative = .twoSided
) throws(SampleError) -> PValue {
  guard onlyA >= 0 else { throw .outOfRange(parameter: "onlyA", value: Double(onlyA)) }
  guard onlyB >= 0 else { throw .outOfRange(parameter: "onlyB", value: Double(onlyB)) }
  let (discordant, overflow) = onlyA.addingReportingOverflow(onlyB)
  guard !overflow, discordant <= Int(UInt32.max) else {
    throw .outOfRange(parameter: "onlyA + onlyB", value: Double(onlyA) + Double(onlyB))
  }
  let smallest = PValue.smallestOfSignFlips(units: discordant, alternative: alternative)
  if discordant == 0 {
    return PValue(
      value: 1, method: .exact, alternative: alternative, smallestAttainable: 1,
      reason: "no example is told apart: both are right or wrong on the same ones",
      warnings: ["no example is discordant"])
  }
  let value: Double
  switch alternative {
  case .twoSided: value = min(1, 2 * lowerTailOfHalf(min(onlyA, onlyB), of: discordant))
  case .greater: value = lowerTailOfHalf(onlyA, of: discordant)
  case .less: value = lowerTailOfHalf(onlyB, of: discordant)
  }
  return PValue(
    value: max(value, .leastNonzeroMagnitude), method: .exact, alternative: alternative, smallestAttainable: smallest,
    reason: "the \(discordant) discordant examples are binomial with probability 1/2")
}

/// P(X ≤ k) for X binomial with n trials of probability ½; exact to rounding.
private func lowerTailOfHalf(_ k: Int, of n: Int) -> Double {
  if k >= n { return 1 }
  if k < 0 { return 0 }
  if n <= 60 {
    var term = 1
    var sum = 1
    for i in 0..<k {
      // The next binomial coefficient: below 2⁶⁰, though the product before the division is not.
      term = (i + 1).dividingFullWidth(term.multipliedFullWidth(by: n - i)).quotient
      sum += term
    }
    return Double(sum) * Double(sign: .plus, exponent: -n, significand: 1)
  }
  // The smaller tail by its largest term, from which the others fall.
  if 2 * k >= n { return 1 - lowerTailOfHalf(n - k - 1, of: n) }
  GSL.prepare()
  let largest = gsl_sf_lnchoose(UInt32(n), UInt32(k)) - Double(n) * SignFlipProblem.ln2
  var sum = 1.0
  var term = 1.0
  var j = k
  while j > 0 {
    term *= Double(j) / Double(n - j + 1)
    sum += term
    if term < 1e-18 * sum { break }
    j -= 1
  }
  return exp(largest + log(sum))
}

/// Returns P(X ≤ successes) for a binomial X, the p-value of "at least this probability".
///
/// - Throws: ``SampleError/outOfRange(parameter:value:)`` unless 0 ≤ successes ≤ trials < 2³² and 0 < probability < 1.
/// - Returns: A probability in (0, 1].
public func binomialLowerTail(
  successes: Int, trials: Int, probability: Double
) throws(SampleError) -> Double {
  guard trials >= 0, trials <= Int(UInt32.max) else { throw .outOfRange(parameter: "trials", value: Double(trials)) }
  guard successes >= 0, successes <= trials else { throw .outOfRange(parameter: "successes", value: Double(successes)) }
  guard probability > 0, probability < 1 else { throw .outOfRange(parameter: "probability", value: probability) }
  if successes == trials { return 1 }
  GSL.prepare()
  let value = gsl_cdf_binomial_P(UInt32(successes), probability, UInt32(trials))
  guard value.isFinite else { throw .numerical(function: "gsl_cdf_binomial_P", status: GSL_EFAILED.status) }
  return min(1, max(value, .leastNonzeroMagnitude))
}
