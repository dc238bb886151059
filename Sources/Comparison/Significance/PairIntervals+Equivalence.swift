import Results
import Statistics

extension EquivalenceMeasure {
  /// `nil` for what has no interval.
  fileprivate var quantity: PairIntervals.Quantity? {
    switch self {
    case .meanShiftPerSD: .meanShiftPerSD
    case .logNormRatio: .meanUnitNormRatio
    case .relativeL2: .relativeL2
    case .meanSquaredDifference: .meanSquaredDifference
    case .wasserstein1PerSD: .wasserstein1PerSD
    case .jensenShannonBits: .jensenShannon
    case .maxAbsDifference: nil
    }
  }
}

extension PairIntervals {
  func equivalenceEstimate(_ measure: EquivalenceMeasure) -> Double? {
    guard let value = measure.quantity.flatMap(estimate) else { return nil }
    let shown = measure == .logNormRatio ? IntervalScale.log.transformed(value) : value
    return shown.isFinite ? shown : nil
  }

  /// The p-value that a measure lies within its margin, and the interval that goes with it: of confidence 1 − 2(1 − c) for
  /// signed measures, from 0 to the upper limit at c for others.
  ///
  /// - Returns: `nil` where the units give no standard error.
  func equivalence(
    _ measure: EquivalenceMeasure, margin: Double, confidence: Double
  ) throws -> (p: PValue, interval: ConfidenceInterval)? {
    guard let quantity = measure.quantity, let estimate = estimate(quantity) else { return nil }
    let twice = max(0.01, 2 * confidence - 1)
    if measure == .meanShiftPerSD || measure == .logNormRatio {
      let scale = quantity.scale
      let centre = scale.transformed(estimate)
      guard let error = standardError(quantity).map({ $0 * scale.slope(at: estimate) }), centre.isFinite,
        error.isFinite
      else { return nil }
      let half = try studentTQuantile((1 + twice) / 2, degreesOfFreedom: Double(units - 1)) * error
      return (
        try twoOneSidedTests(estimate: centre, standardError: error, margin: margin, units: units),
        ConfidenceInterval(lower: centre - half, upper: centre + half, confidence: twice, method: "tost_t")
      )
    }
    // Below so many units the bootstrap's limits are too low; divergences have no other.
    if let draws = draws(quantity), units >= Self.bootstrapFrom || quantity.isDivergence {
      let isDivergence = quantity.isDivergence
      let tail = (1 - twice) / 2
      let expanded = isDivergence ? expandedTail(tail, units: units) ?? tail : tail
      let corrected =
        isDivergence ? biasCorrectedReplicates(draws, estimate: estimate, biasFades: quantity.biasFades) : draws
      guard let limits = percentileInterval(corrected, confidence: 1 - 2 * expanded) else { return nil }
      return (
        try upperLimitTest(corrected, margin: margin, units: isDivergence ? units : nil),
        ConfidenceInterval(
          lower: 0, upper: max(0, limits.upper), confidence: confidence, method: "upper_limit_bootstrap")
      )
    }
    guard !quantity.isDivergence, let error = standardError(quantity), let influence = influence(quantity),
      let limits = influenceInterval(estimate: estimate, influence: influence, confidence: twice, scale: .log)
    else { return nil }
    return (
      try upperLimitTest(estimate: estimate, standardError: error, margin: margin, units: units),
      ConfidenceInterval(lower: 0, upper: limits.upper, confidence: confidence, method: "upper_limit_t")
    )
  }
}

extension LayerTests {
  /// Intervals of drift and scale that hold together over all pairs of the layer.
  ///
  /// From 64 units on by the maximum over shared bootstrap samples; where a pair has fewer, by Bonferroni's inequality
  /// on Student's t, for there the bootstrap's errors are too small.
  mutating func giveSimultaneousIntervals(_ samples: [UnitSample], confidence: Double) {
    let quantities: [(id: String, quantity: PairIntervals.Quantity)] = [
      (DriftTest.id, .meanShiftPerSD), (ScaleTest.id, .meanUnitNormRatio),
    ]
    var members: [(pair: Int, id: String, quantity: PairIntervals.Quantity)] = []
    for i in samples.indices where samples[i].obstacle == nil && !samples[i].identical {
      for (id, quantity) in quantities where rows[i].contains(where: { $0.id == id }) {
        if intervals[i]?.estimate(quantity) != nil { members.append((i, id, quantity)) }
      }
    }
    guard !members.isEmpty else { return }
    let draws = members.compactMap { intervals[$0.pair]?.draws($0.quantity) }
    let isLarge = members.allSatisfy { samples[$0.pair].units >= PairIntervals.bootstrapFrom }
    var found: [ConfidenceInterval?]
    if isLarge, draws.count == members.count {
      found = simultaneousIntervals(
        estimates: members.map { intervals[$0.pair]?.estimate($0.quantity) ?? .nan }, replicates: draws,
        scales: members.map(\.quantity.scale), confidence: confidence)
    } else {
      let each = 1 - (1 - confidence) / Double(members.count)
      found = members.map { member in
        guard let pair = intervals[member.pair], let estimate = pair.estimate(member.quantity),
          let influence = pair.influence(member.quantity),
          var interval = influenceInterval(
            estimate: estimate, influence: influence, confidence: each, scale: member.quantity.scale)
        else { return nil }
        interval.method = "bonferroni_t"
        return interval
      }
    }
    for (member, interval) in zip(members, found) {
      guard let interval else { continue }
      for j in rows[member.pair].indices where rows[member.pair][j].id == member.id {
        rows[member.pair][j].effect?.simultaneousInterval = [interval.lower, interval.upper]
        rows[member.pair][j].effect?.simultaneousMethod = interval.method
      }
    }
  }
}
