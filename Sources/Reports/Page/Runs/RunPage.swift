import Foundation
import Results

/// The runs of two recipes as one HTML page: every run as a point, layer by layer.
///
/// The same document gives the same bytes.
/// - Complexity: O(document) time.
public func page(_ result: RunComparison) throws -> String {
  let layers = result.layers.enumerated().map { RunPageLayer(index: $0, result: $1) }
  var sections = [try runLayersSection(result, layers)]
  if let svg = RunStrips(layers).svg() {
    sections.append(
      PageSection(
        id: "every-run", short: "Every run", title: "The effect, run by run",
        why: """
          <p>Each mark is one training run: the norm of the layer's weights, over the geometric mean of A's runs. Two clouds \
          that lie apart are an effect of the recipe on the size of the weights; how far runs of one recipe scatter is the noise that \
          the effect has to be seen against. A recipe may act otherwise than on the size: the planes below each layer \
          show that.</p>
          """,
        body: figure(
          svg, walks: "Every run by layer; the arrow keys walk through them",
          caption: "<span class=\"a\">○ A</span>, <span class=\"b\">◇ B</span>, one mark a run; dashed: no difference.",
          scrolls: true)))
  }
  sections.append(try runPanelsSection(result, layers))
  sections.append(try trainingSection(result.metadata, short: trainingDifferences(result.metadata)))
  let lists = result.unshared.map { "\($0.name): \($0.reason)" } + result.damaged.map { "\($0.name): \($0.reason)" }
  if !(result.warnings + lists).isEmpty { sections.append(warningsSection(result.warnings + lists)) }
  sections += [runMeaningSection(result), try runProvenanceSection(result)]
  let headline = runHeadline(result, layers)
  return try Templates.render(
    PackageResources.page_mustache,
    [
      "version": result.provenance.version, "kind": "comparison of two recipes, from several runs each",
      "title": headline.text, "headline": headline.text, "lede": headline.lede,
      "identity": runIdentity(result), "answers": runAnswers(result, layers).map(\.context),
      "sections": sections.map(\.context), "css": Templates.text(PackageResources.page_css),
      "script": Templates.text(PackageResources.page_js), "data": try PackedJSON.text(result),
    ])
}

/// A layer of a comparison of recipes, in the page's words.
struct RunPageLayer {
  let index: Int
  let result: RunLayer

  var name: String { result.layer.isEmpty ? "(top)" : result.layer }
  var state: String { result.significant ? "differs" : result.pValue == nil ? "untested" : "undecided" }
  var verdict: String { result.significant ? "differs" : result.pValue == nil ? "not tested" : "open" }
}

private func text(_ effect: Effect?, _ decimals: Int) -> String {
  guard let value = effect?.value else { return "–" }
  guard let interval = effect?.interval, interval.count == 2 else { return Numbers.fixed(value, decimals) }
  return
    "\(Numbers.fixed(value, decimals)) [\(Numbers.fixed(interval[0], decimals)), \(Numbers.fixed(interval[1], decimals))]"
}

/// Adjusted p, then p, then the size of the effect.
private func strongestFirst(_ layers: [RunPageLayer]) -> [RunPageLayer] {
  func key(_ layer: RunPageLayer) -> (Double, Double, Double, Int) {
    (layer.result.pAdjustedMaxT ?? 2, layer.result.pValue ?? 2, -(layer.result.effect?.value ?? 0), layer.index)
  }
  return layers.sorted { key($0) < key($1) }
}

// MARK: First screen

private func runHeadline(_ result: RunComparison, _ layers: [RunPageLayer]) -> (text: String, lede: String) {
  let differing = layers.count { $0.result.significant }
  let tested = layers.count { $0.result.pValue != nil }
  switch result.verdict {
  case .incomparable: return ("Nothing could be compared", "The runs share no tensor.")
  case .identicalFiles, .identicalValues:
    return ("The runs do not differ", "No run's features differ from another's: nothing to test.")
  case .different:
    let text =
      differing == 0
      ? "No layer shows an effect of the recipe"
      : "The recipe changes \(differing) of \(tested) \(tested == 1 ? "layer" : "layers")"
    return (text, result.significance.statement)
  }
}

