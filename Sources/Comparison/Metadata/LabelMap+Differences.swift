import Checkpoints
import Results
import Tensors

extension LabelMap {
  var json: JSONValue {
    let numbers = labels.keys.sorted()
    return .object([
      "count": .integer(labels.count),
      "first": .array(numbers.prefix(LookupTable.shown).map { .string("\($0): \(labels[$0] ?? "")") }),
    ])
  }
}

/// How two label maps differ, number by number: an order that changed is what makes a model name everything wrongly.
///
/// - Returns: One difference, of which the note says whether the labels themselves are the same; none for equal maps.
/// - Complexity: O(n log n) in the number of labels.
func differences(_ a: LabelMap, _ b: LabelMap, path: String) -> [Difference] {
  let numbers = Set(a.labels.keys).union(b.labels.keys).sorted().filter { a.labels[$0] != b.labels[$0] }
  if numbers.isEmpty { return [] }
  func few(_ map: LabelMap) -> JSONValue {
    .array(numbers.prefix(LookupTable.shown).map { .string("\($0): \(map.labels[$0] ?? "–")") })
  }
  let labelsA = Set(a.labels.values)
  let labelsB = Set(b.labels.values)
  let onlyA = labelsA.subtracting(labelsB).count
  let onlyB = labelsB.subtracting(labelsA).count
  let counts = "\(numbers.count) of \(Set(a.labels.keys).union(b.labels.keys).count) numbers stand for another label"
  let note = onlyA + onlyB == 0 ? "the labels are the same" : "\(onlyA) labels only in A, \(onlyB) only in B"
  return [Difference(path: path, a: few(a), b: few(b), note: "\(counts); \(note)")]
}
