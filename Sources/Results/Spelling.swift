/// The candidate that a mistyped name was most likely meant to be.
///
/// - Returns: The nearest by insertions, deletions, replacements and swaps of neighbours, the first of equals; `nil` if even
///   that needs more than a third of the name's characters.
/// - Complexity: O(candidates · length²).
public func closest(to name: String, among candidates: [String]) -> String? {
  let wanted = Array(name.lowercased())
  let limit = max(1, wanted.count / 3)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates where candidate != name {
    let letters = Array(candidate.lowercased())
    guard abs(letters.count - wanted.count) <= limit else { continue }
    let found = editDistance(wanted, letters)
    if found <= limit, found < best?.distance ?? .max { best = (found, candidate) }
  }
  return best?.candidate
}

/// ` (did you mean 'NAME'?)`, to follow a mistyped name in a message; empty where no candidate is near.
public func suggestion(for name: String, among candidates: [String]) -> String {
  closest(to: name, among: candidates).map { " (did you mean '\($0)'?)" } ?? ""
}

/// Damerau-Levenshtein distance with swaps of neighbours only.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in b.indices {
      row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1) }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
