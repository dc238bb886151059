import Checkpoints
import Results

/// Which tensor of A belongs to which of B.
public struct Pairing: Sendable {
  public struct Pair: Sendable {
    public let a: Catalogue.Entry
    public let b: Catalogue.Entry
    /// `map`, `object_path`, `full_name`, `key`, `folded_name` or `shape_order`.
    public let pairedBy: String

    public var name: String { a.name }
    public var layer: String { a.layer }
    public var role: Role { a.role }
  }

  public private(set) var pairs: [Pair] = []
  /// Paired by name, but of another shape.
  public private(set) var mismatched: [Pair] = []
  public private(set) var unpairedA: [Catalogue.Entry] = []
  public private(set) var unpairedB: [Catalogue.Entry] = []
  public private(set) var warnings: [String] = []

  /// Pairs by hand first; then by object path, unless the path is a place in an anonymous list; then by
  /// full name; then by key; then by names without automatic numbers; then by shape and order, where that is
  /// certain (``OrderedAlignment``). Names that occur twice on a side never pair. Tensors of equal shape go first.
  ///
  /// - Parameters:
  ///   - roles: Only tensors of these roles, by A's role where the two differ.
  ///   - map: Names, object paths or keys of A and the B that each belongs to.
  /// - Throws: ``PairingError`` when the map names what is not there.
  /// - Complexity: O(n log n) in the number of tensors.
  public init(
    _ a: Catalogue, _ b: Catalogue, roles: Set<Role>, map: [(a: String, b: String)] = [],
    isIncluded: (String) -> Bool = { _ in true }
  ) throws(PairingError) {
    let entriesA = a.entries.filter { $0.duplicateOf == nil }
    let entriesB = b.entries.filter { $0.duplicateOf == nil }
    var partner = [Int?](repeating: nil, count: entriesA.count)
    var how = [String](repeating: "", count: entriesA.count)
    var taken = [Bool](repeating: false, count: entriesB.count)

    func join(_ i: Int, _ j: Int, _ reason: String) {
      partner[i] = j
      how[i] = reason
      taken[j] = true
    }
    func index(_ entries: [Catalogue.Entry], free: (Int) -> Bool, _ name: (Catalogue.Entry) -> String?) -> [String: Int]
    {
      var result: [String: Int] = [:]
      var repeated: Set<String> = []
      for i in entries.indices where free(i) {
        guard let key = name(entries[i]), !key.isEmpty else { continue }
        if result.updateValue(i, forKey: key) != nil { repeated.insert(key) }
      }
      for key in repeated { result[key] = nil }
      return result
    }

    for (left, right) in map {
      guard let i = entriesA.firstIndex(where: { $0.answers(to: left) }) else {
        throw .notFound(name: left, side: "A", similar: similar(to: left, in: entriesA))
      }
      guard let j = entriesB.firstIndex(where: { $0.answers(to: right) }) else {
        throw .notFound(name: right, side: "B", similar: similar(to: right, in: entriesB))
      }
      guard partner[i] == nil, !taken[j] else { throw .usedTwice(name: partner[i] == nil ? right : left) }
      join(i, j, "map")
    }

    // Automatic numbers that were shifted between the two models would pair the wrong layers by exact name.
    for (i, j) in entriesA.renumberedPairs(entriesB, free: { partner[$0] == nil }, freeOther: { !taken[$0] }) {
      join(i, j, "folded_name")
    }

    /// B's name of a paired variable → A's, for what is named after it.
    func translation() -> [String: String] {
      var result: [String: String] = [:]
      for (i, j) in partner.enumerated() {
        if let j, entriesA[i].name != entriesB[j].name { result[entriesB[j].name] = entriesA[i].name }
      }
      return result
    }

    let rules: [(String, (Catalogue.Entry) -> String?)] = [
      ("object_path", { anonymousList($0.stored.objectPath) == nil ? $0.stored.objectPath : nil }),
      ("full_name", { $0.stored.fullName.flatMap { $0.isEmpty ? nil : $0 } }),
      // A key, a full name and a name are all what somebody called the variable: TF1 keys are its name.
      ("full_name", { $0.role == .graph ? nil : $0.name }),
      // Some versions write Adam/m/dense/kernel, others m/dense/kernel.
      ("full_name", { $0.role == .optimizer ? withoutOptimizer($0.name) : nil }),
      ("key", { $0.stored.key }),
    ]
    // Tensors of one shape find each other first, so that a layer put in between does not keep the same
    // layers apart; what is left then pairs by the same rules and is a mismatch.
    for needsShape in [true, false] {
      for (reason, name) in rules {
        // Slots follow the variable that they belong to, also where the two models call it differently.
        let translated = translation()
        func nameInB(_ entry: Catalogue.Entry) -> String? {
          name(entry).map { entry.role == .optimizer && reason != "key" ? translating($0, by: translated) : $0 }
        }
        let right = index(entriesB, free: { !taken[$0] }, nameInB)
        for (key, i) in index(entriesA, free: { partner[$0] == nil }, name).sorted(by: { $0.value < $1.value }) {
          guard let j = right[key], !taken[j], entriesA[i].mayPair(with: entriesB[j], by: reason),
            !needsShape || entriesA[i].hasShape(of: entriesB[j])
          else { continue }
          join(i, j, reason)
        }
      }
      guard needsShape else { continue }
      for (i, j) in entriesA.foldedPairs(entriesB, free: { partner[$0] == nil }, freeOther: { !taken[$0] }) {
        join(i, j, "folded_name")
      }
      var aligned = entriesA.alignedPairs(entriesB, free: { partner[$0] == nil }, freeOther: { !taken[$0] })
      if aligned.isEmpty {
        let ordered = entriesA.orderedPairs(entriesB, free: { partner[$0] == nil }, freeOther: { !taken[$0] })
        aligned = ordered.pairs
        if !ordered.ambiguous.isEmpty {
          let names = ordered.ambiguous.prefix(5).map { entriesA[$0].name }.joined(separator: ", ")
          warnings.append(
            "\(ordered.ambiguous.count) tensors of A could belong to several of B by shape and order, and are left "
              + "unpaired: \(names)\(ordered.ambiguous.count > 5 ? " …" : ""); --map A=B pairs them by hand")
        }
      }
      for (i, j) in aligned { join(i, j, "shape_order") }
      if !aligned.isEmpty {
        warnings.append(
          "\(aligned.count) tensors have no name in common and are paired by shape and order alone; --map says otherwise"
        )
      }
    }

    for (i, entry) in entriesA.enumerated() {
      guard let j = partner[i] else {
        if roles.contains(entry.role), isIncluded(entry.name) { unpairedA.append(entry) }
        continue
      }
      guard roles.contains(entry.role), isIncluded(entry.name) else { continue }
      let other = entriesB[j]
      let pair = Pair(a: entry, b: other, pairedBy: how[i])
      if how[i] == "object_path", let x = entry.stored.fullName, let y = other.stored.fullName, !x.isEmpty, !y.isEmpty,
        x != y, entry.name != other.name
      {
        warnings.append(
          "\(entry.stored.objectPath ?? entry.name): paired by object path although A calls the variable \(x) and B \(y)"
        )
      }
      if how[i] == "key", anonymousList(entry.stored.objectPath) != nil, entry.name != other.name {
        warnings.append(
          "\(entry.stored.key): paired by its place in a list although A calls it \(entry.name) and B \(other.name)")
      }
      if entry.role != other.role {
        warnings.append("\(entry.name): \(entry.role.rawValue) in A, \(other.role.rawValue) in B")
      }
      if entry.hasShape(of: other) {
        pairs.append(pair)
      } else {
        mismatched.append(pair)
      }
    }
    for (j, entry) in entriesB.enumerated() where !taken[j] && roles.contains(entry.role) && isIncluded(entry.name) {
      unpairedB.append(entry)
    }
  }
}

