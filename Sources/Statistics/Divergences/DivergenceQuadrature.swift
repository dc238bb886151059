@preconcurrency import CGSL

/// Returns KL(p‖q) = ∫ p ln(p/q) by quadrature, in nats.
///
/// - Returns: `nil` when a scale is not positive or the integral does not converge, as for a heavy tail against a lighter one
///   with no finite divergence.
/// - Complexity: Some thousand evaluations of the densities.
public func klDivergence(_ p: some ContinuousDensity, quadratureFrom q: some ContinuousDensity) -> Double? {
  integrate(p, q) { logP, logQ in
    // Beyond the range of Double a density contributes nothing.
    let density = exp(logP)
    return density > 0 ? density * (logP - logQ) : 0
  }
}

/// Returns the Jensen-Shannon divergence of two fitted distributions by quadrature.
///
/// - Returns: Between 0 and ln 2 nats or 1 bit; `nil` when a scale is not positive.
/// - Complexity: Some thousand evaluations of the densities.
/// ## Source
/// Lin (1991), doi:10.1109/18.61115
public func jensenShannonDivergence(
  _ p: some ContinuousDensity, _ q: some ContinuousDensity, unit: InformationUnit = .nats
) -> Double? {
  let nats = integrate(p, q) { logP, logQ in
    let larger = max(logP, logQ)
    guard larger > -745 else { return 0 }
    // ln(p/m) with m = (p + q)/2; neither density may drag the other to NaN when it is 0.
    let logM = larger + log1p(exp(min(logP, logQ) - larger)) - SignFlipProblem.ln2
    let fromP = exp(logP) > 0 ? exp(logP) * (logP - logM) : 0
    let fromQ = exp(logQ) > 0 ? exp(logQ) * (logQ - logM) : 0
    return 0.5 * (fromP + fromQ)
  }
  return nats.map { min($0, SignFlipProblem.ln2) * unit.perNat }
}

/// Integrates a function of two log densities over the line, split at the centres and tail points of both.
private func integrate(
  _ p: some ContinuousDensity, _ q: some ContinuousDensity, _ integrand: (_ logP: Double, _ logQ: Double) -> Double
) -> Double? {
  guard p.isProper, q.isProper else { return nil }
  GSL.prepare()
  var points: Set<Double> = []
  for (location, scale) in [(p.location, p.scale), (q.location, q.scale)] {
    for multiple in [0.0, 1, 3, 8, 20, 50] {
      points.formUnion([location - multiple * scale, location + multiple * scale])
    }
  }
  let ascending = points.filter(\.isFinite).sorted()
  guard let first = ascending.first, let last = ascending.last,
    let workspace = gsl_integration_workspace_alloc(1_000), let cquad = gsl_integration_cquad_workspace_alloc(200)
  else { return nil }
  defer {
    gsl_integration_workspace_free(workspace)
    gsl_integration_cquad_workspace_free(cquad)
  }
  let density = { (x: Double) in integrand(p.logDensity(x), q.logDensity(x)) }
  let extent = last - first
  guard decays(density, from: last, by: extent), decays(density, from: first, by: -extent) else { return nil }
  let value = GSL.withFunction(density) { function -> Double? in
    var sum = 0.0
    var part = 0.0
    var error = 0.0
    for (lower, upper) in zip(ascending, ascending.dropFirst()) {
      var evaluations = 0
      let status = gsl_integration_cquad(function, lower, upper, 1e-14, 1e-11, cquad, &part, &error, &evaluations)
      guard converged(status, part, error) else { return nil }
      sum += part
    }
    let below = gsl_integration_qagil(function, first, 1e-13, 1e-9, 1_000, workspace, &part, &error)
    guard converged(below, part, error) else { return nil }
    sum += part
    let above = gsl_integration_qagiu(function, last, 1e-13, 1e-9, 1_000, workspace, &part, &error)
    guard converged(above, part, error) else { return nil }
    return sum + part
  }
  return value.map { max(0, $0) }
}

/// Whether a tail falls faster than 1/x. GSL's extrapolation puts a finite number on a tail that does not, and calls it
/// converged.
private func decays(_ integrand: (Double) -> Double, from start: Double, by extent: Double) -> Bool {
  let near = abs(integrand(start + 1e4 * extent))
  let far = abs(integrand(start + 1e5 * extent))
  return near == 0 && far == 0 || 10 * far < 0.98 * near
}

/// Rounding that keeps a tolerance out of reach is no failure as long as the error estimate is small.
private func converged(_ status: Int32, _ value: Double, _ error: Double) -> Bool {
  guard value.isFinite else { return false }
  return status == GSL_SUCCESS.status || error <= 1e-9 * max(1, abs(value))
}
