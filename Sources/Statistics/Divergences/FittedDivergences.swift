@preconcurrency import CGSL

// Closed forms of the Kullback-Leibler divergence KL(p‖q) = ∫ p ln(p/q), in nats. `nil` unless both scales are positive and
// finite; never negative.

/// Returns KL(p‖q) of two normal distributions, in nats.
///
/// ln(σ₂/σ₁) + (σ₁² + Δ²)/2σ₂² − ½
public func klDivergence(_ p: NormalFit, _ q: NormalFit) -> Double? {
  guard p.isProper, q.isProper else { return nil }
  let ratio = p.standardDeviation / q.standardDeviation
  let shift = (p.mean - q.mean) / q.standardDeviation
  // ½(r² − 1) − ln r, without cancellation for r near 1.
  return nonNegative(0.5 * (ratio - 1) * (ratio + 1) - log1pSafe(ratio) + 0.5 * shift * shift)
}

/// Returns KL(p‖q) of two Laplace distributions, in nats.
///
/// ln(b₂/b₁) + (b₁e^{−Δ/b₁} + Δ)/b₂ − 1
public func klDivergence(_ p: LaplaceFit, _ q: LaplaceFit) -> Double? {
  guard p.isProper, q.isProper else { return nil }
  let ratio = p.scale / q.scale
  let shift = abs(p.location - q.location) / p.scale
  return nonNegative((ratio - 1) - log1pSafe(ratio) + ratio * (expm1(-shift) + shift))
}

/// Returns KL(p‖q) of a Laplace distribution from a normal one, in nats.
public func klDivergence(_ p: LaplaceFit, _ q: NormalFit) -> Double? {
  guard p.isProper, q.isProper else { return nil }
  let ratio = p.scale / q.standardDeviation
  let shift = (p.location - q.mean) / q.standardDeviation
  return nonNegative(0.5 * log(.pi / 2) - log(ratio) - 1 + ratio * ratio + 0.5 * shift * shift)
}

/// Returns KL(p‖q) of a normal distribution from a Laplace one, in nats.
///
/// Uses E|X − m| of the folded normal distribution.
public func klDivergence(_ p: NormalFit, _ q: LaplaceFit) -> Double? {
  guard p.isProper, q.isProper else { return nil }
  let shift = abs(p.mean - q.location) / p.standardDeviation
  let deviation = (2 / .pi).squareRoot() * exp(-0.5 * shift * shift) + shift * erf(shift * 0.5.squareRoot())
  let ratio = p.standardDeviation / q.scale
  return nonNegative(0.5 * log(2 / .pi) - log(ratio) - 0.5 + ratio * deviation)
}

/// Returns KL(p‖q) of two generalised normal distributions of the same location, in nats.
///
/// - Returns: `nil` also when the locations differ: that has no closed form.
public func klDivergence(_ p: GeneralizedNormalFit, _ q: GeneralizedNormalFit) -> Double? {
  guard p.isProper, q.isProper, p.shape > 0, q.shape > 0, p.shape.isFinite, q.shape.isFinite, p.location == q.location
  else { return nil }
  let moment = lgamma((q.shape + 1) / p.shape) - lgamma(1 / p.shape) + q.shape * log(p.scale / q.scale)
  return nonNegative(
    log(p.shape * q.scale / (q.shape * p.scale)) + lgamma(1 / q.shape) - lgamma(1 / p.shape) + exp(moment) - 1 / p.shape
  )
}

private func nonNegative(_ value: Double) -> Double? { value.isNaN ? nil : max(0, value) }

/// ln r, from the exact r − 1 where r is near 1.
private func log1pSafe(_ ratio: Double) -> Double { abs(ratio - 1) < 0.5 ? log1p(ratio - 1) : log(ratio) }
