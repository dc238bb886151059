/// What the runs of two recipes say of one layer.
public struct RunLayer: Codable, Sendable {
  public var layer: String
  /// Names of the layer's tensors that all runs share.
  public var tensors: [String]
  public var weightCount: Int
  /// PERMANOVA; `nil` where nothing could be tested; the warnings say why.
  public var pValue: Double?
  /// Adjusted over layers by the document's `adjustment`.
  public var pAdjusted: Double?
  /// Adjusted over layers by the step-down maximum under the same labellings; what `significant` goes by.
  public var pAdjustedMaxT: Double?
  /// Clopper-Pearson interval of a Monte Carlo p-value.
  public var pInterval: [Double]?
  /// No result could have had a smaller p.
  public var smallestPValue: Double?
  /// How tensors and families of features became one distance between runs.
  public var combination: String
  public var method: String?
  public var methodReason: String?
  public var significant: Bool
  /// ω², the share of the variance between runs that the recipe explains, corrected for chance.
  public var effect: Effect?
  /// R², not corrected: 1/(n − 1) is expected of a recipe that does nothing.
  public var rSquared: Double?
  /// Geometric mean of the layer's norm in B over that in A, with Welch's interval over runs.
  public var normRatio: Effect?
  /// Root mean squared distance of the runs from the centre of their group.
  public var spreadA: Double?
  public var spreadB: Double?
  /// In how many independent directions of equal scatter the runs of a group lie, a rough number: what planning needs beside
  /// the effect. `nil` where too few runs tell.
  public var directions: Double?
  /// p-value of the test that the runs of A and B scatter alike; a small one says that the layer's p may be about spread.
  public var dispersionPValue: Double?
  /// PERMANOVA, energy, MMD and dispersion.
  public var tests: [TestResult]
  /// Every run, those of A first.
  public var points: [RunPoint]
  /// Shares of the squared distances that the two coordinates of the points show.
  public var coordinateShares: [Double]
  public var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case layer, tensors, combination, method, significant, effect, directions, tests, points, warnings
    case weightCount = "weight_count"
    case pValue = "p_value"
    case pAdjusted = "p_adjusted"
    case pAdjustedMaxT = "p_adjusted_max_t"
    case pInterval = "p_interval"
    case smallestPValue = "smallest_p_value"
    case methodReason = "method_reason"
    case rSquared = "r_squared"
    case normRatio = "norm_ratio"
    case spreadA = "spread_a"
    case spreadB = "spread_b"
    case dispersionPValue = "dispersion_p_value"
    case coordinateShares = "coordinate_shares"
  }

  public init(layer: String, tensors: [String], weightCount: Int, combination: String) {
    self.layer = layer
    self.tensors = tensors
    self.weightCount = weightCount
    self.combination = combination
    significant = false
    tests = []
    points = []
    coordinateShares = []
    warnings = []
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(layer, forKey: .layer)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(weightCount, forKey: .weightCount)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(pAdjusted, forKey: .pAdjusted)
    try container.encode(pAdjustedMaxT, forKey: .pAdjustedMaxT)
    try container.encode(pInterval, forKey: .pInterval)
    try container.encode(smallestPValue, forKey: .smallestPValue)
    try container.encode(combination, forKey: .combination)
    try container.encode(method, forKey: .method)
    try container.encode(methodReason, forKey: .methodReason)
    try container.encode(significant, forKey: .significant)
    try container.encode(effect, forKey: .effect)
    try container.encode(rSquared, forKey: .rSquared)
    try container.encode(normRatio, forKey: .normRatio)
    try container.encode(spreadA, forKey: .spreadA)
    try container.encode(spreadB, forKey: .spreadB)
    try container.encode(directions, forKey: .directions)
    try container.encode(dispersionPValue, forKey: .dispersionPValue)
    try container.encode(tests, forKey: .tests)
    try container.encode(points, forKey: .points)
    try container.encode(coordinateShares, forKey: .coordinateShares)
    try container.encode(warnings, forKey: .warnings)
  }
}
