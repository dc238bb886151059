import Checkpoints
import Comparison
import Results
import Statistics
import Tensors

/// Two models, their predictions as they are, and what exchanging weights between them does.
public struct Transplant: Sendable {
  /// Share of the models' distance that may remain where one layer accounts for all of it.
  static let remainder = 0.05

  let a: RunnableModel
  let b: RunnableModel
  let pairs: PairedModels
  let inputs: ModelInputs
  let labels: NumericArray
  let options: BehaviorOptions

  /// - Parameter pairs: The comparison of the two models, with its tests for their p.
  public init(
    _ a: RunnableModel, _ b: RunnableModel, pairs: PairedModels, inputs: ModelInputs, labels: NumericArray,
    options: BehaviorOptions
  ) {
    self.a = a
    self.b = b
    self.pairs = pairs
    self.inputs = inputs
    self.labels = labels
    self.options = options
  }

  /// Puts each layer of B into A, and the reverse, and measures what changes.
  ///
  /// - Parameters:
  ///   - ofA, ofB: Predictions of the models as they are.
  ///   - progress: Told of examples.
  /// - Throws: ``BehaviorError`` where nothing can be exchanged; what running throws.
  /// - Complexity: Two runs over the inputs a layer.
  public func layers(
    ofA: NumericArray, ofB: NumericArray, progress: WorkProgress = .ignored
  ) async throws -> LayerTransplant {
    let groups = groups()
    progress.expect(.running, 2 * inputs.count * groups.count { $0.reason == nil })
    let intoA = try Exchange(a, catalogue: Catalogue(pairs.a), donor: b)
    let intoB = try Exchange(b, catalogue: Catalogue(pairs.b), donor: a)
    let own = try Scored(ofA, ofB, labels, options)
    // Of a difference that may be none there are no shares.
    let gap = try await interval(own.differences)
    let hasGap = gap.map { $0.lower > 0 || $0.upper < 0 } ?? false
    var layers: [LayerTransplant.Layer] = []
    for group in groups {
      try Task.checkCancellation()
      var layer = LayerTransplant.Layer(layer: group.layer, tensors: group.pairs.map(\.name))
      let result = pairs.result.layers?.first { $0.layer == group.layer }
      layer.relativeL2 = result?.relativeL2
      layer.pValue = result?.pValue
      layer.pAdjusted = result?.pAdjusted
      layer.reason = group.reason
      if group.reason == nil {
        let keys = group.pairs.map { ($0.a.key, $0.b.key) }
        try intoA.put(replaced: Dictionary(uniqueKeysWithValues: keys))
        let changedA = try await a.predict(inputs, progress: progress)
        try intoB.put(replaced: Dictionary(uniqueKeysWithValues: keys.map { ($0.1, $0.0) }))
        let changedB = try await b.predict(inputs, progress: progress)
        layer.aWithB = try await outcome(ofA, changedA, donor: ofB)
        layer.bWithA = try await outcome(ofB, changedB, donor: ofA)
        layer.shareOfGap = hasGap ? share(layer.aWithB, of: own.lossB - own.lossA) : nil
        layer.recovery = hasGap ? share(layer.bWithA, of: own.lossA - own.lossB) : nil
      }
      layers.append(layer)
    }
    try intoA.takeOut()
    try intoB.takeOut()
    let distance = own.distance
    let responsible = layers.filter { layer in
      guard let x = layer.aWithB, let y = layer.bWithA, distance > 0 else { return false }
      return max(x.distanceToDonor, y.distanceToDonor) <= Self.remainder * distance
    }.map(\.layer)
    return LayerTransplant(
      measure: own.measure, lossA: own.lossA, lossB: own.lossB, accuracyA: own.accuracyA, accuracyB: own.accuracyB,
      layers: layers, responsible: responsible, statement: statement(layers, responsible, own))
  }

  struct Group {
    var layer: String
    var pairs: [PairResult]
    /// Why it can't be exchanged.
    var reason: String?
  }

