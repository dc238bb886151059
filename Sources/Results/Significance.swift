/// An estimate with the interval that belongs to it.
public struct Effect: Codable, Sendable, Equatable {
  /// What is estimated, with its unit in the name: `mean_shift_per_sd`, `mean_unit_norm_ratio`, `wasserstein1_per_sd`.
  public var name: String
  public var value: Double?
  /// Lower and upper limit at the document's confidence; `nil` where no interval holds its level.
  public var interval: [Double]?
  public var intervalMethod: String?
  /// Standardised mean of the unit differences, where the effect is one of means.
  public var dz: Double?
  /// In the unit of the value: the bootstrap's, or from influence values where no bootstrap was made.
  public var standardError: Double?
  /// Limits that hold together with those of the layer's other rows, on wish.
  public var simultaneousInterval: [Double]?
  public var simultaneousMethod: String?
  /// The unit that the value depends on most, by its influence value.
  public var mostInfluentialUnit: Int?

  enum CodingKeys: String, CodingKey {
    case name, value, interval
    case intervalMethod = "interval_method"
    case dz = "d_z"
    case standardError = "standard_error"
    case simultaneousInterval = "simultaneous_interval"
    case simultaneousMethod = "simultaneous_method"
    case mostInfluentialUnit = "most_influential_unit"
  }

  public init(name: String, value: Double?, interval: [Double]? = nil, intervalMethod: String? = nil, dz: Double? = nil)
  {
    self.name = name
    self.value = value.flatMap { $0.isFinite ? $0 : nil }
    self.interval = interval
    self.intervalMethod = intervalMethod
    self.dz = dz
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(value, forKey: .value)
    try container.encode(interval, forKey: .interval)
    try container.encode(intervalMethod, forKey: .intervalMethod)
    try container.encodeIfPresent(dz, forKey: .dz)
    try container.encodeIfPresent(standardError, forKey: .standardError)
    try container.encodeIfPresent(simultaneousInterval, forKey: .simultaneousInterval)
    try container.encodeIfPresent(simultaneousMethod, forKey: .simultaneousMethod)
    try container.encodeIfPresent(mostInfluentialUnit, forKey: .mostInfluentialUnit)
  }
}

/// One row: a test of one statistic on one pair of tensors.
public struct TestResult: Codable, Sendable {
  public var id: String
  /// Which randomness the p-value rests on: `unit`, `weight`, `run`, `relabelling`.
  public var level: String
  public var nullHypothesis: String
  public var statistic: String
  public var value: Double?
  /// `nil` for measures that are tested through another row or not at all; the warnings say which.
  public var pValue: Double?
  public var pAdjusted: Double?
  /// Clopper-Pearson interval of a Monte Carlo p-value.
  public var pInterval: [Double]?
  public var method: String?
  /// Why the p-value was computed by this method, in a sentence.
  public var methodReason: String?
  public var alternative: String
  public var resamples: Int?
  public var exceedances: Int?
  /// What one unit is, such as `output column` or `input row`.
  public var unit: String
  public var unitCount: Int
  /// The smallest p that these data could give.
  public var smallestPValue: Double?
  public var effect: Effect?
  /// Margin of equivalence, in the unit that the statistic's name says.
  public var margin: Double?
  /// Further numbers by name, such as a fit's parameters.
  public var details: [String: Double]?
  public var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case id, level, statistic, value, method, alternative, resamples, exceedances, unit, effect, warnings, margin,
      details
    case nullHypothesis = "null_hypothesis"
    case methodReason = "method_reason"
    case pValue = "p_value"
    case pAdjusted = "p_adjusted"
    case pInterval = "p_interval"
    case unitCount = "unit_count"
    case smallestPValue = "smallest_p_value"
  }

  public init(
    id: String, level: String, nullHypothesis: String, statistic: String, value: Double?, alternative: String,
    unit: String, unitCount: Int, effect: Effect? = nil, warnings: [String] = []
  ) {
    self.id = id
    self.level = level
    self.nullHypothesis = nullHypothesis
    self.statistic = statistic
    self.value = value.flatMap { $0.isFinite ? $0 : nil }
    self.alternative = alternative
    self.unit = unit
    self.unitCount = unitCount
    self.effect = effect
    self.warnings = warnings
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(level, forKey: .level)
    try container.encode(nullHypothesis, forKey: .nullHypothesis)
    try container.encode(statistic, forKey: .statistic)
    try container.encode(value, forKey: .value)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(pAdjusted, forKey: .pAdjusted)
    try container.encode(pInterval, forKey: .pInterval)
    try container.encode(method, forKey: .method)
    try container.encode(methodReason, forKey: .methodReason)
    try container.encode(alternative, forKey: .alternative)
    try container.encode(resamples, forKey: .resamples)
    try container.encode(exceedances, forKey: .exceedances)
    try container.encode(unit, forKey: .unit)
    try container.encode(unitCount, forKey: .unitCount)
    try container.encode(smallestPValue, forKey: .smallestPValue)
    try container.encode(effect, forKey: .effect)
    try container.encodeIfPresent(margin, forKey: .margin)
    try container.encodeIfPresent(details?.filter { $0.value.isFinite }, forKey: .details)
    try container.encode(warnings, forKey: .warnings)
  }
}

