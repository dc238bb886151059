import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct SafetensorsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func file(_ header: String, _ data: [UInt8] = [], padding: Int = 0) -> [UInt8] {
    let text = Array(header.utf8) + [UInt8](repeating: 0x20, count: padding)
    return littleEndian(UInt64(text.count)) + text + data
  }

  private func open(_ bytes: [UInt8], _ name: String = "model.safetensors") throws -> any Checkpoint {
    try openCheckpoint(at: folder.write(name, bytes))
  }

  private static let sound = file(
    #"""
    {"__metadata__": {"format": "pt", "note": "a \"b\" é 😀"},
     "layer.0.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
     "half": {"data_offsets": [24, 28], "shape": [2], "dtype": "BF16"},
     "scalar": {"dtype": "I64", "shape": [], "data_offsets": [28, 36]},
     "empty": {"dtype": "F32", "shape": [2, 0], "data_offsets": [36, 36]},
     "tiny": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [36, 39]},
     "packed": {"dtype": "F4", "shape": [4], "data_offsets": [39, 41]}}
    """#, (0..<41).map { UInt8($0) }, padding: 5)

  @Test func roundTrip() throws {
    let model = try open(Self.sound)
    #expect(model.model.format == "safetensors")
    #expect(model.model.metadata["note"] == .string("a \"b\" é 😀"))
    #expect(model.tensors.map(\.key) == ["empty", "half", "layer.0.weight", "packed", "scalar", "tiny"])
    let data = (0..<41).map { UInt8($0) }
    for (key, type, shape, range) in [
      ("layer.0.weight", .float32, [2, 3], 0..<24), ("half", .bfloat16, [2], 24..<28), ("scalar", .int64, [], 28..<36),
      ("empty", .float32, [2, 0], 36..<36), ("tiny", .float8e4m3fn, [3], 36..<39),
    ] as [(String, ElementType, [Int], Range<Int>)] {
      let tensor = try model.tensor(key)
      #expect(tensor.elementType == type && tensor.shape == shape)
      #expect(try model.contents(tensor, step: 5) == Array(data[range]))
      try model.verify(tensor)
    }
    #expect(try model.tensor("layer.0.weight").fullName == "layer/0/weight")
    let packed = try model.tensor("packed")
    #expect(packed.unreadable?.contains("F4") == true)
    #expect(failure { () throws(CheckpointError) in try model.verify(packed) }?.kind == "unsupported")
    // By content, whatever its name.
    #expect(try open(Self.sound, "renamed.bin").tensors.count == 6)
  }

  @Test func damagedFilesAreErrors() throws {
    func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    let entry = #""dtype": "F32", "shape": [1], "data_offsets""#
    func two(_ first: String, _ name: String, _ second: String, _ data: [UInt8]) -> [UInt8] {
      Self.file("{\"a\": {\(entry): \(first)}, \"\(name)\": {\(entry): \(second)}}", data)
    }
    for (words, kind, bytes) in [
      ("at most 100000000", "corrupt", littleEndian(UInt64(100_000_001)) + [0x7b]),
      ("at most", "corrupt", [UInt8](repeating: 0xff, count: 9)),
      ("truncated", "truncated", littleEndian(UInt64(100)) + Array("{}".utf8)),
      ("truncated", "truncated", [1, 2, 3]), ("truncated", "truncated", []),
      ("'{'", "corrupt", Self.file(" {}")), ("expected the end", "corrupt", Self.file("{} x")),
      ("UTF-8", "corrupt", littleEndian(UInt64(6)) + [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7d]),
      ("occurs twice", "corrupt", two("[0, 4]", "a", "[4, 8]", zeros(8))),
      ("overlaps", "corrupt", two("[0, 4]", "b", "[2, 6]", zeros(6))),
      ("hole", "corrupt", two("[0, 4]", "b", "[5, 9]", zeros(9))),
      ("follow the last", "corrupt", Self.file("{\"a\": {\(entry): [0, 4]}}", zeros(9))),
      ("truncated", "truncated", Self.file("{\"a\": {\(entry): [0, 4]}}", [1, 2, 3])),
      ("a beginning and an end", "corrupt", Self.file("{\"a\": {\(entry): [4, 0]}}", [1, 2, 3, 4])),
      ("a beginning and an end", "corrupt", Self.file("{\"a\": {\(entry): [-4, 0]}}", [1, 2, 3, 4])),
      ("64 bits", "corrupt", Self.file("{\"a\": {\(entry): [0, 99999999999999999999]}}", [1, 2, 3, 4])),
      ("needs 4", "corrupt", Self.file("{\"a\": {\(entry): [0, 8]}}", zeros(8))),
      ("counted", "corrupt", Self.file(#"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 0]}}"#)),
      ("lacks", "corrupt", Self.file(#"{"a": {"dtype": "F32", "shape": []}}"#)),
      (
        "counted", "corrupt",
        Self.file(#"{"a": {"dtype": "U8", "shape": [9223372036854775807, 3], "data_offsets": [0, 0]}}"#)
      ),
      ("nested", "corrupt", Self.file("{\"a\": {\"x\": " + String(repeating: "[", count: 1000))),
      ("lfs pull", "notFound", Array("version https://git-lfs.github.com/spec/v1\noid".utf8)),
    ] as [(String, String, [UInt8])] {
      let path = try folder.write("a.safetensors", bytes)
      let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: path) }
      #expect(error?.kind == kind && error?.description.contains(words) == true, "\(words): \(error as Any)")
    }
  }

  @Test func severalFiles() throws {
    func shard(_ name: String, _ value: Float) -> [UInt8] {
      Self.file("{\"\(name)\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}", bytes([value]))
    }
    let first = "m-00001-of-00002.safetensors"
    let second = "m-00002-of-00002.safetensors"
    try folder.write(first, shard("a", 1))
    try folder.write(second, shard("b", 2))
    func index(_ map: String) throws -> String {
      try folder.write(
        "m.safetensors.index.json", Array("{\"metadata\": {\"total_size\": 8}, \"weight_map\": \(map)}".utf8))
    }
    let model = try openCheckpoint(at: index("{\"a\": \"\(first)\", \"b\": \"\(second)\"}"))
    #expect(model.tensors.map(\.key) == ["a", "b"])
    #expect(try model.contents(model.tensor("b")) == bytes([Float(2)]))
    #expect(model.model.files.count == 3)
    #expect(model.model.metadata["total_size"] == .integer(8))
    #expect(try openCheckpoint(at: folder.file(first)).model.warnings.first?.contains("index.json") == true)
    for (words, kind, map) in [
      ("missing", "notFound", #"{"a": "absent.safetensors"}"#), ("beside", "corrupt", #"{"a": "../x.safetensors"}"#),
      ("not there", "corrupt", "{\"z\": \"\(first)\"}"),
      ("twice", "corrupt", "{\"a\": \"\(first)\", \"a\": \"\(second)\"}"),
      ("damaged", "corrupt", "[]"),
    ] {
      let path = try index(map)
      let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: path) }
      #expect(error?.kind == kind && error?.description.contains(words) == true, "\(words): \(error as Any)")
    }
  }

  @Test func shrinkingFilesAreTruncated() throws {
    let model = try open(Self.sound)
    _ = try folder.write("model.safetensors", Array(Self.sound.dropLast(10)))
    let tensor = try model.tensor("scalar")
    #expect(failure { () throws(CheckpointError) in try model.verify(tensor) }?.kind == "truncated")
    #expect(failure { () throws(CheckpointError) in _ = try model.contents(tensor) }?.kind == "truncated")
  }

  @Test(.timeLimit(.minutes(5))) func damagedFilesNeverCrash() throws {
    var random = SplitMix64(state: 7)
    var opened = 0
    for _ in 0..<2000 {
      var damaged = Self.sound
      Mutation.apply(to: &damaged, &random)
      guard let model = try? open(damaged) else { continue }
      opened += 1
      for tensor in model.tensors where (try? model.verify(tensor)) != nil { _ = try? model.contents(tensor) }
    }
    #expect(opened > 50)
  }
}
