import Results
import Tensors

/// A vocabulary or lookup table: its keys in order, and what they stand for where they do not stand for their place.
struct LookupTable: Equatable {
  private(set) var keys: [String]
  private(set) var values: [String]?

  /// Makes a table of keys in a checkpoint's order.
  ///
  /// - Parameter values: With them the order is theirs: a hash table is saved in any order.
  init(keys: [String], values: [String]? = nil) {
    self.keys = keys
    guard let values, values.count == keys.count else { return }
    let order = keys.indices.sorted {
      values[$0] == values[$1] ? keys[$0] < keys[$1] : naturallyPrecedes(values[$0], values[$1])
    }
    self.keys = order.map { keys[$0] }
    self.values = order.map { values[$0] }
  }

  /// Entries that are shown as an example.
  static let shown = 5

  var json: JSONValue {
    .object(["count": .integer(keys.count), "first": .array(keys.prefix(Self.shown).map { .string($0) })])
  }
}

/// How two tables differ as sets, in order, and in what their common keys stand for; none where they do not.
///
/// - Complexity: O(n) in the number of entries.
func differences(_ a: LookupTable, _ b: LookupTable, path: String) -> [Difference] {
  if a == b { return [] }
  var result: [Difference] = []
  func few(_ entries: some Sequence<String>) -> JSONValue {
    .array(entries.prefix(LookupTable.shown).map { .string($0) })
  }
  let setA = Set(a.keys)
  let setB = Set(b.keys)
  let onlyA = a.keys.filter { !setB.contains($0) }
  let onlyB = b.keys.filter { !setA.contains($0) }
  if !onlyA.isEmpty || !onlyB.isEmpty || a.keys.count - onlyA.count != b.keys.count - onlyB.count {
    result.append(
      Difference(
        path: path + ".entries", a: few(onlyA), b: few(onlyB),
        note: "\(a.keys.count) in A, \(b.keys.count) in B; \(onlyA.count) only in A, \(onlyB.count) only in B"))
  }
  let commonA = onlyA.isEmpty ? a.keys : a.keys.filter(setB.contains)
  let commonB = onlyB.isEmpty ? b.keys : b.keys.filter(setA.contains)
  let places = commonA.indices.filter { $0 >= commonB.count || commonA[$0] != commonB[$0] }
  if let first = places.first, commonA.count == commonB.count {
    result.append(
      Difference(
        path: path + ".order", a: few(places.map { commonA[$0] }), b: few(places.map { commonB[$0] }),
        note: "\(places.count) of \(commonA.count) common entries are in another place, the first in place \(first)"))
  } else if let x = a.values, let y = b.values {
    let other = Dictionary(zip(b.keys, y), uniquingKeysWith: { first, _ in first })
    let changed = a.keys.indices.filter { i in other[a.keys[i]].map { $0 != x[i] } ?? false }
    if let first = changed.first {
      result.append(
        Difference(
          path: path + ".values", a: few(changed.map { "\(a.keys[$0]): \(x[$0])" }),
          b: few(changed.map { "\(a.keys[$0]): \(other[a.keys[$0]] ?? "")" }),
          note: "\(changed.count) entries stand for another value, the first is '\(a.keys[first])'"))
    }
  }
  // What only repetition tells apart.
  if result.isEmpty { result.append(Difference(path: path, a: a.json, b: b.json)) }
  return result
}
