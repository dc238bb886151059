import Checkpoints
import Results
import Tensors

/// A checkpoint's tensors as people know them: named, grouped into layers, told apart by role.
public struct Catalogue: Sendable {
  public struct Entry: Sendable {
    public let stored: StoredTensor
    /// Unique within the catalogue; see ``Catalogue``.
    public let name: String
    /// The name less its last part; empty for a name of one part.
    public let layer: String
    public let role: Role
    /// Index of the entry that holds the same variable and stands for both.
    public var duplicateOf: Int?

    /// The name's last part, such as `kernel`.
    public var part: String { lastPart(of: name) }
  }

  public let checkpoint: any Checkpoint
  public let entries: [Entry]

  /// Names, layers, roles and duplicates of every tensor in the checkpoint.
  ///
  /// A name is the variable's full name without a prefix common to all, where that is unique, else the
  /// object path, else the key.
  /// - Complexity: O(n log n) in the number of tensors.
  public init(_ checkpoint: any Checkpoint) {
    self.checkpoint = checkpoint
    let tensors = checkpoint.tensors
    let roles = tensors.map(role(of:))
    let duplicates = Self.duplicates(tensors, roles: roles)
    let names = Self.names(tensors, roles: roles, duplicates: duplicates)
    entries = tensors.indices.map { i in
      Entry(
        stored: tensors[i], name: names[i], layer: layer(of: names[i]), role: roles[i], duplicateOf: duplicates[i])
    }
  }

  /// Entries that stand for a variable, of the given roles, kept in the catalogue's order.
  public func selected(_ roles: Set<Role>) -> [Entry] {
    entries.indices.filter { entries[$0].duplicateOf == nil && roles.contains(entries[$0].role) }.map { entries[$0] }
  }

  /// Keras 3's `export` stores each variable as `variables/N` and again as `_all_variables/N`, and other
  /// lists may hold it once more. Two keys hold one variable when an anonymous list names the same full
  /// name, type and shape as a better place does.
  private static func duplicates(_ tensors: [StoredTensor], roles: [Role]) -> [Int?] {
    var result = [Int?](repeating: nil, count: tensors.count)
    var groups: [String: [Int]] = [:]
    for i in tensors.indices {
      guard let name = tensors[i].fullName, !name.isEmpty, roles[i] != .graph else { continue }
      groups["\(name)\u{0}\(tensors[i].elementType)\u{0}\(tensors[i].shape)", default: []].append(i)
    }
    for members in groups.values where members.count > 1 {
      // One list can name two different variables alike: only a second list repeats a variable.
      var lists: [String: [Int]] = [:]
      for i in members { lists[anonymousList(tensors[i].objectPath) ?? "", default: []].append(i) }
      guard lists.count > 1, lists.values.allSatisfy({ $0.count == 1 }) else { continue }
      let ordered = members.sorted { rank(tensors[$0]) < rank(tensors[$1]) }
      for i in ordered.dropFirst() where anonymousList(tensors[i].objectPath) != nil { result[i] = ordered[0] }
    }
    return result
  }

  /// The better place first: a path that says what the variable is, then `variables`, then the rest.
  private static func rank(_ tensor: StoredTensor) -> Int {
    switch anonymousList(tensor.objectPath) {
    case nil: 0
    case "variables": 1
    case "_all_variables": 3
    default: 2
    }
  }

  private static func names(_ tensors: [StoredTensor], roles: [Role], duplicates: [Int?]) -> [String] {
    let models = tensors.indices.filter { roles[$0] == .weight || roles[$0] == .state }
    let prefix = commonPrefix(models.compactMap { tensors[$0].fullName })
    func preferred(_ i: Int) -> String? {
      guard let name = tensors[i].fullName, !name.isEmpty else { return nil }
      return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }
    var uses: [String: Int] = [:]
    for i in tensors.indices where duplicates[i] == nil { if let name = preferred(i) { uses[name, default: 0] += 1 } }
    var names = tensors.indices.map { i -> String in
      if let name = preferred(i), uses[name] == 1 || duplicates[i] != nil { return name }
      if let path = tensors[i].objectPath, !path.isEmpty { return path }
      return tensors[i].key
    }
    // Whatever still clashes is told apart by its key, which is unique.
    var seen = Set<String>(minimumCapacity: names.count)
    var clashing = Set<String>()
    for i in names.indices where duplicates[i] == nil && !seen.insert(names[i]).inserted { clashing.insert(names[i]) }
    if clashing.isEmpty { return names }
    for i in names.indices where duplicates[i] == nil && clashing.contains(names[i]) { names[i] = tensors[i].key }
    return names
  }
}

/// The anonymous list that a path's last index belongs to: places in it say nothing of the variable.
/// `nil` for a path that does.
func anonymousList(_ path: String?) -> String? {
  guard let parts = path?.split(separator: "/", omittingEmptySubsequences: false), parts.count >= 2,
    Int(parts[parts.count - 1]) != nil
  else { return nil }
  let list = String(parts[parts.count - 2])
  let known = [
    "variables", "_all_variables", "_variables", "w", "trainable_variables", "non_trainable_variables",
    "_trainable_variables", "_non_trainable_variables",
  ]
  return known.contains(list) ? list : nil
}

/// The leading parts that all names share, with the slash behind; at least two parts of each name stay.
func commonPrefix(_ names: [String]) -> String {
  let split = names.map { $0.split(separator: "/", omittingEmptySubsequences: false) }
  guard let first = split.first, split.count > 1 else { return "" }
  var length = max(0, first.count - 2)
  for parts in split {
    length = min(length, max(0, parts.count - 2))
    while length > 0, parts.prefix(length) != first.prefix(length) { length -= 1 }
    if length == 0 { return "" }
  }
  return first.prefix(length).joined(separator: "/") + "/"
}

func lastPart(of name: String) -> String {
  guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return name }
  return String(name[name.utf8.index(after: slash)...])
}

func layer(of name: String) -> String {
  guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
  return String(name[..<slash])
}

/// Orders names as people do: runs of digits by their value (`dense_2` before `dense_10`).
func naturallyPrecedes(_ x: String, _ y: String) -> Bool {
  var i = x.utf8.makeIterator()
  var j = y.utf8.makeIterator()
  var a = i.next()
  var b = j.next()
  func digit(_ c: UInt8?) -> Bool { c.map { $0 >= 48 && $0 <= 57 } ?? false }
  while let p = a, let q = b {
    if digit(p), digit(q) {
      var left: [UInt8] = []
      var right: [UInt8] = []
      while let c = a, digit(c) {
        if c != 48 || !left.isEmpty { left.append(c) }
        a = i.next()
      }
      while let c = b, digit(c) {
        if c != 48 || !right.isEmpty { right.append(c) }
        b = j.next()
      }
      if left.count != right.count { return left.count < right.count }
      if left != right { return left.lexicographicallyPrecedes(right) }
      continue
    }
    if p != q { return p < q }
    a = i.next()
    b = j.next()
  }
  if a == nil, b == nil { return x < y }
  return a == nil
}
