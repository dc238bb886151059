import Results

/// Names of sibling groups for names that may be anything: one level each, and no two alike.
struct GroupNames {
  private var used: Set<String> = []

  /// Returns the group's name for `name`: percent-encoded where HDF5 would take it for a path, with `~2`, `~3` and so on
  /// where that is another group's already.
  mutating func add(_ name: String) -> String {
    let encoded = Self.encoded(name)
    var result = encoded
    var number = 1
    while !used.insert(result).inserted {
      number += 1
      result = "\(encoded)~\(number)"
    }
    return result
  }

  /// `/`, `%` and NUL are percent-encoded, and the dots of `.` and `..`; an empty name becomes `%00`, which only a
  /// single NUL would too.
  static func encoded(_ name: String) -> String {
    switch name {
    case "": return "%00"
    case ".": return "%2E"
    case "..": return "%2E%2E"
    default: break
    }
    var result = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "/": result += "%2F"
      case "%": result += "%25"
      case "\0": result += "%00"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Where a pair is: its groups below `/pairs` and `/units`.
struct Place: Sendable {
  let layer: String, tensor: String

  /// The pair's group.
  var path: String { "/pairs/\(layer)/\(tensor)" }
}

/// Gives pairs their places, one after the other.
struct Places {
  private var layers = GroupNames()
  private var groups: [String: String] = [:]
  private var tensors: [String: GroupNames] = [:]

  mutating func add(_ pair: PairResult) -> Place { add(pair.name, layer: pair.layer) }

  mutating func add(_ name: String, layer: String) -> Place {
    let group = self.layer(layer)
    return Place(layer: group, tensor: tensors[group, default: GroupNames()].add(Self.part(of: name, layer)))
  }

  /// The group of a layer.
  mutating func layer(_ name: String) -> String {
    if let group = groups[name] { return group }
    let group = layers.add(name)
    groups[name] = group
    return group
  }

  static func of(_ pairs: [PairResult]) -> [Place] {
    var places = Places()
    return pairs.map { places.add($0) }
  }

  /// The tensor's name within its layer.
  private static func part(of name: String, _ layer: String) -> String {
    name.hasPrefix(layer + "/") ? String(name.dropFirst(layer.count + 1)) : name
  }
}

/// What tells a pair of one analysis from the others.
struct PairKey: Hashable {
  private let name: String, a: Side, b: Side, shape: [Int]

  init(_ pair: PairResult) {
    (name, a, b, shape) = (pair.name, pair.a, pair.b, pair.shape)
  }
}