extension Catalogue.Entry {
  fileprivate func answers(to name: String) -> Bool {
    self.name == name || stored.key == name || stored.objectPath == name || stored.fullName == name
  }

  var isString: Bool { stored.elementType == .string }

  /// Whether the two can be compared element by element.
  func hasShape(of other: Catalogue.Entry) -> Bool {
    stored.shape == other.stored.shape && isString == other.isString
      && stored.elementType.components == other.stored.elementType.components
  }

  /// A place in an anonymous list says little: tensors that know other names pair by it only when nothing
  /// else speaks against it.
  fileprivate func mayPair(with other: Catalogue.Entry, by reason: String) -> Bool {
    guard reason == "key", anonymousList(stored.objectPath) != nil else { return true }
    return stored.shape == other.stored.shape && stored.elementType == other.stored.elementType && role == other.role
  }
}

/// Replaces the variable's name within a slot's: `m/fc/kernel` or `fc/kernel/Adam`.
private func translating(_ name: String, by names: [String: String]) -> String {
  if names.isEmpty { return name }
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  for length in stride(from: parts.count - 1, to: 0, by: -1) {
    for start in 0...(parts.count - length) {
      let inner = parts[start..<start + length].joined(separator: "/")
      guard let other = names[inner] else { continue }
      return (parts[..<start].map(String.init) + [other] + parts[(start + length)...].map(String.init))
        .joined(separator: "/")
    }
  }
  return name
}

/// What is wrong with pairs given by hand.
public enum PairingError: Error, Sendable, CustomStringConvertible {
  case notFound(name: String, side: String, similar: [String])
  case usedTwice(name: String)

  public var description: String {
    switch self {
    case .notFound(let name, let side, let similar):
      "--map: \(side) has no tensor \(name)"
        + (similar.isEmpty ? "; `equipoise inspect` lists the names" : "; similar: \(similar.joined(separator: ", "))")
    case .usedTwice(let name): "--map: \(name) is paired twice"
    }
  }
}

/// Up to three names nearest in spelling.
private func similar(to name: String, in entries: [Catalogue.Entry]) -> [String] {
  let wanted = Set(name.lowercased().split { !$0.isLetter && !$0.isNumber })
  let scored = entries.map { entry in
    (entry.name, wanted.intersection(Set(entry.name.lowercased().split { !$0.isLetter && !$0.isNumber })).count)
  }
  let nearest = closest(to: name, among: entries.map(\.name))
  let others = scored.filter { $0.1 > 0 && $0.0 != nearest }.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
  return Array(([nearest].compactMap { $0 } + others).prefix(3))
}
