/// Writes numbers as protocol buffers do, for what is put together in memory.
///
/// ## Source
/// Protocol Buffers, "Encoding".
enum WireWriter {
  /// Seven bits a byte, the lowest first.
  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    result.append(UInt8(rest))
    return result
  }
}
