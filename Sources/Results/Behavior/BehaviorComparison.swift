/// How the predictions of two models differ: the result of `behavior`.
public struct BehaviorComparison: Codable, Sendable {
  public static let currentSchema = "equipoise.behavior/1"

  public var schema = BehaviorComparison.currentSchema
  public var provenance: Provenance
  public var warnings: [String]
  public var a: BehaviorSource
  public var b: BehaviorSource
  /// Path of the labels or targets; `nil` without any.
  public var labels: String?
  public var task: BehaviorTask
  public var exampleCount: Int
  /// Names of the classes in the order of the columns; `nil` for regression.
  public var classNames: [String]?
  /// Empty without labels.
  public var measures: [BehaviorMeasure]
  public var agreement: Agreement
  /// `level` is `example`: what is random is which examples the test set holds. Empty without labels.
  public var tests: [TestResult]
  /// `nil` unless classes are predicted and labels are there.
  public var classes: [ClassBehavior]?
  /// `nil` without probabilities or labels.
  public var calibration: Calibration?
  /// The examples whose predictions differ most, the most first.
  public var disagreements: [ExampleBehavior]
  /// `nil` unless layers were exchanged.
  public var transplant: LayerTransplant?
  /// `nil` unless the line between the models was walked.
  public var interpolation: WeightInterpolation?
  public var settings: BehaviorSettings

  enum CodingKeys: String, CodingKey {
    case schema, provenance, warnings, a, b, labels, task, measures, agreement, tests, classes, calibration
    case disagreements, transplant, interpolation, settings
    case exampleCount = "example_count"
    case classNames = "class_names"
  }

  public init(
    provenance: Provenance, warnings: [String] = [], a: BehaviorSource, b: BehaviorSource, labels: String?,
    task: BehaviorTask, exampleCount: Int, classNames: [String]?, measures: [BehaviorMeasure], agreement: Agreement,
    tests: [TestResult], classes: [ClassBehavior]?, calibration: Calibration?, disagreements: [ExampleBehavior],
    settings: BehaviorSettings
  ) {
    self.provenance = provenance
    self.warnings = warnings
    self.a = a
    self.b = b
    self.labels = labels
    self.task = task
    self.exampleCount = exampleCount
    self.classNames = classNames
    self.measures = measures
    self.agreement = agreement
    self.tests = tests
    self.classes = classes
    self.calibration = calibration
    self.disagreements = disagreements
    self.settings = settings
  }

  /// The measure of that name, such as `accuracy` or `log_loss`.
  public func measure(_ name: String) -> BehaviorMeasure? { measures.first { $0.name == name } }
}

/// Where one side's predictions come from.
public struct BehaviorSource: Codable, Sendable, Equatable {
  /// Of the predictions, or of the model that made them.
  public var path: String
  /// `predictions` or `model`.
  public var kind: String
  public var dtype: String
  /// Of all predictions, examples first.
  public var shape: [Int]
  /// Signature and output of a model that was run.
  public var signature: String?
  public var output: String?

  public init(
    path: String, kind: String, dtype: String, shape: [Int], signature: String? = nil, output: String? = nil
  ) {
    self.path = path
    self.kind = kind
    self.dtype = dtype
    self.shape = shape
    self.signature = signature
    self.output = output
  }
}

/// What is predicted.
public enum BehaviorTask: String, Codable, Sendable, CaseIterable {
  /// One of several classes, as probabilities or as the class's index.
  case classification
  /// One of two classes, as the probability of the second.
  case binary
  /// Numbers.
  case regression
}

/// One measure of the two models over all examples.
public struct BehaviorMeasure: Codable, Sendable {
  /// `accuracy`, `log_loss` (nats), `brier`, `overconfidence` (mean confidence less accuracy), `calibration_error`; `mse`,
  /// `mae`.
  public var name: String
  public var a: Double
  public var b: Double
  /// Whether more is better; of `overconfidence` 0 is best.
  public var higherIsBetter: Bool
  /// At the document's confidence; `nil` where no interval holds its level.
  public var intervalA: [Double]?
  public var intervalB: [Double]?
  /// b − a, with its interval over paired examples.
  public var difference: Effect

  enum CodingKeys: String, CodingKey {
    case name, a, b, difference
    case higherIsBetter = "higher_is_better"
    case intervalA = "interval_a"
    case intervalB = "interval_b"
  }

  public init(
    name: String, a: Double, b: Double, higherIsBetter: Bool, intervalA: [Double]?, intervalB: [Double]?,
    difference: Effect
  ) {
    self.name = name
    self.a = a
    self.b = b
    self.higherIsBetter = higherIsBetter
    self.intervalA = intervalA
    self.intervalB = intervalB
    self.difference = difference
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(a, forKey: .a)
    try container.encode(b, forKey: .b)
    try container.encode(higherIsBetter, forKey: .higherIsBetter)
    try container.encode(intervalA, forKey: .intervalA)
    try container.encode(intervalB, forKey: .intervalB)
    try container.encode(difference, forKey: .difference)
  }
}

/// How far the predictions are the same, labels aside.
public struct Agreement: Codable, Sendable {
  /// Examples of which both predict one class; for regression, the very same values.
  public var count: Int
  /// `count` over the number of examples.
  public var share: Double
  /// Clopper-Pearson.
  public var interval: [Double]?
  /// Mean over examples of half the sum of |b − a| over classes: total variation; for regression, of the mean |b − a|.
  /// `nil` where only classes are known.
  public var meanDistance: Double?
  /// Largest |b − a| of any single value; `nil` where only classes are known.
  public var maxAbsDifference: Double?
  /// Examples that both predict rightly, only A, only B, and neither; `nil` without labels and for regression.
  public var bothCorrect: Int?
  public var onlyACorrect: Int?
  public var onlyBCorrect: Int?
  public var neitherCorrect: Int?

  enum CodingKeys: String, CodingKey {
    case count, share, interval
    case meanDistance = "mean_distance"
    case maxAbsDifference = "max_abs_difference"
    case bothCorrect = "both_correct"
    case onlyACorrect = "only_a_correct"
    case onlyBCorrect = "only_b_correct"
    case neitherCorrect = "neither_correct"
  }

  public init(
    count: Int, share: Double, interval: [Double]?, meanDistance: Double?, maxAbsDifference: Double?
  ) {
    self.count = count
    self.share = share
    self.interval = interval
    self.meanDistance = meanDistance
    self.maxAbsDifference = maxAbsDifference
  }
}

/// The settings behind the document, for those who read it.
public struct BehaviorSettings: Codable, Sendable {
  public var alpha: Double
  public var confidence: Double
  /// How the p-values of classes are adjusted.
  public var adjustment: String
  public var resamples: Int
  /// Bootstrap samples of the examples behind each interval.
  public var intervalResamples: Int
  public var seed: UInt64
  /// Half-width of the equivalence tests, by measure.
  public var margins: [String: Double]
  /// What may be claimed, in words.
  public var statement: String

  enum CodingKeys: String, CodingKey {
    case alpha, confidence, adjustment, resamples, seed, margins, statement
    case intervalResamples = "interval_resamples"
  }

  public init(
    alpha: Double, confidence: Double, adjustment: String, resamples: Int, intervalResamples: Int, seed: UInt64,
    margins: [String: Double], statement: String
  ) {
    self.alpha = alpha
    self.confidence = confidence
    self.adjustment = adjustment
    self.resamples = resamples
    self.intervalResamples = intervalResamples
    self.seed = seed
    self.margins = margins
    self.statement = statement
  }
}
