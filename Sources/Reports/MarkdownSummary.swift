import Results

/// A condition and whether it holds.
public struct CheckedCondition: Sendable {
  public let source: String
  public let outcome: Condition.Outcome

  public init(_ condition: Condition, outcome: Condition.Outcome) {
    source = condition.source
    self.outcome = outcome
  }
}

/// GitHub's Markdown for a job's summary: the answer, the condition, the layers in short, and every row below a fold.
public func markdownSummary(
  _ result: ModelComparison, by kind: RowKind = .pair, condition: CheckedCondition? = nil
) -> String {
  let layers = PageLayer.all(of: result)
  let headline = PageHeadline(result, layers)
  var parts = ["## \(headline.text)", headline.lede]
  let lines = conditionLines(condition)
  if !lines.isEmpty { parts.append(String(lines.dropLast(2))) }
  parts.append("**A** `\(result.a.path)` \(result.a.format)  \n**B** `\(result.b.path)` \(result.b.format)")
  let training = trainingDifferences(result.metadata)
  if !training.isEmpty { parts.append("Training differs: \(training.prefix(5).joined(separator: "; ")).") }
  if !layers.isEmpty {
    var table = TextTable([
      ("layer", .left), ("verdict", .left), ("rel. L2", .right), ("norm B/A", .right), ("p", .right),
      ("adj. p", .right),
    ])
    for layer in byEvidence(layers).prefix(50) {
      table.add([
        layer.result.significant ? "**\(layer.name)**" : layer.name, layer.verdict,
        Numbers.short(layer.result.relativeL2),
        layer.ratio, Numbers.probability(layer.result.pValue), Numbers.probability(layer.result.pAdjusted),
      ])
    }
    parts.append(table.markdown().joined(separator: "\n"))
    if layers.count > 50 { parts.append("and \(layers.count - 50) more layers") }
  }
  if !result.damaged.isEmpty {
    parts.append(":warning: Left out: \(result.damaged.map { "\($0.name) (\($0.reason))" }.joined(separator: "; "))")
  }
  let rows = markdown(result, by: kind)
  parts.append("<details><summary>Every column</summary>\n\n\(rows)\n</details>")
  return parts.joined(separator: "\n\n") + "\n"
}

/// Whether a condition holds and for what, as a paragraph of Markdown; empty without one.
public func conditionLines(_ condition: CheckedCondition?) -> String {
  guard let condition else { return "" }
  let text = "`\(condition.source.replacing("`", with: "'"))`"
  guard condition.outcome.holds else { return ":white_check_mark: \(text) does not hold.\n\n" }
  let names = condition.outcome.matches.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
  let rest = condition.outcome.matches.count > 20 ? " and \(condition.outcome.matches.count - 20) more" : ""
  return ":x: \(text) holds\(names.isEmpty ? "" : " for \(names)\(rest)").\n\n"
}