/// The p-value summary of one layer.
public struct LayerResult: Codable, Sendable {
  public var layer: String
  /// Names of the layer's pairs.
  public var tensors: [String]
  public var weightCount: Int
  /// `nil` where nothing could be tested; the warnings say why.
  public var pValue: Double?
  public var pAdjusted: Double?
  public var pInterval: [Double]?
  /// How the tests of the layer became one p-value.
  public var combination: String
  public var method: String?
  /// Why the p-value was computed by this method, in a sentence.
  public var methodReason: String?
  /// The row (tensor, test and statistic) that stands out most.
  public var leading: String?
  /// p_adjusted ≤ alpha; `false` where there is none.
  public var significant: Bool
  /// Ratio of the norms, B over A, of the layer's largest tensor with interchangeable units, with its interval.
  public var effect: Effect?
  /// Over all weights and state of the layer.
  public var relativeL2: Double?
  public var cosineSimilarity: Double?
  /// Of the layer's largest tensor.
  public var wasserstein1PerSD: Double?
  public var deadUnitsA: Int?
  public var deadUnitsB: Int?
  /// Smallest p of drift, scale and shape within the layer, in that order; what the bars show.
  public var pByTest: [String: Double]
  public var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case layer, tensors, combination, method, leading, significant, effect, warnings
    case weightCount = "weight_count"
    case methodReason = "method_reason"
    case pValue = "p_value"
    case pAdjusted = "p_adjusted"
    case pInterval = "p_interval"
    case relativeL2 = "relative_l2"
    case cosineSimilarity = "cosine_similarity"
    case wasserstein1PerSD = "wasserstein1_per_sd"
    case deadUnitsA = "dead_units_a"
    case deadUnitsB = "dead_units_b"
    case pByTest = "p_by_test"
  }

  public init(layer: String, tensors: [String], weightCount: Int, combination: String) {
    self.layer = layer
    self.tensors = tensors
    self.weightCount = weightCount
    self.combination = combination
    self.significant = false
    self.pByTest = [:]
    self.warnings = []
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(layer, forKey: .layer)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(weightCount, forKey: .weightCount)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(pAdjusted, forKey: .pAdjusted)
    try container.encode(pInterval, forKey: .pInterval)
    try container.encode(combination, forKey: .combination)
    try container.encode(method, forKey: .method)
    try container.encode(methodReason, forKey: .methodReason)
    try container.encode(leading, forKey: .leading)
    try container.encode(significant, forKey: .significant)
    try container.encode(effect, forKey: .effect)
    try container.encode(relativeL2, forKey: .relativeL2)
    try container.encode(cosineSimilarity, forKey: .cosineSimilarity)
    try container.encode(wasserstein1PerSD, forKey: .wasserstein1PerSD)
    try container.encode(deadUnitsA, forKey: .deadUnitsA)
    try container.encode(deadUnitsB, forKey: .deadUnitsB)
    try container.encode(pByTest, forKey: .pByTest)
    try container.encode(warnings, forKey: .warnings)
  }
}

/// The settings behind a document's tests, for those who read it.
public struct SignificanceSettings: Codable, Sendable {
  public var alpha: Double
  public var adjustment: String
  public var confidence: Double
  public var resamples: Int
  public var seed: UInt64
  /// What may be claimed, in words.
  public var statement: String
  /// Which arrangements count as extreme in both directions: tools differ.
  public var twoSided = "|T| at least as large as observed; the null distribution is symmetric"
  /// `independent` where labels were handed out over the units of both sides; `nil` where units at the same place were swapped.
  public var pairing: String?

  enum CodingKeys: String, CodingKey {
    case alpha, adjustment, confidence, resamples, seed, statement, pairing
    case twoSided = "two_sided"
  }

  public init(alpha: Double, adjustment: String, confidence: Double, resamples: Int, seed: UInt64, statement: String) {
    self.alpha = alpha
    self.adjustment = adjustment
    self.confidence = confidence
    self.resamples = resamples
    self.seed = seed
    self.statement = statement
  }
}
