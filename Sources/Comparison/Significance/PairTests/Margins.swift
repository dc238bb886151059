/// What may be asked to lie within a margin, each in the unit that its name says.
public enum EquivalenceMeasure: String, Sendable, CaseIterable {
  /// Mean of b − a over the pooled standard deviation of the weights; ± margin.
  case meanShiftPerSD = "mean_shift_per_sd"
  /// Natural logarithm of the ratio of mean unit norms, B over A; ± margin.
  case logNormRatio = "log_norm_ratio"
  /// ‖b − a‖/‖a‖.
  case relativeL2 = "relative_l2"
  /// In the weight's unit squared.
  case meanSquaredDifference = "mean_squared_difference"
  /// Wasserstein distance over the pooled standard deviation.
  case wasserstein1PerSD = "wasserstein1_per_sd"
  case jensenShannonBits = "jensen_shannon_bits"
  /// In the weight's unit; compared as it is, without a p-value.
  case maxAbsDifference = "max_abs_difference"

  /// Those that a plain number stands for: they have no unit.
  public static let plain: [EquivalenceMeasure] = [.meanShiftPerSD, .logNormRatio, .relativeL2]
}

/// Margins of equivalence by measure; there is no default.
public struct Margins: Sendable, Equatable {
  public private(set) var values: [EquivalenceMeasure: Double] = [:]

  public init() {}

  public var isEmpty: Bool { values.isEmpty }

  /// In the order of the measures.
  public var ordered: [(measure: EquivalenceMeasure, margin: Double)] {
    EquivalenceMeasure.allCases.compactMap { measure in values[measure].map { (measure, $0) } }
  }

  /// Adds `X`, for every measure without a unit, or `MEASURE=X`.
  ///
  /// - Returns: Why the text is no margin; `nil` when it is.
  public mutating func add(_ text: String) -> String? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let margin = parts.last.flatMap(Double.init), margin > 0, margin.isFinite else {
      return "takes a positive number, or MEASURE=NUMBER, not '\(text)'"
    }
    guard parts.count == 2 else {
      for measure in EquivalenceMeasure.plain where values[measure] == nil { values[measure] = margin }
      return nil
    }
    guard let measure = EquivalenceMeasure(rawValue: parts[0]) else {
      return
        "knows no measure '\(parts[0])'; there are \(EquivalenceMeasure.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    values[measure] = margin
    return nil
  }
}
