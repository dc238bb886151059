/// What becomes of each model when one of its layers is replaced by the other's.
public struct LayerTransplant: Codable, Sendable {
  /// The loss whose change is shown: `log_loss` or `mse`.
  public var measure: String
  /// Its mean over the examples, of the models as they are.
  public var lossA: Double
  public var lossB: Double
  public var accuracyA: Double?
  public var accuracyB: Double?
  /// In the order of the network.
  public var layers: [Layer]
  /// Layers that account for the difference alone, both ways: see ``Layer/shareOfGap`` and ``Layer/recovery``.
  public var responsible: [String]
  /// What the table says, and what it does not.
  public var statement: String

  enum CodingKeys: String, CodingKey {
    case measure, layers, responsible, statement
    case lossA = "loss_a"
    case lossB = "loss_b"
    case accuracyA = "accuracy_a"
    case accuracyB = "accuracy_b"
  }

  /// One layer.
  public struct Layer: Codable, Sendable {
    public var layer: String
    public var tensors: [String]
    /// ‖b − a‖ / ‖a‖ over the layer's weights; `nil` where ‖a‖ is 0.
    public var relativeL2: Double?
    /// Of the significance tests, p and adjusted; `nil` where the layer has none.
    public var pValue: Double?
    public var pAdjusted: Double?
    /// A with B's layer, and B with A's.
    public var aWithB: Outcome?
    public var bWithA: Outcome?
    /// Change that B's layer makes in A over the whole difference B − A of the loss; near 1 where the layer alone turns A
    /// into B. `nil` where the interval of that difference holds 0.
    public var shareOfGap: Double?
    /// The same for A's layer in B: near 1 where it alone turns B back into A.
    public var recovery: Double?
    /// Why the layer was not exchanged; `nil` if it was.
    public var reason: String?

    enum CodingKeys: String, CodingKey {
      case layer, tensors, recovery, reason
      case relativeL2 = "relative_l2"
      case pValue = "p_value"
      case pAdjusted = "p_adjusted"
      case aWithB = "a_with_b"
      case bWithA = "b_with_a"
      case shareOfGap = "share_of_gap"
    }

    public init(layer: String, tensors: [String]) {
      self.layer = layer
      self.tensors = tensors
    }
  }

  /// A model with a layer of the other's, against the model as it is.
  public struct Outcome: Codable, Sendable {
    public var loss: Double
    /// Change of the mean loss, with its bootstrap interval over examples.
    public var lossChange: Effect
    public var accuracy: Double?
    /// Share of the examples whose predicted class (regression: value) changed.
    public var changedShare: Double
    /// Mean distance of the predictions from the receiving model's own, and from the model's that gave the layer.
    public var meanDistance: Double
    public var distanceToDonor: Double

    enum CodingKeys: String, CodingKey {
      case loss, accuracy
      case lossChange = "loss_change"
      case changedShare = "changed_share"
      case meanDistance = "mean_distance"
      case distanceToDonor = "distance_to_donor"
    }

    public init(
      loss: Double, lossChange: Effect, accuracy: Double?, changedShare: Double, meanDistance: Double,
      distanceToDonor: Double
    ) {
      self.loss = loss
      self.lossChange = lossChange
      self.accuracy = accuracy
      self.changedShare = changedShare
      self.meanDistance = meanDistance
      self.distanceToDonor = distanceToDonor
    }
  }

  public init(
    measure: String, lossA: Double, lossB: Double, accuracyA: Double?, accuracyB: Double?, layers: [Layer],
    responsible: [String], statement: String
  ) {
    self.measure = measure
    self.lossA = lossA
    self.lossB = lossB
    self.accuracyA = accuracyA
    self.accuracyB = accuracyB
    self.layers = layers
    self.responsible = responsible
    self.statement = statement
  }
}

/// The loss along the straight line from the weights of A (0) to those of B (1).
///
/// ## Source
/// Frankle et al. (2020), arXiv:1912.05671
public struct WeightInterpolation: Codable, Sendable {
  public struct Point: Codable, Sendable {
    /// Weights (1 − position) · a + position · b.
    public var position: Double
    public var loss: Double
    public var accuracy: Double?

    public init(position: Double, loss: Double, accuracy: Double?) {
      self.position = position
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// `log_loss` or `mse`.
  public var measure: String
  public var points: [Point]
  /// The largest excess of the mean loss over the line between the losses of A and B, `loss_above_line`, with its bootstrap
  /// interval over examples at the position where it is largest.
  public var barrier: Effect
  public var barrierPosition: Double
  /// Whether that interval lies above 0: the models are in different valleys of the loss.
  public var hasBarrier: Bool

  enum CodingKeys: String, CodingKey {
    case measure, points, barrier
    case barrierPosition = "barrier_position"
    case hasBarrier = "has_barrier"
  }

  public init(measure: String, points: [Point], barrier: Effect, barrierPosition: Double, hasBarrier: Bool) {
    self.measure = measure
    self.points = points
    self.barrier = barrier
    self.barrierPosition = barrierPosition
    self.hasBarrier = hasBarrier
  }
}
