import Tensors

/// A message that was split into chunks, because Protocol Buffers end at 2 GiB, and put together again.
///
/// The last record says how: a tree of which chunk is merged where. On the wire, merging messages is putting their bytes
/// one after the other, so a chunk is only taken apart where another goes into the middle of it.
///
/// ## Source
/// TensorFlow, `tools/proto_splitter/chunk.proto`; `Merger::ReadFields` in `tools/proto_splitter/merge.cc`.
struct ChunkedMessage {
  private let file: RandomAccessFile
  private var chunks: [RiegeliRecords.RecordBytes] = []
  /// Whether a chunk is the content of a field of bytes rather than a message.
  private var isBytes: [Bool] = []
  private var isUsed: [Bool] = []

  private static let deepest = 100

  /// Reads the whole message of a `.cpb` file.
  ///
  /// - Throws: ``CheckpointError``, also where Brotli would be needed and is not there.
  /// - Complexity: O(message) time and memory.
  static func read(_ file: RandomAccessFile) throws(CheckpointError) -> OwnedBytes {
    let records = try RiegeliRecords(file).records
    guard let last = records.last else {
      throw .corrupt(file: file.path, offset: 0, reason: "no records are in it, so no message")
    }
    var reader = ChunkedMessage(file: file)
    let root = try last.bytes.withBytes { (bytes) throws(CheckpointError) in
      let message = try decoding("the list of chunks", of: file.path, at: last.position) { () throws(WireError) in
        try reader.readMetadata(bytes, records)
      }
      guard let message else { throw reader.corrupt("the last record lists no chunks") }
      let root = MergedMessage()
      try reader.merge(message, bytes, into: root, depth: 0)
      return root
    }
    guard root.byteCount <= OwnedBytes.largestMessage else {
      throw .unsupported(file: file.path, reason: "\(root.byteCount) bytes when put together, more than are read")
    }
    return try OwnedBytes(count: root.byteCount, file: file.path) { (buffer) throws(CheckpointError) in
      var place = 0
      root.write(to: buffer, &place)
    }
  }

  private init(file: RandomAccessFile) { self.file = file }

  private func corrupt(_ reason: String) -> CheckpointError { .corrupt(file: file.path, offset: 0, reason: reason) }

