import Tensors

/// An attribute of a node, read in full.
public struct GraphAttribute: Sendable {
  /// Equal for attributes that mean the same.
  public let hash: UInt64
  /// For people; of a tensor its type, shape and first elements.
  public let value: JSONValue
  /// Of a tensor: all elements, where they are numbers or strings.
  public let elements: [JSONValue]?
}

extension ComputationGraph {
  /// Elements of a tensor that are shown as an example.
  static let shownElements = 8

  /// Reads a node's attributes, without those that hold names.
  ///
  /// - Complexity: O(message).
  public func attributes(of node: Int) throws(CheckpointError) -> [String: GraphAttribute] {
    let message = nodes[node].message
    guard !message.isEmpty else { return [:] }
    let stored = try source.bytes(at: message.lowerBound, count: message.count)
    return try stored.withBytes { (bytes) throws(CheckpointError) in
      try source.decoding("'\(nodes[node].name)'", at: message.lowerBound) { () throws(WireError) in
        var result: [String: GraphAttribute] = [:]
        var reader = WireReader(bytes)
        while let field = try reader.next() {
          guard field.number == 5, let part = field.range else { continue }
          let (key, value) = try reader.mapEntry(part)
          let name = reader.text(key)
          if AttributeHash.names.contains(name) { continue }
          var calls: [Range<Int>] = []
          let hash = try AttributeHash.value(bytes, value, omitsWeights: omitsWeights, calls: &calls)
          let (shown, elements) = try Self.describe(bytes, value)
          result[name] = GraphAttribute(hash: hash, value: shown, elements: elements)
        }
        return result
      }
    }
  }

  private static func describe(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(WireError) -> (JSONValue, [JSONValue]?) {
    var reader = WireReader(bytes, range)
    var result: (JSONValue, [JSONValue]?) = (.null, nil)
    while let field = try reader.next() {
      guard field.number == 1, let list = field.range else {
        result = try describe(bytes, field, number: field.number)
        continue
      }
      var values: [JSONValue] = []
      var items = WireReader(bytes, list)
      while let item = try items.next() {
        if [3, 5, 6].contains(item.number), let packed = item.range {
          var numbers = WireReader(bytes, packed)
          while numbers.position < numbers.end {
            values.append(number(try numbers.varint(), item.number))
          }
        } else {
          values.append(try describe(bytes, item, number: item.number == 9 ? 10 : item.number).0)
        }
      }
      result = (.array(values), nil)
    }
    return result
  }

  private static func number(_ value: UInt64, _ number: Int) -> JSONValue {
    switch number {
    case 5: .bool(value != 0)
    case 6: .string(elementTypeName(Int(truncatingIfNeeded: value)))
    default: .integer(Int(truncatingIfNeeded: value))
    }
  }

  private static func describe(
    _ bytes: UnsafeRawBufferPointer, _ field: WireField, number: Int
  ) throws(WireError) -> (JSONValue, [JSONValue]?) {
    switch field.value {
    case .varint(let value): return (self.number(value, number), nil)
    case .fixed32(let value): return (.number(Double(Float(bitPattern: value))), nil)
    case .fixed64(let value): return (.integer(Int(truncatingIfNeeded: value)), nil)
    case .bytes(let range):
      let reader = WireReader(bytes, range)
      switch number {
      case 7:
        let dimensions = try TensorShapeMessage(bytes, range).dimensions
        return (dimensions.map { .array($0.map { .integer($0) }) } ?? .string("unknown rank"), nil)
      case 8: return try describeTensor(bytes, range)
      case 10:
        var content = reader
        while let field = try content.next() {
          if field.number == 1, let name = field.range { return (.string(content.text(name)), nil) }
        }
        return (.null, nil)
      default: return (.string(reader.text(range)), nil)
      }
    }
  }

  private static func describeTensor(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(WireError) -> (JSONValue, [JSONValue]?) {
    let message = try TensorMessage(bytes, range)
    let type = Int32(exactly: message.typeNumber).flatMap(ElementType.init(rawValue:)) ?? .unknown
    let shape = message.shape.dimensions ?? []
    var elements: [JSONValue]?
    // What a shorthand stands for is made only where it is small.
    if let count = elementCount(of: shape), count <= 1 << 20 {
      if type == .string {
        let strings = try message.strings(bytes, count: count)
        elements = strings.map { .string(WireReader(bytes).text($0)) }
        // As of numbers: none stand for the zero of the type.
        if strings.isEmpty, count > 0 { elements = [.string("")] }
      } else {
        elements = try numbers(bytes, message, type, count: count)
      }
      if let last = elements?.last { elements! += Array(repeating: last, count: max(0, count - elements!.count)) }
    }
    if shape.isEmpty, let only = elements?.first { return (only, elements) }
    var shown: [String: JSONValue] = [
      "dtype": .string(elementTypeName(message.typeNumber)), "shape": .array(shape.map { .integer($0) }),
    ]
    if let elements, elements.count <= shownElements { return (.array(elements), elements) }
    if let elements { shown["first"] = .array(Array(elements.prefix(shownElements))) }
    return (.object(shown), elements)
  }

  private static func numbers(
    _ bytes: UnsafeRawBufferPointer, _ message: TensorMessage, _ type: ElementType, count: Int
  ) throws(WireError) -> [JSONValue]? {
    guard let width = type.byteWidth, count > 0 else { return count == 0 ? [] : nil }
    var raw: [UInt8]
    if let content = message.content, !content.isEmpty, let part = bytes.part(content) {
      raw = Array(part)
    } else {
      raw = try message.numbers(bytes, of: type, limit: count)
      if raw.isEmpty { raw = [UInt8](repeating: 0, count: width) }
    }
    guard raw.count % width == 0 else { return nil }
    return raw.withUnsafeBytes { raw in
      let number: (Int) -> JSONValue?
      switch type {
      case .float32: number = { .number(Double(Float(bitPattern: raw.littleEndian(at: $0) ?? 0))) }
      case .float64: number = { .number(Double(bitPattern: raw.littleEndian(at: $0) ?? 0)) }
      case .float16: number = { .number(Double(halfPrecision(raw.littleEndian(at: $0) ?? 0))) }
      case .bfloat16:
        number = { .number(Double(Float(bitPattern: UInt32(raw.littleEndian(UInt16.self, at: $0) ?? 0) << 16))) }
      case .int8: number = { .integer(Int(raw.littleEndian(Int8.self, at: $0) ?? 0)) }
      case .uint8: number = { .integer(Int(raw.littleEndian(UInt8.self, at: $0) ?? 0)) }
      case .int16: number = { .integer(Int(raw.littleEndian(Int16.self, at: $0) ?? 0)) }
      case .uint16: number = { .integer(Int(raw.littleEndian(UInt16.self, at: $0) ?? 0)) }
      case .int32: number = { .integer(Int(raw.littleEndian(Int32.self, at: $0) ?? 0)) }
      case .uint32: number = { .integer(Int(raw.littleEndian(UInt32.self, at: $0) ?? 0)) }
      case .int64: number = { .integer(Int(raw.littleEndian(Int64.self, at: $0) ?? 0)) }
      case .bool: number = { .bool((raw.littleEndian(UInt8.self, at: $0) ?? 0) != 0) }
      default: return nil
      }
      return stride(from: 0, to: raw.count, by: width).map { number($0) ?? .null }
    }
  }

  /// The value of a half-precision float, which not every processor has.
  private static func halfPrecision(_ bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
    }
  }
}
