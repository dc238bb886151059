import Foundation
import Results

/// What `significance` prints for two groups of runs: one row a layer, the strongest evidence first.
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ result: RunComparison, color: Bool = false, width: Int? = nil) -> String {
  var lines = wrapped(heading(result), width, indent: 3)
  if result.verdict == .incomparable {
    lines.append("Nothing to compare: no tensor is in every run in one shape.")
  } else {
    lines += layerLines(result, color: color, width: width)
    lines.append("")
    lines += conclusion(result).flatMap { wrapped($0, width: min(110, width ?? 110)) }
  }
  lines += wrapped(runListings(result.unshared, result.damaged), width, indent: 4)
  return lines.joined(separator: "\n") + "\n"
}

private func heading(_ result: RunComparison) -> [String] {
  let sides = [result.a.runs, result.b.runs]
  let names = sides.map(groupName)
  let width = names.map(\.count).max() ?? 0
  return zip(["A", "B"], zip(sides, names)).map { label, side in
    let (runs, name) = side
    var parts = ["\(runs.count) runs"]
    if label == "A", let first = runs.first {
      parts.append(first.format)
      if let version = first.tensorFlowVersion { parts.append("TensorFlow \(version)") }
      parts.append("\(Numbers.count(first.tensorCount)) tensors, \(Numbers.count(first.weightCount)) weights each")
    } else {
      let training = trainingDifferences(result.metadata)
      if !training.isEmpty {
        parts.append(
          "training differs: " + training.prefix(3).joined(separator: "; ")
            + (training.count > 3 ? "; and \(training.count - 3) more" : ""))
      }
    }
    return "\(label)  \(name)\(String(repeating: " ", count: width - name.count))   \(parts.joined(separator: " · "))"
  } + [""]
}

/// The first and last path of a group, the last without what it shares with the first.
private func groupName(_ runs: [ModelSummary]) -> String {
  guard let first = runs.first?.path, let last = runs.last?.path, runs.count > 1 else { return runs.first?.path ?? "" }
  let shared = zip(first, last).prefix { $0 == $1 }.count
  let tail = String(last.dropFirst(shared))
  return "\(first) … \(tail.isEmpty ? last : tail)"
}

private func layerLines(_ result: RunComparison, color: Bool, width: Int?) -> [String] {
  let percent = String(format: "%g", result.significance.confidence * 100)
  let runs = "runs on their widest axis"
  var table = TextTable(
    [
      ("layer", .left), ("weights", .right), ("ω²", .right), ("norm B/A [\(percent) %]", .right), (runs, .left),
      ("p", .right), ("maxT p", .right), ("adj. p", .right), ("spread p", .right),
    ], dispensable: ["weights", "adj. p", "p", "spread p", runs, "norm B/A [\(percent) %]"])
  for layer in byEvidence(result.layers) {
    table.add(
      [
        layer.layer.isEmpty ? "(top)" : layer.layer, Numbers.count(layer.weightCount),
        Numbers.fixed(layer.effect?.value, 2), ratioText(layer.normRatio), strip(layer.points),
        Numbers.probability(layer.pValue), Numbers.probability(layer.pAdjustedMaxT),
        Numbers.probability(layer.pAdjusted), Numbers.probability(layer.dispersionPValue),
      ], styles: layer.significant ? [0: .init(isBold: true), 6: .init(isBold: true)] : [:])
  }
  return table.lines(color: color, width: width)
}

func byEvidence(_ layers: [RunLayer]) -> [RunLayer] {
  func key(_ layer: RunLayer) -> (Double, Double, Double) {
    (layer.pAdjustedMaxT ?? 2, layer.pValue ?? 2, -(layer.effect?.value ?? -2))
  }
  return layers.enumerated().sorted { x, y in
    let left = key(x.element)
    let right = key(y.element)
    return left == right ? x.offset < y.offset : left < right
  }.map(\.element)
}

/// Runs from left to right by their first coordinate: a and b, in capitals where several stand in one place, * for both.
private func strip(_ points: [RunPoint], width: Int = 25) -> String {
  let positions = points.compactMap(\.coordinates.first)
  guard positions.count == points.count, let low = positions.min(), let high = positions.max(), high > low else {
    return ""
  }
  var cells = [(a: Int, b: Int)](repeating: (0, 0), count: width)
  for (point, position) in zip(points, positions) {
    let cell = min(width - 1, Int((position - low) / (high - low) * Double(width)))
    if point.group == "a" { cells[cell].a += 1 } else { cells[cell].b += 1 }
  }
  return cells.map { a, b in
    if a > 0, b > 0 { return "*" }
    if a + b == 0 { return "·" }
    return a > 0 ? (a > 1 ? "A" : "a") : (b > 1 ? "B" : "b")
  }.joined()
}

private func conclusion(_ result: RunComparison) -> [String] {
  let settings = result.significance
  let design = result.design
  let tested = result.layers.filter { $0.pAdjustedMaxT != nil }.count
  let differing = result.layers.filter(\.significant)
  let labellings =
    design.isExact
    ? "all \(labellingCount(design.labellings)) labellings"
    : "\(Numbers.count(design.resamples)) of \(labellingCount(design.labellings)) labellings, seed \(settings.seed)"
  var lines = [
    "\(differing.count) of \(tested) layers \(differing.count == 1 ? "differs" : "differ") between the recipes "
      + "(PERMANOVA; step-down maxT over layers, α = \(settings.alpha)).",
    "\(design.runsA) + \(design.runsB) runs, \(labellings); the smallest possible p is "
      + "\(Numbers.probability(design.smallestPValue)).",
  ]
  if result.verdict == .identicalValues { lines = ["Every run has the same values. Nothing to test: every p is 1."] }
  lines.append(settings.statement)
  if design.smallestPValue > settings.alpha {
    lines.append(
      "So few runs can't reach α = \(settings.alpha), whatever they hold: 4 + 4 can reach .0286, 5 + 5 .0079. "
        + "`equipoise power` says how many an effect needs.")
  } else if differing.isEmpty, result.verdict != .identicalValues {
    lines.append(
      "That no layer is significant does not show that the recipes do the same; `equipoise power` plans for it.")
  }
  let unequal = differing.filter { ($0.dispersionPValue ?? 1) <= settings.alpha }
  if !unequal.isEmpty {
    lines.append(
      "Runs of A and B also scatter differently in \(unequal.map(\.layer).joined(separator: ", ")) (spread p): "
        + "the difference there can be one of spread as well as of place.")
  }
  return lines
}

func labellingCount(_ count: Double) -> String {
  count < 1e9 ? Numbers.count(Int(count)) : String(format: "%.2g", count)
}

/// What could not be tested.
func runListings(_ unshared: [UnsharedTensor], _ damaged: [Damage]) -> [String] {
  var lines: [String] = []
  func section(_ title: String, _ items: [String]) {
    guard !items.isEmpty else { return }
    lines += ["", "\(title):"] + items.prefix(20).map { "  \($0)" }
    if items.count > 20 { lines.append("  … and \(items.count - 20) more; --format json lists all") }
  }
  section("Not in every run", unshared.map { "\($0.name): \($0.reason)" })
  section("Left out", damaged.map { "\($0.name): \($0.reason)" })
  return lines
}
