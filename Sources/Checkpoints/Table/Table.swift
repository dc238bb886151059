import Tensors

/// An SSTable, the sorted map from keys to values that TensorFlow's checkpoints are built on.
///
/// ## Source
/// TensorFlow, `core/lib/io/{format,table,block}.cc`.
struct Table {
  /// Bytes at the end of a table that say where everything is.
  static let footerSize = 48
  static let magic: UInt64 = 0xdb47_7524_8b80_fb57

  let file: RandomAccessFile
  /// Data blocks in the order of the file.
  let blocks: [BlockHandle]
  /// For each block a key that is not before its last and not after the next one's first.
  let separators: [[UInt8]]

  struct BlockHandle: Equatable {
    var offset: Int
    /// Bytes of content; ``TableBlock`` adds a type and a checksum behind them.
    var size: Int

    static let trailerSize = 5
    var end: Int { offset + size + Self.trailerSize }
  }

  /// Whether the file ends as tables do.
  static func isTable(_ file: RandomAccessFile) throws(CheckpointError) -> Bool {
    guard file.size >= footerSize else { return false }
    return try file.bytes(at: file.size - 8, count: 8).withBytes { $0.littleEndian(at: 0) == magic }
  }

  /// Reads the footer and the index block.
  ///
  /// - Throws: ``CheckpointError`` for a file that is too short, lacks the magic number, or whose handles leave it.
  /// - Complexity: O(index block).
  init(file: RandomAccessFile) throws(CheckpointError) {
    self.file = file
    guard file.size >= Self.footerSize else {
      throw .truncated(file: file.path, offset: 0, expected: Self.footerSize, found: file.size)
    }
    let footerOffset = file.size - Self.footerSize
    let footer = try file.bytes(at: footerOffset, count: Self.footerSize)
    let (metaindex, index) = try footer.withBytes { (bytes) throws(CheckpointError) in
      guard let found = bytes.littleEndian(UInt64.self, at: 40), found == Self.magic else {
        let found = bytes.littleEndian(UInt64.self, at: 40) ?? 0
        throw .corrupt(
          file: file.path, offset: footerOffset + 40,
          reason: "bad magic number: expected \(hexadecimal(Self.magic)), found \(hexadecimal(found)); "
            + "this is no table, or its end is missing")
      }
      var reader = WireReader(bytes, 0..<40)
      return (
        try Self.handle(&reader, in: file, at: footerOffset), try Self.handle(&reader, in: file, at: footerOffset)
      )
    }
    // Nothing is stored in the metaindex, but its checksum tells of damage.
    _ = try Self.block(metaindex, of: file)
    let indexBlock = try Self.block(index, of: file)
    var handles: [BlockHandle] = []
    var separators: [[UInt8]] = []
    var key = TableKey()
    var end = 0
    try indexBlock.forEachEntry(after: &key) { (separator, value, offset) throws(CheckpointError) in
      var reader = WireReader(value)
      let handle = try Self.handle(&reader, in: file, at: offset)
      // Blocks are written one after the other; handles that turn back would read the same bytes again and again.
      guard handle.offset >= end else {
        throw .corrupt(
          file: file.path, offset: offset, reason: "data block at byte \(handle.offset) overlaps the one before it")
      }
      end = handle.end
      handles.append(handle)
      separators.append(Array(separator))
    }
    blocks = handles
    self.separators = separators
  }

