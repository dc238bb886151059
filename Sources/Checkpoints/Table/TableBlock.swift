/// One block of a table: sorted entries, their keys prefix-compressed.
///
/// ## Source
/// TensorFlow, `core/lib/io/block.cc`, `core/lib/io/block_builder.cc`.
struct TableBlock {
  let contents: OwnedBytes
  /// Bytes of `contents` that belong to the block.
  let count: Int
  let file: String
  /// Of the block in the file; offsets within an uncompressed block are added to it in messages.
  let offset: Int
  let isCompressed: Bool

  /// Hands over every entry in order.
  ///
  /// - Parameter key: Holds the previous key and is updated; keys go on rising from it.
  /// - Throws: ``CheckpointError/corrupt(file:offset:reason:)`` when restarts or entries do not fit the block, or keys
  ///   do not rise.
  /// - Complexity: O(block).
  func forEachEntry(
    after key: inout TableKey,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ offset: Int) throws(CheckpointError) ->
      Void
  ) throws(CheckpointError) {
    try contents.withBytes { (all) throws(CheckpointError) in
      let bytes = UnsafeRawBufferPointer(rebasing: all[0..<min(count, all.count)])
      let restarts = try restarts(of: bytes)
      let end = restarts.dataEnd
      var reader = WireReader(bytes, 0..<end)
      var restart = 0
      while reader.position < end {
        let start = reader.position
        let (shared, unshared, valueLength): (UInt64, UInt64, UInt64)
        do throws(WireError) {
          shared = try reader.varint()
          unshared = try reader.varint()
          valueLength = try reader.varint()
        } catch {
          throw corrupt(at: start, "an entry's lengths: \(error.reason)")
        }
        let left = UInt64(end - reader.position)
        guard unshared <= left, valueLength <= left - unshared else {
          throw corrupt(at: start, "an entry of \(unshared) + \(valueLength) bytes, and its block has \(left) left")
        }
        guard shared <= UInt64(key.bytes.count) else {
          throw corrupt(at: start, "shares \(shared) bytes with the previous key of \(key.bytes.count)")
        }
        if restart < restarts.count, let expected = restarts.offset(restart, in: bytes), expected == start {
          guard shared == 0 else { throw corrupt(at: start, "a restart shares \(shared) bytes with the key before it") }
          restart += 1
        } else if start == 0 {
          throw corrupt(at: start, "the first entry is no restart")
        }
        let tail = reader.position..<reader.position + Int(unshared)
        let value = tail.upperBound..<tail.upperBound + Int(valueLength)
        reader = WireReader(bytes, value.upperBound..<end)
        guard let tailBytes = bytes.part(tail), let valueBytes = bytes.part(value) else {
          throw corrupt(at: start, "an entry lies outside its block")
        }
        guard key.replaceTail(keeping: Int(shared), with: tailBytes) else {
          throw corrupt(at: start, "its key does not come after the one before it")
        }
        try key.bytes.withBytes { (keyBytes) throws(CheckpointError) in
          try body(keyBytes, valueBytes, isCompressed ? offset : offset + start)
        }
      }
      guard restart == restarts.count || end == 0 else {
        throw corrupt(at: end, "restart \(restart) of \(restarts.count) points into the middle of an entry")
      }
    }
  }

  private struct Restarts {
    var count: Int
    var dataEnd: Int

    func offset(_ index: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
      bytes.littleEndian(UInt32.self, at: dataEnd + 4 * index).map { Int($0) }
    }
  }

  private func restarts(of bytes: UnsafeRawBufferPointer) throws(CheckpointError) -> Restarts {
    guard let stored = bytes.littleEndian(UInt32.self, at: bytes.count - 4) else {
      throw corrupt(at: 0, "a block of \(bytes.count) bytes has no room for its restart count")
    }
    let count = Int(stored)
    guard count <= (bytes.count - 4) / 4 else {
      throw corrupt(at: bytes.count - 4, "\(count) restarts, and at most \((bytes.count - 4) / 4) fit the block")
    }
    let end = bytes.count - 4 - 4 * count
    guard count > 0 || end == 0 else { throw corrupt(at: 0, "\(end) bytes of entries and no restart") }
    guard count <= 1 || end > 0 else { throw corrupt(at: end, "\(count) restarts and no entry") }
    return Restarts(count: count, dataEnd: end)
  }

  private func corrupt(at position: Int, _ reason: String) -> CheckpointError {
    .corrupt(
      file: file, offset: isCompressed ? offset : offset + position,
      reason: isCompressed ? "byte \(position) of the decompressed table block: \(reason)" : "table block: \(reason)")
  }
}

/// A key that is built from the one before it.
struct TableKey {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// Keeps the first `count` bytes and appends `tail`.
  ///
  /// - Returns: Whether the new key is greater than the old one.
  /// - Complexity: O(tail.count).
  mutating func replaceTail(keeping count: Int, with tail: UnsafeRawBufferPointer) -> Bool {
    let old = bytes.count
    var rises = isFirst
    if !rises {
      // The first `count` bytes are the same, so the tails decide.
      rises = tail.count > old - count
      for (position, byte) in tail.enumerated() where count + position < old {
        if byte == bytes[count + position] { continue }
        rises = byte > bytes[count + position]
        break
      }
    }
    isFirst = false
    bytes.removeLast(old - count)
    bytes.append(contentsOf: tail)
    return rises
  }
}

extension [UInt8] {
  /// `withUnsafeBytes`, with a typed error.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
