import Results

/// What the tests of a pair say that have no column of their own: a line or two a tensor, only for tests that were asked for.
func pairTestLines(_ result: ModelComparison, alpha: Double) -> [String] {
  var lines: [String] = []
  func section(_ title: String, _ ids: Set<String>, _ line: (TestResult) -> String?) {
    var found: [String] = []
    for pair in result.pairs {
      for row in pair.tests ?? [] where ids.contains(row.id) {
        // A bias is one weight a unit: nothing to say of each.
        if let text = line(row), !text.hasPrefix("a single weight a unit"), !text.hasPrefix("fewer than 4 weights") {
          found.append("  \(pair.name): \(text)")
        }
      }
    }
    if !found.isEmpty { lines += ["", title] + found }
  }
  lines += reordered(result)
  section(
    "Copies in another type or on another grid (shape is refused: ties alone would pass for a difference):", ["shape"]
  ) {
    $0.statistic == "wasserstein1" && $0.details?["common_grid_count"] != nil ? $0.warnings.last : nil
  }
  section("Lineage (small p: not trained independently):", ["lineage"]) { lineage($0, alpha) }
  section("Equivalence (small p: the same within the margin):", ["equivalence"]) { equivalence($0, alpha) }
  section("Population of units (energy distance, features blind to the order of inputs):", ["population"]) { row in
    guard row.pValue != nil else { return row.warnings.last }
    return
      "coefficient \(Numbers.fixed(row.effect?.value, 3)), p = \(Numbers.probability(row.pValue)) (\(row.method ?? ""))"
  }
  section("Fits (single weights taken as independent: descriptive):", ["fit"]) { fit($0) }
  section("Negative controls (single weights taken as independent: no finding, whatever p):", ["flips", "bins"]) {
    row in
    guard row.pValue != nil else { return row.warnings.last }
    return "\(row.id) \(Numbers.short(row.effect?.value)), p = \(Numbers.probability(row.pValue))"
  }
  return lines
}

private func lineage(_ row: TestResult, _ alpha: Double) -> String? {
  switch row.statistic {
  case "matched_cosine":
    guard let p = row.pValue else { return row.warnings.first }
    let details = row.details ?? [:]
    let cosines =
      "cosine \(Numbers.fixed(details["matched_cosine"], 3)) at the same place, "
      + "\(Numbers.fixed(details["unmatched_cosine"], 3)) elsewhere, p = \(Numbers.probability(p))"
    return p <= alpha
      ? "\(cosines): they share an origin (fine-tuning, or the same initialisation or seed)"
      : "\(cosines): no sign of a shared origin"
  case "units_elsewhere": return row.warnings.first
  default: return nil
  }
}

private func equivalence(_ row: TestResult, _ alpha: Double) -> String? {
  let value = Numbers.short(row.effect?.value)
  if row.statistic == "worst_unit_relative_l2" {
    return "worst unit: relative L2 \(value), \(row.warnings.first ?? "")"
  }
  guard let margin = row.margin else { return nil }
  let bound = "margin \(Numbers.short(margin))"
  guard let p = row.pValue else { return "\(row.statistic) \(value), \(bound): \(row.warnings.last ?? "")" }
  var limits = ""
  if let interval = row.effect?.interval, interval.count == 2 {
    limits = " [\(Numbers.short(interval[0])), \(Numbers.short(interval[1]))]"
  }
  // An adjusted p is over tensors; one tensor alone has none.
  let says = (row.pAdjusted ?? p) <= alpha ? "the same within it" : "not shown to be the same"
  return "\(row.statistic) \(value)\(limits), \(bound), p = \(Numbers.probability(p)): \(says)"
}

private func fit(_ row: TestResult) -> String? {
  let side = row.statistic.prefix(1).uppercased()
  if row.statistic.hasSuffix("_none") { return "\(side): \(row.warnings.last ?? "")" }
  if row.statistic.hasSuffix("_best_ks") {
    return
      "\(side): KS distance \(Numbers.fixed(row.value, 4)) \(row.warnings.first { $0.hasPrefix("of the best") } ?? ""), "
      + "p = \(Numbers.probability(row.pValue)) by parametric bootstrap"
  }
  guard row.value == 0, let details = row.details else { return nil }
  let family = row.statistic.dropFirst(2).split(separator: "_").joined(separator: " ")
  var text = "\(side): \(family), scale \(Numbers.short(details["scale"]))"
  if let shape = details["shape"] { text += ", shape \(Numbers.fixed(shape, 2))" }
  if let degrees = details["degrees_of_freedom"] { text += ", \(Numbers.fixed(degrees, 1)) degrees of freedom" }
  if let note = row.warnings.last, note.hasPrefix("not to be told") { text += "; \(note)" }
  return text
}

/// Pairs that hold the same weights in other places, which only a test of another name can explain.
private func reordered(_ result: ModelComparison) -> [String] {
  func number(_ pair: PairResult, _ metric: Metric) -> Double? { pair.metrics.values[metric]?.value }
  let names = result.pairs.filter { pair in
    number(pair, .ks) == 0 && (number(pair, .changedCount) ?? 0) > 0
      && !(pair.tests ?? []).contains { $0.id == "lineage" }
  }.map(\.name)
  guard !names.isEmpty else { return [] }
  return [
    "", "The same weights in other places (KS distance 0): \(names.joined(separator: ", ")).",
    "  --tests lineage says whether hidden units changed places, which changes no output.",
  ]
}
