import Foundation
import Results

/// The answer in a line, and what may be claimed.
struct PageHeadline {
  let text: String
  let lede: String

  init(_ result: ModelComparison, _ layers: [PageLayer]) {
    let differing = layers.count { $0.result.significant }
    let tested = layers.count { $0.result.pValue != nil }
    switch result.verdict {
    case .identicalFiles:
      text = "The two models are identical"
      lede = "Every file has the same bytes. There is nothing to test."
    case .identicalValues:
      text = "The two models have identical values"
      lede = "Every tensor agrees in every value, though not every file does. There is nothing to test."
    case .incomparable:
      text = "Nothing could be compared"
      lede = "No tensor of one model fits one of the other."
    case .different where result.layers == nil:
      let changed = result.pairs.count { ($0.metrics[.changedCount] ?? 0) > 0 }
      text = "\(Numbers.count(changed)) of \(Numbers.count(result.pairs.count)) tensors changed"
      lede = "Measured, not tested: whether the change is more than chance was not asked."
    case .different where differing > 0:
      text = "\(Numbers.count(differing)) of \(Numbers.count(tested)) layers \(differing == 1 ? "differs" : "differ")"
      lede = result.significance?.statement ?? ""
    case .different:
      text = "No layer differs by more than chance would bring about"
      lede =
        "The values differ, but in no layer in a direction that its units share. That does not show that the models are "
        + "the same."
    }
  }
}

/// The questions of the first screen.
func answers(_ result: ModelComparison, _ layers: [PageLayer]) -> [PageAnswer] {
  [
    sameness(result), whichLayers(result, layers), certainty(result, layers), result.noise.map(noiseFloorAnswer),
    result.behavior.map(behaviorAnswer), claim(result, layers),
  ].compactMap { $0 }
}

private func sameness(_ result: ModelComparison) -> PageAnswer {
  let changed = result.pairs.count { !$0.identical && ($0.metrics[.changedCount] ?? 1) > 0 }
  var notes: [String] = []
  if result.verdict == .different {
    notes.append("\(Numbers.count(changed)) of \(Numbers.count(result.pairs.count)) tensors changed")
  } else {
    notes.append("\(Numbers.count(result.pairs.count)) tensors compared")
  }
  if !result.mismatched.isEmpty { notes.append("\(result.mismatched.count) of another shape") }
  let unpaired = result.unpaired.a.count + result.unpaired.b.count
  if unpaired > 0 { notes.append("\(unpaired) without a partner") }
  if !result.damaged.isEmpty { notes.append("\(result.damaged.count) left out, see Structure") }
  let training = trainingDifferences(result.metadata)
  if !training.isEmpty { notes.append("training differs: " + training.prefix(2).joined(separator: "; ")) }
  let same = result.verdict == .identicalFiles || result.verdict == .identicalValues
  return PageAnswer(
    question: "Are they the same?",
    answer: same
      ? (result.verdict == .identicalFiles ? "Yes, byte for byte" : "Yes, in every value")
      : result.verdict == .incomparable ? "They can't be compared" : "No",
    tone: same ? "same" : "differs", detail: notes.joined(separator: "; ") + ".")
}

private func whichLayers(_ result: ModelComparison, _ layers: [PageLayer]) -> PageAnswer? {
  guard result.layers != nil else { return nil }
  let differing = byEvidence(layers).filter(\.result.significant)
  var answer = PageAnswer(
    question: "Which layers differ?",
    answer: differing.isEmpty
      ? "None that tests could tell"
      : differing.count == layers.count
        ? (layers.count == 1 ? "The one layer" : "All \(layers.count)")
        : "\(differing.count) of \(Numbers.count(layers.count))",
    tone: differing.isEmpty ? nil : "differs")
  answer.items = differing.prefix(5).map { layer in
    (
      "layer-\(layer.index)", shortened(layer.name, to: 34),
      layer.result.effect?.value.map { "norm × \(Numbers.fixed($0, 2))" }
        ?? layer.result.relativeL2.map { "rel. L2 \(Numbers.short($0))" } ?? ""
    )
  }
  let identical = layers.count(where: \.isIdentical)
  var notes: [String] = []
  if differing.count > 5 { notes.append("and \(differing.count - 5) more") }
  if identical > 0 { notes.append("\(identical) identical") }
  let untested = layers.count { $0.result.pValue == nil }
  if untested > 0 { notes.append("\(untested) not tested: no interchangeable units") }
  if !notes.isEmpty { answer.detail = notes.joined(separator: "; ") + "." }
  return answer
}

private func certainty(_ result: ModelComparison, _ layers: [PageLayer]) -> PageAnswer {
  let question = "How sure is that?"
  guard let settings = result.significance else {
    return PageAnswer(question: question, answer: "Measured exactly", detail: "No test was asked for.")
  }
  let tested = layers.filter { $0.result.pAdjusted != nil }
  guard let strongest = tested.compactMap(\.result.pAdjusted).min() else {
    return PageAnswer(
      question: question,
      answer: result.verdict == .different ? "No test applies" : "Certain",
      detail: result.verdict == .different
        ? "No layer has interchangeable units whose swaps could be counted."
        : "Values were compared one by one; chance has no part in it.")
  }
  return PageAnswer(
    question: question, answer: "Adjusted p from \(Numbers.probability(strongest))",
    detail:
      "\(adjustmentName(settings.adjustment)) over \(tested.count) \(tested.count == 1 ? "layer" : "layers") at "
      + "α = \(Numbers.short(settings.alpha, digits: 1)), under \(Numbers.count(settings.resamples)) random "
      + "\(settings.pairing == nil ? "swaps" : "labellings") of units or every "
      + "one there is, seed \(settings.seed). "
      + "The randomness is that of units within these two files, not of training runs.")
}

private func claim(_ result: ModelComparison, _ layers: [PageLayer]) -> PageAnswer {
  let question = "What may be claimed?"
  switch result.verdict {
  case .identicalFiles, .identicalValues:
    return PageAnswer(question: question, answer: "That the weights are the same")
  case .incomparable:
    return PageAnswer(
      question: question, answer: "Nothing",
      detail: "equipoise inspect shows the names of either model; --map pairs tensors by hand.")
  case .different:
    guard layers.contains(where: { $0.result.significant }) else {
      return PageAnswer(
        question: question, answer: "Only how large the difference is",
        detail:
          "Absence of evidence is not evidence that nothing differs; the intervals say what sizes remain possible.")
    }
    if let noise = result.noise {
      let isFarther = noise.layers.contains(where: \.significant)
      return PageAnswer(
        question: question,
        answer: isFarther
          ? "B lies farther from A than its recipe's own runs" : "These two files differ, with the sizes shown",
        detail: (isFarther
          ? "It rests on one A and one B"
          : "That B differs by more than another seed would was not shown; it rests on one A and one B")
          + ": replicates of both recipes, with --group-a and --group-b, say more with fewer runs.")
    }
    return PageAnswer(
      question: question, answer: "These two files differ, with the sizes shown",
      detail: "Not that the recipe did it: two runs of one recipe can differ so too. Only replicates tell: train more "
        + "seeds of each and use --group-a and --group-b (5 + 5 runs can reach p = .0079).")
  }
}
