import Comparison
import Results
import Statistics

/// Compares the predictions of two models on the same examples.
///
/// - Parameters:
///   - a, b: Predictions of the same shape: `[examples, classes]` probabilities or logits, `[examples]` probabilities of class
///     1, class numbers, or any numbers for regression.
///   - labels: Class numbers or names `[examples]`, one-hot rows, or targets of the predictions' shape. Without them only
///     what both predict is compared.
/// - Throws: ``BehaviorError`` for arrays that do not fit each other or are not what they should be.
/// - Complexity: O(examples · classes + resamples · min(examples, 512)).
public func compareBehavior(
  _ a: SourcedPredictions, _ b: SourcedPredictions, labels: NumericArray?, options: BehaviorOptions
) async throws -> BehaviorComparison {
  try await compareBehavior(a, b, labels: labels, options: options, found: { _ in })
}

/// The same for one who wants more than is kept.
///
/// - Parameter found: Told of every example.
package func compareBehavior(
  _ a: SourcedPredictions, _ b: SourcedPredictions, labels: NumericArray?, options: BehaviorOptions,
  found: (BehaviorExamples) throws -> Void
) async throws -> BehaviorComparison {
  let data = try BehaviorData(a.array, b.array, labels: labels, options: options)
  let scoresA = ExampleScores(data, data.a, logits: options.logits)
  let scoresB = ExampleScores(data, data.b, logits: options.logits)
  var warnings = data.warnings
  for (side, scores) in [("A", scoresA), ("B", scoresB)] where scores.clipped > 0 {
    warnings.append(
      "\(scores.clipped) examples have probability 0 for their own class in \(side): the log loss counts them as 1e-15."
    )
  }
  let measures = try await measures(data, scoresA, scoresB, options)
  let tests = try BehaviorTests(data: data, a: scoresA, b: scoresB, options: options, measures: measures).rows()
  let distances = data.distances(scoresA, scoresB)
  try found(
    BehaviorExamples(
      count: data.count, width: data.width, isBare: !data.hasScores, labels: data.classes, targets: data.targets,
      a: scoresA.side(of: data.a), b: scoresB.side(of: data.b), distances: distances))
  let discordant = zip(scoresA.correct, scoresB.correct).count { $0 != $1 }
  if data.hasLabels, data.task != .regression, discordant < 10 {
    warnings.append(
      "Only \(discordant) examples tell the accuracies apart: trust the score interval (test mcnemar) over the bootstrap's."
    )
  }
  return BehaviorComparison(
    provenance: Provenance(
      version: equipoiseVersion, arguments: options.arguments, seed: options.seed, generator: "Philox4x32-10",
      resamples: options.resamples, libraries: ["gsl": gslVersion],
      inputs: [a.array.path, b.array.path, labels?.path].compactMap { $0 }.map(Provenance.Input.init(file:))),
    warnings: warnings, a: a.source, b: b.source,
    labels: labels?.path, task: data.task, exampleCount: data.count, classNames: data.classNames, measures: measures,
    agreement: agreement(data, scoresA, scoresB, distances, options), tests: tests,
    classes: try classTable(data, scoresA, scoresB, options),
    calibration: calibration(data, scoresA, scoresB, bins: options.bins),
    disagreements: disagreements(data, scoresA, scoresB, distances, limit: options.examples),
    settings: BehaviorSettings(
      alpha: options.alpha, confidence: options.confidence, adjustment: options.adjustment.rawValue,
      resamples: options.resamples, intervalResamples: options.intervalResamples, seed: options.seed,
      margins: options.margins, statement: behaviorStatement))
}

/// What the p-values and intervals of examples speak of, and what they do not.
let behaviorStatement =
  "What is random is which examples the test set holds: these numbers speak of other examples from the same source, with "
  + "these two models. They say nothing of another training run."

private func measures(
  _ data: BehaviorData, _ a: ExampleScores, _ b: ExampleScores, _ options: BehaviorOptions
) async throws -> [BehaviorMeasure] {
  guard data.hasLabels else { return [] }
  var means: [MeasureIntervals.Mean] = []
  if data.task != .regression {
    means.append(MeasureIntervals.Mean(name: "accuracy", higherIsBetter: true, a: a.correct, b: b.correct))
  }
  for (left, right) in zip(a.losses, b.losses) {
    means.append(MeasureIntervals.Mean(name: left.name, a: left.values, b: right.values))
  }
  guard !a.confidence.isEmpty else { return try await intervals(means, data, options) }
  let (left, right) = (CalibrationColumns(a, bins: options.bins), CalibrationColumns(b, bins: options.bins))
  means.append(MeasureIntervals.Mean(name: "overconfidence", a: left.residual, b: right.residual))
  let calibrationError = try await MeasureIntervals(options: options, count: data.count)
    .calibrationError(left, right, bins: options.bins)
  return try await intervals(means, data, options) + [calibrationError]
}

private func intervals(
  _ means: [MeasureIntervals.Mean], _ data: BehaviorData, _ options: BehaviorOptions
) async throws -> [BehaviorMeasure] {
  try await MeasureIntervals(options: options, count: data.count).measures(means)
}

