import Foundation
import Results

/// Layers exchanged between the models, and the line between their weights; `nil` where neither was asked for.
func exchangeSection(_ result: BehaviorComparison, _ layers: [PageLayer]) -> PageSection? {
  guard result.transplant != nil || result.interpolation != nil else { return nil }
  let places = Dictionary(layers.map { ($0.result.layer, $0.index) }, uniquingKeysWith: { first, _ in first })
  var body = ""
  if let transplant = result.transplant {
    body += table(transplant, places, confidence: result.settings.confidence) + downloads(["transplant"])
  }
  if let line = result.interpolation, let svg = InterpolationFigure(line).svg() {
    body +=
      "<h3>Between the models</h3><p>\(escaped(barrierSentence(line)))</p>"
      + figure(
        svg, walks: "The loss between the models; the arrow keys walk through the points",
        caption: "Dashed: the straight line between the losses of the ends.")
  }
  return PageSection(
    id: "exchange", short: "Exchange", title: "Which layer makes the difference?",
    why: """
      <p>Each layer of B is put into A, and the reverse, and the models predict again. <b>of the gap</b> is the change that B's layer \
      makes in A over the whole difference of the loss; <b>recovered</b> is the same for A's layer in B. Near 100 % both ways, the \
      layer alone makes the difference. Effects of single layers do not add up, and between models that were trained apart hidden \
      units are in another order, so that every exchange harms both.</p>
      """, body: body)
}

private func table(_ transplant: LayerTransplant, _ places: [String: Int], confidence: Double) -> String {
  let loss = transplant.measure.replacing("_", with: " ")
  let level = percent(confidence)
  var table = PageTable(
    "Layers exchanged",
    [
      ("layer", .text), ("weight difference (rel. L2)", .number), ("p", .number), ("adj. p", .number),
      ("\(loss), A with B's [change, \(level)]", .number), ("changed", .number), ("of the gap", .number),
      ("\(loss), B with A's [change, \(level)]", .number), ("changed", .number), ("recovered", .number),
    ])
  for layer in byEffect(transplant.layers) {
    table.add(
      [
        layerName(layer.layer), Numbers.short(layer.relativeL2), Numbers.probability(layer.pValue),
        Numbers.probability(layer.pAdjusted), change(layer.aWithB), changedShare(layer.aWithB),
        gapShare(layer.shareOfGap), change(layer.bWithA), changedShare(layer.bWithA), gapShare(layer.recovery),
      ], link: places[layer.layer].map { "layer-\($0)" },
      marked: transplant.responsible.contains(layer.layer) ? [0, 6, 9] : [])
  }
  let reasons = transplant.layers.compactMap { layer in
    layer.reason.map { "<p class=\"note\">\(escaped(layerName(layer.layer))): \(escaped($0))</p>" }
  }
  return
    "<p>\(escaped(loss)) is \(Numbers.fixed(transplant.lossA, 4)) in A and \(Numbers.fixed(transplant.lossB, 4)) in B; the layer with the "
    + "largest effect comes first.</p>" + table.html + reasons.joined() + "<p>\(escaped(transplant.statement))</p>"
}

private func change(_ outcome: LayerTransplant.Outcome?) -> String {
  guard let outcome else { return "–" }
  return
    "\(Numbers.fixed(outcome.loss, 4)) (\(estimate(outcome.lossChange.value, outcome.lossChange.interval, signed: true)))"
}
