@preconcurrency import CGSL

/// A generalised normal (exponential power) distribution: density ∝ exp(−(|x − location| / scale)^shape).
///
/// Shape 1 is the Laplace distribution, shape 2 the normal one with scale √2 · SD.
public struct GeneralizedNormalFit: ContinuousDensity, Equatable, Codable {
  public var location: Double
  public var scale: Double
  public var shape: Double

  public init(location: Double, scale: Double, shape: Double) {
    self.location = location
    self.scale = scale
    self.shape = shape
  }

  public func logDensity(_ x: Double) -> Double {
    log(shape / (2 * scale)) - lgamma(1 / shape) - pow(abs(x - location) / scale, shape)
  }
}
