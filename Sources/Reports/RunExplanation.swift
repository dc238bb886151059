import Results

/// The tests of two groups of runs in plain words, with why each p-value was computed as it was.
public func explanation(_ result: RunComparison) -> String {
  var lines = [
    "", "What the p-values mean", "",
    "recipe (run level): Does the recipe change this layer?",
    "  null hypothesis: \(result.layers.first?.tests.first?.nullHypothesis ?? "the labels of the runs are exchangeable")",
    "  features of a run: norms of its units in order, singular values of its matrices, these over the matrix's norm, and",
    "  quantiles of its weights. They do not change when hidden units change places, which chance decides in every run.",
    "  Each feature is put to mean 0 and standard deviation 1 over all runs, whatever their recipe; tensors, and families of",
    "  features within a tensor, count alike.",
    "  permanova: the share of the squared distances between runs that lies between the recipes (R²; ω² corrects it for chance)",
    "  energy, mmd: sensitive to differences of the whole distribution, beside it",
    "  a small p says: the runs of A and B differ by more than runs of one recipe differ from one another",
    "  it does not say: that any single file differs, nor that the models perform differently",
    "", "dispersion (run level): Do the runs of A and B scatter alike?",
    "  null hypothesis: runs scatter about the centre of their group alike",
    "  a small p says: one recipe's runs lie farther apart. Then a small p of recipe may be about spread too",
    "",
    "maxT p: all layers are relabelled together, and each layer's R², standardised over all labellings, is compared with the",
    "  largest of its own and of all layers with less evidence. The chance that any layer without a difference is called",
    "  significant stays below α, and the smallest possible p does not grow with the layers.",
    "adj. p: \(adjustmentSentence(result.significance.adjustment))",
    "ω² has no interval: with so few runs none holds its level. norm B/A has Welch's, over runs.",
    "", "How each p was computed", "",
  ]
  for layer in byEvidence(result.layers) {
    lines.append("\(layer.layer.isEmpty ? "(top)" : layer.layer)\(planning(layer))")
    for test in layer.tests {
      let how = [test.method, test.methodReason].compactMap { $0 }.joined(separator: ": ")
      lines.append("  \(test.statistic): p = \(Numbers.probability(test.pValue)), \(how)")
    }
    for tensor in result.tensors where layer.tensors.contains(tensor.name) {
      let parts = tensor.tests.filter { $0.statistic.hasPrefix("permanova") }.map { test in
        let family = test.statistic.dropFirst("permanova".count).drop { $0 == "_" }
        return "\(family.isEmpty ? "all" : String(family)) \(Numbers.probability(test.pValue))"
      }
      lines.append("  \(tensor.name), p by features: \(parts.joined(separator: ", "))")
      lines += tensor.warnings.map { "    \($0)" }
    }
    lines += layer.warnings.map { "  \($0)" }
  }
  return lines.joined(separator: "\n") + "\n"
}

/// What `power` takes from a pilot.
private func planning(_ layer: RunLayer) -> String {
  guard let effect = layer.effect?.value, effect > 0, effect < 1 else { return "" }
  let directions = layer.directions.map { ", runs scatter in about \(Int($0.rounded())) directions" } ?? ""
  return ": ω² = \(Numbers.short(effect))\(directions)"
}

private func adjustmentSentence(_ method: String) -> String {
  switch method {
  case "bh": "Benjamini-Hochberg over layers; assumes that layers depend positively, by is safe without"
  case "by": "Benjamini-Yekutieli over layers"
  case "holm": "Holm over layers"
  case "hochberg": "Hochberg over layers; assumes that layers depend positively"
  case "bonferroni": "Bonferroni over layers"
  default: "not adjusted"
  }
}
