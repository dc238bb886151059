import Results
import Tensors

/// What differs in training and data, and what in structure: one row a difference, those of several layers in one.
func factLines(_ result: ModelComparison, color: Bool, width: Int? = nil) -> [String] {
  var lines: [String] = []
  let training = rows(result.metadata)
  if !training.isEmpty { lines += table("differs in training", training, color: color, width: width) + [""] }
  let structure = rows(result.structure)
  if !structure.isEmpty { lines += table("differs in structure", structure, color: color, width: width) + [""] }
  return lines
}

/// What is the same, what is not, and what can't be known.
func samenessLine(_ same: Sameness) -> String {
  let all = [
    ("bytes", same.bytes), ("values", same.values), ("metadata", same.metadata), ("graph", same.graph),
    ("fingerprint", same.fingerprint),
  ]
  return [("Same", true), ("Other", false), ("Unknown", nil)].compactMap { title, value -> String? in
    let names = all.filter { $0.1 == value }.map(\.0)
    return names.isEmpty ? nil : "\(title): \(names.joined(separator: ", "))."
  }.joined(separator: " ")
}

struct FactRow {
  var what: String
  var a: String
  var b: String
  /// Layers, or a note.
  var places: [String]
}

private let mostRows = 24

private func rows(_ differences: [Difference]) -> [FactRow] {
  var order: [String] = []
  var rows: [String: FactRow] = [:]
  for difference in differences {
    let (what, layer) = split(difference.path)
    let isOneSided = difference.a == nil || difference.b == nil
    let isWhole = what.isEmpty
    let a = isWhole ? (difference.a == nil ? "–" : "there") : difference.textA
    let b = isWhole ? (difference.b == nil ? "–" : "there") : difference.textB
    let shownA = isOneSided && difference.a == nil ? "–" : a
    let shownB = isOneSided && difference.b == nil ? "–" : b
    let key = [what, shownA, shownB, difference.note ?? "", layer == nil ? difference.path : ""].joined(
      separator: "\u{0}")
    if rows[key] == nil {
      order.append(key)
      rows[key] = FactRow(
        what: isWhole ? "layer" : what, a: shownA, b: shownB, places: difference.note.map { [$0] } ?? [])
    }
    if let layer { rows[key]!.places.insert(layer, at: rows[key]!.places.count - (difference.note == nil ? 0 : 1)) }
  }
  return order.map { rows[$0]! }
}

/// A path without the layer in it, and the layer.
private func split(_ path: String) -> (what: String, layer: String?) {
  for (prefix, shown) in [("layers.", ""), ("data.statistics.", "")] where path.hasPrefix(prefix) {
    let rest = path.dropFirst(prefix.count)
    if prefix == "layers.", let range = rest.range(of: ".config.") {
      return (shown + rest[range.upperBound...].replacing(".config.", with: "."), String(rest[..<range.lowerBound]))
    }
    guard let dot = prefix == "layers." ? rest.firstIndex(of: ".") : rest.lastIndex(of: ".") else {
      return ("", String(rest))
    }
    return (shown + rest[rest.index(after: dot)...], String(rest[..<dot]))
  }
  return (path.replacing(".config.", with: "."), nil)
}

private func table(_ title: String, _ rows: [FactRow], color: Bool, width: Int?) -> [String] {
  var table = TextTable([(title, .left), ("A", .left), ("B", .left), ("where", .left)], dispensable: ["where"])
  for row in rows.prefix(mostRows) {
    let places = row.places.prefix(3).joined(separator: ", ")
    table.add([
      shortened(row.what, 56), shortened(row.a, 40), shortened(row.b, 40),
      row.places.count > 3 ? "\(places) and \(row.places.count - 3) more" : places,
    ])
  }
  var lines = table.lines(color: color, width: width)
  if rows.count > mostRows { lines.append("… and \(rows.count - mostRows) more; --format json lists all") }
  return lines
}

/// What is too long for a column loses its middle.
private func shortened(_ text: String, _ most: Int) -> String {
  guard text.count > most else { return text }
  return text.prefix(most / 3) + "…" + text.suffix(most - most / 3 - 1)
}
