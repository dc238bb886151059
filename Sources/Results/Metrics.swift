/// The direct measures of how two tensors differ, in the order in which they are shown.
public enum Metric: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
  case meanSquaredDifference = "mean_squared_difference"
  case cosineSimilarity = "cosine_similarity"
  case relativeL2 = "relative_l2"
  case maxAbsDifference = "max_abs_difference"
  case changedCount = "changed_count"
  case meanDifference = "mean_difference"
  case pearson
  case normA = "norm_a"
  case normB = "norm_b"
  case normRatio = "norm_ratio"
  case deadUnitsA = "dead_units_a"
  case deadUnitsB = "dead_units_b"
  case ks
  case wasserstein1
  case klAB = "kl_ab"
  case klBA = "kl_ba"
  case jensenShannon = "jensen_shannon"

  /// Those that need sums only, no histogram.
  public static let moments: [Metric] = [
    .meanSquaredDifference, .cosineSimilarity, .relativeL2, .maxAbsDifference, .changedCount, .meanDifference,
    .pearson, .normA, .normB, .normRatio, .deadUnitsA, .deadUnitsB,
  ]

  /// Those estimated from histograms.
  public static let distributional: [Metric] = [.wasserstein1, .klAB, .klBA, .jensenShannon]

  /// Whole numbers, shown without decimals.
  public var isCount: Bool { self == .changedCount || self == .deadUnitsA || self == .deadUnitsB }
}

/// How the distribution distances were estimated.
public struct Estimator: Codable, Sendable, Equatable {
  /// Bins of equal width between the edges; one more on either side takes what lies beyond.
  public var bins: Int
  /// Left and right edge, in the weight's own unit.
  public var edges: [Double]
  /// Pseudo-count that the KL divergences add to every bin.
  public var smoothing: Double
  /// Share of the elements beyond the edges, both tensors together.
  public var outside: Double

  public init(bins: Int, edges: [Double], smoothing: Double, outside: Double) {
    self.bins = bins
    self.edges = edges
    self.smoothing = smoothing
    self.outside = outside
  }
}

/// The measures of one pair of tensors, or of one layer.
public struct Metrics: Sendable {
  public var values: [Metric: Number]
  /// Elements left out because one side is not finite.
  public var excludedCount: Int
  public var estimator: Estimator?
  /// NaN and infinities on either side, where there are any.
  public var nonFinite: [String: Int]

  public init(
    values: [Metric: Number] = [:], excludedCount: Int = 0, estimator: Estimator? = nil, nonFinite: [String: Int] = [:]
  ) {
    self.values = values
    self.excludedCount = excludedCount
    self.estimator = estimator
    self.nonFinite = nonFinite
  }

  /// The measure's value; `nil` when it was not asked for or is not defined.
  public subscript(metric: Metric) -> Double? { values[metric]?.value }
}

extension Metrics: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for metric in Metric.allCases {
      guard let number = values[metric] else { continue }
      if metric.isCount, let value = number.value, let count = Int(exactly: value) {
        try container.encode(count, forKey: Name(metric.rawValue))
      } else {
        try container.encode(number, named: metric.rawValue)
      }
    }
    try container.encode(excludedCount, forKey: Name("excluded_count"))
    try container.encodeIfPresent(estimator, forKey: Name("estimator"))
    if !nonFinite.isEmpty { try container.encode(nonFinite, forKey: Name("non_finite")) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    values = [:]
    for metric in Metric.allCases where container.contains(Name(metric.rawValue)) {
      values[metric] = try container.decodeNumber(named: metric.rawValue)
    }
    excludedCount = try container.decode(Int.self, forKey: Name("excluded_count"))
    estimator = try container.decodeIfPresent(Estimator.self, forKey: Name("estimator"))
    nonFinite = try container.decodeIfPresent([String: Int].self, forKey: Name("non_finite")) ?? [:]
  }
}