private func runAnswers(_ result: RunComparison, _ layers: [RunPageLayer]) -> [PageAnswer] {
  let differing = strongestFirst(layers).filter(\.result.significant)
  var which = PageAnswer(
    question: "Which layers does the recipe change?",
    answer: differing.isEmpty ? "None that these runs could tell" : "\(differing.count) of \(layers.count)",
    tone: differing.isEmpty ? nil : "differs")
  which.items = differing.prefix(5).map { layer in
    (
      "layer-\(layer.index)", shortened(layer.name, to: 34),
      layer.result.effect?.value.map { "ω² \(Numbers.fixed($0, 2))" } ?? ""
    )
  }
  if differing.count > 5 { which.detail = "and \(differing.count - 5) more." }
  let design = result.design
  let strongest = layers.compactMap(\.result.pAdjustedMaxT).min()
  let count = design.labellings < 1e9 ? Numbers.count(Int(design.labellings)) : Numbers.short(design.labellings)
  let how =
    design.isExact
    ? "Every one of the \(count) ways to hand out the recipes was looked at: p is exact."
    : "\(Numbers.count(design.resamples)) of \(count) ways to hand out the recipes were looked at."
  let scattered = layers.filter {
    ($0.result.dispersionPValue ?? 1) <= result.significance.alpha && $0.result.significant
  }
  return [
    PageAnswer(
      question: "Do the recipes differ?",
      answer: differing.isEmpty ? "Not that these runs could tell" : "Yes", tone: differing.isEmpty ? nil : "differs",
      detail: "\(design.runsA) runs of A and \(design.runsB) of B; the randomness is that of training runs."),
    which,
    PageAnswer(
      question: "How sure is that?",
      answer: strongest.map { "Adjusted p from \(Numbers.probability($0))" } ?? "No test applies",
      detail:
        "\(how) With so many runs no p can be below \(Numbers.probability(design.smallestPValue)). Adjusted over layers by the "
        + "step-down maximum (maxT) at α = \(Numbers.short(result.significance.alpha, digits: 1))."),
    PageAnswer(
      question: "What may be claimed?",
      answer: differing.isEmpty
        ? "That no effect was found, not that there is none" : "That the recipe changes these layers",
      detail: scattered.isEmpty
        ? "For runs like these: the same data, code and hardware, and other seeds."
        : "Runs of A and B scatter unequally in \(scattered.prefix(3).map(\.name).joined(separator: ", ")): there, p may be about the scatter."
    ),
  ]
}

private func runIdentity(_ result: RunComparison) -> String {
  func list(_ side: String, _ group: RunGroup) -> String {
    let paths = group.runs.map { "<code>\(escaped($0.path))</code>" }
    let shown = paths.prefix(6).joined(separator: "<br>")
    let rest =
      paths.count > 6
      ? "<details><summary>and \(paths.count - 6) more</summary>\(paths.dropFirst(6).joined(separator: "<br>"))</details>"
      : ""
    return "<dt class=\"\(side.lowercased())\">\(side)</dt><dd>\(shown)\(rest)</dd>"
  }
  return "<dl class=\"models\">\(list("A", result.a))\(list("B", result.b))</dl>"
}

// MARK: Table

private func runLayersSection(_ result: RunComparison, _ layers: [RunPageLayer]) throws -> PageSection {
  let percent = String(format: "%g", result.significance.confidence * 100)
  let columns: [(name: String, isLeft: Bool, hint: String)] = [
    ("layer", true, ""), ("verdict", true, ""), ("weights", false, ""),
    ("ω²", false, "share of the variance between runs that the recipe explains, corrected for chance"),
    ("norm B/A [\(percent) %]", false, "geometric mean of B's runs over that of A's"),
    ("spread A", false, "root mean squared distance of A's runs from their centre"),
    ("spread B", false, "the same for B's runs"),
    ("p", false, ""), ("adj. p (maxT)", false, "adjusted over layers by the step-down maximum"),
    ("adj. p (\(result.significance.adjustment))", false, "adjusted over layers"),
    ("smallest p", false, "no result could have had a smaller p"),
    ("p of scatter", false, "whether runs of A and B scatter alike"),
  ]
  func cell(_ value: Double?, _ text: String, _ kind: String? = nil) -> [String: Any] {
    var cell: [String: Any] = ["value": PackedJSON.digits(value, 9), "text": text]
    cell["kind"] = kind
    return cell
  }
  let rows = strongestFirst(layers).map { layer -> [String: Any] in
    let r = layer.result
    return [
      "index": layer.index, "layer": layer.name, "state": layer.state, "verdict": layer.verdict,
      "cells": [
        cell(Double(r.weightCount), Numbers.count(r.weightCount)), cell(r.effect?.value, text(r.effect, 2)),
        cell(r.normRatio?.value, text(r.normRatio, 2)), cell(r.spreadA, Numbers.short(r.spreadA)),
        cell(r.spreadB, Numbers.short(r.spreadB)),
        cell(r.pValue, Numbers.probability(r.pValue), "p"),
        cell(r.pAdjustedMaxT, Numbers.probability(r.pAdjustedMaxT), "p"),
        cell(r.pAdjusted, Numbers.probability(r.pAdjusted)),
        cell(r.smallestPValue, Numbers.probability(r.smallestPValue)),
        cell(r.dispersionPValue, Numbers.probability(r.dispersionPValue)),
      ],
    ]
  }
  return PageSection(
    id: "layers", short: "Layers", title: "Layers",
    why: """
      <p>Runs of one recipe differ by their seeds alone. <b>p</b> asks how often handing out the labels A and B among all the \
      runs at random would set the two groups as far apart as they are. <b>adj. p (maxT)</b> accounts for the number of layers \
      under the same labellings; a layer <b>differs</b> where that is at most α. <b>ω²</b> is the share of the variance between \
      runs that the recipe explains. A small <b>p of scatter</b> says that one recipe's runs scatter more, which p cannot tell \
      from a shift.</p>
      """,
    body: try Templates.render(
      PackageResources.layers_mustache,
      [
        "summary": layers.isEmpty
          ? "No layer was tested."
          : "\(layers.count) \(layers.count == 1 ? "layer" : "layers"). A heading sorts; a name leads to the layer's runs and tests.",
        "rows": rows, "digits": "seven",
        "columns": columns.map { column in
          var context: [String: Any] = ["name": column.name, "left": column.isLeft]
          if !column.hint.isEmpty { context["hint"] = column.hint }
          return context
        },
      ]))
}

