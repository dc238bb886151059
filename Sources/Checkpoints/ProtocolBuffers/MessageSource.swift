import Tensors

/// The bytes of a message: where they lie in a file, or in memory where the file has them in another form.
enum MessageSource: Sendable {
  case file(RandomAccessFile)
  /// What the file at `path` stands for.
  case memory(OwnedBytes, path: String)

  var path: String {
    switch self {
    case .file(let file): file.path
    case .memory(_, let path): path
    }
  }

  var size: Int {
    switch self {
    case .file(let file): file.size
    case .memory(let bytes, _): bytes.count
    }
  }

  /// Reads a file in the text format as a message of the type `name`.
  static func text(_ file: RandomAccessFile, as name: String) throws(CheckpointError) -> MessageSource {
    let contents = try file.contents()
    let encoded = try contents.withBytes { (text) throws(CheckpointError) in
      do throws(TextError) { return try TextMessage.encode(text, as: name, .tensorFlow) } catch {
        throw .corrupt(
          file: file.path, offset: error.offset, reason: "line \(error.line), column \(error.column): \(error.reason)")
      }
    }
    return .memory(try OwnedBytes(encoded, file: file.path), path: file.path)
  }

  /// Lends all of the bytes to `body`, as ``RandomAccessFile/withContents(limit:_:)`` does those of a file.
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    switch self {
    case .file(let file): try file.withContents(body)
    case .memory(let bytes, _): try bytes.withBytes(body)
    }
  }

  func bytes(at offset: Int, count: Int) throws(CheckpointError) -> OwnedBytes {
    if case .file(let file) = self { return try file.bytes(at: offset, count: count) }
    return try OwnedBytes(count: count, file: path) { (buffer) throws(CheckpointError) in
      try fill(buffer, at: offset)
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    switch self {
    case .file(let file): try file.fill(buffer, at: offset)
    case .memory(let bytes, let path):
      try bytes.withBytes { (bytes) throws(CheckpointError) in
        guard offset >= 0, offset <= bytes.count, let part = bytes.part(offset..<offset + buffer.count) else {
          throw .truncated(file: path, offset: offset, expected: buffer.count, found: max(0, bytes.count - offset))
        }
        buffer.copyMemory(from: part)
      }
    }
  }

  /// Runs `body` and tells of bad bytes as a corrupt file.
  ///
  /// - Parameter base: Offset of the buffer that `body` reads.
  func decoding<Result>(
    _ what: String, at base: Int = 0, _ body: () throws(WireError) -> Result
  ) throws(CheckpointError) -> Result {
    do { return try body() } catch {
      guard case .memory = self else {
        throw .corrupt(file: path, offset: base + error.offset, reason: "\(what): \(error.reason)")
      }
      throw .corrupt(
        file: path, offset: 0,
        reason: "\(what), at byte \(base + error.offset) of the message that the file stands for: \(error.reason)")
    }
  }
}
