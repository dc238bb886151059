import Checkpoints
import Results
import Tensors

/// How two graphs differ, whatever their nodes are called: nodes and functions added and removed, attributes changed,
/// inputs taken from elsewhere, operations counted; and what was renamed.
///
/// What saves and restores is left out, as it follows from which variables there are.
struct GraphDifferences {
  /// All but renames.
  private(set) var differences: [Difference] = []
  /// Names that changed though the nodes did not.
  private(set) var renames: [Difference] = []
  /// Of those, constants that are lists of texts, as the tables that they are.
  private(set) var tables: [Difference] = []
  /// Of details that could not be read.
  private(set) var warnings: [String] = []

  var isSame: Bool { differences.isEmpty }

  private let a: ComputationGraph
  private let b: ComputationGraph
  private let tableNames: [String: String]
  private var bodies: FunctionMatching
  private var matching: GraphMatching
  private var found: [Change: (path: String, count: Int, difference: Difference)] = [:]
  private var order: [Change] = []

  /// Changes alike, wherever they are: the same step of a model is traced into several functions.
  private struct Change: Hashable {
    var part: String
    var operation: String
    var attribute: String
    var a: JSONValue?
    var b: JSONValue?
  }

  /// Entries of a kind beyond which the rest is counted.
  static let mostListed = 200

  /// - Parameters:
  ///   - variables: Names in A of B's variables, where they are known by another name.
  ///   - tables: Names of A's constants that are vocabularies, where they are known by another name.
  /// - Complexity: O(nodes + edges), and reading of the nodes that differ.
  init(
    _ a: ComputationGraph, _ b: ComputationGraph, variables: [String: String], tables tableNames: [String: String] = [:]
  ) {
    self.a = a
    self.b = b
    self.tableNames = tableNames
    let labelsA = Self.labels(a, [:])
    let labelsB = Self.labels(b, variables)
    let exact = (
      a: GraphHashes(a, labels: labelsA, followsCalls: true), b: GraphHashes(b, labels: labelsB, followsCalls: true)
    )
    matching = GraphMatching(a, b)
    var hashes = [exact]
    if exact.a.bodies == exact.b.bodies {
      bodies = FunctionMatching(a, b, exact.a.bodies, exact.b.bodies, exact.a.bodies, exact.b.bodies)
    } else {
      let operations = (
        a: GraphHashes(a, labels: Self.operationLabels(a), followsCalls: false),
        b: GraphHashes(b, labels: Self.operationLabels(b), followsCalls: false)
      )
      bodies = FunctionMatching(
        a, b, exact.a.bodies, exact.b.bodies, operations.a.bodies, operations.b.bodies)
      if bodies.differs {
        hashes.append(
          (
            a: GraphHashes(a, labels: labelsA, followsCalls: false),
            b: GraphHashes(b, labels: labelsB, followsCalls: false)
          ))
        hashes.append(operations)
      }
    }
    var renamed: [Rename: Int] = [:]
    var renamedOrder: [Rename] = []
    var matched = 0
    var counted = 0
    var next = 0
    // Calls that were matched may tell of further functions.
    while next < bodies.pairs.count {
      let (x, y) = bodies.pairs[next]
      next += 1
      if a.bodies[x].isSaver, b.bodies[y].isSaver { continue }
      let isEqual = exact.a.bodies[x] == exact.b.bodies[y]
      if isEqual, Self.haveSameNames(a, a.bodies[x].nodes, b, b.bodies[y].nodes) {
        matched += a.bodies[x].nodes.count
        counted += a.bodies[x].nodes.count
        continue
      }
      matching.match(a.bodies[x].nodes, b.bodies[y].nodes, by: hashes)
      for node in a.bodies[x].nodes where !a.nodes[node].isSaver {
        counted += 1
        let other = matching.partner[node]
        guard other >= 0 else { continue }
        matched += 1
        if !isEqual { bodies.joinCalls(a.nodes[node].calls, b.nodes[other].calls) }
        guard a.nodes[node].label == b.nodes[other].label,
          !a.operations[a.nodes[node].operation].hasPrefix("_"),
          let rename = Rename(a.nodes[node].name, b.nodes[other].name)
        else { continue }
        if renamed[rename] == nil { renamedOrder.append(rename) }
        renamed[rename, default: 0] += 1
      }
      if !isEqual { list(a.bodies[x].nodes, b.bodies[y].nodes, labelsA, labelsB) }
    }
    finish(matched: matched, of: counted)
    if !isSame || !renamedOrder.isEmpty { listRenames(renamedOrder, renamed) }
  }

  private static func labels(_ graph: ComputationGraph, _ variables: [String: String]) -> [UInt64] {
    graph.nodes.map { node in
      guard let name = node.variable else { return node.label }
      return mix(node.label, textHash(variables[name] ?? name))
    }
  }

