@preconcurrency import CGSL

/// A logistic distribution fitted by maximum likelihood.
public struct LogisticFit: FittedFamily, Equatable, Codable {
  public static let familyName = "logistic"
  public static let parameterCount = 2
  public var location: Double
  public var scale: Double

  public init(location: Double, scale: Double) {
    self.location = location
    self.scale = scale
  }

  /// The scale s solves mean(z tanh(z/2)) = 1, z = (x − location)/s.
  public init?(samples: [Double], location: Double) {
    guard let (values, largest) = centred(samples, location) else { return nil }
    let count = Double(values.count)
    let excess = { (logScale: Double) in
      let scale = largest * exp(logScale)
      return values.reduce(0) { $0 + $1 / scale * tanh(0.5 * $1 / scale) } / count - 1
    }
    // From 1: at s = largest every z is at most 1. The other end: mean z ≥ 1/n · largest/s.
    guard let root = GSL.root(from: -log(4 * count) - 2, to: 1, relative: 1e-14, excess) else { return nil }
    self.init(location: location, scale: largest * exp(root))
  }

  public func logDensity(_ x: Double) -> Double {
    let z = abs(x - location) / scale
    return -z - 2 * log1p(exp(-z)) - log(scale)
  }

  public func standardCumulative(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
  public func standardDraw(_ random: GSLPhilox) -> Double { gsl_ran_logistic(random.generator, 1) }
}
