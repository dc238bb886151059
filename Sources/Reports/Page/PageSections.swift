import Foundation
import Results

// MARK: The table of layers

func layersSection(_ result: ModelComparison, _ layers: [PageLayer], isFull: Bool) throws -> PageSection {
  let percent = String(format: "%g", (result.significance?.confidence ?? 0.95) * 100)
  let columns: [(name: String, isLeft: Bool, hint: String?)] = [
    ("layer", true, nil), ("verdict", true, nil), ("weights", false, nil),
    ("rel. L2", false, "norm of the difference over the norm of A"), ("cosine", false, "cosine similarity of A and B"),
    ("norm B/A [\(percent) %]", false, "ratio of the norms of the layer's largest tensor, with its interval"),
    ("W1/SD", false, "Wasserstein distance of the weights' distributions, in standard deviations"),
    ("dead A/B", false, "units whose norm is 0 or below a millionth of the median"), ("p", false, nil),
    ("adj. p", false, "adjusted for the number of layers"),
    ("tests", true, "drift, scale, shape: a bar a test, higher for smaller p, full from 0.0001 on"),
  ]
  let rows = byEvidence(layers).map { layer -> [String: Any] in
    let result = layer.result
    func cell(_ value: Double?, _ text: String, _ kind: String? = nil) -> [String: Any] {
      var cell: [String: Any] = ["value": PackedJSON.digits(value, 6), "text": text]
      cell["kind"] = kind
      return cell
    }
    let dead = result.deadUnitsA.map { "\($0)/\(result.deadUnitsB ?? 0)" } ?? "–"
    return [
      "index": layer.index, "layer": layer.name, "state": layer.state, "verdict": layer.verdict,
      "cells": [
        cell(Double(result.weightCount), Numbers.count(result.weightCount)),
        cell(result.relativeL2, Numbers.short(result.relativeL2)),
        cell(result.cosineSimilarity, Numbers.fixed(result.cosineSimilarity, 3)),
        cell(result.effect?.value, layer.ratio),
        cell(result.wasserstein1PerSD, Numbers.fixed(result.wasserstein1PerSD, 2)),
        cell(result.deadUnitsA.map { Double(max($0, result.deadUnitsB ?? 0)) }, dead),
        cell(result.pValue, Numbers.probability(result.pValue), "p"),
        cell(result.pAdjusted, Numbers.probability(result.pAdjusted), "p"),
        cell(result.pByTest.values.min(), bars(result), "left"),
      ],
    ]
  }
  let differing = layers.count { $0.result.significant }
  let summary =
    layers.isEmpty
    ? "No layer was tested."
    : "\(layers.count) \(layers.count == 1 ? "layer" : "layers"), \(differing) of which \(differing == 1 ? "differs" : "differ"). "
      + "A heading sorts; a name leads to the layer's pictures and tests."
  return PageSection(
    id: "layers", short: "Layers", title: "Layers",
    why: """
      <p>A layer's <b>p</b> asks one question: how often would swapping whole units (neurons, filters, rows) between A and B \
      at random bring about a difference as large as the one found? It comes from the largest of three standardised \
      statistics, of drift, scale and shape, over the layer's tensors. <b>adj. p</b> accounts for the number of layers. \
      A layer <b>differs</b> where that is at most α; <b>open</b> means that chance could have done it, not that nothing \
      differs.</p><p><b>rel. L2</b> and <b>cosine</b> measure the difference weight by weight. Two networks trained from \
      different seeds have a cosine near 0 even if they do the same: units come in another order. The <b>norm ratio</b> does \
      not depend on the order.</p>
      """,
    body: try Templates.render(
      PackageResources.layers_mustache,
      [
        "summary": summary, "rows": rows, "digits": isFull ? "seven" : "five", "isAbridged": !isFull,
        "columns": columns.map { column in
          var context: [String: Any] = ["name": column.name, "left": column.isLeft]
          context["hint"] = column.hint
          return context
        },
      ]))
}

/// One bar a test, higher for smaller p: full from 10⁻⁴ on.
private func bars(_ layer: LayerResult) -> String {
  let tests = ["drift", "scale", "shape"]
  var marks = ""
  var words: [String] = []
  for (i, test) in tests.enumerated() {
    guard let p = layer.pByTest[test], p > 0 else {
      words.append("\(test) –")
      continue
    }
    let height = max(1, min(16, -log10(p) * 4))
    marks += "M\(i * 12) 16v-\(place(height))h9v\(place(height))z"
    words.append("\(test) \(Numbers.probability(p))")
  }
  let label = escaped(words.joined(separator: ", "))
  return
    "<svg class=\"bars\" role=\"img\" aria-label=\"\(label)\" width=\"33\" height=\"16\"><path d=\"\(marks)\"/></svg>"
}

// MARK: Evidence

