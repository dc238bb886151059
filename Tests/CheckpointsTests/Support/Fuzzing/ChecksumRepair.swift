@testable import Checkpoints
@testable import Tensors

/// Writes checksums anew where a fuzzer changed what they cover.
enum ChecksumRepair {
  /// Those of every block of a table that can be found.
  static func table(_ file: inout [UInt8]) {
    guard file.count >= Table.footerSize else { return }
    let footer = file.count - Table.footerSize
    let handles = numbers(file, from: footer, to: footer + 40, count: 4)
    guard handles.count == 4 else { return }
    block(&file, handles[0], handles[1])
    guard let index = block(&file, handles[2], handles[3]) else { return }
    var position = index.lowerBound
    // The restarts at the end look like entries; what they would point to is no block.
    while position < index.upperBound {
      var reader = file.withUnsafeBytes { bytes in
        var reader = WireReader(bytes, position..<index.upperBound)
        let lengths = (0..<3).compactMap { _ in try? reader.varint() }
        return (lengths: lengths, position: reader.position)
      }
      guard reader.lengths.count == 3, reader.lengths[1] <= 1 << 20, reader.lengths[2] <= 1 << 20 else { return }
      reader.position += Int(reader.lengths[1])
      let end = reader.position + Int(reader.lengths[2])
      guard end <= index.upperBound else { return }
      let handle = numbers(file, from: reader.position, to: end, count: 2)
      if handle.count == 2 { block(&file, handle[0], handle[1]) }
      position = end
    }
  }

  private static func numbers(_ file: [UInt8], from start: Int, to end: Int, count: Int) -> [UInt64] {
    file.withUnsafeBytes { bytes in
      var reader = WireReader(bytes, start..<end)
      return (0..<count).compactMap { _ in try? reader.varint() }
    }
  }

  @discardableResult
  private static func block(_ file: inout [UInt8], _ offset: UInt64, _ size: UInt64) -> Range<Int>? {
    guard offset <= 1 << 30, size <= 1 << 30, Int(offset + size) + 5 <= file.count - Table.footerSize else {
      return nil
    }
    let range = Int(offset)..<Int(offset + size)
    let found = file.withUnsafeBytes {
      CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: $0[range.lowerBound...range.upperBound]))
    }
    file.replaceSubrange(range.upperBound + 1..<range.upperBound + 5, with: littleEndian(CRC32C.mask(found)))
    return range
  }

  /// Those of every tensor whose entry can be understood and whose bytes are there, and of strings' lengths.
  static func tensors(_ entries: inout [(key: [UInt8], value: [UInt8])], _ shards: inout [[UInt8]]) {
    for index in entries.indices where !entries[index].key.isEmpty {
      let entry = entries[index].value.withUnsafeBytes { try? BundleEntry($0) }
      guard let entry, shards.indices.contains(entry.shard), entry.offset >= 0, entry.size >= 0,
        entry.offset <= shards[entry.shard].count, entry.size <= shards[entry.shard].count - entry.offset
      else { continue }
      let range = entry.offset..<entry.offset + entry.size
      let isString = entry.typeNumber % 100 == 7
      let found = isString ? strings(entry, range, &shards[entry.shard]) : checksum(Array(shards[entry.shard][range]))
      // The last of several fields of one number counts.
      if let found { entries[index].value += Message { $0.fixed32(6, CRC32C.mask(found)) }.bytes }
    }
  }

  private static func strings(_ entry: BundleEntry, _ range: Range<Int>, _ shard: inout [UInt8]) -> UInt32? {
    guard let count = elementCount(of: entry.shape), count <= range.count else { return nil }
    var position = range.lowerBound
    var lengths: [UInt8] = []
    for _ in 0..<count {
      let (length, next) = shard.withUnsafeBytes { bytes in
        var reader = WireReader(bytes, position..<range.upperBound)
        return (try? reader.varint(), reader.position)
      }
      guard let length, let short = UInt32(exactly: length) else { return nil }
      lengths += littleEndian(short)
      position = next
    }
    guard position + 4 <= range.upperBound else { return nil }
    let stored = littleEndian(CRC32C.mask(checksum(lengths)))
    shard.replaceSubrange(position..<position + 4, with: stored)
    return checksum(lengths + stored + shard[position + 4..<range.upperBound])
  }
}
