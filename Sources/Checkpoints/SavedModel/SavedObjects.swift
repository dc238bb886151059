/// The objects that a SavedModel restores: they name the variables where the checkpoint does not, and tell which are
/// trained.
///
/// Nodes stay where they lie in the file and are read when a path leads through them.
///
/// ## Source
/// TensorFlow, `core/protobuf/saved_object_graph.proto`.
struct SavedObjects {
  struct Variable: Equatable {
    var name = ""
    var isTrainable = false
  }

  private let bytes: UnsafeRawBufferPointer
  private let nodes: [Range<Int>]
  private var children: [Int: [String: Int]] = [:]

  var count: Int { nodes.count }

  /// - Parameter range: Where the `SavedObjectGraph` lies in `bytes`, which must outlive this value.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    self.bytes = bytes
    var nodes: [Range<Int>] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      if field.number == 1, let node = field.range { nodes.append(node) }
    }
    self.nodes = nodes
  }

  /// Completes names and sets what is trained.
  mutating func complete(_ tensors: inout [StoredTensor]) throws(WireError) {
    for index in tensors.indices {
      guard let path = ObjectPath(key: tensors[index].key), path.attribute == "VARIABLE_VALUE",
        let node = try node(at: path), let variable = try variable(node)
      else { continue }
      tensors[index].trainable = variable.isTrainable
      if tensors[index].fullName == nil, !variable.name.isEmpty {
        tensors[index].fullName = variableName(variable.name)
      }
    }
  }

  private mutating func node(at path: ObjectPath) throws(WireError) -> Int? {
    guard let object = try walk(path.children) else { return nil }
    guard let slot = path.slot else { return object }
    guard let optimizer = try walk(slot.optimizer) else { return nil }
    return try slotNode(of: object, named: slot.name, in: optimizer)
  }

  private mutating func walk(_ names: [String]) throws(WireError) -> Int? {
    guard !nodes.isEmpty else { return nil }
    var node = 0
    for name in names {
      guard let next = try children(of: node)[name] else { return nil }
      node = next
    }
    return node
  }

  private mutating func children(of node: Int) throws(WireError) -> [String: Int] {
    if let known = children[node] { return known }
    var result: [String: Int] = [:]
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
      // A reference to nothing leads nowhere.
      if nodes.indices.contains(id) { result[name] = id }
    }
    children[node] = result
    return result
  }

  private func slotNode(of original: Int, named name: String, in optimizer: Int) throws(WireError) -> Int? {
    var reader = WireReader(bytes, nodes[optimizer])
    while let field = try reader.next() {
      guard field.number == 3, let part = field.range else { continue }
      var found = (original: 0, name: "", node: 0)
      var slot = WireReader(bytes, part)
      while let field = try slot.next() {
        switch field.number {
        case 1: found.original = field.int ?? 0
        case 2: if let text = field.range { found.name = slot.text(text) }
        case 3: found.node = field.int ?? 0
        default: break
        }
      }
      if found.original == original, found.name == name { return nodes.indices.contains(found.node) ? found.node : nil }
    }
    return nil
  }

  /// Reads node `node` as a variable; `nil` when it is something else.
  private func variable(_ node: Int) throws(WireError) -> Variable? {
    var reader = WireReader(bytes, nodes[node])
    while let field = try reader.next() {
      guard field.number == 7, let part = field.range else { continue }
      var variable = Variable()
      var content = WireReader(bytes, part)
      while let field = try content.next() {
        if field.number == 3 { variable.isTrainable = field.bool ?? false }
        if field.number == 6, let text = field.range { variable.name = content.text(text) }
      }
      return variable
    }
    return nil
  }

  /// What Keras said of its objects before it had a file for that; nothing in newer models.
  mutating func kerasNodes() throws(WireError) -> [KerasMetadata.Node] {
    var result: [KerasMetadata.Node] = []
    for (index, node) in nodes.enumerated() {
      var reader = WireReader(bytes, node)
      while let field = try reader.next() {
        guard field.number == 4, let part = field.range else { continue }
        var found = KerasMetadata.Node()
        var content = WireReader(bytes, part)
        while let field = try content.next() {
          guard let text = field.range else { continue }
          if field.number == 1 { found.identifier = content.text(text) }
          if field.number == 3 { found.json = Array(content.slice(text)) }
        }
        guard found.identifier.hasPrefix("_tf_keras_"), !found.json.isEmpty else { continue }
        found.path = index == 0 ? "root" : "root.\(index)"
        result.append(found)
      }
    }
    return result
  }
}
