import Foundation
import Results

/// What the difference does to predictions.
func behaviorSection(_ result: BehaviorComparison) -> PageSection {
  var body = "<p>\(escaped(sourceSentence(result)))</p>"
  body += agreementLines(result).filter { !$0.isEmpty }.map { "<p>\(escaped($0))</p>" }.joined()
  body += measures(result) + tests(result) + classes(result) + examples(result)
  var files = ["measures"]
  if result.classes != nil { files.append("classes") }
  if !result.disagreements.isEmpty { files.append("examples") }
  if result.measures.isEmpty { files.removeFirst() }
  if !files.isEmpty { body += downloads(files) }
  return PageSection(
    id: "behavior", short: "Behaviour", title: "What the difference does to predictions",
    why: """
      <p>Weights are the effect of training; predictions are what they are for. Both models predict the same examples, so what \
      is compared is paired. <b>What is random</b> is which examples the test set holds: a small p or an interval speaks of other \
      examples from the same source, with these two models, and says nothing of another training run.</p>\
      <p><b>accuracy</b>: share of examples whose most probable class is right. <b>log loss</b>: mean −ln p of the right class, in nats. \
      <b>brier</b>: squared distance of the probabilities from the truth. <b>overconfidence</b>: mean confidence less accuracy; 0 is best. \
      <b>calibration error</b>: how far stated confidence is from the share that is right, bin by bin; the interval of \
      its difference is wider than it need be, so that it holds its level.</p>
      """, body: body)
}

/// Whether the models predict the same, for the first screen.
func behaviorAnswer(_ result: BehaviorComparison) -> PageAnswer {
  let agreement = result.agreement
  let share = "\(Numbers.count(agreement.count)) of \(Numbers.count(result.exampleCount)) examples"
  var answer = PageAnswer(question: "Do they predict the same?", answer: "")
  if agreement.share == 1, (agreement.maxAbsDifference ?? 0) == 0 {
    answer.answer = "Yes, for all \(Numbers.count(result.exampleCount)) examples"
    answer.tone = "same"
    return answer
  }
  var notes: [String] = []
  if let measure = result.measure("accuracy") ?? result.measures.first {
    let name = measure.name == "mse" ? "Mean squared error" : measure.name.replacing("_", with: " ")
    answer.answer =
      "\(name.prefix(1).uppercased() + name.dropFirst()) \(Numbers.fixed(measure.a, 3)) → \(Numbers.fixed(measure.b, 3))"
    if let limits = measure.difference.interval, limits.count == 2, limits[0] > 0 || limits[1] < 0 {
      answer.tone = "differs"
    }
    notes.append("B − A \(estimate(measure.difference.value, measure.difference.interval, signed: true))")
    if let test = result.tests.first(where: { $0.id == "mcnemar" }) ?? result.tests.first {
      notes.append(
        "p = \(Numbers.probability(test.pValue)) (\(test.id == "mcnemar" ? "McNemar" : test.id.replacing("_", with: " ")))"
      )
    }
  } else {
    answer.answer = result.task == .regression ? "The same values for \(share)" : "The same class for \(share)"
  }
  if !result.measures.isEmpty, result.task != .regression { notes.append("the same class for \(share)") }
  answer.detail =
    (notes.isEmpty ? "" : notes.joined(separator: "; ") + ". ")
    + "What is random is which examples the test set holds."
  return answer
}

private func sourceSentence(_ result: BehaviorComparison) -> String {
  func side(_ name: String, _ source: BehaviorSource) -> String {
    var parts = ["\(name): \(source.kind == "model" ? "\(source.path) was run" : source.path)"]
    if let signature = source.signature { parts.append("signature \(signature)") }
    if let output = source.output { parts.append("output \(output)") }
    return parts.joined(separator: ", ")
  }
  return "\(exampleSentence(result)). \(side("A", result.a)); \(side("B", result.b))."
}

// MARK: Tables

private func measures(_ result: BehaviorComparison) -> String {
  guard !result.measures.isEmpty else { return "" }
  let level = percent(result.settings.confidence)
  var table = PageTable(
    "Measures",
    [
      ("measure", .text), ("A [\(level)]", .number), ("B [\(level)]", .number), ("B − A [\(level)]", .number),
      ("better", .text),
    ])
  for measure in result.measures {
    let better = clearlyBetter(measure)
    table.add(
      [
        measure.name.replacing("_", with: " "), estimate(measure.a, measure.intervalA),
        estimate(measure.b, measure.intervalB),
        estimate(measure.difference.value, measure.difference.interval, signed: true),
        better ?? (measure.difference.interval == nil ? "–" : "open"),
      ], marked: better == nil ? [] : [3, 4])
  }
  var pictures: [String] = []
  if let svg = MeasureFigure(result).svg() {
    pictures.append(
      figure(
        svg, walks: nil,
        caption: "<b>B − A</b> with \(level) intervals, each on its own scale. Dashed: no difference."))
  }
  if let svg = ReliabilityFigure(result).svg() {
    pictures.append(
      figure(
        svg, walks: "Reliability diagram; the arrow keys walk through the bins",
        caption:
          "<b>Reliability</b>, a mark a bin: <span class=\"a\">○ A</span>, <span class=\"b\">◇ B</span>; larger with more examples. Below the diagonal: overconfident."
      ))
  }
  return "<h3>Measures</h3>" + table.html
    + (pictures.isEmpty ? "" : "<div class=\"pair\">\(pictures.joined())</div>")
}