private func agreement(
  _ data: BehaviorData, _ a: ExampleScores, _ b: ExampleScores, _ distances: [Double], _ options: BehaviorOptions
) -> Agreement {
  let count =
    data.task == .regression
    ? distances.count { $0 == 0 } : zip(a.predicted, b.predicted).count { $0 == $1 }
  let interval = try? clopperPearson(successes: count, trials: data.count, confidence: options.confidence)
  var result = Agreement(
    count: count, share: Double(count) / Double(data.count),
    interval: interval.map { [$0.lowerBound, $0.upperBound] },
    meanDistance: data.hasScores ? average(distances) : nil,
    maxAbsDifference: data.hasScores
      ? zip(a.probabilities, b.probabilities).reduce(0) { max($0, abs($1.1 - $1.0)) } : nil)
  if !data.classes.isEmpty {
    result.bothCorrect = zip(a.correct, b.correct).count { $0 + $1 == 2 }
    result.onlyACorrect = zip(a.correct, b.correct).count { $0 > $1 }
    result.onlyBCorrect = zip(a.correct, b.correct).count { $0 < $1 }
    result.neitherCorrect = zip(a.correct, b.correct).count { $0 + $1 == 0 }
  }
  return result
}

private func classTable(
  _ data: BehaviorData, _ a: ExampleScores, _ b: ExampleScores, _ options: BehaviorOptions
) throws -> [ClassBehavior]? {
  guard !data.classes.isEmpty, let names = data.classNames else { return nil }
  func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
  var counts = [[Int]](repeating: [Int](repeating: 0, count: 7), count: names.count)
  for example in 0..<data.count {
    let own = data.classes[example]
    counts[own][0] += 1
    counts[a.predicted[example]][1] += 1
    counts[b.predicted[example]][2] += 1
    switch (a.correct[example] > 0, b.correct[example] > 0) {
    case (true, true): counts[own][5] += 1
    case (true, false): counts[own][3] += 1
    case (false, true): counts[own][4] += 1
    case (false, false): break
    }
  }
  var rows = try names.indices.map { i in
    let (count, predictedA, predictedB, onlyA, onlyB) = (
      counts[i][0], counts[i][1], counts[i][2], counts[i][3], counts[i][4]
    )
    let both = counts[i][5]
    var row = ClassBehavior(
      name: names[i], count: count, predictedA: predictedA, predictedB: predictedB, recallA: ratio(both + onlyA, count),
      recallB: ratio(both + onlyB, count), precisionA: ratio(both + onlyA, predictedA),
      precisionB: ratio(both + onlyB, predictedB), onlyACorrect: onlyA, onlyBCorrect: onlyB)
    if count > 0 { row.pValue = try mcNemarTest(onlyA: onlyA, onlyB: onlyB).value }
    return row
  }
  // Classes that could not reach alpha whatever their discordant examples say stay out of the family.
  let family = rows.map { row -> Double? in
    let least = 2 * pow2(-(row.onlyACorrect + row.onlyBCorrect))
    return least <= options.alpha ? row.pValue : nil
  }
  for (i, adjusted) in adjustedPValues(family, method: options.adjustment).enumerated() { rows[i].pAdjusted = adjusted }
  return rows
}

private func pow2(_ exponent: Int) -> Double {
  exponent < -1_074 ? 0 : Double(sign: .plus, exponent: exponent, significand: 1)
}

private func calibration(
  _ data: BehaviorData, _ a: ExampleScores, _ b: ExampleScores, bins: Int
) -> Calibration? {
  guard data.hasLabels, !a.confidence.isEmpty else { return nil }
  let (left, right) = (CalibrationColumns(a, bins: bins), CalibrationColumns(b, bins: bins))
  func means(_ columns: CalibrationColumns, _ scores: ExampleScores, _ bin: Int) -> (Int, Double?, Double?) {
    let members = columns.bin.indices.filter { columns.bin[$0] == bin }
    guard !members.isEmpty else { return (0, nil, nil) }
    return (members.count, average(members.map { scores.confidence[$0] }), average(members.map { scores.correct[$0] }))
  }
  return Calibration(
    bins: (0..<bins).map { bin in
      let x = means(left, a, bin)
      let y = means(right, b, bin)
      return Calibration.Bin(
        lower: Double(bin) / Double(bins), upper: Double(bin + 1) / Double(bins), countA: x.0, countB: y.0,
        confidenceA: x.1, confidenceB: y.1, accuracyA: x.2, accuracyB: y.2)
    })
}

private func disagreements(
  _ data: BehaviorData, _ a: ExampleScores, _ b: ExampleScores, _ distances: [Double], limit: Int
) -> [ExampleBehavior] {
  func lossDifference(_ i: Int) -> Double { a.loss.isEmpty ? 0 : abs(b.loss[i] - a.loss[i]) }
  let order = distances.indices.filter { distances[$0] > 0 }.sorted {
    (distances[$0], lossDifference($0), $1) > (distances[$1], lossDifference($1), $0)
  }
  func predicted(_ scores: ExampleScores, _ i: Int) -> String? {
    if data.task == .regression { return data.width == 1 ? "\(scores.probabilities[i])" : nil }
    return data.classNames?[scores.predicted[i]]
  }
  func label(_ i: Int) -> String? {
    if !data.classes.isEmpty { return data.classNames?[data.classes[i]] }
    return data.targets.isEmpty || data.width > 1 ? nil : "\(data.targets[i])"
  }
  return order.prefix(limit).map { i in
    ExampleBehavior(
      index: i, label: label(i), predictedA: predicted(a, i), predictedB: predicted(b, i),
      confidenceA: a.confidence.isEmpty ? nil : a.confidence[i],
      confidenceB: b.confidence.isEmpty ? nil : b.confidence[i], lossA: a.loss.isEmpty ? nil : a.loss[i],
      lossB: b.loss.isEmpty ? nil : b.loss[i], distance: distances[i])
  }
}
