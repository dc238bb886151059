import Foundation
import Results

/// What `power` prints: one row a size, up to one beyond the first that is enough.
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ plan: PowerPlan, color: Bool = false, width: Int? = nil) -> String {
  let isRuns = plan.level == "run"
  var effect = "\(symbol(plan.effect.name)) = \(Numbers.short(plan.effect.value))"
  if let other = plan.equivalent { effect += " (\(symbol(other.name)) = \(Numbers.short(other.value)))" }
  let title =
    "\(isRuns ? "Runs per recipe" : "Units of a layer") needed to see \(effect) with power \(Numbers.short(plan.targetPower)) at "
    + "α = \(plan.alpha)" + (plan.layers > 1 ? ", in one of \(plan.layers) layers" : "")
  var lines = wrapped([title, ""], width)
  var table = TextTable(
    [
      (isRuns ? "runs" : "units", .right), (isRuns ? "labellings" : "swaps", .right), ("smallest p", .right),
      ("power [95 %]", .right), ("", .left),
    ], dispensable: ["", isRuns ? "labellings" : "swaps", "smallest p"])
  for row in plan.rows {
    let interval = row.interval.map { " [\(share($0[0])), \(share($0[1]))]" } ?? ""
    table.add(
      [
        isRuns ? "\(row.size) + \(row.size)" : "\(row.size)", labellingCount(row.arrangements),
        Numbers.probability(row.smallestPValue), row.canReject ? "\(share(row.power))\(interval)" : "none",
        row.canReject ? bar(row.power) : "no result can be significant",
      ], styles: row.size == plan.needed ? [0: .init(isBold: true), 3: .init(isBold: true)] : [:])
  }
  lines += table.lines(color: color, width: width) + [""]
  if let needed = plan.needed {
    lines.append(
      isRuns
        ? "\(needed) runs of each recipe are enough (\(Numbers.count(plan.simulations)) simulated experiments a row, seed \(plan.seed))."
        : "\(needed) units are enough (\(Numbers.count(plan.simulations)) simulated pairs a row, seed \(plan.seed))."
    )
  } else {
    lines.append("No size in the table is enough.")
  }
  return wrapped(lines, width).joined(separator: "\n") + "\n"
}

/// What the numbers rest on, in words.
public func explanation(_ plan: PowerPlan) -> String {
  var lines = ["", "What the numbers mean"]
  lines.append(
    "Power is the share of experiments of this size that find an effect of this size: p ≤ α where there is something to see."
  )
  if plan.level == "run" {
    lines += [
      "The test is recipe: the labels of the runs are handed out anew, and p counts how often they part the runs as well as",
      "the true ones. n + n runs have C(2n, n) labellings, of which two are as extreme as can be: 2/C(2n, n) is the smallest",
      "possible p. Where that lies above α no effect can be seen, however large.",
      "A recipe that does nothing has R² = 1/(2n − 1) on average and ω² near 0. ω² .1 is small, .3 plain, .8 as good as two",
      "separate clouds.",
    ]
  } else {
    lines += [
      "The tests are drift and scale: units swap their weights between A and B. Only the layer's units count, so a model's",
      "architecture decides; an effect of one pair of files says nothing about the recipe.",
    ]
  }
  lines += ["Assumed:"] + plan.assumptions.flatMap { wrapped($0).map { "  \($0)" } }
  return lines.joined(separator: "\n") + "\n"
}

public func csv(_ plan: PowerPlan) -> String { rows(plan).csv }
public func markdown(_ plan: PowerPlan) -> String { rows(plan).markdown }

private func rows(_ plan: PowerPlan) -> Rows {
  Rows(
    columns: ["size", "arrangements", "smallest_p_value", "can_reject", "power", "power_lower", "power_upper"],
    cells: plan.rows.map { row in
      [
        "\(row.size)", Numbers.exact(row.arrangements), Numbers.exact(row.smallestPValue), "\(row.canReject)",
        Numbers.exact(row.power), Numbers.exact(row.interval?.first), Numbers.exact(row.interval?.last),
      ]
    })
}

private func symbol(_ name: String) -> String { name == "omega_squared" ? "ω²" : name }

private func share(_ value: Double) -> String { String(format: "%.3f", value) }

private func bar(_ power: Double, width: Int = 20) -> String {
  String(repeating: "█", count: Int((power * Double(width)).rounded()))
}
