/// A fitted distribution of one real variable, as divergences by quadrature need it.
public protocol ContinuousDensity: Sendable {
  /// The centre of the distribution.
  var location: Double { get }
  /// How wide it is: steps in which its tails are cut for quadrature.
  var scale: Double { get }
  /// ln of the density; −∞ outside the support.
  func logDensity(_ x: Double) -> Double
}

extension ContinuousDensity {
  /// Whether the parameters describe a distribution.
  var isProper: Bool { location.isFinite && scale.isFinite && scale > 0 }
}

/// The unit of an information measure.
public enum InformationUnit: String, Sendable, Codable, CaseIterable {
  case nats
  case bits

  @inline(__always)
  var perNat: Double { self == .bits ? 1.442_695_040_888_963_407_4 : 1 }
}
