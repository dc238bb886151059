import Checkpoints

/// Hashes of a graph's nodes that say what each computes and what becomes of it, whatever anything is called.
///
/// `up` covers all that leads to a node, `down` all that it leads to. Bodies without cycles are hashed exactly, each node
/// once; within cycles and beyond them colours are refined a fixed number of rounds, which tells fewer nodes apart and
/// none wrongly alike that differ nearby.
///
/// ## Source
/// Merkle (1988), doi:10.1007/3-540-48184-2_32; colour refinement: Weisfeiler & Leman (1968).
struct GraphHashes {
  private(set) var up: [UInt64]
  private(set) var down: [UInt64]
  /// By body: of everything that the function computes.
  private(set) var bodies: [UInt64]

  private static let rounds = 12

  /// - Parameters:
  ///   - labels: By node: what the node is by itself.
  ///   - followsCalls: Whether what a called function computes is part of its caller.
  /// - Complexity: O(nodes + edges).
  init(_ graph: ComputationGraph, labels: [UInt64], followsCalls: Bool) {
    up = labels
    down = labels
    bodies = [UInt64](repeating: 0, count: graph.bodies.count)
    for body in Self.order(of: graph) {
      hash(graph, body, labels, followsCalls: followsCalls)
    }
  }

  /// Bodies after those that they call; a function that calls itself is hashed without that call.
  private static func order(of graph: ComputationGraph) -> [Int] {
    var callees = [[Int]](repeating: [], count: graph.bodies.count)
    for (index, body) in graph.bodies.enumerated() {
      var found: Set<Int> = []
      for node in body.nodes { found.formUnion(graph.nodes[node].calls) }
      callees[index] = found.sorted()
    }
    var result: [Int] = []
    var state = [Int](repeating: 0, count: graph.bodies.count)
    for root in graph.bodies.indices where state[root] == 0 {
      // Depth first without recursion: a file may nest calls without end.
      var stack = [(body: root, next: 0)]
      state[root] = 1
      while let top = stack.last {
        if top.next < callees[top.body].count {
          stack[stack.count - 1].next += 1
          let callee = callees[top.body][top.next]
          if state[callee] == 0 {
            state[callee] = 1
            stack.append((callee, 0))
          }
        } else {
          state[top.body] = 2
          result.append(top.body)
          stack.removeLast()
        }
      }
    }
    return result
  }

  private mutating func hash(_ graph: ComputationGraph, _ index: Int, _ labels: [UInt64], followsCalls: Bool) {
    let range = graph.bodies[index].nodes
    let base = range.lowerBound
    let count = range.count
    var own = [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      for i in 0..<count { buffer[i] = labels[base + i] }
      initialized = count
    }
    if followsCalls {
      for i in 0..<count where !graph.nodes[base + i].calls.isEmpty {
        for call in graph.nodes[base + i].calls { own[i] = mix(own[i], bodies[call]) }
      }
    }
    func isPart(_ node: Int) -> Bool { node >= 0 && !graph.nodes[node].isSaver }
    // Consumers in one array, by the node that they consume.
    var starts = [Int](repeating: 0, count: count + 1)
    var inputs = [Int](repeating: 0, count: count)
    for node in range where !graph.nodes[node].isSaver {
      for edge in graph.edges[graph.nodes[node].inputs] where isPart(edge.node) {
        starts[edge.node - base + 1] += 1
        inputs[node - base] += 1
      }
    }
    for i in 0..<count { starts[i + 1] += starts[i] }
    var filled = starts
    var consumers = [(node: Int, place: UInt64)](repeating: (0, 0), count: starts[count])
    for node in range where !graph.nodes[node].isSaver {
      for (place, edge) in graph.edges[graph.nodes[node].inputs].enumerated() where isPart(edge.node) {
        let at = filled[edge.node - base]
        filled[edge.node - base] += 1
        consumers[at] = (node - base, edge.isControl ? .max : mix(UInt64(place), edge.port))
      }
    }
    func upward(_ i: Int, _ color: (Int) -> UInt64) -> UInt64 {
      var result = own[i]
      var controls: UInt64 = 0
      for edge in graph.edges[graph.nodes[base + i].inputs] {
        if edge.node < 0 {
          result = mix(result, edge.port)
        } else if isPart(edge.node) {
          if edge.isControl {
            controls &+= mix(3, color(edge.node - base))
          } else {
            result = mix(mix(result, color(edge.node - base)), edge.port)
          }
        }
      }
      return mix(result, controls)
    }
    func downward(_ i: Int, _ color: (Int) -> UInt64) -> UInt64 {
      var sum: UInt64 = 0
      for consumer in consumers[starts[i]..<starts[i + 1]] { sum &+= mix(color(consumer.node), consumer.place) }
      return mix(own[i], sum)
    }

    // Kahn's order; what is left lies in cycles or behind them.
    var order: [Int] = []
    order.reserveCapacity(count)
    var waiting = inputs
    for i in 0..<count where waiting[i] == 0 { order.append(i) }
    var next = 0
    while next < order.count {
      for consumer in consumers[starts[order[next]]..<starts[order[next] + 1]] {
        waiting[consumer.node] -= 1
        if waiting[consumer.node] == 0 { order.append(consumer.node) }
      }
      next += 1
    }
    var colors = own
    for i in order { colors[i] = upward(i) { colors[$0] } }
    refine(&colors, (0..<count).filter { waiting[$0] > 0 }, upward)
    for i in 0..<count { up[base + i] = colors[i] }

    var pending = (0..<count).map { starts[$0 + 1] - starts[$0] }
    var reverse: [Int] = []
    reverse.reserveCapacity(count)
    for i in 0..<count where pending[i] == 0 { reverse.append(i) }
    next = 0
    while next < reverse.count {
      let node = base + reverse[next]
      next += 1
      guard !graph.nodes[node].isSaver else { continue }
      for edge in graph.edges[graph.nodes[node].inputs] where isPart(edge.node) {
        pending[edge.node - base] -= 1
        if pending[edge.node - base] == 0 { reverse.append(edge.node - base) }
      }
    }
    colors = own
    for i in reverse { colors[i] = downward(i) { colors[$0] } }
    refine(&colors, (0..<count).filter { pending[$0] > 0 }, downward)
    var whole = UInt64(1)
    for i in 0..<count {
      down[base + i] = colors[i]
      if !graph.nodes[base + i].isSaver { whole &+= mix(up[base + i], colors[i]) }
    }
    bodies[index] = graph.bodies[index].isSaver ? 0 : whole
  }

  private func refine(_ colors: inout [UInt64], _ nodes: [Int], _ refined: (Int, (Int) -> UInt64) -> UInt64) {
    guard !nodes.isEmpty else { return }
    for _ in 0..<Self.rounds {
      let known = colors
      for i in nodes { colors[i] = refined(i) { known[$0] } }
    }
  }

  /// What a node is in its surroundings.
  func place(_ node: Int) -> UInt64 { mix(up[node], down[node]) }
}

/// Mixes a value into a hash; the order counts.
@inline(__always)
func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
  // The finaliser of SplitMix64.
  var x = hash &* 0x9e37_79b9_7f4a_7c15 &+ value &+ 0x9e37_79b9_7f4a_7c15
  x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
  x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
  return x ^ x >> 31
}
