import Tensors

/// Hashes of attributes that are equal when the attributes mean the same, however they were written.
///
/// ## Source
/// TensorFlow, `core/framework/attr_value.proto`.
enum AttributeHash {
  /// Attributes that hold names, or what a run made of them, and say nothing of what is computed.
  static let names: Set<String> = [
    "_class", "_output_shapes", "shared_name", "container", "debug_name", "_user_specified_name", "config_proto",
    "_gradient_op_type", "_has_manual_control_dependencies", "_collective_manager_ids", "_read_only_resource_inputs",
    "_handle_dtypes", "_handle_shapes", "_xla_inferred_shapes", "_XlaMustCompile", "executor_type", "api_implements",
  ]

  /// Mixes a value into a hash; the order counts.
  @inline(__always)
  static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    // The finaliser of SplitMix64.
    var x = hash &* 0x9e37_79b9_7f4a_7c15 &+ value &+ 0x9e37_79b9_7f4a_7c15
    x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
    return x ^ x >> 31
  }

  /// The hash of an `AttrValue`, and the functions that it names.
  ///
  /// - Parameters:
  ///   - omitsWeights: Whether the elements of floating-point and quantised constants with axes are left out.
  ///   - calls: Names of functions are appended here and are no part of the hash.
  static func value(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, omitsWeights: Bool, calls: inout [Range<Int>]
  ) throws(WireError) -> UInt64 {
    var reader = WireReader(bytes, range)
    var result: UInt64 = 0
    while let field = try reader.next() {
      if field.number == 1, let list = field.range {
        var items = WireReader(bytes, list)
        var listed: UInt64 = 1
        while let item = try items.next() {
          listed = try self.item(
            bytes, item, into: listed, number: item.number == 9 ? 10 : item.number, omitsWeights, &calls)
        }
        result = listed
      } else {
        result = try item(bytes, field, into: 0, number: field.number, omitsWeights, &calls)
      }
    }
    return result
  }

  /// Mixes one value, or several that are packed into one field, into a hash.
  private static func item(
    _ bytes: UnsafeRawBufferPointer, _ field: WireField, into hash: UInt64, number: Int, _ omitsWeights: Bool,
    _ calls: inout [Range<Int>]
  ) throws(WireError) -> UInt64 {
    var hash = mix(hash, UInt64(number))
    switch field.value {
    case .varint(let value): return mix(hash, value)
    case .fixed32(let value): return mix(hash, UInt64(value))
    case .fixed64(let value): return mix(hash, value)
    case .bytes(let range):
      switch number {
      case 3, 5, 6:
        var packed = WireReader(bytes, range)
        while packed.position < packed.end { hash = mix(mix(hash, UInt64(number)), try packed.varint()) }
        return hash
      case 7:
        let shape = try TensorShapeMessage(bytes, range)
        guard let dimensions = shape.dimensions else { return mix(hash, 1) }
        for dimension in dimensions { hash = mix(hash, UInt64(bitPattern: Int64(dimension))) }
        return mix(hash, UInt64(dimensions.count) &+ 2)
      case 8: return mix(hash, try tensor(bytes, range, omitsWeights: omitsWeights))
      case 10: return try function(bytes, range, hash, &calls)
      default: return mix(hash, Fingerprint64.of(bytes.part(range) ?? .init(start: nil, count: 0)))
      }
    }
  }

  private static func function(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ hash: UInt64, _ calls: inout [Range<Int>]
  ) throws(WireError) -> UInt64 {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      if field.number == 1, let name = field.range, !name.isEmpty { calls.append(name) }
    }
    return hash
  }

  /// Equal for tensors of equal type, shape and elements, whether they are stored at once, listed, or in shorthand.
  static func tensor(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, omitsWeights: Bool
  ) throws(WireError) -> UInt64 {
    let message = try TensorMessage(bytes, range)
    let type = Int32(exactly: message.typeNumber).flatMap(ElementType.init(rawValue:)) ?? .unknown
    var hash = mix(8, UInt64(bitPattern: Int64(message.typeNumber)))
    let dimensions = message.shape.dimensions ?? [-2]
    for dimension in dimensions { hash = mix(hash, UInt64(bitPattern: Int64(dimension))) }
    if omitsWeights, [.floatingPoint, .quantized].contains(type.kind), !dimensions.isEmpty { return hash }
    guard let count = elementCount(of: dimensions) else { return hash }
    if type == .string {
      var strings = try message.strings(bytes, count: count)
      func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { bytes.part(range) ?? .init(start: nil, count: 0) }
      while strings.count > 1, part(strings[strings.count - 1]).elementsEqual(part(strings[strings.count - 2])) {
        strings.removeLast()
      }
      // None listed stands for empty ones.
      if strings.isEmpty { return mix(hash, Fingerprint64.of(.init(start: nil, count: 0))) }
      for string in strings { hash = mix(hash, Fingerprint64.of(part(string))) }
      return hash
    }
    guard let width = type.byteWidth else {
      return mix(hash, Fingerprint64.of(bytes.part(range) ?? .init(start: nil, count: 0)))
    }
    if let content = message.content, !content.isEmpty, let part = bytes.part(content) {
      return mix(hash, Fingerprint64.of(withoutRepetition(part, width)))
    }
    let listed = try message.numbers(bytes, of: type, limit: count)
    let values = listed.isEmpty ? [UInt8](repeating: 0, count: width) : listed
    return values.withUnsafeBytes { mix(hash, Fingerprint64.of(withoutRepetition($0, width))) }
  }

  /// Elements without those at the end that repeat the one before.
  private static func withoutRepetition(_ bytes: UnsafeRawBufferPointer, _ width: Int) -> UnsafeRawBufferPointer {
    var end = bytes.count / width * width
    while end >= 2 * width {
      guard (0..<width).allSatisfy({ bytes[end - 1 - $0] == bytes[end - 1 - width - $0] }) else { break }
      end -= width
    }
    return UnsafeRawBufferPointer(rebasing: bytes[..<end])
  }
}
