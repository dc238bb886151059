import Tensors

/// A `Const` node of a graph or of one of its functions.
struct Constant {
  var name: String
  /// Where the value's message lies.
  var message: Range<Int>
  var value: TensorMessage

  var elementType: ElementType {
    Int32(exactly: value.typeNumber).flatMap(ElementType.init(rawValue:)) ?? .unknown
  }

  /// Returns the constants of a `GraphDef`; those of a function are named `function:its name:node`.
  ///
  /// - Complexity: O(graph); values are not looked at.
  static func all(in bytes: UnsafeRawBufferPointer) throws(WireError) -> [Constant] {
    var result: [Constant] = []
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 1 {
        if let constant = try Constant(bytes, part, prefix: "") { result.append(constant) }
      } else if field.number == 2 {
        var library = WireReader(bytes, part)
        while let field = try library.next() {
          if field.number == 1, let function = field.range { result += try constants(ofFunction: function, bytes) }
        }
      }
    }
    return result
  }

  private static func constants(
    ofFunction range: Range<Int>, _ bytes: UnsafeRawBufferPointer
  ) throws(WireError) -> [Constant] {
    var name = ""
    var nodes: [Range<Int>] = []
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 3 { nodes.append(part) }
      guard field.number == 1 else { continue }
      var signature = WireReader(bytes, part)
      while let field = try signature.next() {
        if field.number == 1, let text = field.range { name = signature.text(text) }
      }
    }
    var result: [Constant] = []
    for node in nodes {
      if let constant = try Constant(bytes, node, prefix: "function:\(name):") { result.append(constant) }
    }
    return result
  }

  private init?(_ bytes: UnsafeRawBufferPointer, _ node: Range<Int>, prefix: String) throws(WireError) {
    var reader = WireReader(bytes, node)
    var nameRange: Range<Int>?
    var isConstant = false
    var attributes: [Range<Int>] = []
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1: nameRange = part
      case 2: isConstant = reader.isEqual(part, "Const")
      case 5: attributes.append(part)
      default: break
      }
    }
    guard isConstant, let nameRange else { return nil }
    for attribute in attributes {
      let (key, content) = try reader.mapEntry(attribute)
      guard reader.isEqual(key, "value") else { continue }
      var inner = WireReader(bytes, content)
      while let field = try inner.next() {
        guard field.number == 8, let tensor = field.range else { continue }
        name = prefix + TensorBundle.keyText(Array(reader.slice(nameRange)))
        message = tensor
        value = try TensorMessage(bytes, tensor)
        return
      }
    }
    return nil
  }
}
