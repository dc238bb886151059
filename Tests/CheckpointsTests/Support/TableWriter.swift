import Tensors

/// Writes tables as TensorFlow's table builder does, and wrong ones on wish.
struct TableWriter {
  enum Compression { case none, literal, copies }

  var entriesPerBlock = 7
  var restartInterval = 3
  var compression = Compression.none
  /// Changes a block's content before its checksum is taken; the number counts data blocks, −1 is the index.
  var alterBlock: (Int, [UInt8]) -> [UInt8] = { $1 }
  /// Replaces the type byte of every data block.
  var blockType: UInt8?

  func table(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var file: [UInt8] = []
    var index: [(key: [UInt8], value: [UInt8])] = []
    var start = 0
    var number = 0
    while start < sorted.count {
      let end = min(sorted.count, start + entriesPerBlock)
      let content = alterBlock(number, block(Array(sorted[start..<end])))
      let handle = append(content, to: &file, type: blockType)
      index.append((sorted[end - 1].key, handle))
      start = end
      number += 1
    }
    let metaindex = append(block([]), to: &file, type: nil)
    let indexHandle = append(alterBlock(-1, block(index)), to: &file, type: nil)
    var footer = metaindex + indexHandle
    footer += [UInt8](repeating: 0, count: 40 - footer.count)
    return file + footer + littleEndian(UInt64(0xdb47_7524_8b80_fb57))
  }

  func block(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    var result: [UInt8] = []
    var restarts: [UInt32] = []
    var previous: [UInt8] = []
    for (number, entry) in entries.enumerated() {
      var shared = 0
      if number % restartInterval == 0 {
        restarts.append(UInt32(result.count))
      } else {
        while shared < previous.count, shared < entry.key.count, previous[shared] == entry.key[shared] { shared += 1 }
      }
      result += Self.entry(shared: shared, tail: Array(entry.key[shared...]), value: entry.value)
      previous = entry.key
    }
    if restarts.isEmpty { restarts = [0] }
    return result + bytes(restarts) + littleEndian(UInt32(restarts.count))
  }

  static func entry(shared: Int, tail: [UInt8], value: [UInt8]) -> [UInt8] {
    Message.varint(UInt64(shared)) + Message.varint(UInt64(tail.count)) + Message.varint(UInt64(value.count)) + tail
      + value
  }

  private func append(_ content: [UInt8], to file: inout [UInt8], type: UInt8?) -> [UInt8] {
    let stored: [UInt8]
    switch compression {
    case .none: stored = content
    case .literal: stored = SnappyWriter.literals(content)
    case .copies: stored = SnappyWriter.compressed(content)
    }
    let handle = Message.varint(UInt64(file.count)) + Message.varint(UInt64(stored.count))
    let covered = stored + [type ?? (compression == .none ? 0 : 1)]
    let checksum = covered.withUnsafeBytes { CRC32C.checksum(of: $0) }
    file += covered + littleEndian(CRC32C.mask(checksum))
    return handle
  }
}

enum SnappyWriter {
  static func literals(_ content: [UInt8]) -> [UInt8] {
    var result = Message.varint(UInt64(content.count))
    var start = 0
    while start < content.count {
      // 61 and more need length bytes: both forms occur.
      let count = min(start == 0 ? 60 : 1000, content.count - start)
      result += literal(Array(content[start..<start + count]))
      start += count
    }
    return result
  }

  /// Copies what came before within 64 KiB, overlapping itself where it repeats.
  static func compressed(_ content: [UInt8]) -> [UInt8] {
    var result = Message.varint(UInt64(content.count))
    var last: [[UInt8]: Int] = [:]
    var pending: [UInt8] = []
    var position = 0
    while position < content.count {
      let head = Array(content[position..<min(position + 4, content.count)])
      if head.count == 4, let from = last[head], position - from < 65536 {
        var length = 4
        while length < 64, position + length < content.count, content[from + length] == content[position + length] {
          length += 1
        }
        if !pending.isEmpty { result += literal(pending) }
        pending = []
        let distance = position - from
        if length <= 11, distance < 2048 {
          result += [UInt8(1 | (length - 4) << 2 | (distance >> 8) << 5), UInt8(distance & 0xff)]
        } else {
          result += [UInt8(2 | (length - 1) << 2)] + littleEndian(UInt16(distance))
        }
        position += length
        continue
      }
      if head.count == 4 { last[head] = position }
      pending.append(content[position])
      position += 1
    }
    if !pending.isEmpty { result += literal(pending) }
    return result
  }

  private static func literal(_ content: [UInt8]) -> [UInt8] {
    let length = content.count - 1
    if length < 60 { return [UInt8(length << 2)] + content }
    if length < 256 { return [60 << 2, UInt8(length)] + content }
    return [61 << 2] + littleEndian(UInt16(length)) + content
  }
}
