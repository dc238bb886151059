/// The alternative hypothesis, in SciPy's words.
///
/// `greater` says that b is greater than a: the sum of the differences b − a is positive.
public enum Alternative: String, Sendable, Codable, CaseIterable {
  case twoSided = "two-sided"
  case less
  case greater
}

/// How a p-value was computed.
public enum PValueMethod: String, Sendable, Codable {
  /// Every arrangement of the group was counted.
  case exact
  /// Every element of a random subgroup was counted.
  case group
  /// Random arrangements, (b + 1) / (m + 1).
  case monteCarlo = "monte_carlo"
  /// A saddlepoint approximation of the exact distribution.
  case saddlepoint
  /// A formula for the exact distribution.
  case closedForm = "closed_form"
  /// A Pearson type III distribution matched to three moments.
  case pearson3
  /// A generalised Pareto distribution fitted to the tail of random arrangements.
  case gpd
  /// Bootstrap replicates.
  case bootstrap
  /// Student's t distribution.
  case t
  /// The normal approximation of a score test.
  case score
}

/// A p-value with all that is needed to judge it.
public struct PValue: Sendable, Equatable {
  /// The probability under the null hypothesis, in (0, 1]: never 0.
  public var value: Double
  /// Clopper-Pearson interval of the exact p-value that `value` estimates; `nil` unless by random arrangements.
  public var interval: ClosedRange<Double>?
  public var method: PValueMethod
  public var alternative: Alternative
  /// Random arrangements drawn, or arrangements enumerated.
  public var resamples: Int?
  /// Arrangements at least as extreme as the observed one; when enumerated, the observed one is among them.
  public var exceedances: Int?
  /// The smallest value that this p could have taken: 2/2ⁿ two-sided and 1/2ⁿ one-sided for n non-zero differences (1 for
  /// n = 0), and no less than 1/(m + 1) for m random arrangements.
  public var smallestAttainable: Double
  /// Why this method was taken, in a sentence for people; `nil` where there was no choice.
  public var reason: String?
  public var warnings: [String]

  public init(
    value: Double, interval: ClosedRange<Double>? = nil, method: PValueMethod, alternative: Alternative = .twoSided,
    resamples: Int? = nil, exceedances: Int? = nil, smallestAttainable: Double, reason: String? = nil,
    warnings: [String] = []
  ) {
    self.value = value
    self.interval = interval
    self.method = method
    self.alternative = alternative
    self.resamples = resamples
    self.exceedances = exceedances
    self.smallestAttainable = smallestAttainable
    self.reason = reason
    self.warnings = warnings
  }
}

extension PValue {
  /// p = b/N over all N arrangements, the observed one included.
  static func enumerated(
    exceedances: Int, of arrangements: Int, alternative: Alternative, smallestAttainable: Double,
    reason: String? = nil, warnings: [String] = []
  ) -> PValue {
    PValue(
      value: min(1, Double(max(exceedances, 1)) / Double(max(arrangements, 1))), method: .exact,
      alternative: alternative, resamples: arrangements, exceedances: exceedances,
      smallestAttainable: smallestAttainable, reason: reason, warnings: warnings)
  }

  /// p = (b + 1)/(m + 1) over m random arrangements, with the Clopper-Pearson interval of b/m.
  ///
  /// ## Source
  /// Phipson & Smyth (2010), doi:10.2202/1544-6115.1585
  public static func monteCarlo(
    exceedances: Int, resamples: Int, alternative: Alternative, smallestAttainable: Double, confidence: Double,
    reason: String? = nil, warnings: [String] = []
  ) -> PValue {
    let floor = 1 / (Double(resamples) + 1)
    return PValue(
      value: (Double(exceedances) + 1) * floor,
      interval: try? clopperPearson(successes: exceedances, trials: resamples, confidence: confidence),
      method: .monteCarlo, alternative: alternative, resamples: resamples, exceedances: exceedances,
      smallestAttainable: max(smallestAttainable, floor), reason: reason, warnings: warnings)
  }

  /// p = (b + 1)/2^k over a random group of 2^k arrangements, exact by group invariance.
  ///
  /// ## Source
  /// Koning & Hemerik (2024), doi:10.1093/biomet/asad050
  static func group(
    exceedances: Int, size: Int, alternative: Alternative, smallestAttainable: Double, warnings: [String] = []
  ) -> PValue {
    PValue(
      value: (Double(exceedances) + 1) / Double(size), method: .group, alternative: alternative, resamples: size - 1,
      exceedances: exceedances, smallestAttainable: max(smallestAttainable, 1 / Double(size)),
      reason: "there are too many arrangements to take all, and for many units a random group of \(size) costs least",
      warnings: warnings)
  }

  /// The smallest p of a sign-flip group: `units` live units, 2^units arrangements.
  static func smallestOfSignFlips(units: Int, alternative: Alternative) -> Double {
    guard units > 0 else { return 1 }
    let exponent = alternative == .twoSided ? units - 1 : units
    // Below the range of Double the bound is still positive: p is never 0.
    return exponent > 1_074 ? .leastNonzeroMagnitude : Double(sign: .plus, exponent: -exponent, significand: 1)
  }
}
