/// What two models do on every example: the columns behind a ``BehaviorComparison``.
public struct BehaviorExamples: Sendable {
  /// One model.
  public struct Side: Sendable {
    /// Probabilities, logits or values as they were given, shape `[examples, width]`; class numbers where nothing else is
    /// known.
    public var predictions: [Double]
    /// Predicted classes; empty for regression.
    public var classes: [Int]
    /// Probability of the predicted class; empty without probabilities.
    public var confidence: [Double]
    /// Empty without labels and for regression.
    public var isCorrect: [Bool]
    /// By measure, such as `log_loss` (nats) and `brier`; empty without labels and for bare classes.
    public var losses: [(name: String, values: [Double])]

    public init(
      predictions: [Double], classes: [Int], confidence: [Double], isCorrect: [Bool],
      losses: [(name: String, values: [Double])]
    ) {
      self.predictions = predictions
      self.classes = classes
      self.confidence = confidence
      self.isCorrect = isCorrect
      self.losses = losses
    }
  }

  public var count: Int
  /// Numbers an example: classes, outputs, or 1.
  public var width: Int
  /// Only the predicted classes are known.
  public var isBare: Bool
  /// Class numbers; empty without labels and for regression.
  public var labels: [Int]
  /// Shape `[examples, width]`; empty without labels and for classes.
  public var targets: [Double]
  public var a: Side
  public var b: Side
  /// See ``ExampleBehavior/distance``.
  public var distances: [Double]

  public init(
    count: Int, width: Int, isBare: Bool, labels: [Int], targets: [Double], a: Side, b: Side, distances: [Double]
  ) {
    self.count = count
    self.width = width
    self.isBare = isBare
    self.labels = labels
    self.targets = targets
    self.a = a
    self.b = b
    self.distances = distances
  }
}
