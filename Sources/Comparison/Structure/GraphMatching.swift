import Checkpoints

/// Which node of A is which of B, found by what nodes compute, then by their names, then by their neighbours.
///
/// - Complexity: O(nodes + edges) but for sorting within groups of equal nodes.
struct GraphMatching {
  private let a: ComputationGraph
  private let b: ComputationGraph
  /// By node of A: the node of B, or −1.
  private(set) var partner: [Int]
  /// By node of B: the node of A, or −1.
  private(set) var reverse: [Int]
  private var queue: [Int] = []
  private let consumersA: Consumers
  private let consumersB: Consumers

  init(_ a: ComputationGraph, _ b: ComputationGraph) {
    self.a = a
    self.b = b
    partner = [Int](repeating: -1, count: a.nodes.count)
    reverse = [Int](repeating: -1, count: b.nodes.count)
    consumersA = Consumers(a)
    consumersB = Consumers(b)
  }

  /// Matches the nodes of two bodies.
  ///
  /// - Parameter hashes: Of A and B, the most telling first.
  mutating func match(_ bodyA: Range<Int>, _ bodyB: Range<Int>, by hashes: [(a: GraphHashes, b: GraphHashes)]) {
    matchInterface(bodyA, bodyB)
    for (number, pair) in hashes.enumerated() {
      group(bodyA, bodyB, { pair.a.place($0) }, { pair.b.place($0) })
      // What computes the same of the same inputs is the same, whatever became of it; but constants are many alike.
      if number == 0 {
        let (left, right) = (a, b)
        group(
          bodyA, bodyB, { left.nodes[$0].inputs.isEmpty ? nil : pair.a.up[$0] },
          { right.nodes[$0].inputs.isEmpty ? nil : pair.b.up[$0] })
      }
    }
    // Constants are numbered, so that their names tell less than who takes them.
    for constants in [false, true] {
      matchByName(bodyA, bodyB, constants: constants)
      spread(needsOperation: true)
    }
    for pair in hashes.dropFirst() {
      group(bodyA, bodyB, { pair.a.up[$0] }, { pair.b.up[$0] })
      group(bodyA, bodyB, { pair.a.down[$0] }, { pair.b.down[$0] })
    }
    for node in bodyA where partner[node] >= 0 { queue.append(node) }
    spread(needsOperation: true)
    for node in bodyA where partner[node] >= 0 { queue.append(node) }
    spread(needsOperation: false)
  }

  /// Arguments, and results, are known by their places, where there are as many of the same types.
  private mutating func matchInterface(_ bodyA: Range<Int>, _ bodyB: Range<Int>) {
    for prefix in ["_Arg", "_Retval"] {
      func ends(_ graph: ComputationGraph, _ nodes: Range<Int>) -> [Int] {
        nodes.filter { graph.operations[graph.nodes[$0].operation].hasPrefix(prefix) }
      }
      let left = ends(a, bodyA)
      let right = ends(b, bodyB)
      let areAlike = zip(left, right).allSatisfy { x, y in
        partner[x] < 0 && reverse[y] < 0
          && a.operations[a.nodes[x].operation] == b.operations[b.nodes[y].operation]
      }
      if left.count == right.count, areAlike { for (x, y) in zip(left, right) { join(x, y) } }
    }
  }

  private mutating func join(_ x: Int, _ y: Int) {
    partner[x] = y
    reverse[y] = x
    queue.append(x)
  }

  private func operationsAgree(_ x: Int, _ y: Int) -> Bool {
    let nameA = a.operations[a.nodes[x].operation]
    let nameB = b.operations[b.nodes[y].operation]
    return nameA == nameB || (nameA.hasPrefix("_Arg") && nameB.hasPrefix("_Arg"))
  }