  /// Hands over every entry, in the order of the keys.
  ///
  /// - Parameter body: Gets the key, the value and the value's place in the file; the bytes are lent.
  /// - Throws: ``CheckpointError`` when a block is damaged; the checksum of each block is checked before its content.
  /// - Complexity: O(file), in the memory of one block.
  func forEachEntry(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ offset: Int) throws(CheckpointError) ->
      Void
  ) throws(CheckpointError) {
    var key = TableKey()
    for handle in blocks {
      try Self.block(handle, of: file).forEachEntry(after: &key, body)
    }
  }

  /// Hands over every entry whose key begins with `prefix`, reading no block but those that may hold one.
  func forEachEntry(
    beginningWith prefix: [UInt8],
    _ body: (_ value: UnsafeRawBufferPointer, _ offset: Int) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    for (handle, separator) in zip(blocks, separators) where !separator.lexicographicallyPrecedes(prefix) {
      var key = TableKey()
      try Self.block(handle, of: file).forEachEntry(after: &key) { (key, value, offset) throws(CheckpointError) in
        if key.starts(with: prefix) { try body(value, offset) }
      }
      guard separator.starts(with: prefix) else { return }
    }
  }

  private static func handle(
    _ reader: inout WireReader, in file: RandomAccessFile, at offset: Int
  ) throws(CheckpointError) -> BlockHandle {
    let (position, size): (UInt64, UInt64)
    do { (position, size) = (try reader.varint(), try reader.varint()) } catch {
      throw .corrupt(file: file.path, offset: offset, reason: "a block's handle: \(error.reason)")
    }
    let available = UInt64(file.size - footerSize)
    guard position <= available, size <= available - position,
      available - position - size >= UInt64(BlockHandle.trailerSize)
    else {
      throw .corrupt(
        file: file.path, offset: offset,
        reason: "a block of \(size) bytes at byte \(position) is outside the file's \(available) bytes of blocks")
    }
    return BlockHandle(offset: Int(position), size: Int(size))
  }

  /// Reads one block, checks its checksum and expands it.
  static func block(_ handle: BlockHandle, of file: RandomAccessFile) throws(CheckpointError) -> TableBlock {
    let stored = try file.bytes(at: handle.offset, count: handle.size + BlockHandle.trailerSize)
    let type = try stored.withBytes { (bytes) throws(CheckpointError) -> UInt8 in
      guard let masked = bytes.littleEndian(UInt32.self, at: handle.size + 1),
        let covered = bytes.part(0..<handle.size + 1)
      else { throw .truncated(file: file.path, offset: handle.offset, expected: handle.size + 5, found: bytes.count) }
      let found = CRC32C.checksum(of: covered)
      guard CRC32C.unmask(masked) == found else {
        throw .corrupt(
          file: file.path, offset: handle.offset,
          reason:
            "checksum of the table block of \(handle.size) bytes: expected \(hexadecimal(CRC32C.unmask(masked))), "
            + "found \(hexadecimal(found))")
      }
      return bytes[handle.size]
    }
    switch type {
    case 0:
      return TableBlock(
        contents: stored, count: handle.size, file: file.path, offset: handle.offset, isCompressed: false)
    case 1: return try expanded(stored, handle, of: file)
    default:
      throw .corrupt(
        file: file.path, offset: handle.offset + handle.size,
        reason: "block type \(type), expected 0 (plain) or 1 (Snappy)")
    }
  }

  private static func expanded(
    _ stored: OwnedBytes, _ handle: BlockHandle, of file: RandomAccessFile
  ) throws(CheckpointError) -> TableBlock {
    let contents = try stored.withBytes { (bytes) throws(CheckpointError) -> OwnedBytes in
      let input = UnsafeRawBufferPointer(rebasing: bytes[0..<handle.size])
      func failed(_ failure: Snappy.Failure) -> CheckpointError {
        .corrupt(file: file.path, offset: handle.offset + failure.offset, reason: "Snappy block: \(failure.reason)")
      }
      let length: Int
      let start: Int
      do throws(Snappy.Failure) { (length, start) = try Snappy.announcedLength(of: input) } catch {
        throw failed(error)
      }
      return try OwnedBytes(count: length, file: file.path) { (output) throws(CheckpointError) in
        do throws(Snappy.Failure) { try Snappy.decompress(input, from: start, into: output) } catch {
          throw failed(error)
        }
      }
    }
    return TableBlock(
      contents: contents, count: contents.count, file: file.path, offset: handle.offset, isCompressed: true)
  }
}

/// A number as messages show it.
func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
  let digits = String(number, radix: 16)
  let width = number.bitWidth / 4
  return "0x" + String(repeating: "0", count: max(0, width - digits.count)) + digits
}
