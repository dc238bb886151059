/// A message that is being put together from chunks: taken apart only where something goes into the middle of it.
final class MergedMessage {
  typealias Bytes = RiegeliRecords.RecordBytes

  /// Which of a field's values.
  enum Selector {
    /// The field has one.
    case only
    case index(Int)
    /// The entry of a map with this key, as it is on the wire.
    case key([UInt8])
  }

  private enum Content {
    /// Untouched, with its tag.
    case raw(Bytes)
    /// The content of a field of bytes.
    case bytes(Bytes)
    case message(MergedMessage)
    /// What was merged into another.
    case nothing
  }

  private var fields: [(number: Int, content: Content)] = []
  /// Where each field's values are among ``fields``.
  private var places: [Int: [Int]] = [:]
  /// What was not taken apart yet, and follows ``fields``.
  private var unparsed: [Bytes] = []
  private let depth: Int

  /// A message's own limit, which also keeps what recurses here shallow.
  private static let deepest = 100
  /// Elements that may be missing before one that is placed by its index.
  private static let widestGap = 4096

  init(depth: Int = 0) { self.depth = depth }

  /// Merges a message that is to be had as bytes: on the wire, it follows.
  func append(_ bytes: Bytes) {
    if !bytes.range.isEmpty { unparsed.append(bytes) }
  }

  private func parse() throws(WireError) {
    let pending = unparsed
    unparsed = []
    for bytes in pending {
      try bytes.chunk.withBytes { (all) throws(WireError) in
        var reader = WireReader(all, bytes.range)
        while let field = try reader.next() {
          add(field.number, .raw(Bytes(chunk: bytes.chunk, range: field.offset..<reader.position)))
        }
      }
    }
  }

  private func add(_ number: Int, _ content: Content) {
    places[number, default: []].append(fields.count)
    fields.append((number, content))
  }

  private func newMessage() throws(WireError) -> MergedMessage {
    guard depth < Self.deepest else {
      throw WireError(offset: 0, reason: "messages are nested more than \(Self.deepest) deep")
    }
    return MergedMessage(depth: depth + 1)
  }

  /// The message in a field, made where it is missing.
  func child(_ number: Int, _ selector: Selector) throws(WireError) -> MergedMessage {
    try parse()
    let known = places[number] ?? []
    switch selector {
    case .only:
      guard let first = known.first else { return try addMessage(number) }
      let result = try message(at: first)
      if known.count > 1 { try result.parse() }
      for other in known.dropFirst() {
        let part = try message(at: other)
        try part.parse()
        for (number, content) in part.fields { result.add(number, content) }
        fields[other].content = .nothing
      }
      places[number] = [first]
      return result
    case .index(let index):
      guard index >= 0, index - known.count < Self.widestGap else {
        throw WireError(offset: 0, reason: "element \(index) of field \(number), which has \(known.count)")
      }
      if index < known.count { return try message(at: known[index]) }
      for _ in known.count..<index { _ = try addMessage(number) }
      return try addMessage(number)
    case .key(let key):
      for place in known {
        let entry = try message(at: place)
        try entry.parse()
        for position in entry.places[1] ?? [] where entry.isEqual(position, key) { return entry }
      }
      let entry = try addMessage(number)
      let field = WireWriter.varint(1 << 3 | 2) + WireWriter.varint(UInt64(key.count)) + key
      guard let bytes = try? OwnedBytes(field, file: "") else {
        throw WireError(offset: 0, reason: "no memory for a key")
      }
      entry.append(Bytes(chunk: bytes, range: 0..<field.count))
      return entry
    }
  }

