import Checkpoints

/// Which function of A is which of B: by what they compute, then by their names without numbers, then by who calls them.
struct FunctionMatching {
  private let a: ComputationGraph
  private let b: ComputationGraph
  /// The graphs themselves first.
  private(set) var pairs: [(a: Int, b: Int)] = []
  private var partner: [Int]
  private var reverse: [Int]
  private let hashesA: [UInt64]
  private let hashesB: [UInt64]

  /// - Parameters:
  ///   - hashesA: By function, of all that it computes; `hashesB` likewise.
  ///   - shapesA: By function, of its operations and edges alone; `shapesB` likewise.
  init(
    _ a: ComputationGraph, _ b: ComputationGraph, _ hashesA: [UInt64], _ hashesB: [UInt64], _ shapesA: [UInt64],
    _ shapesB: [UInt64]
  ) {
    self.a = a
    self.b = b
    self.hashesA = hashesA
    self.hashesB = hashesB
    partner = [Int](repeating: -1, count: a.bodies.count)
    reverse = [Int](repeating: -1, count: b.bodies.count)
    if !a.bodies.isEmpty, !b.bodies.isEmpty { join(0, 0) }
    // Equal in all and in name, equal in all, equal in operations and in name, equal in name.
    join { (side: Int, index: Int) -> String in
      let hash = side == 0 ? hashesA[index] : hashesB[index]
      return "\(hash) \(Self.stem((side == 0 ? a : b).bodies[index].name))"
    }
    join { side, index in "\(side == 0 ? hashesA[index] : hashesB[index])" }
    join { (side: Int, index: Int) -> String in
      let hash = side == 0 ? shapesA[index] : shapesB[index]
      return "\(hash) \(Self.stem((side == 0 ? a : b).bodies[index].name))"
    }
    join { side, index in Self.stem((side == 0 ? a : b).bodies[index].name) }
    join { side, index in Self.stem((side == 0 ? a : b).bodies[index].name).filter { !$0.isNumber } }
  }

  private mutating func join(_ x: Int, _ y: Int) {
    partner[x] = y
    reverse[y] = x
    pairs.append((x, y))
  }

  /// Joins functions of one key in the order of the files, where a key is one that must not be crossed with savers.
  private mutating func join(_ key: (_ side: Int, _ index: Int) -> String) {
    var waiting: [String: [Int]] = [:]
    for index in b.bodies.indices.dropFirst() where reverse[index] < 0 && !b.bodies[index].isSaver {
      waiting[key(1, index), default: []].append(index)
    }
    for key in waiting.keys { waiting[key]!.reverse() }
    for index in a.bodies.indices.dropFirst() where partner[index] < 0 && !a.bodies[index].isSaver {
      if let other = waiting[key(0, index)]?.popLast() { join(index, other) }
    }
  }

  /// Functions that joined nodes call.
  mutating func joinCalls(_ x: [Int], _ y: [Int]) {
    guard x.count == y.count else { return }
    for (left, right) in zip(x, y)
    where partner[left] < 0 && reverse[right] < 0 && !a.bodies[left].isSaver && !b.bodies[right].isSaver {
      join(left, right)
    }
  }

  /// Whether two functions are one: joined, or equal to what is joined.
  func belong(_ x: Int, _ y: Int) -> Bool {
    partner[x] == y || hashesA[x] == hashesB[y] || (a.bodies[x].isSaver && b.bodies[y].isSaver)
      || (partner[x] >= 0 && hashesB[partner[x]] == hashesB[y])
  }

  /// Whether any function has no equal partner.
  var differs: Bool {
    pairs.contains { hashesA[$0.a] != hashesB[$0.b] } || !onlyInA.isEmpty || !onlyInB.isEmpty
  }

  /// Functions without a partner by name, with their number of nodes.
  var onlyInA: [(String, Int)] { alone(a, partner) }
  var onlyInB: [(String, Int)] { alone(b, reverse) }

  private func alone(_ graph: ComputationGraph, _ partners: [Int]) -> [(String, Int)] {
    graph.bodies.indices.dropFirst().filter { partners[$0] < 0 && !graph.bodies[$0].isSaver }.map {
      (Self.stem(graph.bodies[$0].name), graph.bodies[$0].nodes.count)
    }
  }

  /// A function's name without what TensorFlow puts around it.
  ///
  /// ## Source
  /// TensorFlow, `python/eager/polymorphic_function` (`_inference_name`: `__inference_` name `_` number).
  static func stem(_ name: String) -> String {
    var stem = name[...]
    for prefix in ["__inference_", "__forward_", "__backward_"] where stem.hasPrefix(prefix) {
      stem = stem.dropFirst(prefix.count)
      break
    }
    if let underscore = stem.lastIndex(of: "_"), underscore != stem.startIndex {
      let digits = stem[stem.index(after: underscore)...]
      if !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) { stem = stem[..<underscore] }
    }
    return String(stem)
  }
}
