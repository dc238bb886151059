/// Whether B lies farther from A than other runs of A's recipe do: `significance` with `--reference`.
public struct NoiseFloor: Codable, Sendable {
  public var id = "noise-floor"
  public var level = "run"
  public var nullHypothesis: String
  /// Runs of A's recipe.
  public var references: [ModelSummary]
  /// 1/(n + 1) for n references.
  public var smallestPValue: Double
  /// What may be claimed, in words.
  public var statement: String
  public var warnings: [String]
  public var layers: [NoiseFloorLayer]
  /// Tensors that not every run has in the same shape: listed, not tested.
  public var unshared: [UnsharedTensor]
  public var damaged: [Damage]

  enum CodingKeys: String, CodingKey {
    case id, level, references, statement, warnings, layers, unshared, damaged
    case nullHypothesis = "null_hypothesis"
    case smallestPValue = "smallest_p_value"
  }

  public init(
    nullHypothesis: String, references: [ModelSummary], smallestPValue: Double, statement: String,
    warnings: [String], layers: [NoiseFloorLayer], unshared: [UnsharedTensor], damaged: [Damage]
  ) {
    self.nullHypothesis = nullHypothesis
    self.references = references
    self.smallestPValue = smallestPValue
    self.statement = statement
    self.warnings = warnings
    self.layers = layers
    self.unshared = unshared
    self.damaged = damaged
  }
}

/// One layer's distance from A to B among those from A to its references.
public struct NoiseFloorLayer: Codable, Sendable {
  public var layer: String
  public var tensors: [String]
  /// d(A, B) on the features of the layer.
  public var distance: Double
  /// d(A, Rᵢ) in the order of the references: the floor.
  public var referenceDistances: [Double]
  /// d(A, B) over the median of the floor; `nil` where that is 0.
  public var effect: Effect
  /// (1 + #{d(A, Rᵢ) ≥ d(A, B)}) / (n + 1).
  public var pValue: Double
  public var pAdjusted: Double?
  /// Adjusted over layers by the step-down maximum over which run is called B.
  public var pAdjustedMaxT: Double?
  public var significant: Bool
  public var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case layer, tensors, distance, effect, significant, warnings
    case referenceDistances = "reference_distances"
    case pValue = "p_value"
    case pAdjusted = "p_adjusted"
    case pAdjustedMaxT = "p_adjusted_max_t"
  }

  public init(
    layer: String, tensors: [String], distance: Double, referenceDistances: [Double], effect: Effect, pValue: Double
  ) {
    self.layer = layer
    self.tensors = tensors
    self.distance = distance
    self.referenceDistances = referenceDistances
    self.effect = effect
    self.pValue = pValue
    significant = false
    warnings = []
  }
}
