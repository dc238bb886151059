import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct TableTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ file: [UInt8]) throws -> [(key: [UInt8], value: [UInt8])] {
    let table = try Table(file: RandomAccessFile(path: folder.write("table", file)))
    var result: [(key: [UInt8], value: [UInt8])] = []
    try table.forEachEntry { (key, value, _) throws(CheckpointError) in result.append((Array(key), Array(value))) }
    return result
  }

  private func failure(_ file: [UInt8]) -> CheckpointError? {
    do {
      _ = try read(file)
      return nil
    } catch { return error as? CheckpointError }
  }

  private let entries: [(key: [UInt8], value: [UInt8])] = (0..<100).map {
    (Array("layer_with_weights-\($0 / 7)/variable \($0)".utf8), [UInt8](repeating: UInt8($0), count: $0 % 5 * 40))
  }

  @Test(arguments: [TableWriter.Compression.none, .literal, .copies])
  func roundTrip(_ compression: TableWriter.Compression) throws {
    for (perBlock, interval) in [(1, 1), (7, 3), (100, 16), (1000, 1)] {
      let writer = TableWriter(entriesPerBlock: perBlock, restartInterval: interval, compression: compression)
      let found = try read(writer.table(entries))
      let expected = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      #expect(found.map(\.key) == expected.map(\.key))
      #expect(found.map(\.value) == expected.map(\.value))
    }
  }

  @Test func emptyTableIsEmpty() throws {
    #expect(try read(TableWriter().table([])).isEmpty)
  }

  @Test func zeroRestartsAreAnEmptyBlock() throws {
    let writer = TableWriter(alterBlock: { number, content in number == 0 ? littleEndian(UInt32(0)) : content })
    #expect(try read(writer.table(Array(entries.prefix(3)))).isEmpty)
  }

  @Test func damagedFooter() throws {
    let file = TableWriter().table(entries)
    #expect(failure([])?.kind == "truncated")
    #expect(failure([UInt8](repeating: 0, count: 47))?.kind == "truncated")
    #expect(failure(Array(file.dropLast()))?.kind == "corrupt")
    var magic = file
    magic[magic.count - 1] ^= 1
    #expect(failure(magic)?.description.contains("magic") == true)
    for handle in [
      Message.varint(UInt64(file.count)) + [0], [0] + Message.varint(UInt64(file.count)),
      Message.varint(UInt64.max) + [1], [1] + Message.varint(UInt64.max), [UInt8](repeating: 0xff, count: 20),
    ] {
      var outside = file
      outside.replaceSubrange(file.count - 48..<file.count - 48 + handle.count, with: handle)
      #expect(failure(outside)?.kind == "corrupt")
    }
  }

  @Test func everyFlippedByteOfABlockIsFound() throws {
    let file = TableWriter(entriesPerBlock: 4).table(Array(entries.prefix(8)))
    for position in 0..<file.count - 48 {
      var flipped = file
      flipped[position] ^= 0x10
      #expect(failure(flipped)?.kind == "corrupt", "byte \(position)")
    }
  }

  @Test func damagedBlocksWithValidChecksums() throws {
    func broken(_ change: @escaping ([UInt8]) -> [UInt8]) -> CheckpointError? {
      failure(TableWriter(alterBlock: { number, content in number == 0 ? change(content) : content }).table(entries))
    }
    func block(_ entries: [UInt8], restarts: [UInt32], count: UInt32? = nil) -> [UInt8] {
      entries + bytes(restarts) + littleEndian(count ?? UInt32(restarts.count))
    }
    let first = TableWriter.entry(shared: 0, tail: Array("aa".utf8), value: [1])
    let bad: [(String, [UInt8])] = [
      ("no room for the count", [1, 0, 0]),
      ("more restarts than fit", block(first, restarts: [0], count: 1000)),
      ("2^32 - 1 restarts", block(first, restarts: [0], count: .max)),
      ("entries without a restart", block(first, restarts: [])),
      ("restarts without entries", block([], restarts: [0, 0])),
      ("restart within an entry", block(first, restarts: [0, 2])),
      ("restart beyond the entries", block(first, restarts: [0, 100])),
      ("restarts that fall", block(first + TableWriter.entry(shared: 0, tail: [0x62], value: []), restarts: [6, 0])),
      ("first entry shares", block(TableWriter.entry(shared: 1, tail: [0x61], value: []), restarts: [0])),
      (
        "shares more than there is",
        block(first + TableWriter.entry(shared: 3, tail: [0x62], value: []), restarts: [0])
      ),
      (
        "restart that shares",
        block(first + TableWriter.entry(shared: 1, tail: [0x62], value: []), restarts: [0, UInt32(first.count)])
      ),
      ("keys that fall", block(first + TableWriter.entry(shared: 0, tail: [0x60], value: []), restarts: [0])),
      ("equal keys", block(first + TableWriter.entry(shared: 2, tail: [], value: []), restarts: [0])),
      ("tail beyond the block", block([0, 100, 0, 1], restarts: [0])),
      ("value beyond the block", block([0, 1, 100, 1], restarts: [0])),
      (
        "lengths that overflow together",
        block([0] + Message.varint(.max) + Message.varint(.max) + [1], restarts: [0])
      ),
      ("length without end", block([0xff, 0xff, 0xff], restarts: [0])),
    ]
    for (name, content) in bad {
      #expect(broken { _ in content }?.kind == "corrupt", "\(name)")
    }
  }

  @Test func damagedIndexBlocks() throws {
    func broken(_ handles: [[UInt8]]) -> CheckpointError? {
      let index = handles.enumerated().map { (key: [UInt8($0)], value: $1) }
      return failure(
        TableWriter(alterBlock: { number, content in number == -1 ? TableWriter().block(index) : content })
          .table(Array(entries.prefix(3))))
    }
    #expect(broken([[0xff]])?.kind == "corrupt")
    #expect(broken([[0] + Message.varint(1 << 40)])?.kind == "corrupt")
    #expect(broken([Message.varint(1 << 40) + [0]])?.kind == "corrupt")
    #expect(broken([[0, 10], [0, 10]])?.description.contains("overlaps") == true)
  }

  @Test func unknownBlockTypeIsNamed() throws {
    let error = failure(TableWriter(blockType: 2).table(entries))
    #expect(error?.description.contains("block type 2") == true)
  }

  @Test func corruptSnappyIsAnError() throws {
    let error = failure(TableWriter(blockType: 1).table(entries))
    #expect(error?.description.contains("Snappy") == true)
    let bomb: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0]
    let bombed = failure(TableWriter(alterBlock: { $0 == 0 ? bomb : $1 }, blockType: 1).table(entries))
    #expect(bombed?.description.contains("announces") == true)
  }
}
