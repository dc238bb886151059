@preconcurrency import CGSL

/// Student's t distribution with location and scale.
public struct StudentTFit: FittedFamily, Equatable, Codable {
  public static let familyName = "student_t"
  public static let parameterCount = 3
  /// Degrees of freedom that a fit is kept to; at the upper end the distribution is the normal one.
  static let fittedRange = (0.05, 1e4)
  public var location: Double
  public var scale: Double
  public var degreesOfFreedom: Double

  public init(location: Double, scale: Double, degreesOfFreedom: Double) {
    self.location = location
    self.scale = scale
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// From a sample with the location fixed, by a simplex over the logarithms of scale and degrees of freedom.
  public init?(samples: [Double], location: Double) {
    guard let (values, largest) = centred(samples, location) else { return nil }
    let squares = values.map { ($0 / largest) * ($0 / largest) }
    let count = Double(squares.count)
    let start = 0.5 * log(squares.reduce(0, +) / count)
    let (lowest, highest) = StudentTFit.fittedRange
    let objective = { (parameters: UnsafePointer<gsl_vector>) -> Double in
      let logScale = gsl_vector_get(parameters, 0)
      let nu = exp(gsl_vector_get(parameters, 1))
      guard nu >= lowest, nu <= highest, abs(logScale) < 300 else { return 1e300 }
      let factor = exp(-2 * logScale) / nu
      let tail = squares.reduce(0) { $0 + log1p($1 * factor) } / count
      let value = logScale - StudentTFit.logNormalizer(nu) + 0.5 * (nu + 1) * tail
      return value.isFinite ? value : 1e300
    }
    var best = [start - 0.1, log(8)]
    for step in [0.5, 0.05] {
      guard let found = GSL.minimum(start: best, step: [step, step], tolerance: 1e-9, objective) else { return nil }
      best = found
    }
    self.init(location: location, scale: largest * exp(best[0]), degreesOfFreedom: exp(best[1]))
  }

  /// ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½ ln νπ, without the cancellation of large ν.
  private static func logNormalizer(_ nu: Double) -> Double {
    let half = 0.5 * nu
    guard nu > 100 else { return lgamma(half + 0.5) - lgamma(half) - 0.5 * log(nu * .pi) }
    // Stirling's series of both: the difference is ½ ln(ν/2) − 1/(4ν) + 1/(24ν³) − …
    let inverse = 1 / nu
    return -0.5 * log(2 * .pi) - inverse * (0.25 - inverse * inverse * (1.0 / 24 - inverse * inverse / 20))
  }

  public var shapeParameters: [String: Double] { ["degrees_of_freedom": degreesOfFreedom] }

  public func standardCumulative(_ z: Double) -> Double {
    let tail = studentTLowerTail(z, degreesOfFreedom: degreesOfFreedom)
    return z <= 0 ? tail : 1 - tail
  }

  public func standardDraw(_ random: GSLPhilox) -> Double { gsl_ran_tdist(random.generator, degreesOfFreedom) }

  public func logDensity(_ x: Double) -> Double {
    let z = (x - location) / scale
    let nu = degreesOfFreedom
    let normalizer = StudentTFit.logNormalizer(nu) - log(scale)
    // z² overflows where z does not.
    let tail = abs(z) < 1e150 ? log1p(z * z / nu) : 2 * log(abs(z)) - log(nu)
    return normalizer - (nu + 1) / 2 * tail
  }
}
