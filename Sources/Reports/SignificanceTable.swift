import Foundation
import Results

/// The layers, those with the strongest evidence first, and what may be claimed of them.
func significanceLines(_ result: ModelComparison, color: Bool, width: Int?) -> [String] {
  guard let layers = result.layers, let settings = result.significance else { return [] }
  let percent = String(format: "%g", settings.confidence * 100)
  let tests = "drift·scale·shape"
  let isNarrow = width.map { $0 < 120 } ?? false
  var table = TextTable(
    [
      ("layer", .left), ("weights", .right), ("rel. L2", .right), ("cosine", .right),
      ("norm B/A [\(percent) %]", .right), ("W1/SD", .right), ("dead A/B", .right), ("p", .right), ("adj. p", .right),
      (isNarrow ? "d·s·s" : tests, .left),
    ], dispensable: ["W1/SD", "cosine", "p", "dead A/B", "weights", "rel. L2", "norm B/A [\(percent) %]"])
  for layer in byEvidence(layers) {
    table.add(
      [
        layer.layer.isEmpty ? "(top)" : layer.layer, Numbers.count(layer.weightCount), Numbers.short(layer.relativeL2),
        Numbers.fixed(layer.cosineSimilarity, 3), ratioText(layer.effect), Numbers.fixed(layer.wasserstein1PerSD, 2),
        layer.deadUnitsA.map { "\($0)/\(layer.deadUnitsB ?? 0)" } ?? "–", Numbers.probability(layer.pValue),
        Numbers.probability(layer.pAdjusted), bars(layer),
      ], styles: layer.significant ? [0: .init(isBold: true), 8: .init(isBold: true)] : [:])
  }
  var lines = layers.isEmpty ? [] : table.lines(color: color, width: width)
  lines.append("")
  lines += wrapped(conclusion(result, layers, settings), width)
  lines += wrapped(deadUnitLines(result), width, indent: 4)
  lines += wrapped(pairTestLines(result, alpha: settings.alpha), width, indent: 4)
  return lines
}

/// Adjusted p, then p, then the size of the difference.
func byEvidence(_ layers: [LayerResult]) -> [LayerResult] {
  func key(_ layer: LayerResult) -> (Double, Double, Double) {
    (layer.pAdjusted ?? 2, layer.pValue ?? 2, -(layer.relativeL2 ?? 0))
  }
  return layers.enumerated().sorted { x, y in
    let left = key(x.element)
    let right = key(y.element)
    return left == right ? x.offset < y.offset : left < right
  }.map(\.element)
}

func ratioText(_ effect: Effect?) -> String {
  guard let effect, let value = effect.value else { return "–" }
  guard let interval = effect.interval, interval.count == 2 else { return Numbers.fixed(value, 2) }
  return "\(Numbers.fixed(value, 2)) [\(Numbers.fixed(interval[0], 2)), \(Numbers.fixed(interval[1], 2))]"
}

/// One bar a test, higher for smaller p: full from 10⁻⁴ on.
private func bars(_ layer: LayerResult) -> String {
  let heights = Array("▁▂▃▄▅▆▇█")
  return ["drift", "scale", "shape"].map { id in
    guard let p = layer.pByTest[id], p > 0 else { return "·" }
    return String(heights[max(0, min(7, Int((-log10(p) * 2).rounded(.down))))])
  }.joined()
}

private func conclusion(
  _ result: ModelComparison, _ layers: [LayerResult], _ settings: SignificanceSettings
) -> [String] {
  let differing = layers.filter(\.significant).count
  let tested = layers.filter { $0.pValue != nil }.count
  let unasked = layers.reduce(0) { count, layer in
    count + (layer.pValue == nil && layer.warnings.contains { $0.hasPrefix("no test was asked") } ? 1 : 0)
  }
  var lines: [String] = []
  switch result.verdict {
  case .incomparable: return [nothingToCompare]
  case .identicalFiles: lines.append("Identical: every file has the same bytes. Nothing to test: every p is 1.")
  case .identicalValues: lines.append("Identical values in every tensor. Nothing to test: every p is 1.")
  case .different where tested == 0 && unasked > 0:
    lines.append("A layer's p rests on drift, scale and shape, none of which was asked for.")
  case .different:
    lines.append(
      "\(differing) of \(tested) layers \(differing == 1 ? "differs" : "differ") (\(adjustmentName(settings.adjustment)), "
        + "α = \(settings.alpha); \(Numbers.count(settings.resamples)) "
        + "\(settings.pairing == nil ? "swaps" : "labellings") of units, seed \(settings.seed)).")
    if differing > 0 {
      lines.append(settings.statement)
    } else {
      lines.append(
        "No layer differs in a direction that its units share. That does not show that the models are the same.")
    }
    lines.append("Train more seeds of each recipe and use --group-a/--group-b: 5 + 5 runs can reach p = .0079.")
  }
  if layers.count > tested + unasked {
    let rest = layers.count - tested - unasked
    lines.append(
      rest == 1
        ? "1 layer has no units to test; it is described only."
        : "\(Numbers.count(rest)) layers have no units to test; they are described only.")
  }
  return lines
}

func adjustmentName(_ method: String) -> String {
  switch method {
  case "bh": "Benjamini-Hochberg"
  case "by": "Benjamini-Yekutieli"
  case "holm": "Holm"
  case "hochberg": "Hochberg"
  case "bonferroni": "Bonferroni"
  default: "not adjusted"
  }
}

/// Units that training switched off, by name.
private func deadUnitLines(_ result: ModelComparison) -> [String] {
  var lines: [String] = []
  // A tensor of zeros throughout was never trained: that is not a unit's death.
  for pair in result.pairs where pair.shape.count > 1 && !pair.name.hasSuffix("/bias") {
    for (side, units) in [("A", pair.deadUnitsA ?? []), ("B", pair.deadUnitsB ?? [])]
    where !units.isEmpty && units.count < pair.unitCount {
      let shown = units.prefix(24).map(String.init).joined(separator: " ")
      lines.append(
        "  \(pair.name) in \(side), \(units.count) of \(pair.unitCount) \(pair.unit)s: \(shown)\(units.count > 24 ? " …" : "")"
      )
    }
  }
  return lines.isEmpty ? [] : ["", "Dead units (norm 0, or below a millionth of the median):"] + lines
}
