import Results

/// What a test asks, and what a small p of it says and does not say. A test that is added has its line in ``meanings``.
struct Meaning {
  let question: String
  let says: String
  let saysNot: String
}

let meanings: [String: Meaning] = [
  "drift": Meaning(
    question: "Did the weights shift in one direction?",
    says: "the units' mean differences point the same way more than swapping units between A and B would bring about",
    saysNot: "that the models compute something else: a common shift can be undone by the next layer"),
  "scale": Meaning(
    question: "Did the units' norms grow or shrink?",
    says: "the norms changed in one direction more than swapping units would bring about",
    saysNot:
      "that the function changed: with ReLU or batch normalisation a rescaled layer can compute the same"),
  "shape": Meaning(
    question: "Do the weights have the same distribution?",
    says: "the pooled histograms of A and B are farther apart than when units are swapped at random",
    saysNot: "which weights changed; equal distributions do not mean equal weights either"),
  "population": Meaning(
    question: "Are the units of both drawn from one population?",
    says: "the units' means, spreads, norms and quantiles differ more than when units are swapped at random",
    saysNot: "which units changed, or that any output did; it does not look at the order of inputs"),
  "equivalence": Meaning(
    question: "Are the two the same within a margin?",
    says: "the effect lies within the margin, as far as units of this kind tell: here a small p means the same",
    saysNot: "that the margin is small enough: that is yours to judge. Failing to show it does not show a difference"),
  "lineage": Meaning(
    question: "Do the two models share an origin?",
    says:
      "units at the same place are more alike than chance has it: one descends from the other, or both from one start",
    saysNot:
      "that they are similar in any other way; nor does a large p exclude a copy whose hidden units were permuted"),
  "fit": Meaning(
    question: "Which family of distributions describes the weights?",
    says: "the best family still does not describe them, if weights were independent draws",
    saysNot: "anything about training: weights of a unit depend on one another, and enough of them reject every family"),
  "flips": Meaning(
    question: "What would a test of single weights say?",
    says: "nothing about training: shown to be compared with drift",
    saysNot: "that the models differ by more than chance: it rejects far too often between two runs of one recipe"),
  "bins": Meaning(
    question: "What would a test of single binned weights say?",
    says: "nothing about training: shown to be compared with shape",
    saysNot:
      "that the distributions differ by more than chance: it rejects far too often between two runs of one recipe"),
  "divergence": Meaning(
    question: "How far apart are the distributions?",
    says: "a measure in nats or bits; whether chance explains it is asked by shape",
    saysNot: "anything by its size alone: it is positive between any two samples"),
]

/// Every test of a significance document in plain words, with why each p-value was computed as it was.
public func explanation(_ result: ModelComparison) -> String {
  guard let settings = result.significance, let layers = result.layers else { return "" }
  var lines = ["", "What the p-values mean"]
  let tests = result.pairs.flatMap { $0.tests ?? [] }
  var seen: Set<String> = []
  for test in tests where seen.insert(test.id).inserted {
    lines.append("")
    lines.append("\(test.id) (\(test.level) level): \(meanings[test.id]?.question ?? "")")
    lines.append("  null hypothesis: \(test.nullHypothesis)")
    guard let meaning = meanings[test.id] else { continue }
    lines.append("  a small p says: \(meaning.says)")
    lines.append("  it does not say: \(meaning.saysNot)")
  }
  lines += ["", "Two-sided: \(settings.twoSided).", settings.statement]
  lines += ["", "How each p was computed"]
  for layer in byEvidence(layers) {
    lines.append("")
    lines.append(
      "\(layer.layer.isEmpty ? "(top)" : layer.layer): \(sentence(layer.pValue, layer.method, layer.methodReason))")
    lines += layer.warnings.map { "  \($0)" }
    for pair in result.pairs where layer.tensors.contains(pair.name) {
      for test in pair.tests ?? [] where test.pValue != nil {
        lines.append(
          "  \(pair.name) \(test.id) \(test.statistic): \(sentence(test.pValue, test.method, test.methodReason))")
      }
    }
  }
  return lines.joined(separator: "\n") + "\n"
}

private func sentence(_ p: Double?, _ method: String?, _ reason: String?) -> String {
  guard let p else { return "no p-value" }
  let how = [method, reason].compactMap { $0 }.joined(separator: ": ")
  return "p = \(Numbers.probability(p))" + (how.isEmpty ? "" : ", \(how)")
}
