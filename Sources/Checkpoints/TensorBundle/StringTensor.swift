import Tensors

/// The strings of one tensor: their lengths, a checksum of these, then all their bytes.
///
/// ## Source
/// TensorFlow, `ReadStringTensor` and `WriteStringTensor` in `core/util/tensor_bundle/tensor_bundle.cc`.
struct StringTensor {
  private let file: RandomAccessFile
  private let key: String
  private let count: Int
  private let offset: Int
  private let size: Int
  private let maskedChecksum: UInt32
  private let isBigEndian: Bool

  /// - Parameters:
  ///   - count: Strings.
  ///   - size: Bytes of them, their lengths and the checksum.
  init(
    key: String, count: Int, shard: Int, offset: Int, size: Int, maskedChecksum: UInt32, in shards: ShardFiles,
    isBigEndian: Bool
  ) throws(CheckpointError) {
    file = try shards.file(of: shard, holding: size, at: offset)
    self.key = key
    self.count = count
    self.offset = offset
    self.size = size
    self.maskedChecksum = maskedChecksum
    self.isBigEndian = isBigEndian
  }

  /// Takes a tensor that is stored in one piece.
  init(
    _ tensor: StoredTensor, at placement: TensorBundle.Placement, in shards: ShardFiles, isBigEndian: Bool,
    index: String
  ) throws(CheckpointError) {
    switch placement {
    case .whole(let shard, let offset, let size, let maskedChecksum):
      try self.init(
        key: tensor.key, count: tensor.count, shard: shard, offset: offset, size: size,
        maskedChecksum: maskedChecksum, in: shards, isBigEndian: isBigEndian)
    case .sliced:
      throw .unsupported(file: index, reason: "'\(tensor.key)' is stored in slices, expected in one piece")
    case .damaged(let error): throw error
    }
  }

  /// Checks the lengths against their checksum and all against the entry's.
  ///
  /// - Returns: Where the strings' own bytes begin.
  /// - Complexity: O(size), in the memory of one buffer.
  @discardableResult
  func verify() throws(CheckpointError) -> Int {
    let expected = CRC32C.unmask(maskedChecksum)
    // A writer of an empty tensor may leave out even the checksum of no lengths.
    if size == 0, count == 0, expected == 0 { return offset }
    var cursor = self.cursor(from: offset)
    var found: UInt32 = 0
    var total = 0
    for _ in 0..<count {
      let length = try cursor.varint()
      guard length <= UInt64(cursor.remaining), total <= cursor.remaining - Int(length) else {
        throw cursor.corrupt("strings of more than the \(size) bytes of the tensor")
      }
      total += Int(length)
      found = extend(found, length: length)
    }
    let raw = try cursor.fourBytes()
    let bytes = [raw.0, raw.1, raw.2, raw.3]
    let little = UInt32(raw.0) | UInt32(raw.1) << 8 | UInt32(raw.2) << 16 | UInt32(raw.3) << 24
    let recorded = CRC32C.unmask(isBigEndian ? little.byteSwapped : little)
    guard recorded == found else {
      throw cursor.corrupt(
        "checksum of the strings' lengths: expected \(hexadecimal(recorded)), found \(hexadecimal(found))")
    }
    found = bytes.withBytes { CRC32C.checksum(of: $0, continuing: found) }
    guard total == cursor.remaining else {
      throw cursor.corrupt("lengths add up to \(total) bytes, and \(cursor.remaining) are stored")
    }
    let start = cursor.position
    try cursor.forEachPart(of: total) { (part) throws(CheckpointError) in
      found = CRC32C.checksum(of: part, continuing: found)
    }
    guard found == expected else {
      throw mismatch(key, file.path, offset, size, expected: expected, found: found)
    }
    return start
  }

  /// Hands over each string, after everything was verified.
  ///
  /// - Complexity: O(size), in the memory of the longest string.
  func forEachString(
    _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let start = try verify()
    guard count > 0 else { return }
    var lengths = self.cursor(from: offset)
    var strings = self.cursor(from: start)
    for _ in 0..<count {
      let length = try lengths.varint()
      // Again: the file may have changed since it was verified.
      guard length <= UInt64(strings.remaining) else { throw strings.corrupt("a string longer than its data") }
      let string = try OwnedBytes(count: Int(length), file: file.path) { (buffer) throws(CheckpointError) in
        try strings.read(into: buffer)
      }
      try string.withBytes(body)
    }
  }

  /// Returns where each string lies in its file, after everything was verified.
  ///
  /// - Complexity: O(size) time, O(strings) memory.
  func places() throws(CheckpointError) -> [Range<Int>] {
    var start = try verify()
    var result: [Range<Int>] = []
    guard count > 0 else { return result }
    var lengths = self.cursor(from: offset)
    for _ in 0..<count {
      let length = try lengths.varint()
      guard length <= UInt64(offset + size - start) else { throw lengths.corrupt("a string longer than its data") }
      result.append(start..<start + Int(length))
      start += Int(length)
    }
    return result
  }

  /// Hands over the string at a place that ``places()`` returned.
  func string(
    at place: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try file.bytes(at: place.lowerBound, count: place.count).withBytes(body)
  }

  private func cursor(from start: Int) -> ShardCursor {
    ShardCursor(file, from: start, to: offset + size, what: "string tensor '\(key)'")
  }

  /// Lengths are checksummed as 4 bytes, those that do not fit as 8, in the byte order of the writer.
  private func extend(_ checksum: UInt32, length: UInt64) -> UInt32 {
    if let short = UInt32(exactly: length) {
      let stored = isBigEndian ? short.bigEndian : short.littleEndian
      return withUnsafeBytes(of: stored) { CRC32C.checksum(of: $0, continuing: checksum) }
    }
    let stored = isBigEndian ? length.bigEndian : length.littleEndian
    return withUnsafeBytes(of: stored) { CRC32C.checksum(of: $0, continuing: checksum) }
  }
}