  /// The layers in which anything differs, in the order of the network.
  private func groups() -> [Group] {
    var result: [Group] = []
    for pair in pairs.result.pairs where !pair.identical {
      if let i = result.firstIndex(where: { $0.layer == pair.layer }) {
        result[i].pairs.append(pair)
      } else {
        result.append(Group(layer: pair.layer, pairs: [pair]))
      }
    }
    for i in result.indices {
      if let pair = result[i].pairs.first(where: { $0.a.dtype != $0.b.dtype }) {
        result[i].reason = "not exchanged: \(pair.name) is \(pair.a.dtype) in A and \(pair.b.dtype) in B"
      }
    }
    return result
  }

  /// Losses, accuracies and distance of two arrays of predictions.
  struct Scored {
    var measure: String
    var lossA: Double
    var lossB: Double
    var accuracyA: Double?
    var accuracyB: Double?
    var distance: Double
    var changedShare: Double
    /// By example, b − a.
    var differences: [Double]

    init(_ a: NumericArray, _ b: NumericArray, _ labels: NumericArray, _ options: BehaviorOptions) throws {
      let data = try BehaviorData(a, b, labels: labels, options: options)
      let x = ExampleScores(data, data.a, logits: options.logits)
      let y = ExampleScores(data, data.b, logits: options.logits)
      guard let loss = x.losses.first, let other = y.losses.first else {
        throw BehaviorError(a.path, "returns classes without probabilities, so there is no loss to measure by")
      }
      measure = loss.name
      lossA = average(loss.values)
      lossB = average(other.values)
      if !x.correct.isEmpty {
        accuracyA = average(x.correct)
        accuracyB = average(y.correct)
      }
      let distances = data.distances(x, y)
      distance = average(distances)
      changedShare =
        Double(x.predicted.isEmpty ? distances.count { $0 != 0 } : zip(x.predicted, y.predicted).count { $0 != $1 })
        / Double(data.count)
      differences = zip(loss.values, other.values).map { $1 - $0 }
    }
  }

  private func outcome(
    _ before: NumericArray, _ after: NumericArray, donor: NumericArray
  ) async throws -> LayerTransplant.Outcome {
    let change = try Scored(before, after, labels, options)
    let rest = try Scored(after, donor, labels, options)
    let limits = try await interval(change.differences)
    return LayerTransplant.Outcome(
      loss: change.lossB,
      lossChange: Effect(
        name: "\(change.measure)_change", value: change.lossB - change.lossA, interval: limits?.limits,
        intervalMethod: limits?.method), accuracy: change.accuracyB, changedShare: change.changedShare,
      meanDistance: change.distance, distanceToDonor: rest.distance)
  }

  /// Of the mean difference, over examples.
  func interval(_ differences: [Double]) async throws -> ConfidenceInterval? {
    let columns = try UnitColumns(
      units: differences.count, columns: 2, values: differences.flatMap { [1, $0] })
    let replicates = try await UnitBootstrap(
      columns: columns, resamples: options.intervalResamples, generator: options.generator, threads: options.threads
    ).replicates(statistics: 1) { sums, out in out[0] = sums[1] / sums[0] }
    return meanInterval(differences, replicates.column(0), confidence: options.confidence)
  }

  private func share(_ outcome: LayerTransplant.Outcome?, of gap: Double) -> Double? {
    outcome?.lossChange.value.map { $0 / gap }
  }

  private func statement(_ layers: [LayerTransplant.Layer], _ responsible: [String], _ own: Scored) -> String {
    if own.distance == 0 { return "The models predict the same: no layer changes anything." }
    if layers.isEmpty { return "No weights differ, so what differs in the predictions does not come from them." }
    if !responsible.isEmpty {
      let names = responsible.map { $0.isEmpty ? "(top)" : $0 }.joined(separator: ", ")
      let who = responsible.count == 1 ? "\(names) alone accounts" : "Each of \(names) alone accounts"
      return
        "\(who) for the difference: with B's, A predicts what B does, and with A's, B predicts what A does."
    }
    let outcomes = layers.flatMap { [$0.aWithB, $0.bWithA].compactMap { $0 } }
    let worse = max(own.lossA, own.lossB)
    if !outcomes.isEmpty, outcomes.allSatisfy({ $0.loss > 1.5 * worse }) {
      return
        "Every exchange makes either model worse than both: the layers do not fit each other, as between models that were "
        + "trained apart. No layer is to blame for the difference."
    }
    return
      "No layer alone accounts for the difference. The effects of single layers do not add up: a layer fits those it was "
      + "trained with, and may do harm among others."
  }
}
