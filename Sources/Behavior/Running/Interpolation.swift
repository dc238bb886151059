import Checkpoints
import Comparison
import Results
import Tensors

extension Transplant {
  /// Runs A's graph with the weights (1 − t)·a + t·b, and finds whether the loss rises between the ends.
  ///
  /// The weights and states that are paired are mixed; what is not (counters, tables) stays A's.
  /// - Parameters:
  ///   - points: Positions t from 0 to 1, both included; at least 3.
  ///   - progress: Told of examples.
  /// - Throws: ``BehaviorError`` where a pair can't be mixed; what running throws.
  /// - Complexity: One run over the inputs a point; all weights in memory.
  /// ## Source
  /// Goodfellow, Vinyals & Saxe (2015), arXiv:1412.6544; Frankle et al. (2020), arXiv:1912.05671
  public func interpolation(points: Int, progress: WorkProgress = .ignored) async throws -> WeightInterpolation {
    let weights = try paired()
    progress.expect(.running, inputs.count * points)
    let exchange = try Exchange(a, catalogue: Catalogue(pairs.a), donor: b)
    var first: NumericArray?
    var losses: [[Double]] = []
    var result: [WeightInterpolation.Point] = []
    var measure = ""
    for i in 0..<points {
      try Task.checkCancellation()
      let t = Double(i) / Double(points - 1)
      var values: [String: [UInt8]] = [:]
      for weight in weights { values[weight.key] = try weight.mixed(t) }
      try exchange.put(values: values)
      let predictions = try await a.predict(inputs, progress: progress)
      let start = first ?? predictions
      first = start
      let scored = try Scored(start, predictions, labels, options)
      measure = scored.measure
      losses.append(scored.differences)
      result.append(WeightInterpolation.Point(position: t, loss: scored.lossB, accuracy: scored.accuracyB))
    }
    try exchange.takeOut()
    // Losses less A's own: above the line by what exceeds t times that of B.
    var peak = 0
    var highest = -Double.infinity
    let ends = (result[0].loss, result[points - 1].loss)
    for (i, point) in result.enumerated() where i > 0 && i < points - 1 {
      let excess = point.loss - (1 - point.position) * ends.0 - point.position * ends.1
      if excess > highest { (peak, highest) = (i, excess) }
    }
    let t = result[peak].position
    let excesses = zip(losses[peak], losses[points - 1]).map { $0 - t * $1 }
    let limits = try await interval(excesses)
    return WeightInterpolation(
      measure: measure, points: result,
      barrier: Effect(
        name: "\(measure)_above_line", value: highest, interval: limits?.limits, intervalMethod: limits?.method),
      barrierPosition: t, hasBarrier: (limits?.lower ?? -1) > 0)
  }

  private struct Weight {
    var key: String
    var a: NumericArray
    var b: NumericArray
    var type: ElementType

    func mixed(_ t: Double) throws(BehaviorError) -> [UInt8] {
      var mixture = a
      mixture.shape = [a.values.count]
      // The ends are the models' own, to the last bit.
      if t == 1 {
        mixture.values = b.values
      } else if t > 0 {
        mixture.values = zip(a.values, b.values).map { (1 - t) * $0 + t * $1 }
      }
      if [.integer, .boolean].contains(type.kind) { mixture.values = t < 1 ? a.values : b.values }
      return try mixture.encoded(as: type, input: key)
    }
  }

  private func paired() throws -> [Weight] {
    try zip(pairs.result.pairs, pairs.tensors).compactMap { pair, tensors in
      guard !pair.identical else { return nil }
      guard tensors.a.elementType == tensors.b.elementType else {
        throw BehaviorError(
          "",
          "--interpolate: \(pair.name) is \(pair.a.dtype) in A and \(pair.b.dtype) in B, so there is no line between them"
        )
      }
      return Weight(
        key: tensors.a.key, a: try decode(tensors.a, of: pairs.a, path: a.path),
        b: try decode(tensors.b, of: pairs.b, path: b.path), type: tensors.a.elementType)
    }
  }
}
