/// Returns a Monte Carlo p-value that stops drawing as soon as it is clearly not small.
///
/// Arrangements are drawn one by one until `exceedances` of them are at least as extreme as the observed one, or `resamples`
/// are drawn. Stopped at draw l: p = h/l; otherwise p = (b + 1)/(m + 1). Both are valid: P(p ≤ α) ≤ α under the null
/// hypothesis. For costly draws, such as a bootstrap that refits; not for statistics that share their arrangements.
/// - Parameters:
///   - exceedances: h, at least 1: the relative standard error of a stopped p is about 1/√h.
///   - resamples: m.
///   - isExtreme: Whether draw r, from 1, is at least as extreme as the observed one.
/// - Returns: A probability in (0, 1] with the Clopper-Pearson interval, of negative binomial sampling where it stopped.
/// - Throws: ``SampleError/outOfRange(parameter:value:)``, and whatever `isExtreme` throws.
/// - Complexity: O(min(resamples, h/p)) draws.
/// ## Source
/// Besag & Clifford (1991), doi:10.1093/biomet/78.2.301
public func besagClifford(
  stoppingAt exceedances: Int, resamples: Int, alternative: Alternative = .greater, smallestAttainable: Double = 0,
  confidence: Double = 0.95, _ isExtreme: (Int) throws -> Bool
) throws -> PValue {
  guard exceedances >= 1 else { throw SampleError.outOfRange(parameter: "exceedances", value: Double(exceedances)) }
  guard resamples >= 1 else { throw SampleError.outOfRange(parameter: "resamples", value: Double(resamples)) }
  try SampleError.checkConfidence(confidence)
  var found = 0
  for draw in 1...resamples {
    if try isExtreme(draw) { found += 1 }
    guard found == exceedances else { continue }
    // The last draw is an exceedance by construction, so only those before it vary.
    let lower = try betaQuantile((1 - confidence) / 2, Double(found), Double(draw - found) + 1)
    let upper = draw > found ? try 1 - betaQuantile((1 - confidence) / 2, Double(draw - found), Double(found)) : 1
    return PValue(
      value: Double(found) / Double(draw), interval: min(lower, upper)...max(lower, upper), method: .monteCarlo,
      alternative: alternative, resamples: draw, exceedances: found,
      smallestAttainable: max(smallestAttainable, 1 / (Double(resamples) + 1)),
      reason: "\(found) of \(draw) draws were as extreme as the observed one: more would not make p small")
  }
  return .monteCarlo(
    exceedances: found, resamples: resamples, alternative: alternative, smallestAttainable: smallestAttainable,
    confidence: confidence, reason: "\(resamples) random draws")
}