  private static func operationLabels(_ graph: ComputationGraph) -> [UInt64] {
    let hashes = graph.operations.map(textHash)
    return graph.nodes.map { hashes[$0.operation] }
  }

  private static func haveSameNames(
    _ a: ComputationGraph, _ x: Range<Int>, _ b: ComputationGraph, _ y: Range<Int>
  ) -> Bool {
    x.count == y.count
      && zip(x, y).allSatisfy {
        a.nodes[$0].name == b.nodes[$1].name || plainName(a.nodes[$0].name) == plainName(b.nodes[$1].name)
      }
  }

  // MARK: - What differs

  private mutating func list(_ x: Range<Int>, _ y: Range<Int>, _ labelsA: [UInt64], _ labelsB: [UInt64]) {
    let arguments = x.filter { a.operations[a.nodes[$0].operation].hasPrefix("_Arg") && matching.partner[$0] >= 0 }
    let places = arguments.map { matching.partner[$0] }
    if places != places.sorted(), let first = arguments.first {
      add(
        first, in: a, "order", a: .array(arguments.map { .string(a.nodes[$0].name) }),
        b: .array(places.sorted().map { .string(b.nodes[$0].name) }))
    }
    for node in x where !a.nodes[node].isSaver {
      let other = matching.partner[node]
      guard other >= 0 else {
        let operation = a.operations[a.nodes[node].operation]
        add(node, in: a, "", a: .string(operation), b: nil)
        continue
      }
      compare(node, other, labelsA[node] == labelsB[other])
    }
    for node in y where !b.nodes[node].isSaver && matching.reverse[node] < 0 {
      add(node, in: b, "", a: nil, b: .string(b.operations[b.nodes[node].operation]))
    }
  }

  private mutating func compare(_ x: Int, _ y: Int, _ hasSameLabel: Bool) {
    let operationA = a.operations[a.nodes[x].operation]
    let operationB = b.operations[b.nodes[y].operation]
    if operationA.hasPrefix("_") {
      // Arguments say their type in place of an operation; of signatures the tree of structure tells.
      if operationA != operationB { add(x, in: a, "type", a: .string(operationA), b: .string(operationB)) }
    } else if operationA != operationB {
      add(x, in: a, "operation", a: .string(operationA), b: .string(operationB))
    } else if !hasSameLabel {
      if let variable = a.nodes[x].variable, let other = b.nodes[y].variable, a.nodes[x].label == b.nodes[y].label {
        add(x, in: a, "variable", a: .string(variable), b: .string(other))
      } else {
        compareAttributes(x, y)
      }
    }
    let callsA = a.nodes[x].calls
    let callsB = b.nodes[y].calls
    if callsA.count != callsB.count || zip(callsA, callsB).contains(where: { !bodies.belong($0, $1) }) {
      add(
        x, in: a, "calls", a: .array(callsA.map { .string(FunctionMatching.stem(a.bodies[$0].name)) }),
        b: .array(callsB.map { .string(FunctionMatching.stem(b.bodies[$0].name)) }))
    }
    compareInputs(x, y)
  }

  private mutating func compareAttributes(_ x: Int, _ y: Int) {
    do throws(CheckpointError) {
      let left = try a.attributes(of: x)
      let right = try b.attributes(of: y)
      for name in Set(left.keys).union(right.keys).sorted() where left[name]?.hash != right[name]?.hash {
        if name == "value", let keysA = left[name]?.texts, let keysB = right[name]?.texts, keysA.count + keysB.count > 2
        {
          tables += Comparison.differences(
            LookupTable(keys: keysA), LookupTable(keys: keysB),
            path: "data.tables.\(tableNames[a.nodes[x].name] ?? a.nodes[x].name)")
        }
        let (shownA, shownB, note) = Self.shown(left[name], right[name])
        add(x, in: a, name, a: shownA, b: shownB, note: note)
      }
    } catch { warnings.append("A node's attributes can't be read: \(error.description)") }
  }

  /// Two values, and for tensors how many of their elements differ; of long ones those elements are shown.
  private static func shown(_ a: GraphAttribute?, _ b: GraphAttribute?) -> (JSONValue?, JSONValue?, String?) {
    guard let x = a?.elements, let y = b?.elements, x.count > 1 || y.count > 1 else { return (a?.value, b?.value, nil) }
    if let textsA = a?.texts, let textsB = b?.texts {
      let difference = Comparison.differences(LookupTable(keys: textsA), LookupTable(keys: textsB), path: "").first
      return (difference?.a ?? a?.value, difference?.b ?? b?.value, difference?.note)
    }
    guard x.count == y.count else { return (a?.value, b?.value, "\(x.count) elements in A, \(y.count) in B") }
    let places = x.indices.filter { x[$0] != y[$0] }
    let largest = places.map { abs((x[$0].double ?? 0) - (y[$0].double ?? 0)) }.max() ?? 0
    let note = "\(places.count) of \(x.count) elements differ, by at most \(Float(largest))"
    if x.count <= 8 { return (a?.value, b?.value, note) }
    let few = places.prefix(LookupTable.shown)
    return (.array(few.map { x[$0] }), .array(few.map { y[$0] }), note + "; the first are shown")
  }