  /// Reads `ChunkMetadata`: which record each chunk is. Returns where the tree lies.
  private mutating func readMetadata(
    _ bytes: UnsafeRawBufferPointer, _ records: [(position: Int, bytes: RiegeliRecords.RecordBytes)]
  ) throws(WireError) -> Range<Int>? {
    let byPosition = Dictionary(records.map { ($0.position, $0.bytes) }) { first, _ in first }
    var message: Range<Int>?
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 3 { message = part }
      guard field.number == 2 else { continue }
      var type = 0
      var position = 0
      var size = 0
      var chunk = WireReader(bytes, part)
      while let field = try chunk.next() {
        switch field.number {
        case 1: type = field.int ?? 0
        case 2: size = field.int ?? 0
        case 3: position = field.int ?? 0
        default: break
        }
      }
      guard let record = byPosition[position], record.range.count == size else {
        throw WireError(
          offset: part.lowerBound, reason: "chunk \(chunks.count) is no record of \(size) bytes at \(position)")
      }
      chunks.append(record)
      isBytes.append(type == 2)
    }
    isUsed = [Bool](repeating: false, count: chunks.count)
    return message
  }

  /// One step of a path into a message.
  private enum Step {
    case field(Int)
    case index(Int)
    /// The wire value of a map's key.
    case key([UInt8])
  }

  private struct Tree {
    var chunk: Int?
    var fields: [(path: [Step], message: Range<Int>)] = []
  }

  private func tree(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(CheckpointError) -> Tree {
    try decoding("the list of chunks", of: file.path) { () throws(WireError) in
      var result = Tree()
      var reader = WireReader(bytes, range)
      while let field = try reader.next() {
        if field.number == 1 { result.chunk = field.int ?? 0 }
        guard field.number == 2, let part = field.range else { continue }
        var path: [Step] = []
        var message = part.lowerBound..<part.lowerBound
        var content = WireReader(bytes, part)
        while let field = try content.next() {
          guard let range = field.range else { continue }
          if field.number == 1 {
            path.append(try Self.step(bytes, range))
          } else if field.number == 3 {
            message = range
          }
        }
        result.fields.append((path, message))
      }
      return result
    }
  }

  private static func step(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) -> Step {
    var reader = WireReader(bytes, range)
    var result = Step.field(0)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): result = .field(field.int ?? 0)
      case (2, .bytes(let key)):
        var content = WireReader(bytes, key)
        var value: [UInt8] = []
        while let field = try content.next() {
          switch field.value {
          case .bytes(let text): value = Array(content.slice(text))
          case .varint(let number): value = WireWriter.varint(number)
          default: break
          }
        }
        result = .key(value)
      case (3, .varint): result = .index(field.int ?? -1)
      default: break
      }
    }
    return result
  }

  /// Merges the chunks of the tree at `range` into `target`.
  private mutating func merge(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, into target: MergedMessage, depth: Int
  ) throws(CheckpointError) {
    guard depth < Self.deepest else { throw corrupt("chunks are nested more than \(Self.deepest) deep") }
    let tree = try tree(bytes, range)
    if let chunk = tree.chunk { target.append(try take(chunk)) }
    for field in ordered(tree.fields) {
      guard !field.path.isEmpty else {
        // A part of the message itself.
        try merge(field.message, bytes, into: target, depth: depth + 1)
        continue
      }
      let place = try decoding("the place of a chunk", of: file.path) { () throws(WireError) in
        try Self.walk(field.path, from: target)
      }
      if let chunk = try self.tree(bytes, field.message).chunk, isBytes.indices.contains(chunk), isBytes[chunk] {
        let content = try take(chunk)
        try decoding("the place of a chunk", of: file.path) { () throws(WireError) in
          try place.parent.set(place.number, place.selector, to: content)
        }
      } else {
        let child = try decoding("the place of a chunk", of: file.path) { () throws(WireError) in
          try place.parent.child(place.number, place.selector)
        }
        try merge(field.message, bytes, into: child, depth: depth + 1)
      }
    }
  }

  private mutating func take(_ chunk: Int) throws(CheckpointError) -> RiegeliRecords.RecordBytes {
    guard chunks.indices.contains(chunk) else { throw corrupt("chunk \(chunk) of \(chunks.count) is asked for") }
    // Else a small file could stand for an endless message.
    guard !isUsed[chunk] else { throw corrupt("chunk \(chunk) is merged twice") }
    isUsed[chunk] = true
    return chunks[chunk]
  }

  private typealias Place = (parent: MergedMessage, number: Int, selector: MergedMessage.Selector)

  /// Follows a path to the field that it ends in, making what is missing on the way.
  private static func walk(_ path: [Step], from target: MergedMessage) throws(WireError) -> Place {
    var place: Place?
    var position = 0
    while position < path.count {
      guard case .field(let number) = path[position], number > 0, number < 1 << 29 else {
        throw WireError(offset: 0, reason: "a path has an index or a key without a field before it")
      }
      let parent = try place.map { (place) throws(WireError) in try place.parent.child(place.number, place.selector) }
      place = (parent ?? target, number, .only)
      position += 1
      guard position < path.count else { break }
      switch path[position] {
      case .field: continue
      case .index(let index): place?.selector = .index(index)
      case .key(let key):
        let entry = try (parent ?? target).child(number, .key(key))
        place = (entry, 2, .only)
      }
      position += 1
    }
    guard let place else { throw WireError(offset: 0, reason: "a path without a field") }
    return place
  }

  /// What is nearer to the root comes first, and then smaller indices.
  private func ordered(_ fields: [(path: [Step], message: Range<Int>)]) -> [(path: [Step], message: Range<Int>)] {
    fields.enumerated().sorted { a, b in
      for (x, y) in zip(a.element.path, b.element.path) {
        switch (x, y) {
        case (.field(let x), .field(let y)), (.index(let x), .index(let y)): if x != y { return x < y }
        default: break
        }
      }
      let (x, y) = (a.element.path.count, b.element.path.count)
      return x == y ? a.offset < b.offset : x < y
    }.map(\.element)
  }
}
