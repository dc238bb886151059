import Tensors

/// How two models differ: the result of `compare` and, with tests, of `significance`.
public struct ModelComparison: Codable, Sendable {
  public static let comparisonSchema = "equipoise.comparison/1"
  public static let significanceSchema = "equipoise.significance/1"

  public var schema: String
  public var provenance: Provenance
  public var warnings: [String]
  public var a: ModelSummary
  public var b: ModelSummary
  public var verdict: Verdict
  /// What is the same, each by itself.
  public var same: Sameness
  public var pairs: [PairResult]
  public var unpaired: Unpaired
  public var mismatched: [Mismatch]
  /// Tensors that were left out because their bytes are damaged or can't be read.
  public var damaged: [Damage]
  public var structure: [Difference]
  public var metadata: [Difference]
  /// `nil` unless tests were run.
  public var layers: [LayerResult]?
  public var significance: SignificanceSettings?
  /// `nil` unless further runs of A's recipe were given.
  public var noise: NoiseFloor?
  /// `nil` unless a report was given predictions, or inputs to predict from.
  public var behavior: BehaviorComparison?

  public init(
    schema: String, provenance: Provenance, warnings: [String], a: ModelSummary, b: ModelSummary, verdict: Verdict,
    pairs: [PairResult], unpaired: Unpaired, mismatched: [Mismatch], damaged: [Damage], structure: [Difference],
    metadata: [Difference]
  ) {
    self.schema = schema
    self.provenance = provenance
    self.warnings = warnings
    self.a = a
    self.b = b
    self.verdict = verdict
    same = Sameness()
    self.pairs = pairs
    self.unpaired = unpaired
    self.mismatched = mismatched
    self.damaged = damaged
    self.structure = structure
    self.metadata = metadata
  }
}

/// The answer in one word, over the selected roles.
public enum Verdict: String, Codable, Sendable {
  /// Every file of the two models has the same bytes.
  case identicalFiles = "identical_files"
  /// Every selected tensor has a partner of the same values.
  case identicalValues = "identical_values"
  case different
  /// Nothing of the selected roles could be paired.
  case incomparable
}

/// In which respects two models are the same; `nil` where one of them does not have it or it can't be read.
public struct Sameness: Codable, Sendable, Equatable {
  /// Every file has the same bytes.
  public var bytes: Bool?
  /// Every tensor of the selected roles has a partner of the same values.
  public var values: Bool?
  /// No difference of metadata.
  public var metadata: Bool?
  /// The same operations, attributes and edges, whatever the nodes are called.
  public var graph: Bool?
  /// TensorFlow recorded the same fingerprints of graph, signatures, objects and variables.
  public var fingerprint: Bool?

  public init(
    bytes: Bool? = nil, values: Bool? = nil, metadata: Bool? = nil, graph: Bool? = nil, fingerprint: Bool? = nil
  ) {
    self.bytes = bytes
    self.values = values
    self.metadata = metadata
    self.graph = graph
    self.fingerprint = fingerprint
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(values, forKey: .values)
    try container.encode(metadata, forKey: .metadata)
    try container.encode(graph, forKey: .graph)
    try container.encode(fingerprint, forKey: .fingerprint)
  }
}

/// Where a tensor of one model is.
public struct Side: Codable, Sendable, Hashable {
  public var key: String
  public var dtype: String

  public init(key: String, dtype: String) {
    self.key = key
    self.dtype = dtype
  }
}

/// One pair of tensors.
public struct PairResult: Codable, Sendable {
  public var name: String
  public var layer: String
  public var role: Role
  public var a: Side
  public var b: Side
  public var shape: [Int]
  public var count: Int
  /// By element type and bytes.
  public var identical: Bool
  /// `map`, `object_path`, `full_name`, `key`, `folded_name` or `shape_order`.
  public var pairedBy: String
  public var metrics: Metrics
  /// What one unit is, and how many there are.
  public var unit: String
  public var unitCount: Int
  /// Indices of units whose norm is 0 or below 10⁻⁶ of the median; `nil` where units can't be told apart.
  public var deadUnitsA: [Int]?
  public var deadUnitsB: [Int]?
  public var warnings: [String]
  /// `nil` unless tests were run.
  public var tests: [TestResult]?
  /// Intervals of the direct metrics, by metric.
  public var intervals: [String: Effect]?
  /// `nil` unless asked for.
  public var profile: PairProfile?

  enum CodingKeys: String, CodingKey {
    case name, layer, role, a, b, shape, count, identical, metrics, unit, warnings, tests, intervals, profile
    case pairedBy = "paired_by"
    case unitCount = "unit_count"
    case deadUnitsA = "dead_unit_indices_a"
    case deadUnitsB = "dead_unit_indices_b"
  }

  public init(
    name: String, layer: String, role: Role, a: Side, b: Side, shape: [Int], count: Int, identical: Bool,
    pairedBy: String, metrics: Metrics, unit: String, unitCount: Int, warnings: [String] = []
  ) {
    self.name = name
    self.layer = layer
    self.role = role
    self.a = a
    self.b = b
    self.shape = shape
    self.count = count
    self.identical = identical
    self.pairedBy = pairedBy
    self.metrics = metrics
    self.unit = unit
    self.unitCount = unitCount
    self.warnings = warnings
  }
}

/// Tensors without a partner, by name.
public struct Unpaired: Codable, Sendable {
  public struct Tensor: Codable, Sendable, Hashable {
    public var name: String
    public var key: String
    public var role: Role
    public var dtype: String
    public var shape: [Int]

    public init(name: String, key: String, role: Role, dtype: String, shape: [Int]) {
      self.name = name
      self.key = key
      self.role = role
      self.dtype = dtype
      self.shape = shape
    }
  }

  public var a: [Tensor]
  public var b: [Tensor]

  public init(a: [Tensor] = [], b: [Tensor] = []) {
    self.a = a
    self.b = b
  }
}

/// Two tensors that belong together but can't be compared element by element.
public struct Mismatch: Codable, Sendable {
  public var name: String
  public var role: Role
  public var keyA: String
  public var keyB: String
  public var shapeA: [Int]
  public var shapeB: [Int]
  public var dtypeA: String
  public var dtypeB: String

  enum CodingKeys: String, CodingKey {
    case name, role
    case keyA = "key_a"
    case keyB = "key_b"
    case shapeA = "shape_a"
    case shapeB = "shape_b"
    case dtypeA = "dtype_a"
    case dtypeB = "dtype_b"
  }

  public init(
    name: String, role: Role, keyA: String, keyB: String, shapeA: [Int], shapeB: [Int], dtypeA: String, dtypeB: String
  ) {
    self.name = name
    self.role = role
    self.keyA = keyA
    self.keyB = keyB
    self.shapeA = shapeA
    self.shapeB = shapeB
    self.dtypeA = dtypeA
    self.dtypeB = dtypeB
  }
}

/// A pair that was left out, and why.
public struct Damage: Codable, Sendable {
  public var name: String
  public var reason: String
  /// The bytes contradict the file, as against a kind of value that is not read.
  public var isCorrupt: Bool

  enum CodingKeys: String, CodingKey {
    case name, reason
    case isCorrupt = "corrupt"
  }

  public init(name: String, reason: String, isCorrupt: Bool) {
    self.name = name
    self.reason = reason
    self.isCorrupt = isCorrupt
  }
}
