/// Which object of a SavedModel each captured constant serves: a vocabulary is a constant with a name such as `Const_1`,
/// and only the function that fills a layer's table from it tells whose it is.
///
/// ## Source
/// TensorFlow, `core/protobuf/saved_object_graph.proto`; `python/saved_model/function_serialization.py`.
struct ConstantOwners {
  /// Paths of objects by the name of the constant's node; the shortest path to an object counts.
  private(set) var paths: [String: String] = [:]

  /// What fills tables; other functions take the same constants.
  private static let initializers: Set = ["_initialize", "_initializer"]

  /// - Parameter range: Where the `SavedObjectGraph` lies in `bytes`.
  /// - Complexity: O(objects).
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var nodes: [Range<Int>] = []
    var functions: [Range<Int>] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 1 { nodes.append(part) }
      if field.number == 2 { functions.append(part) }
    }
    var constants: [Int: String] = [:]
    for (index, node) in nodes.enumerated() { constants[index] = try Self.constant(bytes, node) }
    if constants.isEmpty { return }
    let bound = try Self.boundConstants(bytes, functions, constants)
    if !bound.isEmpty { try walk(bytes, nodes, bound) }
  }

  /// The name of the node that a constant is; `nil` for any other object.
  private static func constant(_ bytes: UnsafeRawBufferPointer, _ node: Range<Int>) throws(WireError) -> String? {
    var reader = WireReader(bytes, node)
    while let field = try reader.next() {
      guard field.number == 9, let part = field.range else { continue }
      var content = WireReader(bytes, part)
      while let field = try content.next() {
        if field.number == 1, let name = field.range { return content.text(name) }
      }
    }
    return nil
  }

  /// Names of the constants that each function takes beside its arguments.
  private static func boundConstants(
    _ bytes: UnsafeRawBufferPointer, _ functions: [Range<Int>], _ constants: [Int: String]
  ) throws(WireError) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for function in functions {
      let outer = WireReader(bytes, function)
      let (key, value) = try outer.mapEntry(function)
      var found: [String] = []
      var reader = WireReader(bytes, value)
      while let field = try reader.next() {
        guard field.number == 2 else { continue }
        if let packed = field.range {
          var numbers = WireReader(bytes, packed)
          while numbers.position < numbers.end {
            if let name = constants[Int(truncatingIfNeeded: try numbers.varint())] { found.append(name) }
          }
        } else if let name = constants[field.int ?? -1] {
          found.append(name)
        }
      }
      if !found.isEmpty { result[outer.text(key)] = found }
    }
    return result
  }

  private mutating func walk(
    _ bytes: UnsafeRawBufferPointer, _ nodes: [Range<Int>], _ bound: [String: [String]]
  ) throws(WireError) {
    var queue = [(node: 0, path: "")]
    var isKnown = [Bool](repeating: false, count: nodes.count)
    isKnown[0] = true
    var next = 0
    while next < queue.count {
      let (node, path) = queue[next]
      next += 1
      var reader = WireReader(bytes, nodes[node])
      while let field = try reader.next() {
        guard field.number == 1, let part = field.range else { continue }
        var id = 0
        var name = ""
        var reference = WireReader(bytes, part)
        while let field = try reference.next() {
          if field.number == 1 { id = field.int ?? 0 }
          if field.number == 2, let text = field.range { name = reference.text(text) }
        }
        guard nodes.indices.contains(id) else { continue }
        if Self.initializers.contains(name) {
          for constant in try Self.functions(bytes, nodes[id]).flatMap({ bound[$0] ?? [] }) where paths[constant] == nil
          {
            paths[constant] = path
          }
        }
        // Keras' own lists repeat what the layers hold.
        guard !isKnown[id], name != "keras_api", name != "signatures" else { continue }
        isKnown[id] = true
        queue.append((id, path.isEmpty ? name : "\(path)/\(name)"))
      }
    }
  }

  /// Names of the functions that an object stands for.
  private static func functions(_ bytes: UnsafeRawBufferPointer, _ node: Range<Int>) throws(WireError) -> [String] {
    var result: [String] = []
    var reader = WireReader(bytes, node)
    while let field = try reader.next() {
      // Traced for any arguments, or for none.
      guard field.number == 6 || field.number == 8, let part = field.range else { continue }
      var content = WireReader(bytes, part)
      while let inner = try content.next() {
        if inner.number == 1, let name = inner.range { result.append(content.text(name)) }
      }
    }
    return result
  }
}
