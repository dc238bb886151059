import Tensors

/// What determines a result, and nothing else: no time, host, thread count or output path.
public struct Provenance: Codable, Sendable {
  public struct Input: Codable, Sendable {
    /// The path as given.
    public var path: String
    /// Bytes of all the files that belong to the model.
    public var size: Int
    /// FarmHash Fingerprint64 of the catalogue file, 16 hexadecimal digits; `nil` without one.
    public var fingerprint: String?

    public init(path: String, size: Int, fingerprint: String?) {
      self.path = path
      self.size = size
      self.fingerprint = fingerprint
    }
  }

  public var tool = "equipoise"
  public var version: String
  /// The command and its options in a fixed order, without output, threads, colour and verbosity.
  public var arguments: [String]
  public var seed: UInt64?
  public var generator: String?
  public var resamples: Int?
  /// Versions of the numerical libraries.
  public var libraries: [String: String]
  public var inputs: [Input]

  public init(
    version: String, arguments: [String], seed: UInt64? = nil, generator: String? = nil, resamples: Int? = nil,
    libraries: [String: String] = [:], inputs: [Input] = []
  ) {
    self.version = version
    self.arguments = arguments
    self.seed = seed
    self.generator = generator
    self.resamples = resamples
    self.libraries = libraries
    self.inputs = inputs
  }
}

/// A model in one line, for headings.
public struct ModelSummary: Codable, Sendable {
  public var path: String
  public var format: String
  public var tags: [String]
  public var tensorFlowVersion: String?
  public var kerasVersion: String?
  /// Tensors and elements of the selected roles; a variable that is stored twice counts once.
  public var tensorCount: Int
  public var weightCount: Int

  enum CodingKeys: String, CodingKey {
    case path, format, tags
    case tensorFlowVersion = "tensorflow_version"
    case kerasVersion = "keras_version"
    case tensorCount = "tensor_count"
    case weightCount = "weight_count"
  }

  public init(
    path: String, format: String, tags: [String], tensorFlowVersion: String?, kerasVersion: String?, tensorCount: Int,
    weightCount: Int
  ) {
    self.path = path
    self.format = format
    self.tags = tags
    self.tensorFlowVersion = tensorFlowVersion
    self.kerasVersion = kerasVersion
    self.tensorCount = tensorCount
    self.weightCount = weightCount
  }
}

/// What a tensor is for.
public enum Role: String, Codable, Sendable, CaseIterable {
  /// What training fits.
  case weight
  /// Moving statistics and normalisation constants.
  case state
  /// Slots and hyperparameters of the optimizer.
  case optimizer
  /// Steps, save counters, seeds of generators.
  case counter
  case metric
  /// Keys and values of lookup tables.
  case table
  /// Constants of a graph.
  case constant
  /// The object graph itself.
  case graph
}

/// One place where two trees of metadata or structure differ.
public struct Difference: Codable, Sendable, Equatable {
  /// Dotted path, such as `layers.dense_1.kernel_regularizer.l2`.
  public var path: String
  /// `nil` where A has nothing at the path.
  public var a: JSONValue?
  public var b: JSONValue?
  /// What the two values do not say by themselves, such as how many elements differ.
  public var note: String?

  public init(path: String, a: JSONValue?, b: JSONValue?, note: String? = nil) {
    self.path = path
    self.a = a
    self.b = b
    self.note = note
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(a ?? .null, forKey: .a)
    try container.encode(b ?? .null, forKey: .b)
    try container.encodeIfPresent(note, forKey: .note)
  }
}
