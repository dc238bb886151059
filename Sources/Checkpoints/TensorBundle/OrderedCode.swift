/// Bytes whose order is the order of what they encode: the form of the keys of slices.
///
/// ## Source
/// TensorFlow, `core/lib/strings/ordered_code.cc`.
struct OrderedCode {
  private(set) var bytes: [UInt8] = []

  /// Appends a number: the count of its bytes, then those, highest first.
  mutating func append(number: UInt64) {
    let width = (64 - number.leadingZeroBitCount + 7) / 8
    bytes.append(UInt8(width))
    for index in stride(from: width - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index)))
    }
  }

  /// Appends text: 00 becomes 00 FF, FF becomes FF 00, and 00 01 ends it.
  mutating func append(text: some Sequence<UInt8>) {
    for byte in text {
      bytes.append(byte)
      if byte == 0x00 { bytes.append(0xff) } else if byte == 0xff { bytes.append(0x00) }
    }
    bytes += [0x00, 0x01]
  }

  /// Appends a signed number: its leading bits tell the length, 7 bits of value a byte.
  mutating func append(signed number: Int64) {
    let magnitude = UInt64(bitPattern: number < 0 ? ~number : number)
    // n bytes hold 7 n − 1 bits beside the sign.
    let length = min(10, (64 - magnitude.leadingZeroBitCount) / 7 + 1)
    var buffer = [UInt8](repeating: number < 0 ? 0xff : 0x00, count: 10)
    for index in 0..<8 { buffer[2 + index] = UInt8(truncatingIfNeeded: number >> Int64(56 - 8 * index)) }
    var part = Array(buffer[(10 - length)...])
    // `length` ones, then a zero, at the top of the first two bytes.
    let header = ~(UInt16.max >> UInt16(length))
    part[0] ^= UInt8(header >> 8)
    if length > 1 { part[1] ^= UInt8(header & 0xff) }
    bytes += part
  }
}
