import Tensors

/// Puts a table together: one block of entries, nothing compressed.
///
/// ## Source
/// TensorFlow, `core/lib/io/{table_builder,block_builder}.cc`.
enum TableFile {
  /// - Parameter entries: In ascending order of their keys, without repetition.
  static func bytes(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    let handle = append(block(entries), to: &file)
    let metaindex = append(block([]), to: &file)
    let index = append(block([(entries.last?.key ?? [], handle)]), to: &file)
    var footer = metaindex + index
    footer += [UInt8](repeating: 0, count: 40 - footer.count)
    return file + footer + littleEndian(Table.magic)
  }

  /// Every entry has its whole key, so each is a place to begin at.
  private static func block(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    var result: [UInt8] = []
    var starts: [UInt32] = []
    for entry in entries {
      starts.append(UInt32(result.count))
      result += WireWriter.varint(0) + WireWriter.varint(UInt64(entry.key.count))
      result += WireWriter.varint(UInt64(entry.value.count)) + entry.key + entry.value
    }
    if starts.isEmpty { starts = [0] }
    for start in starts { result += littleEndian(start) }
    return result + littleEndian(UInt32(starts.count))
  }

  /// Writes a block with its type and checksum, and returns its handle.
  private static func append(_ content: [UInt8], to file: inout [UInt8]) -> [UInt8] {
    let handle = WireWriter.varint(UInt64(file.count)) + WireWriter.varint(UInt64(content.count))
    let covered = content + [0]
    let checksum = covered.withUnsafeBytes { CRC32C.checksum(of: $0) }
    file += covered + littleEndian(CRC32C.mask(checksum))
    return handle
  }

  private static func littleEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
