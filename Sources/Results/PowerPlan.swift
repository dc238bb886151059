/// How many runs per recipe, or units per layer, are needed to see an effect: the result of `power`.
public struct PowerPlan: Codable, Sendable {
  public var schema = "equipoise.power/1"
  public var provenance: Provenance
  public var warnings: [String]
  /// `run` or `unit`.
  public var level: String
  /// The test that is planned for.
  public var test: String
  /// The effect to be seen.
  public var effect: Effect
  /// The same effect in the terms of the other measure: ω² for a d, d for an ω².
  public var equivalent: Effect?
  public var alpha: Double
  public var targetPower: Double
  /// Layers over which p is adjusted by the step-down maximum.
  public var layers: Int
  /// Independent directions in which the features of a run scatter alike.
  public var dimensions: Int
  public var simulations: Int
  public var seed: UInt64
  /// What was assumed, in words.
  public var assumptions: [String]
  public var rows: [Row]
  /// The smallest size of `rows` that reaches the target; `nil` if none does.
  public var needed: Int?

  /// The power at one size.
  public struct Row: Codable, Sendable, Equatable {
    /// Runs per recipe, or units.
    public var size: Int
    /// Arrangements under the null hypothesis; may be beyond an integer's range.
    public var arrangements: Double
    public var smallestPValue: Double
    /// Whether the smallest p lies at or below alpha: if not, no effect can be seen.
    public var canReject: Bool
    public var power: Double
    /// Clopper-Pearson, 95 %.
    public var interval: [Double]?

    enum CodingKeys: String, CodingKey {
      case size, arrangements, power, interval
      case smallestPValue = "smallest_p_value"
      case canReject = "can_reject"
    }

    public init(
      size: Int, arrangements: Double, smallestPValue: Double, canReject: Bool, power: Double, interval: [Double]?
    ) {
      self.size = size
      self.arrangements = arrangements
      self.smallestPValue = smallestPValue
      self.canReject = canReject
      self.power = power
      self.interval = interval
    }
  }

  enum CodingKeys: String, CodingKey {
    case schema, provenance, warnings, level, test, effect, equivalent, alpha, layers, dimensions, simulations, seed
    case assumptions, rows, needed
    case targetPower = "target_power"
  }

  public init(
    provenance: Provenance, warnings: [String], level: String, test: String, effect: Effect, equivalent: Effect?,
    alpha: Double, targetPower: Double, layers: Int, dimensions: Int, simulations: Int, seed: UInt64,
    assumptions: [String], rows: [Row], needed: Int?
  ) {
    self.provenance = provenance
    self.warnings = warnings
    self.level = level
    self.test = test
    self.effect = effect
    self.equivalent = equivalent
    self.alpha = alpha
    self.targetPower = targetPower
    self.layers = layers
    self.dimensions = dimensions
    self.simulations = simulations
    self.seed = seed
    self.assumptions = assumptions
    self.rows = rows
    self.needed = needed
  }
}
