import Tensors

/// Constants of a graph that are lists of texts: vocabularies and labels, for the most part.
enum TextConstant {
  /// Returns how many texts each has, and the first, by the node's name.
  ///
  /// What lists variables for saving is left out.
  /// - Complexity: O(nodes), and O(message) for each list.
  static func all(in bytes: UnsafeRawBufferPointer, _ graph: Range<Int>) throws(WireError) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    var reader = WireReader(bytes, graph)
    var attributes: [Range<Int>] = []
    while let field = try reader.next() {
      guard field.number == 1, let node = field.range else { continue }
      var name = 0..<0
      var isConstant: Bool?
      attributes.removeAll(keepingCapacity: true)
      var content = WireReader(bytes, node)
      while let field = try content.next() {
        guard let part = field.range else { continue }
        switch field.number {
        case 1: name = part
        case 2: isConstant = content.isEqual(part, "Const")
        case 5 where isConstant != false: attributes.append(part)
        default: break
        }
      }
      guard isConstant == true else { continue }
      let text = content.text(name)
      // TensorFlow, python/training/saver.py.
      if text.hasSuffix("/tensor_names") || text.hasSuffix("/shape_and_slices") || text.hasSuffix("/shapes_and_slices")
      {
        continue
      }
      for attribute in attributes {
        let (key, value) = try content.mapEntry(attribute)
        guard content.isEqual(key, "value"), let list = try list(bytes, value) else { continue }
        result[text] = list
      }
    }
    return result
  }

  private static func list(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) throws(WireError) -> JSONValue? {
    var reader = WireReader(bytes, value)
    while let field = try reader.next() {
      guard field.number == 8, let range = field.range else { continue }
      let tensor = try TensorMessage(bytes, range)
      guard tensor.typeNumber == Int(ElementType.string.rawValue), let shape = tensor.shape.dimensions,
        let count = elementCount(of: shape), count > 1
      else { return nil }
      let texts = try tensor.strings(bytes, count: count)
      return .object([
        "count": .integer(count),
        "first": .array(texts.prefix(5).map { .string(WireReader(bytes).text($0)) }),
      ])
    }
    return nil
  }
}
