import Tensors

/// Reads bodies one after another.
struct GraphReader {
  private var graph: ComputationGraph
  private let bytes: UnsafeRawBufferPointer
  private let omitsWeights: Bool
  private var operationNumbers: [UInt64: Int] = [:]
  /// Function names that nodes call, resolved when all bodies are known.
  private var calls: [(node: Int, name: UInt64)] = []
  private var functions: [UInt64: Int] = [:]
  private var assets: [UInt64: UInt64] = [:]

  /// Reads a `GraphDef`.
  ///
  /// - Parameters:
  ///   - signatures: Entries of a meta graph's map of signatures.
  ///   - assets: File names by the constants that hold their paths, which are another wherever a model was saved.
  ///   - omitsWeights: Whether the elements of floating-point constants with axes are left out of the labels, as they
  ///     are tensors of the model.
  /// - Complexity: O(graph).
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, signatures: [Range<Int>] = [],
    assets: [String: String] = [:], source: MessageSource, omitsWeights: Bool
  ) throws(WireError) -> ComputationGraph {
    var reader = GraphReader(
      graph: ComputationGraph(source: source, omitsWeights: omitsWeights), bytes: bytes, omitsWeights: omitsWeights)
    for (node, file) in assets { reader.assets[reader.hash(node)] = reader.hash(file) }
    try reader.readGraph(range, signatures)
    reader.resolveCalls()
    reader.graph.markSavers()
    return reader.graph
  }

  private init(graph: ComputationGraph, bytes: UnsafeRawBufferPointer, omitsWeights: Bool) {
    self.graph = graph
    self.bytes = bytes
    self.omitsWeights = omitsWeights
  }

  private func hash(_ range: Range<Int>) -> UInt64 {
    Fingerprint64.of(bytes.part(range) ?? UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private func hash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { Fingerprint64.of(UnsafeRawBufferPointer($0)) }
  }

  private mutating func readGraph(_ range: Range<Int>, _ signatures: [Range<Int>]) throws(WireError) {
    var nodes: [Range<Int>] = []
    var functions: [Range<Int>] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 1 { nodes.append(part) }
      guard field.number == 2 else { continue }
      var library = WireReader(bytes, part)
      while let field = try library.next() {
        if field.number == 1, let function = field.range { functions.append(function) }
      }
    }
    var body = BodyReader()
    for node in nodes { try append(node, &body) }
    for signature in signatures { try appendSignature(signature, &body) }
    close(&body, name: "")
    for function in functions { try readFunction(function) }
  }

  // MARK: - Nodes

  /// Names and inputs of the body that is being read.
  private struct BodyReader {
    var start: Int?
    var numbers: [UInt64: Int] = [:]
    /// By node: texts of its inputs.
    var inputs: [(node: Int, text: Range<Int>)] = []
    /// As above, of results and signatures; the text is in memory.
    var named: [(node: Int, text: String)] = []
  }

  private mutating func operation(_ name: Range<Int>) -> Int {
    let key = hash(name)
    if let known = operationNumbers[key] { return known }
    graph.operations.append(WireReader(bytes).text(name))
    operationNumbers[key] = graph.operations.count - 1
    return graph.operations.count - 1
  }

  private mutating func operation(_ name: String) -> Int {
    let key = hash(name)
    if let known = operationNumbers[key] { return known }
    graph.operations.append(name)
    operationNumbers[key] = graph.operations.count - 1
    return graph.operations.count - 1
  }

  private mutating func append(_ message: Range<Int>, _ body: inout BodyReader) throws(WireError) {
    let number = graph.nodes.count
    body.start = body.start ?? number
    var name = 0..<0
    var operation = 0..<0
    var label: UInt64 = 0
    var called: [(key: Range<Int>, name: Range<Int>)] = []
    var shared: Range<Int>?
    var reader = WireReader(bytes, message)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1: name = part
      case 2: operation = part
      case 3: body.inputs.append((number, part))
      case 5:
        let (key, value) = try reader.mapEntry(part)
        if reader.isEqual(key, "shared_name") { shared = try text(ofAttribute: value) }
        if Self.isName(reader, key) { continue }
        var names: [Range<Int>] = []
        let hash = try AttributeHash.value(bytes, value, omitsWeights: omitsWeights, calls: &names)
        // A sum: attributes are a map and come in any order.
        label &+= AttributeHash.mix(hash, self.hash(key))
        for name in names { called.append((key, name)) }
      default: break
      }
    }
    let operationNumber = self.operation(operation)
    let nameText = reader.text(name)
    var variable: String?
    if ["VarHandleOp", "Variable", "VariableV2"].contains(graph.operations[operationNumber]) {
      variable = shared.map { reader.text($0) }.flatMap { $0.isEmpty ? nil : $0 } ?? nameText
    }
    let key = hash(name)
    if let file = assets[key] { label = file }
    body.numbers[key] = number
    called.sort { reader.slice($0.key).lexicographicallyPrecedes(reader.slice($1.key)) }
    for call in called { calls.append((number, hash(call.name))) }
    // An operation may be a function by its name.
    calls.append((number, hash(operation)))
    graph.nodes.append(
      ComputationGraph.Node(
        name: nameText, operation: operationNumber, label: AttributeHash.mix(label, hash(operation)), inputs: 0..<0,
        calls: [], variable: variable, message: message))
  }

  /// Compares without making a string: there are many attributes and few that hold names.
  private static func isName(_ reader: WireReader, _ key: Range<Int>) -> Bool {
    guard reader.slice(key).first == UInt8(ascii: "_") || nameLengths.contains(key.count) else { return false }
    return AttributeHash.names.contains(reader.text(key))
  }

  private static let nameLengths = Set(AttributeHash.names.map(\.utf8.count))

  private func text(ofAttribute range: Range<Int>) throws(WireError) -> Range<Int>? {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      if field.number == 2, let text = field.range { return text }
    }
    return nil
  }

  /// A node that no message of the file is.
  private mutating func appendOwn(_ operation: String, _ name: String, label: UInt64, _ body: inout BodyReader) -> Int {
    let number = graph.nodes.count
    body.start = body.start ?? number
    graph.nodes.append(
      ComputationGraph.Node(
        name: name, operation: self.operation(operation), label: AttributeHash.mix(label, hash(operation)),
        inputs: 0..<0, calls: [], variable: nil, message: 0..<0))
    return number
  }

  // MARK: - Signatures and functions

  /// What a signature takes and gives hangs on its nodes under the names that callers use.
  private mutating func appendSignature(_ entry: Range<Int>, _ body: inout BodyReader) throws(WireError) {
    let outer = WireReader(bytes, entry)
    let (key, value) = try outer.mapEntry(entry)
    let signature = outer.text(key)
    var reader = WireReader(bytes, value)
    while let field = try reader.next() {
      guard field.number == 1 || field.number == 2, let part = field.range else { continue }
      let isInput = field.number == 1
      let (name, tensor) = try reader.mapEntry(part)
      var content = WireReader(bytes, tensor)
      while let field = try content.next() {
        guard field.number == 1, let text = field.range else { continue }
        let full = "\(signature).\(isInput ? "inputs" : "outputs").\(reader.text(name))"
        let node = appendOwn("_Signature", full, label: hash(full), &body)
        body.named.append((node, content.text(text)))
      }
    }
  }

  private mutating func readFunction(_ range: Range<Int>) throws(WireError) {
    var name = ""
    var arguments: [(name: Range<Int>, type: UInt64)] = []
    var results: [Range<Int>] = []
    var nodes: [Range<Int>] = []
    var returned: [UInt64: String] = [:]
    var controlled: [String] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1:
        var signature = WireReader(bytes, part)
        while let field = try signature.next() {
          guard let inner = field.range else { continue }
          switch field.number {
          case 1: name = signature.text(inner)
          case 2: arguments.append(try argument(inner))
          case 3: results.append(try argument(inner).name)
          default: break
          }
        }
      case 3: nodes.append(part)
      case 4:
        let (key, value) = try reader.mapEntry(part)
        returned[hash(key)] = reader.text(value)
      case 6: controlled.append("^" + reader.text(try reader.mapEntry(part).value))
      default: break
      }
    }
    var body = BodyReader()
    for (index, argument) in arguments.enumerated() {
      let node = appendOwn(
        "_Arg \(elementTypeName(Int(truncatingIfNeeded: argument.type)))", reader.text(argument.name),
        label: UInt64(index), &body)
      body.numbers[hash(argument.name)] = node
    }
    for node in nodes { try append(node, &body) }
    for (index, result) in results.enumerated() {
      let node = appendOwn("_Retval", reader.text(result), label: UInt64(index), &body)
      if let text = returned[hash(result)] { body.named.append((node, text)) }
    }
    if !controlled.isEmpty {
      let node = appendOwn("_ControlRetval", "control outputs", label: 0, &body)
      for text in controlled.sorted() { body.named.append((node, text)) }
    }
    functions[hash(name)] = graph.bodies.count
    close(&body, name: name)
  }

  private func argument(_ range: Range<Int>) throws(WireError) -> (name: Range<Int>, type: UInt64) {
    var result = (name: range.lowerBound..<range.lowerBound, type: UInt64(0))
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      if field.number == 1, let name = field.range { result.name = name }
      if field.number == 3, case .varint(let type) = field.value { result.type = type }
    }
    return result
  }

  // MARK: - Edges

  /// Turns the texts of inputs into edges, when all names of the body are known.
  private mutating func close(_ body: inout BodyReader, name: String) {
    let start = body.start ?? graph.nodes.count
    var next = 0
    var nextNamed = 0
    for node in start..<graph.nodes.count {
      let first = graph.edges.count
      var controls: [ComputationGraph.Edge] = []
      func add(_ edge: ComputationGraph.Edge) {
        if edge.isControl { controls.append(edge) } else { graph.edges.append(edge) }
      }
      while next < body.inputs.count, body.inputs[next].node == node {
        if let text = bytes.part(body.inputs[next].text) { add(Self.edge(text, body.numbers)) }
        next += 1
      }
      while nextNamed < body.named.count, body.named[nextNamed].node == node {
        var text = body.named[nextNamed].text
        add(text.withUTF8 { Self.edge(UnsafeRawBufferPointer($0), body.numbers) })
        nextNamed += 1
      }
      graph.edges += controls
      graph.nodes[node].inputs = first..<graph.edges.count
    }
    graph.bodies.append(ComputationGraph.Body(name: name, nodes: start..<graph.nodes.count))
  }

  /// `name`, `name:1`, `^name`, and within functions `name:output:0`.
  private static func edge(_ text: UnsafeRawBufferPointer, _ numbers: [UInt64: Int]) -> ComputationGraph.Edge {
    var text = text
    let isControl = text.first == UInt8(ascii: "^")
    if isControl { text = UnsafeRawBufferPointer(rebasing: text[1...]) }
    var port: UInt64 = 0
    var name = text
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      name = UnsafeRawBufferPointer(rebasing: text[..<colon])
      let rest = UnsafeRawBufferPointer(rebasing: text[(colon + 1)...])
      // The first output may be written or left out.
      port = rest.count == 1 && rest[0] == UInt8(ascii: "0") ? 0 : Fingerprint64.of(rest) & ~1
    }
    guard let node = numbers[Fingerprint64.of(name)] else {
      return ComputationGraph.Edge(
        node: -1, port: isControl ? ComputationGraph.Edge.control : Fingerprint64.of(text) & ~1)
    }
    return ComputationGraph.Edge(node: node, port: isControl ? ComputationGraph.Edge.control : port)
  }

  private mutating func resolveCalls() {
    for call in calls {
      if let body = functions[call.name] {
        graph.nodes[call.node].calls.append(body)
      }
    }
  }
}
