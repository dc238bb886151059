@testable import Checkpoints

/// Writes uncompressed Riegeli files, so that a test can also write wrong ones with right hashes.
struct RiegeliWriter {
  private(set) var bytes: [UInt8] = []

  private static let blockSize = 1 << 16

  init() { chunk(UInt8(ascii: "s"), [], records: 0, decoded: 0) }

  private static func hashed(_ content: [UInt8]) -> [UInt8] {
    content.withUnsafeBytes { littleEndian(HighwayHash.of($0)) } + content
  }

  mutating func chunk(_ type: UInt8, _ data: [UInt8], records: Int, decoded: Int) {
    let hash = data.withUnsafeBytes { HighwayHash.of($0) }
    let head =
      littleEndian(UInt64(data.count)) + littleEndian(hash) + [type] + littleEndian(UInt64(records)).prefix(7)
      + littleEndian(UInt64(decoded))
    let content = Self.hashed(head) + data
    let begin = bytes.count
    // With the header of each block that begins within; a chunk has at least a byte a record.
    var end = begin
    for _ in content {
      if end % Self.blockSize == 0 { end += 24 }
      end += 1
    }
    end = max(end, begin + records)
    if (1...24).contains(end % Self.blockSize) { end += 25 - end % Self.blockSize }
    var next = 0
    while bytes.count < end {
      if bytes.count % Self.blockSize == 0 {
        bytes += Self.hashed(littleEndian(UInt64(bytes.count - begin)) + littleEndian(UInt64(end - bytes.count)))
      } else {
        bytes.append(next < content.count ? content[next] : 0)
        next += 1
      }
    }
  }

  /// Writes records as a chunk and returns their positions.
  mutating func write(_ records: [[UInt8]], compression: UInt8 = 0) -> [Int] {
    let begin = bytes.count
    let sizes = records.flatMap { Message.varint(UInt64($0.count)) }
    let values = records.flatMap { $0 }
    chunk(
      UInt8(ascii: "r"), [compression] + Message.varint(UInt64(sizes.count)) + sizes + values, records: records.count,
      decoded: values.count)
    return records.indices.map { begin + $0 }
  }

  /// A file of chunks and the tree that merges them.
  static func file(_ chunks: [(content: [UInt8], isBytes: Bool)], tree: [UInt8]) -> [UInt8] {
    var writer = RiegeliWriter()
    let positions = writer.write(chunks.map(\.content))
    let metadata = Message {
      for ((content, isBytes), position) in zip(chunks, positions) {
        $0.message(2) {
          $0.number(1, isBytes ? 2 : 1)
          $0.number(2, content.count)
          $0.number(3, position)
        }
      }
      $0.data(3, tree)
    }
    _ = writer.write([metadata.bytes])
    return writer.bytes
  }
}
