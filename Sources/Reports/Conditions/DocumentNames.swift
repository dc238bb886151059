import Results

/// The names of a document, and the lists that lead to them.
struct DocumentNames {
  private let root: Any

  init(_ root: Any) { self.root = root }

  /// The path of the list whose items an expression is about; empty for the document as a whole.
  ///
  /// - Throws: ``ConditionError`` for a name that is not there and for names of two lists.
  func list(of expression: ConditionExpression, in source: String) throws(ConditionError) -> [String] {
    let found = names(in: expression)
    var list: [String] = []
    for (parts, position) in found {
      guard let (path, _) = walk(parts, from: root), !path.isEmpty else { continue }
      if path.starts(with: list) {
        list = path
      } else if !list.starts(with: path) {
        throw ConditionError(
          message:
            "\(list.joined(separator: ".")) and \(path.joined(separator: ".")) are two lists; ask about each on its own side of ||",
          position: position, source: source)
      }
    }
    for (parts, position) in found {
      guard let value = look(up: parts, list: list) else {
        let similar = suggestion(for: parts, list: list).map { "; did you mean '\($0)'?" } ?? ""
        throw ConditionError(
          message: "the document has no '\(parts.joined(separator: "."))'\(similar)", position: position, source: source
        )
      }
      if let object = value as? [String: Any], object["value"] == nil {
        throw ConditionError(
          message:
            "'\(parts.joined(separator: "."))' is an object; name one of \(object.keys.sorted().joined(separator: ", "))",
          position: position, source: source)
      }
    }
    return list
  }

  private func names(in expression: ConditionExpression) -> [(parts: [String], position: Int)] {
    switch expression {
    case .literal: []
    case .name(let parts, let position): [(parts, position)]
    case .not(let inner), .negative(let inner, _): names(in: inner)
    case .and(let left, let right), .or(let left, let right), .binary(_, let left, let right, _):
      names(in: left) + names(in: right)
    case .call(_, let arguments, _): arguments.flatMap { names(in: $0) }
    }
  }

  /// The longest list that a path leads through, and what is at its end; an empty list's items are unknown.
  private func walk(_ parts: [String], from start: Any) -> (list: [String], value: Any)? {
    var value = start
    var list: [String] = []
    for (i, part) in parts.enumerated() {
      if let array = value as? [Any] {
        guard let first = array.first else { return (list, value) }
        value = first
      }
      guard let object = value as? [String: Any], let next = object[part] else { return nil }
      value = next
      if next is [Any], i + 1 < parts.count { list = Array(parts[...i]) }
    }
    return (list, value)
  }

  /// Items of the list from the inside out, then the document.
  private func look(up parts: [String], list: [String]) -> Any? {
    // Beside a number stands its status, where it has no value.
    if let last = parts.last, last.hasSuffix("_status"), last.count > 7,
      let number = look(up: parts.dropLast() + [String(last.dropLast(7))], list: list), !(number is [String: Any])
    {
      return ""
    }
    if let found = walk(parts, from: root) { return found.value }
    for length in stride(from: list.count, to: 0, by: -1) {
      guard var item = walk(Array(list.prefix(length)), from: root)?.value else { continue }
      if let array = item as? [Any] {
        guard let first = array.first else { return [Any]() }
        item = first
      }
      if let found = walk(parts, from: item) { return found.value }
    }
    return nil
  }

  /// The name of the document that is most like the one that is not there.
  private func suggestion(for parts: [String], list: [String]) -> String? {
    let wanted = parts.joined(separator: ".")
    var candidates: [String] = []
    func collect(_ value: Any, _ prefix: String, depth: Int) {
      var value = value
      if let array = value as? [Any], let first = array.first { value = first }
      guard depth < 5, let object = value as? [String: Any] else { return }
      for (key, next) in object.sorted(by: { $0.key < $1.key }) {
        candidates.append(prefix + key)
        collect(next, prefix + key + ".", depth: depth + 1)
      }
    }
    collect(root, "", depth: 0)
    if let inList = candidates.first(where: { $0.hasSuffix("." + wanted) }) { return inList }
    if let whole = closest(to: wanted, among: candidates) { return whole }
    // A name of a list's items, without the list.
    guard parts.count == 1,
      let last = closest(to: wanted, among: candidates.compactMap { $0.split(separator: ".").last.map(String.init) })
    else { return nil }
    return candidates.first { $0.hasSuffix("." + last) }
  }
}
