@preconcurrency import CGSL

/// The saddlepoint approximation of P(Σ ε_i x_i ≥ s) for independent signs ε.
///
/// K(t) = Σ ln cosh(t x_i). The approximation is Lugannani and Rice's, in logarithms, with the correction for lattices when
/// the x_i are multiples of a common g that is not small. It has no root at the boundary s = Σx and is not to be trusted
/// when one x outweighs the others: callers see to both.
///
/// ## Source
/// Lugannani & Rice (1980), doi:10.2307/1426607; Daniels (1987), doi:10.2307/1403269 (lattices);
/// Barndorff-Nielsen (1986), doi:10.1093/biomet/73.2.307; Robinson (1982), doi:10.1111/j.2517-6161.1982.tb01191.x
struct SignFlipSaddlepoint {
  /// Scaled so that the largest is 1, or multiples of the lattice's spacing.
  private let terms: [Double]
  /// One unit of `terms` in the unit of the values.
  private let unit: Double
  /// Distance between attainable sums in units of `terms`; 0 when continuous.
  private let span: Double
  /// Σ of `terms`.
  private let total: Double

  /// - Parameter magnitudes: |x_i| > 0 in ascending order.
  /// - Returns: `nil` without values.
  init?(_ magnitudes: [Double], lattice usesLattice: Bool = true) {
    guard let largest = magnitudes.last, largest > 0, largest.isFinite else { return nil }
    if usesLattice, let lattice = Lattice(magnitudes) {
      terms = lattice.multiples
      unit = lattice.spacing
      span = 2
    } else {
      terms = magnitudes.map { $0 / largest }
      unit = largest
      span = 0
    }
    total = terms.reduce(0, +)
  }

  /// Returns ln P(Σ ε x ≥ s), at most 0; `nil` where the saddlepoint equation has no solution.
  ///
  /// - Complexity: O(n), about 15 passes.
  func logUpperTail(_ s: Double) -> Double? {
    var point = s / unit
    if span > 0 {
      // The first attainable sum from s on; on a lattice P(T ≥ s) is the continuous tail from half a step before.
      let steps = ((total - point) / span + 1e-9).rounded(.down)
      point = total - span * steps - span / 2
    }
    if point == 0 { return log(0.5) }
    guard let tail = logTail(beyond: abs(point)) else { return nil }
    if point > 0 { return min(tail, 0) }
    return log1p(-min(exp(tail), 1))
  }

  /// `point` > 0.
  private func logTail(beyond point: Double) -> Double? {
    guard let root = root(point) else { return nil }
    var curvature = 0.0
    var exponent = 0.0
    var slope = 0.0
    for x in terms {
      let y = root * x
      let decay = exp(-2 * y)
      curvature += x * x * 4 * decay / ((1 + decay) * (1 + decay))
      let tangent = tanh(y)
      slope += x * tangent
      // y tanh y − ln cosh y, without cancellation at either end.
      if y > 1 {
        exponent += SignFlipProblem.ln2 - 2 * y * decay / (1 + decay) - log1p(decay)
      } else {
        let half = sinh(y / 2)
        exponent += y * tangent - log1p(2 * half * half)
      }
    }
    // t s − K(t); the second term is what is left of the root's rounding.
    exponent += root * (point - slope)
    guard exponent >= 0, curvature > 0 else { return nil }
    let w = (2 * exponent).squareRoot()
    // u and w both vanish at the centre, and so does what they correct.
    if w < 1e-5 { return logNormalUpperTail(w) }
    var logU = log(root) + 0.5 * log(curvature)
    if span > 0 {
      let h = root * span / 2
      // ln((2/δ) sinh(tδ/2)) in place of ln t
      logU += h > 20 ? h - log(2 * h) : log(sinh(h) / h)
    }
    let density = -0.5 * w * w - 0.5 * log(2 * .pi)
    // Q(w)/φ(w) − 1/w + 1/u
    let factor = exp(logNormalUpperTail(w) - density) - 1 / w + exp(-logU)
    if factor > 0, factor.isFinite { return density + log(factor) }
    // Cannot be negative; where rounding makes it so, r* has no such difference.
    let tail = logNormalUpperTail(w + (logU - log(w)) / w)
    return tail.isFinite ? tail : nil
  }

  /// Solves Σ x tanh(t x) = s for t > 0.
  private func root(_ s: Double) -> Double? {
    var squares = 0.0
    for x in terms { squares += x * x }
    let excess = { (t: Double) in
      var sum = 0.0
      for x in terms { sum += x * tanh(t * x) }
      return sum - s
    }
    // tanh y ≤ y: the root lies above s/Σx².
    var lower = s / squares
    var upper = 2 * lower
    for _ in 0..<1_100 {
      if excess(upper) >= 0 {
        return excess(lower) >= 0 ? lower : GSL.root(from: lower, to: upper, excess)
      }
      (lower, upper) = (upper, 2 * upper)
      guard upper.isFinite else { return nil }
    }
    return nil
  }
}
