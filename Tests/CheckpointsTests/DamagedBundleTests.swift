import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct DamagedBundleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What opening the checkpoint throws.
  private func failureToOpen(_ files: [String: [UInt8]], _ name: String = "model") throws -> CheckpointError? {
    try folder.write(files)
    return failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.file(name)) }
  }

  private func writer() -> BundleWriter {
    var writer = BundleWriter(shardCount: 2)
    writer.add("a/kernel", [1, 2, 3, 4, 5, 6], shape: [2, 3], shard: 0)
    writer.add("b/kernel", [7, 8], shard: 1)
    writer.add("words", strings: [Array("alpha".utf8), Array("beta".utf8)], shard: 1)
    return writer
  }

  @Test func headerIsChecked() throws {
    for shards in [0, -1, 1 << 31, Int.max] {
      var writer = writer()
      writer.header = BundleWriter.header(shards: shards)
      #expect(try failureToOpen(writer.files("model"))?.kind == "corrupt", "\(shards) shards")
    }
    for header in [[0x08], [0x0a, 1, 0], [0x08, 1, 0x10, 2], [0x08, 1, 0x1a, 9]] as [[UInt8]] {
      var writer = writer()
      writer.header = header
      #expect(try failureToOpen(writer.files("model"))?.kind == "corrupt", "\(header)")
    }
    var headless = writer()
    headless.alterEntries = { $0.removeLast() }
    #expect(try failureToOpen(headless.files("model"))?.kind == "corrupt")
    var empty = BundleWriter()
    empty.alterEntries = { $0 = [] }
    #expect(try failureToOpen(empty.files("model"))?.kind == "corrupt")
  }

  @Test func entriesAreChecked() throws {
    let float = ElementType.float32
    let bad: [(String, [UInt8])] = [
      ("shard beyond the last", BundleWriter.entry(float, [1], 2, 0, 4, 0)),
      ("negative shard", BundleWriter.entry(float, [1], -1, 0, 4, 0)),
      ("negative offset", BundleWriter.entry(float, [1], 0, -4, 4, 0)),
      ("negative size", BundleWriter.entry(float, [1], 0, 0, -4, 0)),
      ("offset and size overflow", BundleWriter.entry(float, [1], 0, Int.max, 4, 0)),
      ("size of another shape", BundleWriter.entry(float, [3], 0, 0, 8, 0)),
      ("negative dimension", BundleWriter.entry(float, [-1], 0, 0, 4, 0)),
      ("count overflows", BundleWriter.entry(float, [1 << 40, 1 << 40], 0, 0, 4, 0)),
      ("bytes overflow", BundleWriter.entry(float, [1 << 62], 0, 0, 4, 0)),
      ("more strings than bytes", BundleWriter.entry(.string, [1 << 50], 0, 0, 20, 0)),
      ("unknown rank", Message { $0.message(2) { $0.number(3, 1) } }.bytes),
      ("shape beyond the entry", [0x08, 1, 0x12, 100]),
      ("wrong wire type", Message { $0.text(1, "float") }.bytes),
      ("slice without end", Message { $0.data(7, [0x0a, 9, 1]) }.bytes),
    ]
    for (name, entry) in bad {
      var writer = writer()
      writer.alterEntries = { $0.append((Array("bad".utf8), entry)) }
      let error = try failureToOpen(writer.files("model"))
      #expect(error?.kind == "corrupt", "\(name): \(error as Any)")
    }
  }

  @Test func deepNestingIsNotFollowed() throws {
    var writer = writer()
    let nested = (0..<5000).reduce([]) { nested, _ in Message { $0.data(2, nested) }.bytes }
    writer.alterEntries = { $0.append((Array("deep".utf8), nested)) }
    #expect(try failureToOpen(writer.files("model")) == nil)
  }

  @Test func indexOfNoBytesAndPointers() throws {
    #expect(try failureToOpen(["model.index": []])?.kind == "truncated")
    #expect(try failureToOpen(["model.index": pointer])?.description.contains("git lfs pull") == true)
  }

  private let pointer = Array(
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 123456\n".utf8)

  @Test func damagedShardsHideNothing() throws {
    let first = "model.data-00000-of-00002"
    let second = "model.data-00001-of-00002"
    func check(_ kind: String, _ words: String, _ change: (inout [String: [UInt8]]) -> Void) throws {
      var files = writer().files("model")
      change(&files)
      let folder = try TemporaryFolder()
      try folder.write(files)
      let model = try openCheckpoint(at: folder.file("model"))
      #expect(model.tensors.map(\.key) == ["a/kernel", "b/kernel", "words"])
      try model.verify(model.tensor("a/kernel"))
      let words2 = try model.tensor("words")
      let error = failure { () throws(CheckpointError) in try model.verify(words2) }
      #expect(error?.kind == kind && error?.description.contains(words) == true, "\(words): \(error as Any)")
      #expect(failure { () throws(CheckpointError) in _ = try model.strings(words2) } == error)
      #expect(failure { () throws(CheckpointError) in _ = try sha256(of: words2, in: model) } == error)
    }
    try check("notFound", "shard 2 of 2 is missing") { $0[second] = nil }
    try check("truncated", "expected") { $0[second]?.removeLast() }
    try check("truncated", "expected") { $0[second] = [] }
    try check("notFound", "git lfs pull") { $0[second] = pointer }
    // 8 bytes of b/kernel, 2 lengths, their checksum, then "alpha".
    try check("corrupt", "checksum of the strings' lengths") { $0[second]?[11] ^= 1 }
    try check("corrupt", "lengths") { $0[second]?[8] ^= 1 }
    try check("corrupt", "more than the") { $0[second]?[8] = 0x7f }
    try check("corrupt", "checksum of the") { $0[second]?[16] ^= 0x20 }
    #expect(writer().files("model")[first]?.count == 24)
  }

  @Test func directoryInsteadOfAShardIsNamed() throws {
    var files = writer().files("model")
    files["model.data-00000-of-00002"] = nil
    files["model.data-00000-of-00002/inside"] = [1]
    try folder.write(files)
    let model = try openCheckpoint(at: folder.file("model"))
    let tensor = try model.tensor("a/kernel")
    let error = failure { () throws(CheckpointError) in try model.verify(tensor) }
    #expect(error?.kind == "io" && error?.description.contains("directory") == true)
  }

  @Test func flippedByteOfATensorIsFound() throws {
    var files = writer().files("model")
    files["model.data-00000-of-00002"]?[13] ^= 0x80
    try folder.write(files)
    let model = try openCheckpoint(at: folder.file("model"))
    let tensor = try model.tensor("a/kernel")
    let error = failure { () throws(CheckpointError) in try model.verify(tensor) }
    #expect(error?.kind == "corrupt" && error?.description.contains("'a/kernel'") == true)
    #expect(failure { () throws(CheckpointError) in _ = try sha256(of: tensor, in: model) } == error)
  }

  @Test func damagedObjectGraphIsAWarning() throws {
    var writer = writer()
    writer.addObjectGraph([0x0a, 0x7f, 1])
    try folder.write(writer.files("model"))
    let model = try openCheckpoint(at: folder.file("model"))
    #expect(model.tensors.count == 4)
    #expect(model.model.warnings.contains { $0.contains("object graph") })
  }

  @Test func rangesOutsideATensorAreRefused() throws {
    try folder.write(writer().files("model"))
    let model = try openCheckpoint(at: folder.file("model"))
    let tensor = try model.tensor("a/kernel")
    for (offset, count) in [(-1, 1), (0, 25), (24, 1), (25, 0), (Int.max, 1), (Int.min, 8)] {
      let error = failure { () throws(CheckpointError) in
        _ = try OwnedBytes(count: count, file: "") { (buffer) throws(CheckpointError) in
          try model.read(tensor, at: offset, into: buffer)
        }
      }
      #expect(error?.kind == "corrupt", "\(offset) \(count)")
    }
    let stranger = StoredTensor(
      index: 99, key: "stranger", elementType: .float32, shape: [1], count: 1, byteCount: 4)
    #expect(failure { () throws(CheckpointError) in try model.verify(stranger) }?.kind == "notFound")
    let words = try model.tensor("words")
    #expect(failure { () throws(CheckpointError) in _ = try model.contents(words) }?.kind == "unsupported")
    #expect(failure { () throws(CheckpointError) in _ = try model.strings(tensor) }?.kind == "unsupported")
  }

  @Test func manyShardsAreNotKeptOpen() throws {
    var writer = BundleWriter(shardCount: 1)
    writer.add("weights", [1])
    let header = BundleWriter.header(shards: 99_999)
    writer.header = header
    writer.alterEntries = { entries in
      for number in 1..<200 {
        entries.append((Array("t\(number)".utf8), BundleWriter.entry(.uint8, [1], number, 0, 1, checksum([7]))))
      }
    }
    var files = ["model.index": writer.files("model")["model.index"] ?? []]
    for number in 0..<200 {
      let digits = String(number)
      let name = "model.data-" + String(repeating: "0", count: 5 - digits.count) + digits + "-of-99999"
      files[name] = number == 0 ? bytes([Float(1)]) : [7]
    }
    try folder.write(files)
    let model = try openCheckpoint(at: folder.file("model"))
    for tensor in model.tensors { try model.verify(tensor) }
  }
}
