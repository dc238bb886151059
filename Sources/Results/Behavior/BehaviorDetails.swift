/// One class: how often each model recognises it.
public struct ClassBehavior: Codable, Sendable {
  public var name: String
  /// Examples with this label.
  public var count: Int
  /// Examples for which each model predicts the class.
  public var predictedA: Int
  public var predictedB: Int
  /// Share of the examples of the class that are recognised; `nil` where there are none.
  public var recallA: Double?
  public var recallB: Double?
  /// Share of the predictions of the class that are right; `nil` where there are none.
  public var precisionA: Double?
  public var precisionB: Double?
  /// Examples of the class that only one of the models recognises.
  public var onlyACorrect: Int
  public var onlyBCorrect: Int
  /// McNemar's exact test over the examples of the class; `nil` where there are none.
  public var pValue: Double?
  /// Over the classes.
  public var pAdjusted: Double?

  enum CodingKeys: String, CodingKey {
    case name, count
    case predictedA = "predicted_a"
    case predictedB = "predicted_b"
    case recallA = "recall_a"
    case recallB = "recall_b"
    case precisionA = "precision_a"
    case precisionB = "precision_b"
    case onlyACorrect = "only_a_correct"
    case onlyBCorrect = "only_b_correct"
    case pValue = "p_value"
    case pAdjusted = "p_adjusted"
  }

  public init(
    name: String, count: Int, predictedA: Int, predictedB: Int, recallA: Double?, recallB: Double?,
    precisionA: Double?, precisionB: Double?, onlyACorrect: Int, onlyBCorrect: Int
  ) {
    self.name = name
    self.count = count
    self.predictedA = predictedA
    self.predictedB = predictedB
    self.recallA = recallA
    self.recallB = recallB
    self.precisionA = precisionA
    self.precisionB = precisionB
    self.onlyACorrect = onlyACorrect
    self.onlyBCorrect = onlyBCorrect
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(count, forKey: .count)
    try container.encode(predictedA, forKey: .predictedA)
    try container.encode(predictedB, forKey: .predictedB)
    try container.encode(recallA, forKey: .recallA)
    try container.encode(recallB, forKey: .recallB)
    try container.encode(precisionA, forKey: .precisionA)
    try container.encode(precisionB, forKey: .precisionB)
    try container.encode(onlyACorrect, forKey: .onlyACorrect)
    try container.encode(onlyBCorrect, forKey: .onlyBCorrect)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(pAdjusted, forKey: .pAdjusted)
  }
}

/// How often predictions of a stated confidence are right: a reliability diagram, and the bins of the calibration error.
///
/// Confidence is the probability of the predicted class. The error is Σ n_bin/n · |accuracy − confidence|.
public struct Calibration: Codable, Sendable {
  public struct Bin: Codable, Sendable {
    /// Confidence in (lower, upper]; the first bin holds 0 too.
    public var lower: Double
    public var upper: Double
    public var countA: Int
    public var countB: Int
    /// Means over the bin; `nil` where it is empty.
    public var confidenceA: Double?
    public var confidenceB: Double?
    public var accuracyA: Double?
    public var accuracyB: Double?

    enum CodingKeys: String, CodingKey {
      case lower, upper
      case countA = "count_a"
      case countB = "count_b"
      case confidenceA = "confidence_a"
      case confidenceB = "confidence_b"
      case accuracyA = "accuracy_a"
      case accuracyB = "accuracy_b"
    }

    public init(
      lower: Double, upper: Double, countA: Int, countB: Int, confidenceA: Double?, confidenceB: Double?,
      accuracyA: Double?, accuracyB: Double?
    ) {
      self.lower = lower
      self.upper = upper
      self.countA = countA
      self.countB = countB
      self.confidenceA = confidenceA
      self.confidenceB = confidenceB
      self.accuracyA = accuracyA
      self.accuracyB = accuracyB
    }
  }

  /// Bins of equal width from 0 to 1.
  public var bins: [Bin]

  public init(bins: [Bin]) { self.bins = bins }
}

/// One example on which the models differ.
public struct ExampleBehavior: Codable, Sendable {
  /// From 0, in the order of the files.
  public var index: Int
  /// Class or target; `nil` without labels, and for targets of several numbers.
  public var label: String?
  /// Class or value; `nil` for predictions of several numbers.
  public var predictedA: String?
  public var predictedB: String?
  /// Probability of the predicted class.
  public var confidenceA: Double?
  public var confidenceB: Double?
  /// Log loss (nats), or squared error; `nil` without labels or probabilities.
  public var lossA: Double?
  public var lossB: Double?
  /// Total variation between the predictions, in [0, 1]; for regression, mean |b − a|; for bare classes, 0 or 1.
  public var distance: Double

  enum CodingKeys: String, CodingKey {
    case index, label, distance
    case predictedA = "predicted_a"
    case predictedB = "predicted_b"
    case confidenceA = "confidence_a"
    case confidenceB = "confidence_b"
    case lossA = "loss_a"
    case lossB = "loss_b"
  }

  public init(
    index: Int, label: String?, predictedA: String?, predictedB: String?, confidenceA: Double?, confidenceB: Double?,
    lossA: Double?, lossB: Double?, distance: Double
  ) {
    self.index = index
    self.label = label
    self.predictedA = predictedA
    self.predictedB = predictedB
    self.confidenceA = confidenceA
    self.confidenceB = confidenceB
    self.lossA = lossA
    self.lossB = lossB
    self.distance = distance
  }
}
