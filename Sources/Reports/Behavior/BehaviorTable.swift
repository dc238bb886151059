import Foundation
import Results

/// What `behavior` prints for people.
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ result: BehaviorComparison, color: Bool = false, width: Int? = nil) -> String {
  var lines = wrapped(heading(result), width, indent: 3)
  lines += measureLines(result, color: color, width: width)
  lines += wrapped(agreementLines(result), width)
  lines += testLines(result, color: color, width: width)
  lines += classLines(result, color: color, width: width)
  lines += exampleLines(result, color: color, width: width)
  lines += transplantLines(result, color: color, width: width)
  lines += interpolationLines(result, color: color, width: width)
  if result.labels != nil { lines += wrapped([""] + sentences(result.settings.statement), width) }
  return lines.joined(separator: "\n") + "\n"
}

private func heading(_ result: BehaviorComparison) -> [String] {
  let width = max(result.a.path.count, result.b.path.count)
  func line(_ name: String, _ source: BehaviorSource) -> String {
    var parts = [source.kind]
    if let signature = source.signature { parts.append("signature \(signature)") }
    if let output = source.output { parts.append("output \(output)") }
    parts.append("\(source.dtype) [\(source.shape.map(String.init).joined(separator: ", "))]")
    let padding = String(repeating: " ", count: width - source.path.count)
    return "\(name)  \(source.path)\(padding)   \(parts.joined(separator: " · "))"
  }
  return [line("A", result.a), line("B", result.b), "", exampleSentence(result), ""]
}

/// How many examples there are, and of what.
func exampleSentence(_ result: BehaviorComparison) -> String {
  var what = "\(Numbers.count(result.exampleCount)) examples"
  switch result.task {
  case .classification: what += ", \(result.classNames?.count ?? 0) classes"
  case .binary: what += ", 2 classes, probability of the second"
  case .regression: what += ", numbers"
  }
  what += result.labels.map { "; labels from \($0)" } ?? "; no labels, so only what both predict is compared"
  return what
}

/// A sentence a line.
func sentences(_ text: String) -> [String] { text.replacing(". ", with: ".\n").split(separator: "\n").map(String.init) }

/// `0.95` as `95 %`.
func percent(_ share: Double) -> String { String(format: "%g %%", share * 100) }

/// A number and its interval: `0.982 [0.969, 0.993]`.
func estimate(_ value: Double?, _ interval: [Double]?, signed: Bool = false) -> String {
  func text(_ value: Double) -> String { (signed && value > 0 ? "+" : "") + Numbers.fixed(value, 4) }
  guard let value else { return "–" }
  guard let interval, interval.count == 2 else { return text(value) }
  return "\(text(value)) [\(text(interval[0])), \(text(interval[1]))]"
}

private func measureLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard !result.measures.isEmpty else { return [] }
  let level = percent(result.settings.confidence)
  var table = TextTable(
    [
      ("measure", .left), ("A [\(level)]", .right), ("B [\(level)]", .right), ("B − A [\(level)]", .right),
      ("better", .left),
    ], dispensable: ["better", "A [\(level)]", "B [\(level)]"])
  for measure in result.measures {
    let better = clearlyBetter(measure)
    table.add(
      [
        measure.name.replacing("_", with: " "), estimate(measure.a, measure.intervalA),
        estimate(measure.b, measure.intervalB),
        estimate(measure.difference.value, measure.difference.interval, signed: true), better ?? "",
      ], styles: better == nil ? [:] : [3: .init(isBold: true)])
  }
  return table.lines(color: color, width: width)
}

/// The better model, `A` or `B`, where the interval of the difference leaves 0 out.
func clearlyBetter(_ measure: BehaviorMeasure) -> String? {
  guard let limits = measure.difference.interval, limits.count == 2, limits[0] > 0 || limits[1] < 0 else { return nil }
  if measure.name == "overconfidence" { return abs(measure.b) < abs(measure.a) ? "B" : "A" }
  return ((measure.difference.value ?? 0) > 0) == measure.higherIsBetter ? "B" : "A"
}

func agreementLines(_ result: BehaviorComparison) -> [String] {
  let agreement = result.agreement
  let n = Numbers.count(result.exampleCount)
  var text =
    result.task == .regression
    ? "The same values to the last bit for \(Numbers.count(agreement.count)) of \(n) examples"
    : "The same class for \(Numbers.count(agreement.count)) of \(n) examples"
  text += " (\(estimate(agreement.share, agreement.interval)))"
  var lines = ["", text + "."]
  if let both = agreement.bothCorrect, let a = agreement.onlyACorrect, let b = agreement.onlyBCorrect,
    let neither = agreement.neitherCorrect
  {
    lines.append(
      "Both are right on \(Numbers.count(both)), only A on \(Numbers.count(a)), only B on \(Numbers.count(b)), "
        + "neither on \(Numbers.count(neither)).")
  }
  if let distance = agreement.meanDistance, let largest = agreement.maxAbsDifference {
    lines.append(
      result.task == .regression
        ? "Mean |B − A| \(Numbers.short(distance)), at most \(Numbers.short(largest))."
        : "Probabilities differ by \(Numbers.short(distance)) on average (total variation), one by \(Numbers.short(largest))."
    )
  }
  return lines
}

