import Results

/// A layer as the page shows it: its place in the network and the words for it.
struct PageLayer {
  /// Place in the document, which is the network's order.
  let index: Int
  let result: LayerResult
  /// Nothing differs in it.
  let isIdentical: Bool

  var name: String { result.layer.isEmpty ? "(top)" : result.layer }

  /// The p-value that evidence is judged by; 1 for identical layers, which stay out of the adjustment.
  var evidence: Double? { result.pAdjusted ?? (result.pValue == 1 ? 1 : nil) }

  /// One of the page's styles.
  var state: String {
    if result.significant { return "differs" }
    if isIdentical { return "same" }
    return result.pValue == nil ? "untested" : "undecided"
  }

  var verdict: String {
    switch state {
    case "differs": "differs"
    case "same": "identical"
    case "undecided": "open"
    default: "not tested"
    }
  }

  var ratio: String {
    guard let value = result.effect?.value else { return "–" }
    guard let interval = result.effect?.interval, interval.count == 2 else { return Numbers.fixed(value, 2) }
    return "\(Numbers.fixed(value, 2)) [\(Numbers.fixed(interval[0], 2)), \(Numbers.fixed(interval[1], 2))]"
  }

  /// What a mark in a picture says.
  var tip: String {
    var lines = [name, verdict]
    if let p = result.pAdjusted { lines[1] += ", adjusted p \(Numbers.probability(p))" }
    if result.effect?.value != nil { lines.append("norm B/A \(ratio)") }
    if let change = result.relativeL2 { lines.append("relative L2 \(Numbers.short(change))") }
    return lines.joined(separator: "\n")
  }

  /// The layers of a document in the network's order.
  static func all(of document: ModelComparison) -> [PageLayer] {
    let identical = Set(document.pairs.filter { $0.identical || $0.metrics[.changedCount] == 0 }.map(\.name))
    return (document.layers ?? []).enumerated().map { index, layer in
      PageLayer(index: index, result: layer, isIdentical: layer.tensors.allSatisfy(identical.contains))
    }
  }
}

/// The strongest evidence first, as in the terminal's table.
func byEvidence(_ layers: [PageLayer]) -> [PageLayer] {
  let places = Dictionary(
    byEvidence(layers.map(\.result)).enumerated().map { ($1.layer, $0) }, uniquingKeysWith: { first, _ in first })
  return layers.sorted { (places[$0.result.layer] ?? 0, $0.index) < (places[$1.result.layer] ?? 0, $1.index) }
}
