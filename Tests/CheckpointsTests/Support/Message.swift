/// Writes a protocol buffer message by hand, so that a test can also write a wrong one.
struct Message {
  var bytes: [UInt8] = []

  init() {}
  init(_ write: (inout Message) -> Void) { write(&self) }

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  mutating func number(_ field: Int, _ value: Int) {
    bytes += Message.varint(UInt64(field) << 3) + Message.varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func unsigned(_ field: Int, _ value: UInt64) {
    bytes += Message.varint(UInt64(field) << 3) + Message.varint(value)
  }

  mutating func fixed32(_ field: Int, _ value: UInt32) {
    bytes += Message.varint(UInt64(field) << 3 | 5) + littleEndian(value)
  }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    bytes += Message.varint(UInt64(field) << 3 | 2) + Message.varint(UInt64(value.count)) + value
  }

  mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }
  mutating func message(_ field: Int, _ write: (inout Message) -> Void) { data(field, Message(write).bytes) }

  mutating func entry(_ field: Int, key: String, _ write: (inout Message) -> Void) {
    message(field) {
      $0.text(1, key)
      $0.message(2, write)
    }
  }

  mutating func shape(_ field: Int, _ dimensions: [Int]) {
    message(field) { shape in
      for dimension in dimensions { shape.message(2) { if dimension != 0 { $0.number(1, dimension) } } }
    }
  }
}

func littleEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func bytes<Number: FixedWidthInteger>(_ values: [Number]) -> [UInt8] { values.flatMap(littleEndian) }
func bytes(_ values: [Float]) -> [UInt8] { bytes(values.map(\.bitPattern)) }