func evidenceSections(_ result: ModelComparison, _ layers: [PageLayer]) throws -> [PageSection] {
  guard let settings = result.significance, !layers.isEmpty else { return [] }
  var sections: [PageSection] = []
  let volcano = VolcanoPlot(layers, alpha: settings.alpha)
  if let svg = volcano.svg() {
    var body = figure(
      svg, walks: "Evidence against effect; the arrow keys walk through the layers",
      caption:
        "<b>◆ differs</b>, ○ open. Further from the middle is a larger change of size, higher is stronger evidence.")
    if !volcano.leftOut.isEmpty {
      let names = volcano.leftOut.prefix(12).map { escaped($0.name) }.joined(separator: ", ")
      body +=
        "<p class=\"note\">Not in the plot, for want of a norm ratio or a p: \(names)"
        + (volcano.leftOut.count > 12 ? " and \(volcano.leftOut.count - 12) more" : "") + ".</p>"
    }
    sections.append(
      PageSection(
        id: "evidence", short: "Evidence", title: "Evidence against effect",
        why: """
          <p>Each mark is a layer. Across: by what factor its norm grew or shrank, on a logarithmic scale. Upwards: how hard \
          the difference is to explain by chance. A mark that is high but near the middle differs in its distribution or by \
          a shift rather than in size; one far out but low may be too small a layer to tell.</p>
          """, body: body))
  }
  if let svg = DepthStrip(layers).svg() {
    sections.append(
      PageSection(
        id: "over-depth", short: "Depth", title: "Over the depth of the network",
        why: """
          <p>One column a layer, from the first to the last. Fine-tuning usually shows at one end; a changed penalty shows \
          everywhere; a layer that was initialised anew stands out alone.</p>
          """,
        body: figure(
          svg, walks: "Heat strip over depth; the arrow keys walk through the layers", caption: nil, scrolls: true)
          + DepthStrip.legend))
  }
  let plots = PValuePlots(layers)
  if let histogram = plots.histogram(), let quantiles = plots.quantiles() {
    let few =
      plots.count < 20
      ? "<p class=\"note\">\(plots.count) \(plots.count == 1 ? "p-value is" : "p-values are") too few to see a shape in.</p>"
      : ""
    sections.append(
      PageSection(
        id: "p-values", short: "p-values", title: "All p-values together",
        why: """
          <p>If no layer differed, p-values would spread evenly: a flat histogram at the dashed line, and points along the \
          diagonal. A peak at the left means that some layers do differ; a slope to the right would mean that the tests are \
          conservative here. The grey band holds 95 % of all even samples of this size (Dvoretzky-Kiefer-Wolfowitz); layers of one \
          network are not independent, so take it as a guide.</p>
          """,
        body: few + "<div class=\"pair\">"
          + figure(histogram, walks: nil, caption: "Histogram; dashed: what chance alone gives.")
          + figure(
            quantiles, walks: "Q-Q plot of p-values; the arrow keys walk through the layers",
            caption: "Observed against expected, both as −log₁₀ p.") + "</div>"))
  }
  return sections
}

/// A picture with its caption; `walks` names it for those who go through its marks by keyboard.
func figure(_ svg: String, walks: String?, caption: String?, scrolls: Bool = false) -> String {
  let label = walks.map { " tabindex=\"0\" role=\"group\" data-walk aria-label=\"\(escaped($0))\"" } ?? ""
  return "<figure><div\(scrolls ? " class=\"scroll\"" : "")\(label)>\(svg)</div>"
    + (caption.map { "<figcaption>\($0)</figcaption>" } ?? "") + "</figure>"
}

// MARK: Layer by layer

func panelsSection(_ layers: [PageLayer], _ detail: PageDetail) throws -> PageSection {
  let panels = byEvidence(layers).map { layer -> [String: Any] in
    var facts = ["\(Numbers.count(layer.result.weightCount)) weights"]
    if layer.result.effect?.value != nil { facts.append("norm B/A \(layer.ratio)") }
    if let p = layer.result.pAdjusted { facts.append("adjusted p \(Numbers.probability(p))") }
    return [
      "index": layer.index, "layer": layer.name, "state": layer.state, "verdict": layer.verdict,
      "text": facts.joined(separator: " · "),
    ]
  }
  return PageSection(
    id: "each-layer", short: "Each layer", title: "Layer by layer",
    why: """
      <p>For each tensor: the <b>distribution</b> of its weights in A (hatched) and B (plain) with the fitted curves; the \
      <b>Q-Q plot</b> of either side against that fit, straight where the fit holds; the <b>norm of every unit</b> in A and \
      B, on the diagonal where nothing changed; and every <b>effect with its interval</b>, against the dashed line of no \
      effect.</p>
      """, body: try Templates.render(PackageResources.panels_mustache, ["panels": panels]))
}

// MARK: Words

func warningsSection(_ warnings: [String]) -> PageSection {
  PageSection(
    id: "warnings", short: "Warnings", title: "Warnings",
    body: "<ul class=\"warnings\">" + warnings.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>")
}

func glossarySection(_ result: ModelComparison) -> PageSection {
  var body = ""
  var seen: Set<String> = []
  for test in result.pairs.flatMap({ $0.tests ?? [] }) where seen.insert(test.id).inserted {
    guard let meaning = meanings[test.id] else { continue }
    body +=
      "<h3>\(escaped(test.id)): \(escaped(meaning.question))</h3><dl class=\"facts\"><dt>null hypothesis</dt><dd>\(escaped(test.nullHypothesis))</dd>"
      + "<dt>a small p says</dt><dd>\(escaped(meaning.says))</dd><dt>it does not say</dt><dd>\(escaped(meaning.saysNot))</dd></dl>"
  }
  if let settings = result.significance { body += "<p>Two-sided: \(escaped(settings.twoSided)).</p>" }
  body +=
    "<p>Differences are B − A and ratios B over A; standard deviations divide by n. An effect's interval speaks of other "
    + "units of the same kind, not of other training runs. A p of exactly 0 does not exist: the smallest that the data "
    + "allow stands beside each test.</p>"
  return PageSection(id: "meaning", short: "Meaning", title: "What the tests ask, and what they don't", body: body)
}
