import Results

/// What `compare` prints for people: one row a pair.
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ result: ModelComparison, color: Bool = false, width: Int? = nil) -> String {
  var lines = wrapped(heading(result), width, indent: 3)
  if result.layers != nil {
    lines += significanceLines(result, color: color, width: width)
  } else {
    lines += wrapped(factLines(result, color: color, width: width), width, indent: 4)
    lines += pairLines(result, color: color, width: width)
    lines += wrapped(["", verdictSentence(result), samenessLine(result.same)], width)
  }
  lines += wrapped(listings(result), width, indent: 4)
  return lines.joined(separator: "\n") + "\n"
}

/// Lines broken at spaces where they are wider than the terminal; what goes on is indented.
func wrapped(_ lines: [String], _ width: Int?, indent: Int = 0) -> [String] {
  guard let width else { return lines }
  return lines.flatMap { line -> [String] in
    guard line.count > width else { return [line] }
    var result: [String] = []
    // Leading and repeated spaces are part of the text's shape.
    var current = String(line.prefix { $0 == " " })
    var isEmpty = true
    for word in line.dropFirst(current.count).split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty, current.count + 1 + word.count > width {
        result.append(current)
        current = String(repeating: " ", count: indent)
        isEmpty = true
        if word.isEmpty { continue }
      }
      current += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (result + [current]).map { text in
      var text = text
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}

// MARK: The two models

private func heading(_ result: ModelComparison) -> [String] {
  let width = max(result.a.path.count, result.b.path.count)
  func pad(_ text: String) -> String { text + String(repeating: " ", count: width - text.count) }
  var first = [result.a.format]
  if let version = result.a.tensorFlowVersion { first.append("TensorFlow \(version)") }
  first.append("\(Numbers.count(result.a.tensorCount)) tensors, \(Numbers.count(result.a.weightCount)) weights")
  var second: [String] = []
  if result.b.format != result.a.format { second.append(result.b.format) }
  if result.b.tensorFlowVersion != result.a.tensorFlowVersion, let version = result.b.tensorFlowVersion {
    second.append("TensorFlow \(version)")
  }
  let same = result.mismatched.isEmpty && result.unpaired.a.isEmpty && result.unpaired.b.isEmpty
  if same, !result.pairs.isEmpty {
    second.append("same tensors")
  } else {
    second.append("\(Numbers.count(result.b.tensorCount)) tensors, \(Numbers.count(result.b.weightCount)) weights")
  }
  let training = trainingDifferences(result.metadata)
  if !training.isEmpty {
    second.append(
      "training differs: " + training.prefix(3).joined(separator: "; ")
        + (training.count > 3 ? "; and \(training.count - 3) more" : ""))
  }
  return [
    "A  \(pad(result.a.path))   \(first.joined(separator: " · "))",
    "B  \(pad(result.b.path))   \(second.joined(separator: " · "))", "",
  ]
}

/// Metadata differences in short, those of several layers counted together.
func trainingDifferences(_ metadata: [Difference]) -> [String] {
  var order: [String] = []
  var layers: [String: Int] = [:]
  for difference in metadata {
    var parts = difference.path.split(separator: ".").map(String.init)
    guard let first = parts.first, ["layers", "training_config", "optimizer"].contains(first) else { continue }
    let isLayer = first == "layers" && parts.count > 2
    if first != "optimizer" { parts.removeFirst(isLayer ? 2 : 1) }
    let name = parts.filter { $0 != "config" }.joined(separator: ".")
    let text =
      name.isEmpty
      ? "recorded in \(difference.a == nil ? "B" : "A") only" : "\(name) \(difference.textA) → \(difference.textB)"
    if layers[text] == nil { order.append(text) }
    layers[text, default: 0] += isLayer ? 1 : 0
  }
  return order.map { layers[$0]! > 1 ? "\($0) (\(layers[$0]!) layers)" : $0 }
}

// MARK: Without tests

private func pairLines(_ result: ModelComparison, color: Bool, width: Int?) -> [String] {
  if result.pairs.isEmpty { return [] }
  let hasProfiles = result.pairs.contains { $0.profile != nil }
  var columns: [(String, TextTable.Alignment)] = [
    ("tensor", .left), ("role", .left), ("shape", .left), ("changed", .right), ("rel. L2", .right), ("cosine", .right),
    ("norm B/A", .right), ("max |d|", .right), ("KS", .right), ("W1", .right), ("dead A/B", .right),
  ]
  if hasProfiles { columns += [("A", .left), ("B", .left)] }
  var table = TextTable(
    columns,
    dispensable: ["B", "A", "W1", "role", "dead A/B", "max |d|", "KS", "shape", "norm B/A", "cosine"])
  for pair in result.pairs {
    let m = pair.metrics
    let changed = m[.changedCount].map { Int($0) }
    var row = [
      pair.name, pair.role.rawValue, Numbers.shape(pair.shape),
      changed.map { $0 == 0 ? "none" : Numbers.count($0) } ?? "–", Numbers.short(m[.relativeL2]),
      Numbers.fixed(m[.cosineSimilarity], 3), Numbers.short(m[.normRatio]), Numbers.short(m[.maxAbsDifference]),
      Numbers.fixed(m[.ks], 3), Numbers.short(m[.wasserstein1]), dead(m[.deadUnitsA], m[.deadUnitsB]),
    ]
    if hasProfiles { row += sparklines(pair.profile) }
    table.add(row, styles: changed == 0 ? [:] : [3: .init(isBold: true)])
  }
  return table.lines(color: color, width: width)
}

private func dead(_ a: Double?, _ b: Double?) -> String {
  guard let a, let b else { return "–" }
  return "\(Int(a))/\(Int(b))"
}

private func verdictSentence(_ result: ModelComparison) -> String {
  let changed = result.pairs.filter { ($0.metrics[.changedCount] ?? 0) > 0 }
  switch result.verdict {
  case .identicalFiles: return "Identical: every file has the same bytes."
  case .identicalValues: return "Identical values: every one of \(Numbers.count(result.pairs.count)) tensors agrees."
  case .incomparable: return nothingToCompare
  case .different:
    return
      "Different: \(Numbers.count(changed.count)) of \(Numbers.count(result.pairs.count)) pairs of tensors changed."
  }
}

let nothingToCompare = "Nothing to compare: no tensor of one model fits one of the other."

// MARK: What could not be compared

private func listings(_ result: ModelComparison) -> [String] {
  var lines: [String] = []
  func section(_ title: String, _ items: [String]) {
    guard !items.isEmpty else { return }
    lines += ["", "\(title):"] + items.prefix(20).map { "  \($0)" }
    if items.count > 20 { lines.append("  … and \(items.count - 20) more; --format json lists all") }
  }
  section(
    "Of another shape",
    result.mismatched.map { "\($0.name)  \($0.shapeA) in A, \($0.shapeB) in B" })
  section("Only in A", result.unpaired.a.map { "\($0.name)  \($0.shape)" })
  section("Only in B", result.unpaired.b.map { "\($0.name)  \($0.shape)" })
  section("Left out", result.damaged.map { "\($0.name): \($0.reason)" })
  return lines
}
