import Tensors

/// What is in one model: the result of `inspect`.
public struct Inspection: Codable, Sendable {
  public var schema = "equipoise.inspect/1"
  public var provenance: Provenance
  public var warnings: [String]
  public var model: Model
  public var tensors: [Tensor]
  public var metadata: JSONValue
  public var structure: JSONValue
  public var integrity: Integrity?

  public struct Model: Codable, Sendable {
    public var path: String
    public var format: String
    public var tags: [String]
    public var tensorFlowVersion: String?
    public var kerasVersion: String?
    public var files: [String: Int]
    public var fingerprint: String?

    enum CodingKeys: String, CodingKey {
      case path, format, tags, files, fingerprint
      case tensorFlowVersion = "tensorflow_version"
      case kerasVersion = "keras_version"
    }

    public init(
      path: String, format: String, tags: [String], tensorFlowVersion: String?, kerasVersion: String?,
      files: [String: Int], fingerprint: String?
    ) {
      self.path = path
      self.format = format
      self.tags = tags
      self.tensorFlowVersion = tensorFlowVersion
      self.kerasVersion = kerasVersion
      self.files = files
      self.fingerprint = fingerprint
    }
  }

  public struct Tensor: Codable, Sendable {
    public var name: String
    public var key: String
    public var layer: String
    public var role: Role
    public var dtype: String
    public var shape: [Int]
    public var count: Int
    public var bytes: Int
    /// Key of the tensor that holds the same variable and stands for both.
    public var duplicateOf: String?
    public var sha256: String?
    public var stats: Stats?
    /// Why the value was not read, where it was asked for.
    public var unreadable: String?

    enum CodingKeys: String, CodingKey {
      case name, key, layer, role, dtype, shape, count, bytes, sha256, stats, unreadable
      case duplicateOf = "duplicate_of"
    }

    public init(
      name: String, key: String, layer: String, role: Role, dtype: String, shape: [Int], count: Int, bytes: Int,
      duplicateOf: String? = nil
    ) {
      self.name = name
      self.key = key
      self.layer = layer
      self.role = role
      self.dtype = dtype
      self.shape = shape
      self.count = count
      self.bytes = bytes
      self.duplicateOf = duplicateOf
    }
  }

  /// Sums over the finite elements of one tensor; `standard_deviation` divides by n.
  public struct Stats: Sendable, Codable {
    public var sum, sumSquares, mean, standardDeviation, min, max: Number
    public var nanCount, infCount: Int

    public init(
      sum: Number, sumSquares: Number, mean: Number, standardDeviation: Number, min: Number, max: Number, nanCount: Int,
      infCount: Int
    ) {
      self.sum = sum
      self.sumSquares = sumSquares
      self.mean = mean
      self.standardDeviation = standardDeviation
      self.min = min
      self.max = max
      self.nanCount = nanCount
      self.infCount = infCount
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      try container.encode(sum, named: "sum")
      try container.encode(sumSquares, named: "sum_squares")
      try container.encode(mean, named: "mean")
      try container.encode(standardDeviation, named: "standard_deviation")
      try container.encode(min, named: "min")
      try container.encode(max, named: "max")
      try container.encode(nanCount, forKey: Name("nan_count"))
      try container.encode(infCount, forKey: Name("inf_count"))
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      sum = try container.decodeNumber(named: "sum")
      sumSquares = try container.decodeNumber(named: "sum_squares")
      mean = try container.decodeNumber(named: "mean")
      standardDeviation = try container.decodeNumber(named: "standard_deviation")
      min = try container.decodeNumber(named: "min")
      max = try container.decodeNumber(named: "max")
      nanCount = try container.decode(Int.self, forKey: Name("nan_count"))
      infCount = try container.decode(Int.self, forKey: Name("inf_count"))
    }
  }

  public struct Integrity: Codable, Sendable {
    /// Tensors, blocks and files whose checksum or fingerprint was checked.
    public var checked: Int
    public var failed: [Failure]
    /// Whether the format records checksums of values: without them a check shows that a tensor can be read, no more.
    public var hasChecksums: Bool

    enum CodingKeys: String, CodingKey {
      case checked, failed
      case hasChecksums = "has_checksums"
    }

    public struct Failure: Codable, Sendable {
      /// Key of the tensor; `nil` where a whole file is meant.
      public var key: String?
      public var reason: String

      public init(key: String?, reason: String) {
        self.key = key
        self.reason = reason
      }
    }

    public init(checked: Int, failed: [Failure], hasChecksums: Bool) {
      self.checked = checked
      self.failed = failed
      self.hasChecksums = hasChecksums
    }
  }

  public init(
    provenance: Provenance, warnings: [String], model: Model, tensors: [Tensor], metadata: JSONValue,
    structure: JSONValue, integrity: Integrity? = nil
  ) {
    self.provenance = provenance
    self.warnings = warnings
    self.model = model
    self.tensors = tensors
    self.metadata = metadata
    self.structure = structure
    self.integrity = integrity
  }
}
