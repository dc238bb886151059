/// Why bytes are no protocol buffer message.
struct WireError: Error, Equatable {
  /// Where in the buffer, in bytes.
  let offset: Int
  let reason: String
}

/// One field of a message, its content not yet looked at.
struct WireField {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A string, bytes, a message or packed numbers: where they lie in the buffer.
    case bytes(Range<Int>)
  }

  let number: Int
  /// Of the field's tag in the buffer.
  let offset: Int
  let value: Value
}

/// Reads a protocol buffer message field by field, where it lies, without copying. The bytes may be those of a mapped file,
/// which change when somebody writes to it: each is looked at once, and no range leads out of the buffer.
///
/// Nothing recurses: a nested message is a range, read by a reader of its own when somebody asks, so nesting costs
/// nothing and can't exhaust the stack. Fields may come in any order, and do.
///
/// ## Source
/// Protocol Buffers, "Encoding"; groups, which TensorFlow's messages do not use, are refused.
struct WireReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  /// Reads the message that occupies `range`, which another reader of the same buffer returned.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    position = min(max(0, range.lowerBound), bytes.count)
    end = min(max(position, range.upperBound), bytes.count)
  }

  /// The next field; `nil` at the end of the message.
  @inline(__always)
  mutating func next() throws(WireError) -> WireField? {
    guard position < end else { return nil }
    let offset = position
    let tag = try varint()
    guard tag >> 3 >= 1, tag <= UInt64(UInt32.max) else {
      throw WireError(offset: offset, reason: "expected a field's tag, found \(tag)")
    }
    let number = Int(tag >> 3)
    switch tag & 7 {
    case 0:
      return WireField(number: number, offset: offset, value: .varint(try varint()))
    case 1:
      guard let value = fixed(UInt64.self) else { throw overrun(offset, 8) }
      return WireField(number: number, offset: offset, value: .fixed64(value))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else { throw overrun(offset, length) }
      let start = position
      position += Int(length)
      return WireField(number: number, offset: offset, value: .bytes(start..<position))
    case 5:
      guard let value = fixed(UInt32.self) else { throw overrun(offset, 4) }
      return WireField(number: number, offset: offset, value: .fixed32(value))
    default:
      throw WireError(offset: offset, reason: "field \(number) has wire type \(tag & 7), expected 0, 1, 2 or 5")
    }
  }

  /// A bare varint, as packed fields and tables hold them.
  @inline(__always)
  mutating func varint() throws(WireError) -> UInt64 {
    let start = position
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes[position]
      position += 1
      // The tenth byte holds the 64th bit alone.
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
      if shift > 63 { break }
    }
    throw WireError(
      offset: start, reason: position < end ? "a number is longer than 64 bits" : "the message ends within a number")
  }

  private mutating func fixed<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    guard end - position >= MemoryLayout<Number>.size, let value = bytes.littleEndian(type, at: position) else {
      return nil
    }
    position += MemoryLayout<Number>.size
    return value
  }

  @inline(never)
  private func overrun(_ offset: Int, _ length: UInt64) -> WireError {
    WireError(offset: offset, reason: "a field of \(length) bytes, and its message has \(end - position) left")
  }
}

extension WireField {
  /// The value as a signed number; `nil` for a field of another wire type.
  var int: Int? {
    guard case .varint(let value) = value else { return nil }
    return Int(truncatingIfNeeded: value)
  }

  var bool: Bool? {
    guard case .varint(let value) = value else { return nil }
    return value != 0
  }

  var range: Range<Int>? {
    guard case .bytes(let range) = value else { return nil }
    return range
  }
}

extension WireReader {
  /// The bytes of a range that this reader returned.
  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    bytes.part(range) ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Text, with what is not UTF-8 replaced.
  func text(_ range: Range<Int>) -> String {
    let bytes = slice(range)
    guard !bytes.isEmpty else { return "" }
    // Checked where it was copied to: the bytes of a mapped file may change meanwhile.
    return String(unsafeUninitializedCapacity: bytes.count) {
      UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes)
      return bytes.count
    }
  }

  /// Compares bytes with ASCII text without making a string.
  func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
    let found = slice(range)
    return found.count == text.utf8CodeUnitCount
      && found.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Hands every field of the message to `body`.
  static func forEachField(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>,
    _ body: (WireField, WireReader) throws(WireError) -> Void
  ) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() { try body(field, reader) }
  }
}

extension WireReader {
  /// A map's entry: where its key and value lie; empty where they are left out.
  func mapEntry(_ range: Range<Int>) throws(WireError) -> (key: Range<Int>, value: Range<Int>) {
    var key = range.lowerBound..<range.lowerBound
    var value = key
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 1 { key = part } else if field.number == 2 { value = part }
    }
    return (key, value)
  }
}

/// Runs `body` and tells of bad bytes as a corrupt file.
///
/// - Parameter base: Offset in the file of the buffer that `body` reads.
func decoding<Result>(
  _ what: String, of file: String, at base: Int = 0, _ body: () throws(WireError) -> Result
) throws(CheckpointError) -> Result {
  do { return try body() } catch {
    throw .corrupt(file: file, offset: base + error.offset, reason: "\(what): \(error.reason)")
  }
}
