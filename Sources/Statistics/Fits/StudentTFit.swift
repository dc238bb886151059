@preconcurrency import CGSL

/// Student's t distribution with location and scale.
public struct StudentTFit: ContinuousDensity, Equatable, Codable {
  public var location: Double
  public var scale: Double
  public var degreesOfFreedom: Double

  public init(location: Double, scale: Double, degreesOfFreedom: Double) {
    self.location = location
    self.scale = scale
    self.degreesOfFreedom = degreesOfFreedom
  }

  public func logDensity(_ x: Double) -> Double {
    let z = (x - location) / scale
    let nu = degreesOfFreedom
    let normalizer = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(nu * .pi) - log(scale)
    // z² overflows where z does not.
    let tail = abs(z) < 1e150 ? log1p(z * z / nu) : 2 * log(abs(z)) - log(nu)
    return normalizer - (nu + 1) / 2 * tail
  }
}
