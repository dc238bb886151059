import Results
import Statistics

/// What of the predictions is compared, and how.
public struct BehaviorOptions: Sendable {
  /// `nil` to tell by the arrays.
  public var task: BehaviorTask?
  /// The predictions are logits, of which softmax or the logistic function makes probabilities.
  public var logits = false
  /// Names of the classes in the order of the columns; `nil` for the columns' own, or numbers.
  public var classNames: [String]?
  /// Bins of equal width behind the calibration error.
  public var bins = 15
  /// Examples shown where the models differ most.
  public var examples = 10
  /// Half-widths of the equivalence tests, by measure.
  public var margins: [String: Double] = [:]
  public var alternative: Alternative = .twoSided
  public var resamples = 9_999
  public var intervalResamples = 1_999
  public var seed: UInt64 = 0
  public var confidence = 0.95
  public var alpha = 0.05
  /// Of the p-values of classes.
  public var adjustment: Adjustment = .bh
  /// Never alters a result.
  public var threads = 2
  /// The normalised arguments, for the provenance.
  public var arguments: [String] = []

  public init() {}

  /// Run level: nothing here belongs to a layer.
  var generator: Philox { Philox(seed: seed, stream: 0) }
}

/// Predictions of one side, and where they come from.
public struct SourcedPredictions: Sendable {
  public var array: NumericArray
  public var source: BehaviorSource

  public init(array: NumericArray, source: BehaviorSource) {
    self.array = array
    self.source = source
  }

  /// Those of a file.
  public init(_ array: NumericArray) {
    self.array = array
    source = BehaviorSource(path: array.path, kind: "predictions", dtype: array.dtype, shape: array.shape)
  }
}
