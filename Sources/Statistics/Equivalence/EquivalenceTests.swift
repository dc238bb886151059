#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Returns the p-value of two one-sided t-tests: that an effect lies within ± margin.
///
/// Null hypothesis: |δ| ≥ margin. p is the larger of P(T ≥ (δ̂ + Δ)/SE) and P(T ≤ (δ̂ − Δ)/SE), T Student's with U − 1
/// degrees of freedom; at level α this is the same as the 1 − 2α interval lying within the margins.
/// - Parameters:
///   - estimate: δ̂, on a scale where it is nearly normal.
///   - standardError: Not negative. At 0 the p is 2⁻ᵁ within the margins, that of a sign test of U units that all lie
///     there, and 1 outside.
///   - margin: Δ > 0, in the unit of δ̂.
///   - units: U ≥ 2.
/// - Throws: ``SampleError/tooFewUnits(count:required:)``, ``SampleError/outOfRange(parameter:value:)``.
/// ## Source
/// Schuirmann (1987), doi:10.1007/BF01068419
public func twoOneSidedTests(
  estimate: Double, standardError: Double, margin: Double, units: Int
) throws(SampleError) -> PValue {
  guard units >= 2 else { throw .tooFewUnits(count: units, required: 2) }
  guard margin > 0, margin.isFinite else { throw .outOfRange(parameter: "margin", value: margin) }
  guard standardError >= 0, standardError.isFinite else {
    throw .outOfRange(parameter: "standardError", value: standardError)
  }
  guard estimate.isFinite else { throw .outOfRange(parameter: "estimate", value: estimate) }
  return studentP(
    max(estimate - margin, -estimate - margin), standardError, units,
    reason: "two one-sided t-tests, the larger p, with \(units - 1) degrees of freedom")
}

/// Returns the p-value that a quantity which can't be negative lies below a margin.
///
/// Null hypothesis: θ ≥ margin. P(T ≤ (ln θ̂ − ln Δ)/SE), T Student's with U − 1 degrees of freedom; at level α this is the
/// same as the upper 1 − α limit lying below the margin.
/// - Parameters:
///   - estimate: θ̂ ≥ 0; at 0 as a standard error of 0 in ``twoOneSidedTests(estimate:standardError:margin:units:)``.
///   - standardError: Of θ̂ itself; it is carried to the log scale.
/// - Throws: As ``twoOneSidedTests(estimate:standardError:margin:units:)``.
public func upperLimitTest(
  estimate: Double, standardError: Double, margin: Double, units: Int
) throws(SampleError) -> PValue {
  guard units >= 2 else { throw .tooFewUnits(count: units, required: 2) }
  guard margin > 0, margin.isFinite else { throw .outOfRange(parameter: "margin", value: margin) }
  guard standardError >= 0, standardError.isFinite else {
    throw .outOfRange(parameter: "standardError", value: standardError)
  }
  guard estimate >= 0, estimate.isFinite else { throw .outOfRange(parameter: "estimate", value: estimate) }
  let reason = "the upper limit on the log scale, by Student's t with \(units - 1) degrees of freedom"
  if estimate == 0 { return studentP(-1, 0, units, reason: reason) }
  return studentP(log(estimate / margin), standardError / estimate, units, reason: reason)
}

/// Returns the bootstrap p-value that a quantity which can't be negative lies below a margin.
///
/// Null hypothesis: θ ≥ margin. (1 + #{θ* − correction ≥ Δ})/(B + 1): at level α the same as the percentile limit at 1 − α lying
/// below the margin.
/// - Parameters:
///   - replicates: θ* of bootstrap samples, the original one not among them. What is not finite counts against
///     equivalence.
///   - correction: Twice the bootstrap's bias for divergences, which are biased upwards; 0 for others, and for what
///     ``biasCorrectedReplicates(_:estimate:biasFades:)`` returns.
///   - units: What was resampled. With few of them the tail of the bootstrap is too light, and p is the probability of
///     Student's t that lies as far out, as in ``expandedTail(_:units:)``; `nil` leaves it.
/// - Complexity: O(B).
public func upperLimitTest(
  _ replicates: [Double], margin: Double, correction: Double = 0, units: Int? = nil
) throws(SampleError) -> PValue {
  guard margin > 0, margin.isFinite else { throw .outOfRange(parameter: "margin", value: margin) }
  guard !replicates.isEmpty else { throw .tooFewUnits(count: 0, required: 1) }
  let beyond = replicates.reduce(0) { $0 + ($1 - correction < margin ? 0 : 1) }
  func expanded(_ p: Double) throws(SampleError) -> Double {
    guard let units, p < 1 else { return p }
    guard units >= 2 else { throw .tooFewUnits(count: units, required: 2) }
    let reach = -(try standardNormalQuantile(p)) * (Double(units - 1) / Double(units)).squareRoot()
    let tail = studentTLowerTail(-abs(reach), degreesOfFreedom: Double(units - 1))
    return reach >= 0 ? tail : 1 - tail
  }
  let floor = try expanded(1 / Double(replicates.count + 1))
  return PValue(
    value: try expanded(Double(beyond + 1) / Double(replicates.count + 1)), method: .bootstrap, alternative: .less,
    resamples: replicates.count,
    exceedances: beyond, smallestAttainable: floor,
    reason: "share of bootstrap samples of the units that reach the margin")
}

/// P(T ≤ excess/SE), never 0.
private func studentP(_ excess: Double, _ standardError: Double, _ units: Int, reason: String) -> PValue {
  let sign = Double(sign: .plus, exponent: -min(units, 1_000), significand: 1)
  let value: Double
  if standardError > 0 {
    let t = excess / standardError
    let tail = studentTLowerTail(-abs(t), degreesOfFreedom: Double(units - 1))
    value = t <= 0 ? tail : 1 - tail
  } else {
    value = excess < 0 ? sign : 1
  }
  return PValue(
    value: value.isFinite ? min(1, max(value, .leastNormalMagnitude)) : 1, method: .t, alternative: .less,
    smallestAttainable: .leastNormalMagnitude, reason: reason,
    warnings: standardError > 0 ? [] : ["no unit differs from the others: p is that of a sign test"])
}
