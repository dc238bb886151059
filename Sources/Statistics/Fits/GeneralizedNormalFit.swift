@preconcurrency import CGSL

/// A generalised normal (exponential power) distribution: density ∝ exp(−(|x − location| / scale)^shape).
///
/// Shape 1 is the Laplace distribution, shape 2 the normal one with scale √2 · SD.
public struct GeneralizedNormalFit: FittedFamily, Equatable, Codable {
  public static let familyName = "generalized_normal"
  public static let parameterCount = 3
  /// Shapes that a fit is kept to: beyond, the distribution is a spike or uniform.
  static let fittedRange = (0.05, 50.0)
  public var location: Double
  public var scale: Double
  public var shape: Double

  public init(location: Double, scale: Double, shape: Double) {
    self.location = location
    self.scale = scale
    self.shape = shape
  }

  /// From a sample with the location fixed. The shape β solves
  /// 1 + ψ(1/β)/β − Σ|x|^β ln|x| / Σ|x|^β + ln(β · mean|x|^β)/β = 0, and the scale is (β · mean|x|^β)^{1/β}.
  ///
  /// Values at the location itself pull the shape to 0: an atom there has to be taken out first.
  /// - Returns: `nil` also when no shape between .05 and 50 solves the equation.
  public init?(samples: [Double], location: Double) {
    guard let (values, largest) = centred(samples, location) else { return nil }
    let count = Double(values.count)
    let logarithms = values.filter { $0 > 0 }.map { log($0 / largest) }
    func sums(_ shape: Double) -> (power: Double, weighted: Double) {
      var power = 0.0
      var weighted = 0.0
      for logarithm in logarithms {
        let term = exp(shape * logarithm)
        power += term
        weighted += term * logarithm
      }
      return (power, weighted)
    }
    GSL.prepare()
    let score = { (shape: Double) in
      let (power, weighted) = sums(shape)
      return 1 + gsl_sf_psi(1 / shape) / shape - weighted / power + log(shape * power / count) / shape
    }
    let (lowest, highest) = GeneralizedNormalFit.fittedRange
    guard let shape = GSL.root(from: lowest, to: highest, relative: 1e-12, score) else { return nil }
    let scale = largest * pow(shape * sums(shape).power / count, 1 / shape)
    guard scale > 0, scale.isFinite else { return nil }
    self.init(location: location, scale: scale, shape: shape)
  }

  public var shapeParameters: [String: Double] { ["shape": shape] }

  public func standardCumulative(_ z: Double) -> Double {
    GSL.prepare()
    return gsl_cdf_exppow_P(z, 1, shape)
  }

  public func standardDraw(_ random: GSLPhilox) -> Double { gsl_ran_exppow(random.generator, 1, shape) }

  public func logDensity(_ x: Double) -> Double {
    log(shape / (2 * scale)) - lgamma(1 / shape) - pow(abs(x - location) / scale, shape)
  }
}