  /// Joins nodes of equal keys: single ones, those of one name, those next to joined ones, the rest in order.
  private mutating func group(
    _ bodyA: Range<Int>, _ bodyB: Range<Int>, _ keyA: (Int) -> UInt64?, _ keyB: (Int) -> UInt64?
  ) {
    var groups: [UInt64: (a: [Int], b: [Int])] = [:]
    for node in bodyA where partner[node] < 0 && !a.nodes[node].isSaver {
      if let key = keyA(node) { groups[key, default: ([], [])].a.append(node) }
    }
    for node in bodyB where reverse[node] < 0 && !b.nodes[node].isSaver {
      if let key = keyB(node), groups[key] != nil { groups[key]!.b.append(node) }
    }
    var several: [(a: [Int], b: [Int])] = []
    for (_, group) in groups where !group.b.isEmpty {
      if group.a.count == 1, group.b.count == 1 {
        if operationsAgree(group.a[0], group.b[0]) { join(group.a[0], group.b[0]) }
      } else {
        several.append(group)
      }
    }
    // In the order of the file, as a dictionary has none.
    several.sort { $0.a[0] < $1.a[0] }
    for group in several {
      var names: [String: Int] = [:]
      for node in group.b { names[b.nodes[node].name] = node }
      for node in group.a {
        if let other = names[a.nodes[node].name], reverse[other] < 0, operationsAgree(node, other) { join(node, other) }
      }
    }
    let keys = Dictionary(
      several.enumerated().flatMap { index, group in group.a.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
    let keysOfB = Dictionary(
      several.enumerated().flatMap { index, group in group.b.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
    func fits(_ x: Int, _ y: Int) -> Bool { keys[x] != nil && keys[x] == keysOfB[y] }
    queue.sort()
    spread(needsOperation: true, fits)
    for group in several {
      var free = group.b.filter { reverse[$0] < 0 }[...]
      for node in group.a where partner[node] < 0 {
        free = free.drop { reverse[$0] >= 0 }
        guard let other = free.first else { break }
        join(node, other)
        spread(needsOperation: true, fits)
      }
    }
  }

  private mutating func matchByName(_ bodyA: Range<Int>, _ bodyB: Range<Int>, constants: Bool) {
    for normalized in [false, true] {
      func name(_ node: ComputationGraph.Node) -> String { normalized ? plainName(node.name) : node.name }
      var names: [String: [Int]] = [:]
      for node in bodyB where reverse[node] < 0 && !b.nodes[node].isSaver {
        names[name(b.nodes[node]), default: []].append(node)
      }
      var namesA: [String: Int] = [:]
      for node in bodyA where partner[node] < 0 && !a.nodes[node].isSaver {
        namesA[name(a.nodes[node]), default: 0] += 1
      }
      for node in bodyA where partner[node] < 0 && !a.nodes[node].isSaver {
        guard let others = names[name(a.nodes[node])], others.count == 1, namesA[name(a.nodes[node])] == 1,
          reverse[others[0]] < 0, operationsAgree(node, others[0]),
          constants || a.operations[a.nodes[node].operation] != "Const"
        else { continue }
        join(node, others[0])
      }
    }
  }

  /// From joined nodes to their inputs and consumers in the same place.
  private mutating func spread(needsOperation: Bool, _ fits: (Int, Int) -> Bool = { _, _ in true }) {
    func may(_ x: Int, _ y: Int) -> Bool {
      x >= 0 && y >= 0 && partner[x] < 0 && reverse[y] < 0 && !a.nodes[x].isSaver && !b.nodes[y].isSaver
        && (operationsAgree(x, y) || !needsOperation && agreesAround(x, y)) && fits(x, y)
    }
    while let x = queue.popLast() {
      let y = partner[x]
      guard y >= 0 else { continue }
      let inputsA = a.edges[a.nodes[x].inputs].filter { !$0.isControl }
      let inputsB = b.edges[b.nodes[y].inputs].filter { !$0.isControl }
      if inputsA.count == inputsB.count {
        for (edgeA, edgeB) in zip(inputsA, inputsB) where edgeA.port == edgeB.port && may(edgeA.node, edgeB.node) {
          join(edgeA.node, edgeB.node)
        }
      }
      // A consumer alone of its kind in its place.
      var places: [Consumers.Place: (a: [Int], b: [Int])] = [:]
      for consumer in consumersA.of(x) where partner[consumer.node] < 0 {
        places[consumer.place(a, needsOperation), default: ([], [])].a.append(consumer.node)
      }
      if places.isEmpty { continue }
      for consumer in consumersB.of(y) where reverse[consumer.node] < 0 {
        places[consumer.place(b, needsOperation), default: ([], [])].b.append(consumer.node)
      }
      for (_, found) in places.sorted(by: { $0.value.a.first ?? -1 < $1.value.a.first ?? -1 })
      where found.a.count == 1 && found.b.count == 1 && may(found.a[0], found.b[0]) {
        join(found.a[0], found.b[0])
      }
    }
  }

  /// Whether two nodes of different operations stand in the same place: all their inputs are joined.
  private func agreesAround(_ x: Int, _ y: Int) -> Bool {
    let nameA = a.operations[a.nodes[x].operation]
    let nameB = b.operations[b.nodes[y].operation]
    if nameA.hasPrefix("_") || nameB.hasPrefix("_") { return false }
    let inputsA = a.edges[a.nodes[x].inputs].filter { !$0.isControl }
    let inputsB = b.edges[b.nodes[y].inputs].filter { !$0.isControl }
    return inputsA.count == inputsB.count && !inputsA.isEmpty
      && zip(inputsA, inputsB).allSatisfy { $0.node >= 0 && $1.node >= 0 && partner[$0.node] == $1.node }
  }
}

/// Who takes a node's outputs.
struct Consumers {
  struct Place: Hashable {
    var operation: String
    var input: Int
    var port: UInt64
  }
  struct Consumer {
    var node: Int
    var input: Int
    var port: UInt64

    func place(_ graph: ComputationGraph, _ needsOperation: Bool) -> Place {
      Place(
        operation: needsOperation ? graph.operations[graph.nodes[node].operation] : "", input: input, port: port)
    }
  }

  private var starts: [Int]
  private var consumers: [Consumer]

  init(_ graph: ComputationGraph) {
    starts = [Int](repeating: 0, count: graph.nodes.count + 1)
    for node in graph.nodes.indices where !graph.nodes[node].isSaver {
      for edge in graph.edges[graph.nodes[node].inputs] where edge.node >= 0 { starts[edge.node + 1] += 1 }
    }
    for i in graph.nodes.indices { starts[i + 1] += starts[i] }
    var filled = starts
    consumers = [Consumer](repeating: Consumer(node: 0, input: 0, port: 0), count: starts[graph.nodes.count])
    for node in graph.nodes.indices where !graph.nodes[node].isSaver {
      for (input, edge) in graph.edges[graph.nodes[node].inputs].enumerated() where edge.node >= 0 {
        consumers[filled[edge.node]] = Consumer(node: node, input: edge.isControl ? -1 : input, port: edge.port)
        filled[edge.node] += 1
      }
    }
  }

  func of(_ node: Int) -> ArraySlice<Consumer> { consumers[starts[node]..<starts[node + 1]] }
}

/// A node's name without the numbers that TensorFlow puts behind names that are taken.
func plainName(_ name: String) -> String {
  guard name.utf8.contains(UInt8(ascii: "_")) else { return name }
  return name.split(separator: "/", omittingEmptySubsequences: false).map(withoutNumber).joined(separator: "/")
}

private func withoutNumber(_ part: Substring) -> Substring {
  guard let underscore = part.lastIndex(of: "_"), underscore != part.startIndex else { return part }
  let digits = part[part.index(after: underscore)...]
  return !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber } ? part[..<underscore] : part
}
