import Results

/// A name with Keras's automatic numbers left out: `dense_7/kernel` and `dense_3/kernel` read the same,
/// and so do the partitions and checkpoint suffixes that TensorFlow 1 and 2 add.
func foldedName(_ name: String) -> String {
  var parts = name.split(separator: "/", omittingEmptySubsequences: false)
  if let last = parts.last, last.hasPrefix("part_"), parts.count > 1, Int(last.dropFirst(5)) == 0 { parts.removeLast() }
  return parts.map { part -> Substring in
    guard let underscore = part.lastIndex(of: "_"), underscore != part.startIndex,
      Int(part[part.index(after: underscore)...]) != nil
    else { return part }
    return part[..<underscore]
  }.joined(separator: "/")
}

extension Array where Element == Catalogue.Entry {
  /// Pairs of indices of free entries whose folded names agree, in natural order where several fold alike.
  ///
  /// Names that fold alike pair only when both sides have as many, of the same shapes in the same order:
  /// anything else would be a guess.
  func foldedPairs(_ others: [Catalogue.Entry], free: (Int) -> Bool, freeOther: (Int) -> Bool) -> [(Int, Int)] {
    matching(others, free: free, freeOther: freeOther, key: { foldedName($0.name) })
  }

  /// Pairs of indices where the two sides name the same layers with other automatic numbers throughout, as
  /// two models made in one process do; empty unless it leaves no weight over on either side, and where
  /// object paths say what belongs together.
  func renumberedPairs(_ others: [Catalogue.Entry], free: (Int) -> Bool, freeOther: (Int) -> Bool) -> [(Int, Int)] {
    func isNamed(_ entry: Catalogue.Entry) -> Bool {
      (entry.role == .weight || entry.role == .state)
        && (entry.stored.objectPath == nil || anonymousList(entry.stored.objectPath) != nil)
    }
    let left = indices.filter { free($0) && isNamed(self[$0]) }
    let right = others.indices.filter { freeOther($0) && isNamed(others[$0]) }
    guard left.count == right.count, Set(left.map { self[$0].name }) != Set(right.map { others[$0].name }) else {
      return []
    }
    let found = matching(
      others, free: { free($0) && isNamed(self[$0]) }, freeOther: { freeOther($0) && isNamed(others[$0]) },
      key: { foldedName($0.name) })
    return found.count == left.count ? found : []
  }

  /// Pairs of indices of free weights and state by shape alone, in natural order; empty unless it leaves
  /// nothing over on either side.
  func alignedPairs(_ others: [Catalogue.Entry], free: (Int) -> Bool, freeOther: (Int) -> Bool) -> [(Int, Int)] {
    func isModel(_ entry: Catalogue.Entry) -> Bool { entry.role == .weight || entry.role == .state }
    let left = indices.filter { free($0) && isModel(self[$0]) }
    let right = others.indices.filter { freeOther($0) && isModel(others[$0]) }
    guard !left.isEmpty, left.count == right.count else { return [] }
    let found = matching(
      others, free: { free($0) && isModel(self[$0]) }, freeOther: { freeOther($0) && isModel(others[$0]) },
      key: { "\($0.stored.shape)" })
    return found.count == left.count ? found : []
  }

  private func matching(
    _ others: [Catalogue.Entry], free: (Int) -> Bool, freeOther: (Int) -> Bool, key: (Catalogue.Entry) -> String
  ) -> [(Int, Int)] {
    func groups(_ entries: [Catalogue.Entry], _ free: (Int) -> Bool) -> [String: [Int]] {
      let order = entries.indices.filter(free).sorted {
        naturallyPrecedes(entries[$0].orderingName, entries[$1].orderingName)
      }
      return Dictionary(grouping: order) { "\(entries[$0].role)\u{0}\(key(entries[$0]))" }
    }
    let right = groups(others, freeOther)
    return groups(self, free).sorted { $0.key < $1.key }.flatMap { name, left -> [(Int, Int)] in
      guard let partners = right[name], partners.count == left.count,
        zip(left, partners).allSatisfy({ self[$0].hasShape(of: others[$1]) })
      else { return [] }
      return [(Int, Int)](zip(left, partners))
    }
  }
}

extension Catalogue.Entry {
  /// What tells the order of a network as far as names do.
  var orderingName: String { stored.objectPath ?? stored.key }
}
