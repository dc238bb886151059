import Results
import Statistics

/// The tests of paired examples, one row each.
struct BehaviorTests {
  let data: BehaviorData
  let a: ExampleScores
  let b: ExampleScores
  let options: BehaviorOptions
  let measures: [BehaviorMeasure]

  static let level = "example"

  func rows() throws -> [TestResult] {
    guard data.hasLabels else { return [] }
    var rows: [TestResult] = []
    if data.task != .regression { rows.append(try mcNemar()) }
    for (left, right) in zip(a.losses, b.losses) {
      rows.append(try permutation(left.name, zip(left.values, right.values).map { $1 - $0 }))
    }
    for (name, margin) in options.margins.sorted(by: { $0.key < $1.key }) {
      rows.append(try equivalence(name, margin: margin))
    }
    return rows
  }

  private var onlyA: Int { zip(a.correct, b.correct).count { $0 > $1 } }
  private var onlyB: Int { zip(a.correct, b.correct).count { $0 < $1 } }

  private func mcNemar() throws -> TestResult {
    let p = try mcNemarTest(onlyA: onlyA, onlyB: onlyB, alternative: options.alternative)
    let pair = try PairedProportions(onlyA: onlyA, onlyB: onlyB, count: data.count)
    var row = TestResult(
      id: "mcnemar", level: Self.level,
      nullHypothesis: "of the examples that one model alone gets right, each model gets as many",
      statistic: "only_b_correct", value: Double(onlyB), alternative: options.alternative.rawValue,
      unit: "discordant example", unitCount: onlyA + onlyB,
      effect: Effect(
        name: "accuracy_difference", value: pair.difference,
        interval: pair.interval(confidence: options.confidence)?.limits, intervalMethod: "score"))
    row.take(p)
    return row
  }

  private func permutation(_ name: String, _ differences: [Double]) throws -> TestResult {
    let p = try signFlipTest(
      differences, alternative: options.alternative, resamples: options.resamples, generator: options.generator,
      confidence: options.confidence)
    var row = TestResult(
      id: "permutation", level: Self.level,
      nullHypothesis:
        "the differences of the examples' losses are jointly symmetric about zero: each example's two losses "
        + "may be swapped", statistic: name, value: average(differences), alternative: options.alternative.rawValue,
      unit: "example", unitCount: data.count, effect: measures.first { $0.name == name }?.difference)
    row.take(p)
    return row
  }

  private func equivalence(_ name: String, margin: Double) throws -> TestResult {
    let measure = measures.first { $0.name == name }
    let p: PValue
    var effect = measure?.difference
    var value = effect?.value
    switch name {
    case "accuracy" where data.task != .regression:
      let pair = try PairedProportions(onlyA: onlyA, onlyB: onlyB, count: data.count)
      p = try pair.equivalence(margin: margin)
      effect = Effect(
        name: "accuracy_difference", value: pair.difference,
        interval: pair.interval(confidence: options.confidence)?.limits, intervalMethod: "score")
      value = pair.difference
    default:
      guard let left = a.losses.first(where: { $0.name == name }),
        let right = b.losses.first(where: { $0.name == name })
      else {
        throw BehaviorError(
          "",
          "--margin: no measure '\(name)' that is a mean over examples; there are "
            + ((data.task == .regression ? [] : ["accuracy"]) + a.losses.map(\.name)).joined(separator: ", "))
      }
      p = try pairedEquivalenceTest(zip(left.values, right.values).map { $1 - $0 }, margin: margin)
    }
    var row = TestResult(
      id: "equivalence", level: Self.level,
      nullHypothesis: "the mean difference is \(margin) or more, one way or the other", statistic: name, value: value,
      alternative: "two-sided", unit: "example", unitCount: data.count, effect: effect)
    row.take(p)
    return row
  }
}

extension TestResult {
  fileprivate mutating func take(_ p: PValue) {
    pValue = p.value
    pInterval = p.interval.map { [$0.lowerBound, $0.upperBound] }
    method = p.method.rawValue
    methodReason = p.reason
    resamples = p.resamples
    exceedances = p.exceedances
    smallestPValue = p.smallestAttainable
    warnings += p.warnings
  }
}