// MARK: Layer by layer

private func runPanelsSection(_ result: RunComparison, _ layers: [RunPageLayer]) throws -> PageSection {
  let panels = strongestFirst(layers).map { layer -> [String: Any] in
    [
      "index": layer.index, "layer": layer.name, "state": layer.state, "verdict": layer.verdict,
      "text": "ω² \(text(layer.result.effect, 2)) · adjusted p \(Numbers.probability(layer.result.pAdjustedMaxT))",
      "content": panel(layer),
    ]
  }
  return PageSection(
    id: "each-layer", short: "Each layer", title: "Layer by layer",
    why: """
      <p>The plane shows as much as two directions can of how the runs differ in this layer, drawn without regard to the labels. \
      Where marks of A and B keep apart, the recipe acts; where they mix, it does not, or not more than the seeds do.</p>
      """, body: try Templates.render(PackageResources.panels_mustache, ["panels": panels, "isDrawn": true]))
}

private func panel(_ layer: RunPageLayer) -> String {
  let r = layer.result
  var html = r.warnings.map { "<p class=\"note\">⚠ \(escaped($0))</p>" }.joined()
  if let reason = r.methodReason {
    html += "<p class=\"small\">p = \(Numbers.probability(r.pValue)): \(escaped(reason))</p>"
  }
  let plane = RunPlane(layer)
  if let svg = plane.svg() {
    html +=
      "<div class=\"pair\">"
      + figure(svg, walks: "Runs of \(layer.name); the arrow keys walk through them", caption: plane.caption)
      + "</div>"
  }
  guard !r.tests.isEmpty else { return html }
  var table = PageTable(
    "Tests of \(layer.name)",
    [
      ("test", .text), ("value", .number), ("p", .number), ("adj. p", .number), ("smallest p", .number),
      ("method", .text), ("why so", .words),
    ])
  for test in r.tests {
    table.add([
      "\(test.id) \(test.statistic)", Numbers.short(test.value), Numbers.probability(test.pValue),
      Numbers.probability(test.pAdjusted), Numbers.probability(test.smallestPValue),
      (test.method ?? "–").replacing("_", with: " "),
      test.warnings.isEmpty ? test.methodReason ?? "" : test.warnings.joined(separator: "; "),
    ])
  }
  return html + table.html
}

// MARK: Words

private func runMeaningSection(_ result: RunComparison) -> PageSection {
  var body = ""
  var seen: Set<String> = []
  for test in result.layers.flatMap(\.tests) + result.tensors.flatMap(\.tests) where seen.insert(test.id).inserted {
    body +=
      "<h3>\(escaped(test.id))\(meanings[test.id].map { ": " + escaped($0.question) } ?? "")</h3><dl class=\"facts\"><dt>null hypothesis</dt><dd>\(escaped(test.nullHypothesis))</dd>"
    if let meaning = meanings[test.id] {
      body +=
        "<dt>a small p says</dt><dd>\(escaped(meaning.says))</dd><dt>it does not say</dt><dd>\(escaped(meaning.saysNot))</dd>"
    }
    body += "</dl>"
  }
  return PageSection(id: "meaning", short: "Meaning", title: "What the tests ask, and what they don't", body: body)
}

private func runProvenanceSection(_ result: RunComparison) throws -> PageSection {
  var provenance = result.provenance
  // The runs come after their options, whatever form the arguments have.
  let words = provenance.arguments.dropFirst().filter { $0 != "--group-a" && $0 != "--group-b" }
  let paths = Set(result.a.runs.map(\.path) + result.b.runs.map(\.path))
  provenance.arguments =
    [provenance.arguments.first ?? "significance", "--group-a"] + result.a.runs.map(\.path) + ["--group-b"]
    + result.b.runs.map(\.path)
    + words.filter { !paths.contains($0) }
  return try provenanceSection(provenance, schema: result.schema, commands: commands(provenance, inputs: []))
}