private func testLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard !result.tests.isEmpty else { return [] }
  var table = TextTable(
    [("test", .left), ("of", .left), ("p", .right), ("method", .left), ("says, if p is small", .left)],
    dispensable: ["method", "says, if p is small", "of"])
  for test in result.tests {
    let words = testWords(test, result.settings)
    table.add(
      [test.id, words.of, Numbers.probability(test.pValue), test.method ?? "–", words.says],
      styles: (test.pValue ?? 1) <= result.settings.alpha ? [2: .init(isBold: true)] : [:])
  }
  return [""] + table.lines(color: color, width: width)
}

/// What a test is of, and what a small p of it says.
func testWords(_ test: TestResult, _ settings: BehaviorSettings) -> (of: String, says: String) {
  let statistic = test.statistic.replacing("_", with: " ")
  switch test.id {
  case "mcnemar": return ("\(test.unitCount) discordant examples", "one model is right more often")
  case "equivalence":
    let margin = settings.margins[test.statistic].map { "±\(Numbers.short($0))" } ?? ""
    return ("\(statistic) within \(margin)", "the models are the same within the margin")
  default: return (statistic, "one model's \(statistic) is larger")
  }
}

private func classLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard let classes = result.classes else { return [] }
  var table = TextTable(
    [
      ("class", .left), ("examples", .right), ("recall A", .right), ("recall B", .right), ("precision A", .right),
      ("precision B", .right), ("only A", .right), ("only B", .right), ("p", .right), ("adj. p", .right),
    ], dispensable: ["precision A", "precision B", "p", "examples", "only A", "only B"])
  let shown = shownClasses(classes)
  for row in shown {
    table.add([
      row.name, Numbers.count(row.count), Numbers.fixed(row.recallA, 3), Numbers.fixed(row.recallB, 3),
      Numbers.fixed(row.precisionA, 3), Numbers.fixed(row.precisionB, 3), Numbers.count(row.onlyACorrect),
      Numbers.count(row.onlyBCorrect), Numbers.probability(row.pValue), Numbers.probability(row.pAdjusted),
    ])
  }
  var lines = [""] + table.lines(color: color, width: width)
  if shown.count < classes.count {
    lines.append("… the \(shown.count) of \(classes.count) classes that changed most; --by class --format csv has all")
  }
  return lines
}

/// Of many classes those that changed most, in that order.
func shownClasses(_ classes: [ClassBehavior]) -> [ClassBehavior] {
  guard classes.count > 30 else { return classes }
  return classes.indices.sorted {
    let (x, y) = (classes[$0], classes[$1])
    return (x.pValue ?? 2, -(x.onlyACorrect + x.onlyBCorrect), $0) < (
      y.pValue ?? 2, -(y.onlyACorrect + y.onlyBCorrect), $1
    )
  }.prefix(20).map { classes[$0] }
}

private func exampleLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard !result.disagreements.isEmpty else {
    let isSame = result.agreement.share == 1 && (result.agreement.maxAbsDifference ?? 0) == 0
    return isSame ? ["", "The predictions are the same for every example."] : []
  }
  let hasLoss = result.disagreements.contains { $0.lossA != nil }
  let hasConfidence = result.disagreements.contains { $0.confidenceA != nil }
  var columns: [(String, TextTable.Alignment)] = [("example", .right)]
  if result.disagreements.contains(where: { $0.label != nil }) { columns.append(("label", .right)) }
  let hasLabel = columns.count == 2
  let hasPrediction = result.disagreements.contains { $0.predictedA != nil }
  if hasPrediction { columns += [("A says", .right), ("B says", .right)] }
  if hasLoss { columns += [("loss A", .right), ("loss B", .right)] }
  columns.append(("distance", .right))
  var table = TextTable(columns, dispensable: ["loss A", "loss B", "distance"])
  func says(_ name: String?, _ confidence: Double?) -> String {
    guard let name else { return "–" }
    return hasConfidence ? "\(name) (\(Numbers.fixed(confidence, 2)))" : name
  }
  for row in result.disagreements {
    var cells = ["\(row.index)"]
    if hasLabel { cells.append(row.label ?? "–") }
    if hasPrediction { cells += [says(row.predictedA, row.confidenceA), says(row.predictedB, row.confidenceB)] }
    if hasLoss { cells += [Numbers.short(row.lossA), Numbers.short(row.lossB)] }
    cells.append(Numbers.short(row.distance))
    table.add(cells)
  }
  return ["", "Where they differ most (examples count from 0):"] + table.lines(color: color, width: width)
}
