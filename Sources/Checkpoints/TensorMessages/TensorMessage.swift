import Tensors

/// A tensor's value as a message holds it: its bytes at once, or a list of numbers.
///
/// ## Source
/// TensorFlow, `core/framework/tensor.proto`; which list holds which type, `core/framework/tensor.cc`.
struct TensorMessage {
  var typeNumber = 0
  var shape = TensorShapeMessage()
  /// All elements, little-endian, where they are stored at once.
  var content: Range<Int>?
  /// Entries of the lists of numbers and strings, in order.
  private var values: [WireField] = []

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): typeNumber = field.int ?? 0
      case (2, .bytes(let part)): shape = try TensorShapeMessage(bytes, part)
      case (4, .bytes(let part)): content = part
      case (5...18, _): values.append(field)
      default: break
      }
    }
  }

  /// The list that holds elements of a type.
  private static func list(of type: ElementType) -> Int? {
    switch type {
    case .float32: 5
    case .float64: 6
    case .int32, .int16, .int8, .uint8, .uint16, .qint8, .quint8, .qint16, .quint16, .qint32, .int4, .uint4, .int2,
      .uint2:
      7
    case .string: 8
    case .complex64: 9
    case .int64: 10
    case .bool: 11
    case .complex128: 12
    case .float16, .bfloat16: 13
    case .uint32: 16
    case .uint64: 17
    case .float8e5m2, .float8e4m3fn, .float8e4m3fnuz, .float8e4m3b11fnuz, .float8e5m2fnuz, .float4e2m1fn: 18
    case .resource, .variant, .unknown: nil
    }
  }

  /// Returns the listed elements as they lie in memory, little-endian.
  ///
  /// - Parameter limit: More elements than this are an error.
  /// - Complexity: O(message).
  func numbers(
    _ bytes: UnsafeRawBufferPointer, of type: ElementType, limit: Int
  ) throws(WireError) -> [UInt8] {
    guard let list = Self.list(of: type), let width = type.byteWidth, let component = type.componentWidth else {
      return []
    }
    var result: [UInt8] = []
    let most = limit.multipliedReportingOverflow(by: width)
    let end = most.overflow ? Int.max : most.partialValue
    func append(_ value: UInt64, at offset: Int) throws(WireError) {
      guard result.count < end else { throw WireError(offset: offset, reason: "more than \(limit) elements") }
      for index in 0..<component { result.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
    for field in values where field.number == list {
      switch field.value {
      case .varint(let value): try append(value, at: field.offset)
      case .fixed32(let value): try append(UInt64(value), at: field.offset)
      case .fixed64(let value): try append(value, at: field.offset)
      case .bytes(let range):
        // Floating-point lists, and the bytes of 8-bit types, are already as they lie in memory.
        if [5, 6, 9, 12, 18].contains(list) {
          guard range.count <= end - result.count else {
            throw WireError(offset: field.offset, reason: "more than \(limit) elements")
          }
          if let part = bytes.part(range) { result += part }
        } else {
          var packed = WireReader(bytes, range)
          while packed.position < packed.end { try append(try packed.varint(), at: packed.position) }
        }
      }
    }
    guard result.count % width == 0 else {
      throw WireError(
        offset: values.first?.offset ?? 0, reason: "\(result.count) bytes are no whole \(type.name) elements")
    }
    return result
  }

  /// Returns where the strings lie: those listed, or, where all are stored at once, behind their lengths.
  ///
  /// - Parameter count: Strings that the tensor has; fewer may be listed, no more.
  /// - Complexity: O(message).
  ///
  /// ## Source
  /// TensorFlow, `EncodeStringList` in `core/platform/coding.cc`.
  func strings(_ bytes: UnsafeRawBufferPointer, count: Int) throws(WireError) -> [Range<Int>] {
    if let content, !content.isEmpty {
      guard count <= content.count else {
        throw WireError(offset: content.lowerBound, reason: "\(content.count) bytes can't hold \(count) strings")
      }
      var reader = WireReader(bytes, content)
      var lengths: [Int] = []
      for _ in 0..<count {
        let place = reader.position
        let length = try reader.varint()
        guard length <= UInt64(content.count) else {
          throw WireError(offset: place, reason: "a string of \(length) bytes, and \(content.count) are stored")
        }
        lengths.append(Int(length))
      }
      var start = reader.position
      var result: [Range<Int>] = []
      for length in lengths {
        guard length <= content.upperBound - start else {
          throw WireError(offset: start, reason: "strings of more than the \(content.count) bytes that are stored")
        }
        result.append(start..<start + length)
        start += length
      }
      guard start == content.upperBound else {
        throw WireError(offset: start, reason: "\(content.upperBound - start) bytes that belong to no string")
      }
      return result
    }
    let listed = values.compactMap { $0.number == 8 ? $0.range : nil }
    guard listed.count <= count else {
      throw WireError(offset: values.first?.offset ?? 0, reason: "more than \(count) strings")
    }
    return listed
  }
}
