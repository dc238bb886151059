import Foundation
import Results

/// Layers exchanged between the models: the largest effect first.
func transplantLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard let transplant = result.transplant else { return [] }
  let loss = transplant.measure.replacing("_", with: " ")
  // Columns of one name stand for the exchange before them.
  var table = TextTable(
    [
      ("layer", .left), ("rel. L2", .right), ("adj. p", .right), ("\(loss), A with B's", .right), ("changed", .right),
      ("of the gap", .right), ("\(loss), B with A's", .right), ("changed ", .right), ("recovered", .right),
    ], dispensable: ["changed ", "changed", "rel. L2", "\(loss), B with A's", "\(loss), A with B's", "adj. p"])
  for layer in byEffect(transplant.layers) {
    let isResponsible = transplant.responsible.contains(layer.layer)
    table.add(
      [
        layer.layer.isEmpty ? "(top)" : layer.layer, Numbers.short(layer.relativeL2),
        Numbers.probability(layer.pAdjusted ?? layer.pValue), change(layer.aWithB), changedShare(layer.aWithB),
        gapShare(layer.shareOfGap), change(layer.bWithA), changedShare(layer.bWithA), gapShare(layer.recovery),
      ], styles: isResponsible ? [0: .init(isBold: true), 5: .init(isBold: true), 8: .init(isBold: true)] : [:])
  }
  var lines = [
    "",
    "One layer exchanged (\(loss) of A \(Numbers.fixed(transplant.lossA, 4)), of B \(Numbers.fixed(transplant.lossB, 4))):",
  ]
  lines += table.lines(color: color, width: width)
  let reasons = transplant.layers.compactMap { layer in layer.reason.map { "  \(layerName(layer.layer)): \($0)" } }
  return lines + wrapped(reasons + [""] + sentences(transplant.statement), width, indent: 4)
}

/// The largest movement of the predictions in either model first.
func byEffect(_ layers: [LayerTransplant.Layer]) -> [LayerTransplant.Layer] {
  func size(_ layer: LayerTransplant.Layer) -> Double {
    max(layer.aWithB?.meanDistance ?? -1, layer.bWithA?.meanDistance ?? -1)
  }
  return layers.enumerated().sorted {
    (size($0.element), $1.offset) > (size($1.element), $0.offset)
  }.map(\.element)
}

private func change(_ outcome: LayerTransplant.Outcome?) -> String {
  guard let outcome else { return "–" }
  return "\(Numbers.fixed(outcome.loss, 4)) (\((outcome.lossChange.value ?? 0) > 0 ? "+" : "")"
    + "\(Numbers.fixed(outcome.lossChange.value, 4)))"
}

func changedShare(_ outcome: LayerTransplant.Outcome?) -> String {
  outcome.map { String(format: "%.1f %%", $0.changedShare * 100) } ?? "–"
}

/// Beyond twice the gap, or the wrong way, a share says no more than that.
func gapShare(_ value: Double?) -> String {
  guard let value else { return "–" }
  return value > 2 ? "> 200 %" : value < -1 ? "< -100 %" : String(format: "%.0f %%", value * 100)
}

/// The loss along the line between the models, with a bar for each point.
func interpolationLines(_ result: BehaviorComparison, color: Bool, width: Int?) -> [String] {
  guard let line = result.interpolation else { return [] }
  let highest = line.points.map(\.loss).max() ?? 0
  let hasAccuracy = line.points.contains { $0.accuracy != nil }
  var columns: [(String, TextTable.Alignment)] = [("A → B", .right), (line.measure.replacing("_", with: " "), .right)]
  if hasAccuracy { columns.append(("accuracy", .right)) }
  columns.append(("", .left))
  var table = TextTable(columns)
  for point in line.points {
    var cells = [Numbers.fixed(point.position, 3), Numbers.fixed(point.loss, 4)]
    if hasAccuracy { cells.append(Numbers.fixed(point.accuracy, 4)) }
    let length = highest > 0 ? Int((point.loss / highest * 30).rounded()) : 0
    cells.append(String(repeating: "▪", count: max(0, length)))
    table.add(cells)
  }
  return ["", "The loss on the straight line between the weights:"] + table.lines(color: color, width: width)
    + wrapped(["", barrierSentence(line)], width)
}

/// Whether there is a barrier, and how high.
func barrierSentence(_ line: WeightInterpolation) -> String {
  let height = estimate(line.barrier.value, line.barrier.interval, signed: true)
  if line.hasBarrier {
    return
      "There is a barrier: at \(Numbers.fixed(line.barrierPosition, 3)) the loss lies \(height) above the line between the ends."
  }
  return (line.barrier.value ?? 0) <= 0
    ? "No barrier: the loss stays below the line between the ends."
    : "No barrier: the loss lies at most \(height) above the line between the ends."
}