  /// Sets a field of bytes.
  func set(_ number: Int, _ selector: Selector, to bytes: Bytes) throws(WireError) {
    try parse()
    let known = places[number] ?? []
    switch selector {
    case .index(let index) where index >= 0 && index < known.count: fields[known[index]].content = .bytes(bytes)
    case .index(let index):
      guard index == known.count else {
        throw WireError(offset: 0, reason: "element \(index) of field \(number), which has \(known.count)")
      }
      add(number, .bytes(bytes))
    case .only, .key:
      for place in known { fields[place].content = .nothing }
      places[number] = []
      add(number, .bytes(bytes))
    }
  }

  private func addMessage(_ number: Int) throws(WireError) -> MergedMessage {
    let message = try newMessage()
    add(number, .message(message))
    return message
  }

  private func message(at place: Int) throws(WireError) -> MergedMessage {
    let message: MergedMessage
    switch fields[place].content {
    case .message(let known): return known
    case .raw(let bytes):
      message = try newMessage()
      message.append(Bytes(chunk: bytes.chunk, range: try Self.payload(of: bytes)))
    case .bytes(let bytes):
      message = try newMessage()
      message.append(bytes)
    case .nothing: message = try newMessage()
    }
    fields[place].content = .message(message)
    return message
  }

  private static func payload(of bytes: Bytes) throws(WireError) -> Range<Int> {
    try bytes.chunk.withBytes { (all) throws(WireError) in
      var reader = WireReader(all, bytes.range)
      guard let range = try reader.next()?.range else {
        throw WireError(offset: bytes.range.lowerBound, reason: "a field is no message, and another goes into it")
      }
      return range
    }
  }

  private func isEqual(_ place: Int, _ key: [UInt8]) -> Bool {
    guard case .raw(let bytes) = fields[place].content else { return false }
    return bytes.chunk.withBytes { all in
      var reader = WireReader(all, bytes.range)
      guard let field = try? reader.next() else { return false }
      let content = field.range ?? bytes.range.lowerBound + 1..<bytes.range.upperBound
      return all.part(content)?.elementsEqual(key) == true
    }
  }
}

// MARK: - Writing

extension MergedMessage {
  /// Bytes of the whole message.
  ///
  /// - Complexity: O(fields · nesting).
  var byteCount: Int {
    fields.reduce(unparsed.reduce(0) { $0 + $1.range.count }) { sum, field in
      switch field.content {
      case .raw(let bytes): sum + bytes.range.count
      case .bytes(let bytes): sum + Self.header(field.number, bytes.range.count).count + bytes.range.count
      case .message(let message):
        { count in sum + Self.header(field.number, count).count + count }(message.byteCount)
      case .nothing: sum
      }
    }
  }

  /// Writes the message to `buffer` from `place` on, which has ``byteCount`` bytes of room.
  func write(to buffer: UnsafeMutableRawBufferPointer, _ place: inout Int) {
    for field in fields {
      switch field.content {
      case .raw(let bytes): Self.copy(bytes, to: buffer, &place)
      case .bytes(let bytes):
        Self.copy(Self.header(field.number, bytes.range.count), to: buffer, &place)
        Self.copy(bytes, to: buffer, &place)
      case .message(let message):
        Self.copy(Self.header(field.number, message.byteCount), to: buffer, &place)
        message.write(to: buffer, &place)
      case .nothing: break
      }
    }
    for bytes in unparsed { Self.copy(bytes, to: buffer, &place) }
  }

  private static func header(_ number: Int, _ count: Int) -> [UInt8] {
    WireWriter.varint(UInt64(number) << 3 | 2) + WireWriter.varint(UInt64(count))
  }

  private static func copy(_ bytes: Bytes, to buffer: UnsafeMutableRawBufferPointer, _ place: inout Int) {
    bytes.chunk.withBytes { all in
      guard let part = all.part(bytes.range) else { return }
      UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + part.count]).copyMemory(from: part)
      place += part.count
    }
  }

  private static func copy(_ bytes: [UInt8], to buffer: UnsafeMutableRawBufferPointer, _ place: inout Int) {
    UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + bytes.count]).copyBytes(from: bytes)
    place += bytes.count
  }
}