  /// Inputs count as changed where both come from nodes that are there in either model, and are not each other.
  private mutating func compareInputs(_ x: Int, _ y: Int) {
    func inputs(_ graph: ComputationGraph, _ node: Int) -> [ComputationGraph.Edge] {
      graph.edges[graph.nodes[node].inputs].filter { !$0.isControl }
    }
    let left = inputs(a, x)
    let right = inputs(b, y)
    func isAlone(_ edge: ComputationGraph.Edge, _ partners: [Int]) -> Bool { edge.node >= 0 && partners[edge.node] < 0 }
    if (left.contains { isAlone($0, matching.partner) }) || (right.contains { isAlone($0, matching.reverse) }) {
      return
    }
    let same =
      left.count == right.count
      && zip(left, right).allSatisfy { p, q in
        p.port == q.port && (p.node < 0 ? q.node < 0 : q.node >= 0 && matching.partner[p.node] == q.node)
      }
    guard !same else { return }
    func names(_ graph: ComputationGraph, _ edges: [ComputationGraph.Edge]) -> JSONValue {
      .array(edges.map { .string($0.node < 0 ? "?" : graph.nodes[$0.node].name) })
    }
    add(x, in: a, "inputs", a: names(a, left), b: names(b, right))
  }

  private mutating func add(
    _ node: Int, in graph: ComputationGraph, _ attribute: String, a: JSONValue?, b: JSONValue?, note: String? = nil
  ) {
    let name = graph.nodes[node].name
    let operation = graph.operations[graph.nodes[node].operation]
    let change = Change(
      part: plainName(lastPart(of: name)), operation: operation, attribute: attribute, a: a, b: b)
    if found[change] != nil {
      found[change]!.count += 1
      return
    }
    order.append(change)
    let path = "graph.nodes.\(name)" + (attribute.isEmpty ? "" : ".\(attribute)")
    found[change] = (path, 1, Difference(path: path, a: a, b: b, note: note))
  }

  private mutating func finish(matched: Int, of counted: Int) {
    let total = max(counted, b.nodes.filter { !$0.isSaver }.count)
    for (name, count) in bodies.onlyInA {
      differences.append(
        Difference(path: "functions.\(name)", a: .integer(count), b: nil, note: "nodes of the function"))
    }
    for (name, count) in bodies.onlyInB {
      differences.append(
        Difference(path: "functions.\(name)", a: nil, b: .integer(count), note: "nodes of the function"))
    }
    // Two graphs with little in common are not told apart node by node.
    if order.count > 20, matched * 2 < total {
      func count(_ graph: ComputationGraph) -> Int { graph.histogram.reduce(0) { $0 + $1.value } }
      differences.append(
        Difference(
          path: "graph", a: .integer(count(a)), b: .integer(count(b)),
          note: "operations; \(matched) nodes agree, too few to list the others one by one"))
    } else {
      for change in order.prefix(Self.mostListed) {
        var (_, count, difference) = found[change]!
        if count > 1 {
          difference.note = [difference.note, "\(count) nodes alike"].compactMap { $0 }.joined(separator: "; ")
        }
        differences.append(difference)
      }
      if order.count > Self.mostListed {
        differences.append(
          Difference(
            path: "graph.nodes", a: nil, b: nil,
            note: "\(order.count - Self.mostListed) more differences of nodes are not listed"))
      }
    }
    differences += Comparison.differences(
      .object(a.histogram.mapValues { .integer($0) }), .object(b.histogram.mapValues { .integer($0) }),
      path: "operations")
  }

  private mutating func listRenames(_ order: [Rename], _ counts: [Rename: Int]) {
    for rename in order.prefix(Self.mostListed) {
      let count = counts[rename] ?? 1
      renames.append(
        Difference(
          path: "graph.renamed", a: .string(rename.a), b: .string(rename.b),
          note: count == 1 ? nil : "in the names of \(count) nodes"))
    }
  }
}

extension GraphAttribute {
  /// The elements of a tensor of strings.
  var texts: [String]? {
    guard let elements else { return nil }
    let texts = elements.compactMap(\.text)
    return texts.count == elements.count ? texts : nil
  }
}
