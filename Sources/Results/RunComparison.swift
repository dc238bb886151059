/// How the runs of two recipes differ: the result of `significance` with two groups of replicates.
///
/// The level is `run`: what is random is which runs got which recipe. The document has the schema of `significance`; its
/// `pairs` are the tensors that all runs share, with what the two groups of them tell.
public struct RunComparison: Codable, Sendable {
  public var schema = ModelComparison.significanceSchema
  public var provenance: Provenance
  public var warnings: [String]
  public var level = "run"
  public var a: RunGroup
  public var b: RunGroup
  /// `incomparable` when the runs share no tensor; `identical_values` when no run's features differ from another's.
  public var verdict: Verdict
  public var design: RunDesign
  public var tensors: [RunTensor]
  /// Tensors that not every run has in the same shape: listed, not tested.
  public var unshared: [UnsharedTensor]
  /// Tensors that were left out because their bytes are damaged in a run or can't be read.
  public var damaged: [Damage]
  /// Between the first run of A and the first of B.
  public var structure: [Difference]
  public var metadata: [Difference]
  public var layers: [RunLayer]
  public var significance: SignificanceSettings

  enum CodingKeys: String, CodingKey {
    case schema, provenance, warnings, level, a, b, verdict, design, unshared, damaged, structure, metadata, layers
    case significance
    case tensors = "pairs"
  }

  public init(
    provenance: Provenance, warnings: [String], a: RunGroup, b: RunGroup, verdict: Verdict, design: RunDesign,
    tensors: [RunTensor], unshared: [UnsharedTensor], damaged: [Damage], structure: [Difference],
    metadata: [Difference], layers: [RunLayer], significance: SignificanceSettings
  ) {
    self.provenance = provenance
    self.warnings = warnings
    self.a = a
    self.b = b
    self.verdict = verdict
    self.design = design
    self.tensors = tensors
    self.unshared = unshared
    self.damaged = damaged
    self.structure = structure
    self.metadata = metadata
    self.layers = layers
    self.significance = significance
  }
}

/// The runs of one recipe, in the order given.
public struct RunGroup: Codable, Sendable {
  public var runs: [ModelSummary]

  public init(runs: [ModelSummary]) { self.runs = runs }
}

/// How many ways there are to hand the recipes to the runs, and what p they allow.
public struct RunDesign: Codable, Sendable, Equatable {
  public var runsA: Int
  public var runsB: Int
  /// C(n, n_a), as a number that may be beyond an integer's range.
  public var labellings: Double
  /// Every labelling was counted, as against `resamples` random ones.
  public var isExact: Bool
  /// Labellings that were looked at; half of all where A and B may change places without changing the statistic.
  public var resamples: Int
  /// No result can have a smaller p.
  public var smallestPValue: Double

  enum CodingKeys: String, CodingKey {
    case labellings, resamples
    case runsA = "runs_a"
    case runsB = "runs_b"
    case isExact = "exact"
    case smallestPValue = "smallest_p_value"
  }

  public init(
    runsA: Int, runsB: Int, labellings: Double, isExact: Bool, resamples: Int, smallestPValue: Double
  ) {
    self.runsA = runsA
    self.runsB = runsB
    self.labellings = labellings
    self.isExact = isExact
    self.resamples = resamples
    self.smallestPValue = smallestPValue
  }
}

/// A tensor that all runs share.
public struct RunTensor: Codable, Sendable {
  public var name: String
  public var layer: String
  public var role: Role
  public var shape: [Int]
  public var count: Int
  /// What one unit is, and how many there are.
  public var unit: String
  public var unitCount: Int
  /// Families of features that were taken: `unit_norms`, `singular_values`, `singular_values_per_norm`, `quantiles`.
  public var features: [String]
  /// Euclidean norm in every run, those of A first.
  public var norms: [Double]
  /// Units whose norm is 0 or below 10⁻⁶ of the median in every run; `nil` where units can't be told apart.
  public var deadUnits: [Int]?
  public var tests: [TestResult]
  public var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case name, layer, role, shape, count, unit, features, norms, tests, warnings
    case unitCount = "unit_count"
    case deadUnits = "dead_units"
  }

  public init(
    name: String, layer: String, role: Role, shape: [Int], count: Int, unit: String, unitCount: Int,
    features: [String], norms: [Double], deadUnits: [Int]?, tests: [TestResult], warnings: [String]
  ) {
    self.name = name
    self.layer = layer
    self.role = role
    self.shape = shape
    self.count = count
    self.unit = unit
    self.unitCount = unitCount
    self.features = features
    self.norms = norms
    self.deadUnits = deadUnits
    self.tests = tests
    self.warnings = warnings
  }
}

/// A tensor that some runs lack or have in another shape.
public struct UnsharedTensor: Codable, Sendable, Equatable {
  public var name: String
  public var reason: String

  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// One run in the plane that shows most of the differences between runs of a layer.
public struct RunPoint: Codable, Sendable, Equatable {
  /// `a` or `b`.
  public var group: String
  /// Place within the group, from 0.
  public var run: Int
  /// On the first two principal coordinates, blind to the labels; the unit is that of the distances.
  public var coordinates: [Double]
  /// Euclidean norm of the layer's weights.
  public var norm: Double
  /// Root mean squared distance to the runs of its own group and to those of the other.
  public var distanceWithin: Double?
  public var distanceBetween: Double

  enum CodingKeys: String, CodingKey {
    case group, run, coordinates, norm
    case distanceWithin = "distance_within"
    case distanceBetween = "distance_between"
  }

  public init(
    group: String, run: Int, coordinates: [Double], norm: Double, distanceWithin: Double?, distanceBetween: Double
  ) {
    self.group = group
    self.run = run
    self.coordinates = coordinates
    self.norm = norm
    self.distanceWithin = distanceWithin
    self.distanceBetween = distanceBetween
  }
}
