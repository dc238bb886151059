@preconcurrency import CGSL

/// A family of distributions, symmetric about its location, that can be fitted, drawn from and tested.
public protocol FittedFamily: ContinuousDensity {
  /// `normal`, `laplace`, `logistic`, `student_t`, `generalized_normal`.
  static var familyName: String { get }
  /// Parameters that are fitted, the location among them.
  static var parameterCount: Int { get }
  /// Maximum likelihood with the location fixed.
  ///
  /// - Returns: `nil` without values or spread.
  init?(samples: [Double], location: Double)
  /// P(Z ≤ z) of z = (x − location)/scale.
  func standardCumulative(_ z: Double) -> Double
  /// A standardised value, (x − location)/scale.
  func standardDraw(_ random: GSLPhilox) -> Double
  /// Shape parameters by name.
  var shapeParameters: [String: Double] { get }
}

extension FittedFamily {
  public var shapeParameters: [String: Double] { [:] }

  /// Distribution function, from whichever tail is smaller.
  public func cumulative(_ x: Double) -> Double {
    let z = (x - location) / scale
    return z <= 0 ? standardCumulative(z) : 1 - standardCumulative(-z)
  }

  public func survival(_ x: Double) -> Double {
    let z = (x - location) / scale
    return z <= 0 ? 1 - standardCumulative(z) : standardCumulative(-z)
  }

  public func draw(_ random: GSLPhilox) -> Double { location + scale * standardDraw(random) }

  /// Mean of ln density, in nats.
  public func meanLogLikelihood(_ samples: [Double]) -> Double {
    samples.reduce(0) { $0 + logDensity($1) } / Double(max(samples.count, 1))
  }
}

/// The families of ``rankedFits(_:location:)``.
public let fittedFamilies: [any FittedFamily.Type] = [
  NormalFit.self, LaplaceFit.self, LogisticFit.self, StudentTFit.self, GeneralizedNormalFit.self,
]

/// A family's fit with its place among the others.
public struct RankedFit: Sendable {
  public let fit: any FittedFamily
  public let meanLogLikelihood: Double
  /// (AIC − the smallest AIC)/2n, in nats a value: 0 for the best. Below .001 families can't be told apart in practice.
  public let deltaAIC: Double
  /// (BIC − the smallest BIC)/2n, in nats a value.
  public let deltaBIC: Double

  public var name: String { type(of: fit).familyName }
}

/// Fits every family with the location fixed and ranks them by Akaike's criterion, best first.
///
/// - Returns: Empty without spread.
/// - Complexity: Some hundred passes over the values.
/// ## Source
/// Akaike (1974), doi:10.1109/TAC.1974.1100705; Schwarz (1978), doi:10.1214/aos/1176344136
public func rankedFits(_ samples: [Double], location: Double) -> [RankedFit] {
  let n = Double(samples.count)
  let fits = fittedFamilies.compactMap { family -> (any FittedFamily, Double, Double, Double)? in
    guard let fit = family.init(samples: samples, location: location) else { return nil }
    let likelihood = fit.meanLogLikelihood(samples)
    guard likelihood.isFinite else { return nil }
    let k = Double(family.parameterCount)
    return (fit, likelihood, k / n - likelihood, 0.5 * k * log(n) / n - likelihood)
  }
  guard let aic = fits.map(\.2).min(), let bic = fits.map(\.3).min() else { return [] }
  return fits.map { RankedFit(fit: $0.0, meanLogLikelihood: $0.1, deltaAIC: $0.2 - aic, deltaBIC: $0.3 - bic) }
    .sorted { $0.deltaAIC < $1.deltaAIC }
}

/// The values about the location, and the largest magnitude; `nil` without values or spread, or with some not finite.
func centred(_ samples: [Double], _ location: Double) -> (values: [Double], largest: Double)? {
  let values = samples.map { abs($0 - location) }
  let largest = values.max() ?? 0
  guard largest > 0, largest.isFinite, values.allSatisfy(\.isFinite) else { return nil }
  return (values, largest)
}
