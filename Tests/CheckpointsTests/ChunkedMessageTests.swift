import Testing

@testable import Checkpoints
@testable import Tensors

/// Trees of chunks that TensorFlow would not write, in files whose hashes are right.
@Suite struct ChunkedMessageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ file: [UInt8]) throws -> [UInt8] {
    try folder.write("model.cpb", file)
    return try ChunkedMessage.read(RandomAccessFile.opened(folder.file("model.cpb"))).withBytes { Array($0) }
  }

  enum Step {
    case field(Int)
    case index(Int)
    case key(String)
    case number(Int)
  }

  /// A field of a tree: its path and the chunk that goes there.
  private func place(_ message: inout Message, _ path: [Step], _ chunk: Int, inner: [UInt8] = []) {
    message.message(2) { field in
      for step in path {
        field.message(1) {
          switch step {
          case .field(let number): $0.number(1, number)
          case .key(let key): $0.message(2) { $0.text(1, key) }
          case .number(let key): $0.message(2) { $0.number(5, key) }
          case .index(let index): $0.number(3, index)
          }
        }
      }
      field.data(3, Message { $0.number(1, chunk) }.bytes + inner)
    }
  }

  private func text(_ field: Int, _ value: String) -> [UInt8] { Message { $0.text(field, value) }.bytes }

  @Test func chunksGoWhereTheirPathsLead() throws {
    let base = Message {
      $0.message(1) { $0.text(9, "element 0") }
      $0.message(1) { _ in }
      $0.entry(3, key: "k") { $0.text(1, "v") }
      $0.message(4) { $0.text(1, "first") }
      $0.message(4) { $0.text(1, "last") }
      $0.text(7, "tail")
    }.bytes
    let file = RiegeliWriter.file(
      [
        (base, false), (text(9, "element 1"), false), (Array("bytes".utf8), true), (text(2, "in the entry"), false),
        (text(9, "element 2"), false), (text(2, "merged"), false), (text(8, "more of the whole"), false),
        (text(1, "new entry"), false),
      ],
      tree: Message {
        $0.number(1, 0)
        place(&$0, [.field(1), .index(2)], 4)
        place(&$0, [.field(1), .index(1)], 1)
        place(&$0, [.field(4), .field(5)], 2)
        place(&$0, [.field(3), .key("k")], 3)
        place(&$0, [.field(4)], 5)
        place(&$0, [], 6)
        place(&$0, [.field(3), .number(300)], 7)
      }.bytes)
    let merged = try read(file)
    let found = try merged.withBytes { (bytes) throws(WireError) in
      try Canonical.message(bytes, 0..<bytes.count, depth: 0)
    }
    let expected = Message {
      $0.message(1) { $0.text(9, "element 0") }
      $0.message(1) { $0.text(9, "element 1") }
      $0.message(1) { $0.text(9, "element 2") }
      $0.entry(3, key: "k") {
        $0.text(1, "v")
        $0.text(2, "in the entry")
      }
      $0.message(3) {
        $0.data(1, Message.varint(300))
        $0.message(2) { $0.text(1, "new entry") }
      }
      $0.message(4) {
        $0.text(1, "first")
        $0.text(1, "last")
        $0.text(2, "merged")
        $0.text(5, "bytes")
      }
      $0.text(7, "tail")
      $0.text(8, "more of the whole")
    }.bytes
    let wanted = try expected.withBytes { (bytes) throws(WireError) in
      try Canonical.message(bytes, 0..<bytes.count, depth: 0)
    }
    #expect(found == wanted)
  }

  @Test func recordsAcrossBlocks() throws {
    let blocks = 1 << 16
    // The signature takes 64 bytes, a chunk's header 40, and what frames a record 4 to 6 more.
    for size in [0, 1, blocks - 200, blocks - 112, blocks - 110, blocks - 108, blocks - 64, blocks, 3 * blocks] {
      let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 251 ^ $0) }
      let file = RiegeliWriter.file(
        [([], false), (value, true)], tree: Message { place(&$0, [.field(1)], 1) }.bytes)
      #expect(try read(file) == message(1, value), "\(size)")
      var damaged = file
      damaged[file.count / 2] ^= 1
      if file.count / 2 % blocks >= 24 { #expect(throws: CheckpointError.self, "\(size)") { try read(damaged) } }
    }
    // Many empty records: the chunk has a byte for each.
    var writer = RiegeliWriter()
    let positions = writer.write([[UInt8]](repeating: [], count: 70_000))
    let last = writer.write([[7]])
    try folder.write("records", writer.bytes)
    let records = try RiegeliRecords(RandomAccessFile.opened(folder.file("records"))).records
    #expect(records.map(\.position) == positions + last && records.last?.bytes.range.count == 1)
  }

  private func message(_ field: Int, _ value: [UInt8]) -> [UInt8] { Message { $0.data(field, value) }.bytes }

  @Test func wrongTreesAreErrors() throws {
    let chunks: [(content: [UInt8], isBytes: Bool)] = [
      (Message { $0.message(1) { $0.number(2, 5) } }.bytes, false), (text(1, "x"), false), (Array("y".utf8), true),
    ]
    func check(_ words: String, _ write: (inout Message) -> Void) {
      do {
        _ = try read(
          RiegeliWriter.file(
            chunks,
            tree: Message {
              $0.number(1, 0)
              write(&$0)
            }.bytes))
        Issue.record("\(words) was not seen")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
    check("merged twice") { place(&$0, [.field(4)], 0) }
    check("chunk 3 of 3") { place(&$0, [.field(4)], 3) }
    check("chunk -1 of 3") { place(&$0, [.field(4)], -1) }
    check("without a field before it") { place(&$0, [.index(0)], 1) }
    check("without a field before it") { place(&$0, [.field(0)], 1) }
    check("element 99999 of field 1") { place(&$0, [.field(1), .index(99_999)], 1) }
    check("element -1 of field 1") { place(&$0, [.field(1), .index(-1)], 1) }
    check("element 3 of field 5, which has 0") { place(&$0, [.field(5), .index(3)], 2) }
    check("is no message") { place(&$0, [.field(1), .field(2), .field(1)], 1) }
    check("nested more than") { place(&$0, [Step](repeating: .field(4), count: 500), 1) }
    var deep: [UInt8] = []
    for _ in 0..<500 { deep = Message { $0.message(2) { $0.data(3, deep) } }.bytes }
    check("nested more than") { $0.bytes += deep }
    #expect(throws: CheckpointError.self) { try read(RiegeliWriter().bytes) }
    for type in Array("tx".utf8) {
      var writer = RiegeliWriter()
      writer.chunk(type, [1], records: 1, decoded: 1)
      #expect(throws: CheckpointError.self) { try read(writer.bytes) }
    }
    for compression in Array("zsbx".utf8) {
      var writer = RiegeliWriter()
      _ = writer.write([[1, 2, 3]], compression: compression)
      #expect(throws: CheckpointError.self) { try read(writer.bytes) }
    }
  }

  /// Changes of what the hashes cover, with right hashes.
  @Test func mutatedTreesNeverCrash() throws {
    let tree = Message {
      $0.number(1, 0)
      place(&$0, [.field(1), .index(0), .field(2)], 2)
      place(&$0, [.field(3), .key("k"), .field(1)], 1, inner: Message { place(&$0, [.field(2), .index(0)], 3) }.bytes)
    }.bytes
    let base = Message {
      $0.message(1) { $0.text(2, "abc") }
      $0.entry(3, key: "k") { $0.text(1, "v") }
    }.bytes
    var random = SplitMix64(state: 8)
    var read = 0
    for _ in 0..<400 {
      var parts = [tree, base, text(1, "x"), Array("y".utf8), text(4, "z")]
      Mutation.apply(to: &parts[Int.random(in: 0...1, using: &random)], &random)
      let file = RiegeliWriter.file(
        [(parts[1], false), (parts[2], false), (parts[3], true), (parts[4], false)], tree: parts[0])
      if (try? self.read(file)) != nil { read += 1 }
    }
    #expect(read > 20)
  }
}