private func tests(_ result: BehaviorComparison) -> String {
  guard !result.tests.isEmpty else { return "" }
  var table = PageTable(
    "Tests of the predictions",
    [
      ("test", .text), ("of", .text), ("p", .number), ("method", .text), ("null hypothesis", .words),
      ("a small p says", .words),
    ])
  for test in result.tests {
    let words = testWords(test, result.settings)
    table.add(
      [
        test.id, words.of, Numbers.probability(test.pValue), (test.method ?? "–").replacing("_", with: " "),
        test.nullHypothesis, words.says,
      ], marked: (test.pValue ?? 1) <= result.settings.alpha ? [2] : [])
  }
  return "<h3>Tests</h3>" + table.html + "<p class=\"small\">\(escaped(result.settings.statement))</p>"
}

private func classes(_ result: BehaviorComparison) -> String {
  guard let classes = result.classes, !classes.isEmpty else { return "" }
  var table = PageTable(
    "Classes",
    [
      ("class", .text), ("examples", .number), ("recall A", .number), ("recall B", .number), ("precision A", .number),
      ("precision B", .number), ("only A right", .number), ("only B right", .number), ("p", .number),
      ("adj. p", .number),
    ])
  let shown = shownClasses(classes)
  for row in shown {
    table.add(
      [
        row.name, Numbers.count(row.count), Numbers.fixed(row.recallA, 3), Numbers.fixed(row.recallB, 3),
        Numbers.fixed(row.precisionA, 3), Numbers.fixed(row.precisionB, 3), Numbers.count(row.onlyACorrect),
        Numbers.count(row.onlyBCorrect), Numbers.probability(row.pValue), Numbers.probability(row.pAdjusted),
      ], marked: (row.pAdjusted ?? 1) <= result.settings.alpha ? [8, 9] : [])
  }
  var html = "<h3>By class</h3>"
  if let svg = RecallFigure(shown).svg() {
    html += figure(
      svg, walks: "Recall by class; the arrow keys walk through the classes",
      caption:
        "<b>Recall</b>, the share of a class's examples that is recognised: <span class=\"a\">○ A</span>, <span class=\"b\">◇ B</span>.",
      scrolls: true)
  }
  html += table.html
  if shown.count < classes.count {
    html +=
      "<p class=\"note\">The \(shown.count) of \(classes.count) classes that changed most; classes.csv has all.</p>"
  }
  return html
}

private func examples(_ result: BehaviorComparison) -> String {
  let rows = result.disagreements
  guard !rows.isEmpty else { return "" }
  let has = (
    label: rows.contains { $0.label != nil }, prediction: rows.contains { $0.predictedA != nil },
    confidence: rows.contains { $0.confidenceA != nil }, loss: rows.contains { $0.lossA != nil }
  )
  var columns: [(String, PageTable.Kind)] = [("example", .text)]
  if has.label { columns.append(("label", .text)) }
  if has.prediction { columns += [("A says", .text), ("B says", .text)] }
  if has.loss { columns += [("loss A", .number), ("loss B", .number)] }
  columns.append(("distance", .number))
  var table = PageTable("Examples of most disagreement", columns)
  func says(_ name: String?, _ confidence: Double?, _ label: String?) -> String {
    guard let name else { return "–" }
    let mark = label == nil || result.task == .regression ? "" : name == label ? " ✓" : " ✗"
    return name + mark + (has.confidence ? " (\(Numbers.fixed(confidence, 2)))" : "")
  }
  for row in rows {
    var cells = ["\(row.index)"]
    if has.label { cells.append(row.label ?? "–") }
    if has.prediction {
      cells += [says(row.predictedA, row.confidenceA, row.label), says(row.predictedB, row.confidenceB, row.label)]
    }
    if has.loss { cells += [Numbers.short(row.lossA), Numbers.short(row.lossB)] }
    table.add(cells + [Numbers.short(row.distance)])
  }
  return "<h3>Where they differ most</h3><p class=\"small\">Examples count from 0"
    + (has.confidence ? "; in brackets the probability of the predicted class" : "") + ".</p>" + table.html
}
