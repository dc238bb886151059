@preconcurrency import CGSL

/// Returns mean(y) − mean(x) with Welch's interval, for two independent samples of unequal variance.
///
/// - Returns: `nil` below 2 values on a side, for values that are not finite, or unless 0 < confidence < 1. Where neither
///   sample varies, the interval is the difference alone.
/// - Complexity: O(n).
/// ## Source
/// Welch (1947), doi:10.1093/biomet/34.1-2.28
public func welchInterval(_ x: [Double], _ y: [Double], confidence: Double = 0.95) -> ConfidenceInterval? {
  guard x.count >= 2, y.count >= 2, (x + y).allSatisfy(\.isFinite), confidence > 0, confidence < 1 else { return nil }
  func moments(_ values: [Double]) -> (mean: Double, squaredError: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n * (n - 1)))
  }
  let (a, b) = (moments(x), moments(y))
  let variance = a.squaredError + b.squaredError
  var margin = 0.0
  if variance > 0 {
    let degrees =
      variance * variance
      / (a.squaredError * a.squaredError / Double(x.count - 1) + b.squaredError * b.squaredError / Double(y.count - 1))
    guard let quantile = try? studentTQuantile((1 + confidence) / 2, degreesOfFreedom: degrees) else { return nil }
    margin = quantile * variance.squareRoot()
  }
  let difference = b.mean - a.mean
  guard difference.isFinite, margin.isFinite else { return nil }
  return ConfidenceInterval(
    lower: difference - margin, upper: difference + margin, confidence: confidence, method: "welch_t")
}

/// Returns the geometric mean of y over that of x, with Welch's interval of the logarithms.
///
/// - Parameters:
///   - x: Positive, at least 2 values.
/// - Returns: `nil` for values that are not positive, or where there is no interval.
/// - Complexity: O(n).
public func geometricMeanRatio(
  _ x: [Double], _ y: [Double], confidence: Double = 0.95
) -> (ratio: Double, interval: ConfidenceInterval)? {
  guard (x + y).allSatisfy({ $0 > 0 }),
    let logs = welchInterval(x.map { log($0) }, y.map { log($0) }, confidence: confidence)
  else { return nil }
  let limits = (lower: exp(logs.lower), upper: exp(logs.upper))
  guard limits.upper.isFinite else { return nil }
  return (
    exp((logs.lower + logs.upper) / 2),
    ConfidenceInterval(lower: limits.lower, upper: limits.upper, confidence: confidence, method: logs.method)
  )
}
