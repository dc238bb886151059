/// What the objects of a checkpoint say of its keys: full names, and which variables are slots of which.
///
/// References to objects that are not there are passed over; the graph may hold cycles, which nothing here follows.
///
/// ## Source
/// TensorFlow, `core/protobuf/trackable_object_graph.proto`.
struct ObjectGraph {
  private(set) var nodeCount = 0
  /// By checkpoint key; empty names are left out.
  private(set) var fullNames: [String: String] = [:]
  private(set) var slots: [String: Slot] = [:]

  struct Slot: Equatable {
    var name: String
    /// Key of the variable that the slot belongs to.
    var of: String?
  }

  /// Reads the graph from the scalar string tensor that holds it, after verifying it.
  init(_ tensor: StringTensor) throws(CheckpointError) {
    var graph: ObjectGraph?
    try tensor.forEachString { (bytes) throws(CheckpointError) in
      guard graph == nil else { return }
      graph = try decoding("object graph", of: TensorBundle.objectGraphKey) { () throws(WireError) in
        try ObjectGraph(bytes)
      }
    }
    guard let graph else {
      throw .corrupt(file: TensorBundle.objectGraphKey, offset: 0, reason: "the tensor of the object graph is empty")
    }
    self = graph
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    var keys: [[String]] = []
    var slotVariables: [(original: Int, name: String, node: Int)] = []
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1, let node = field.range else { continue }
      var nodeKeys: [String] = []
      var content = WireReader(bytes, node)
      while let field = try content.next() {
        guard let part = field.range else { continue }
        if field.number == 2 {
          let attribute = try Self.attribute(bytes, part)
          nodeKeys.append(attribute.key)
          if !attribute.fullName.isEmpty { fullNames[attribute.key] = attribute.fullName }
        } else if field.number == 3 {
          slotVariables.append(try Self.slotVariable(bytes, part))
        }
      }
      keys.append(nodeKeys)
    }
    nodeCount = keys.count
    for slot in slotVariables where keys.indices.contains(slot.node) {
      let original = keys.indices.contains(slot.original) ? keys[slot.original].first : nil
      for key in keys[slot.node] { slots[key] = Slot(name: slot.name, of: original) }
    }
  }

  /// Sets what the keys and the graph tell of each tensor.
  func name(_ tensors: inout [StoredTensor]) {
    for index in tensors.indices {
      let key = tensors[index].key
      guard let path = ObjectPath(key: key) else { continue }
      tensors[index].objectPath = path.text
      tensors[index].topLevelChild = path.topLevelChild
      tensors[index].fullName = fullNames[key].map(variableName)
      if let slot = slots[key] {
        tensors[index].slotName = slot.name
        tensors[index].slotOf = slot.of
      }
    }
  }

  private static func attribute(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(WireError) -> (fullName: String, key: String) {
    var result = (fullName: "", key: "")
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 2 { result.fullName = reader.text(part) }
      if field.number == 3 { result.key = reader.text(part) }
    }
    return result
  }

  private static func slotVariable(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(WireError) -> (original: Int, name: String, node: Int) {
    var result = (original: 0, name: "", node: 0)
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.original = field.int ?? 0
      case 2: if let part = field.range { result.name = reader.text(part) }
      case 3: result.node = field.int ?? 0
      default: break
      }
    }
    return result
  }
}

/// A variable's name without the number of the operation's output.
func variableName(_ name: String) -> String {
  name.hasSuffix(":0") ? String(name.dropLast(2)) : name
}
