import Tensors

/// Reads a range of a file from its beginning to its end.
struct ShardCursor: ~Copyable {
  private let file: RandomAccessFile
  private(set) var position: Int
  let end: Int
  private let buffer: ReadBuffer
  private var next = 0
  private var filled = 0
  private let what: String

  /// - Parameter what: What is read, for messages.
  init(_ file: RandomAccessFile, from start: Int, to end: Int, what: String) {
    self.file = file
    self.what = what
    position = start
    self.end = end
    buffer = ReadBuffer(size: max(1, min(ReadBuffer.standardSize, end - start)))
  }

  var remaining: Int { end - position }

  mutating func byte() throws(CheckpointError) -> UInt8 {
    guard remaining > 0 else { throw corrupt("its data end too early") }
    if next == filled { try refill() }
    defer {
      next += 1
      position += 1
    }
    return buffer.bytes[next]
  }

  mutating func varint() throws(CheckpointError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw corrupt("a length is longer than 64 bits")
  }

  /// The next four bytes, in the order of the file.
  mutating func fourBytes() throws(CheckpointError) -> (UInt8, UInt8, UInt8, UInt8) {
    (try byte(), try byte(), try byte(), try byte())
  }

  mutating func read(into target: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    var done = 0
    try forEachPart(of: target.count) { (part) throws(CheckpointError) in
      UnsafeMutableRawBufferPointer(rebasing: target[done..<done + part.count]).copyMemory(from: part)
      done += part.count
    }
  }

  /// Hands over the next `count` bytes, piece by piece.
  mutating func forEachPart(
    of count: Int, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    guard count >= 0, count <= remaining else { throw corrupt("\(count) bytes, and its data have \(remaining) left") }
    var left = count
    while left > 0 {
      if next == filled { try refill() }
      let size = min(left, filled - next)
      try body(UnsafeRawBufferPointer(rebasing: buffer.bytes[next..<next + size]))
      next += size
      position += size
      left -= size
    }
  }

  private mutating func refill() throws(CheckpointError) {
    let count = min(buffer.bytes.count, remaining)
    try file.fill(UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count]), at: position)
    next = 0
    filled = count
  }

  func corrupt(_ reason: String) -> CheckpointError {
    .corrupt(file: file.path, offset: position, reason: "\(what): \(reason)")
  }
}
