import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct TensorSliceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ writer: TensorSliceWriter, _ name: String = "model.ckpt") throws -> any Checkpoint {
    try openCheckpoint(at: folder.write(name, writer.file))
  }

  @Test func stateFilesNameForeignPatterns() throws {
    var first = TensorSliceWriter()
    first.add("a", .float32, [1]) { $0.data(5, bytes([Float(1)])) }
    var second = TensorSliceWriter()
    second.add("b", .float32, [1]) { $0.data(5, bytes([Float(2)])) }
    try folder.write("x-00000-of-00002", first.file)
    try folder.write("x-00001-of-00002", second.file)
    for name in ["/gone/with/the/machine/x-?????-of-00002", "x-?????-of-00002", "/gone/x-00000-of-00002"] {
      try folder.write("checkpoint", Array("model_checkpoint_path: \"\(name)\"\n".utf8))
      let model = try openCheckpoint(at: folder.path)
      #expect(model.tensors.map(\.key) == ["a", "b"], "\(name)")
      #expect(model.model.warnings.isEmpty == !name.hasPrefix("/"), "\(name)")
    }
  }

  @Test func stringsInSlicesMustBeWhole() throws {
    var writer = TensorSliceWriter()
    let halves = [BundleSlice.Extent(start: 0, length: 1), BundleSlice.Extent(start: 1, length: 2)]
    writer.tensors.append(
      TensorSliceWriter.Tensor(
        name: "words", type: .string, shape: [3],
        slices: [
          ([halves[0]], Message { $0.text(8, "one") }.bytes), ([halves[1]], Message { $0.text(8, "two") }.bytes),
        ]))
    let model = try open(writer)
    let error = failure { () throws(CheckpointError) in try model.verify(model.tensors[0]) }
    #expect(error?.description.contains("1 strings, expected 2") == true, "\(error as Any)")
  }

  private func packed(_ values: [Int]) -> [UInt8] { values.flatMap { Message.varint(UInt64(bitPattern: Int64($0))) } }

  private func sample() -> TensorSliceWriter {
    var writer = TensorSliceWriter()
    writer.add("float", .float32, [2, 2]) { $0.data(5, bytes([Float(1), -2, 3, -4])) }
    writer.add("scalar", .float64, []) { $0.data(6, littleEndian(Double(0.5).bitPattern)) }
    writer.add("small", .int8, [3]) { $0.data(7, packed([-1, 0, 127])) }
    writer.add("large", .int64, [2]) { $0.data(10, packed([.min, .max])) }
    writer.add("flags", .bool, [2]) { $0.data(11, [1, 0]) }
    writer.add("half", .float16, [2]) { $0.data(13, packed([0x3c00, 0xc000])) }
    writer.add("unpacked", .int32, [2]) {
      $0.number(7, 5)
      $0.number(7, -6)
    }
    writer.add("at once", .int16, [2]) { $0.data(4, bytes([Int16(7), -8])) }
    writer.add("complex", .complex64, [1]) { $0.data(9, bytes([Float(1), 2])) }
    writer.add("words", .string, [2]) {
      $0.text(8, "alpha")
      $0.text(8, "")
    }
    return writer
  }

  @Test(arguments: [TableWriter.Compression.none, .copies])
  func roundTrip(_ compression: TableWriter.Compression) throws {
    var writer = sample()
    writer.table.compression = compression
    let model = try open(writer)
    #expect(model.model.format == "V1 checkpoint")
    let expected: [String: [UInt8]] = [
      "float": bytes([Float(1), -2, 3, -4]), "scalar": littleEndian(Double(0.5).bitPattern),
      "small": [0xff, 0, 127], "large": bytes([Int64.min, .max]), "flags": [1, 0],
      "half": bytes([UInt16(0x3c00), 0xc000]), "unpacked": bytes([Int32(5), -6]), "at once": bytes([Int16(7), -8]),
      "complex": bytes([Float(1), 2]),
    ]
    #expect(model.tensors.count == expected.count + 1)
    for (key, value) in expected {
      let tensor = try model.tensor(key)
      #expect(try model.contents(tensor) == value, "\(key)")
      #expect(try model.contents(tensor, step: 3) == value, "\(key)")
      try model.verify(tensor)
    }
    #expect(try model.strings(model.tensor("words")) == [Array("alpha".utf8), []])
    #expect(model.verifyFiles().failures.isEmpty)
  }

  @Test func slicesInSeveralFilesArePutTogether() throws {
    let values = (0..<48).map(Float.init)
    let cut = BundleWriter.cut("grid", values, shape: [6, 8], at: [[2], [5]])
    for number in 0..<2 {
      var writer = TensorSliceWriter()
      let slices = cut.slices[number * 2..<number * 2 + 2].map { slice in
        (slice.extents, Message { $0.data(5, slice.data) }.bytes)
      }
      writer.tensors = [.init(name: "grid", type: .float32, shape: [6, 8], slices: slices)]
      writer.add("alone \(number)", .float32, [1]) { $0.data(5, bytes([Float(number)])) }
      try folder.write("x-0000\(number)-of-00002", writer.file)
    }
    for name in ["x-?????-of-00002", "x-00001-of-00002", "x"] {
      let model = try openCheckpoint(at: folder.file(name))
      #expect(model.tensors.map(\.key) == ["alone 0", "alone 1", "grid"])
      for step in [Int.max, 7] { #expect(try model.contents(model.tensor("grid"), step: step) == bytes(values)) }
      try model.verify(model.tensor("grid"))
    }
    try folder.write("checkpoint", Array("model_checkpoint_path: \"/elsewhere/x-?????-of-00002\"\n".utf8))
    #expect(try openCheckpoint(at: folder.path).tensors.count == 3)
    try folder.remove("x-00000-of-00002")
    #expect(
      failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.file("x-00001-of-00002")) } != nil)
  }

  @Test func variablesOfOldSavedModelsAreFound() throws {
    try folder.write("saved_model.pb", SavedModelWriter().bytes)
    try folder.write("variables/variables-00000-of-00001", sample().file)
    let model = try openCheckpoint(at: folder.path)
    #expect(model.model.format == "SavedModel")
    #expect(model.tensors.count == 10)
    #expect(try model.contents(model.tensor("flags")) == [1, 0])
  }

  @Test func damagedSlicesHideNothing() throws {
    func check(_ words: String, _ change: @escaping (inout TensorSliceWriter) -> Void) throws {
      var writer = sample()
      change(&writer)
      let model = try open(writer)
      let tensor = try model.tensor("float")
      let error = failure { () throws(CheckpointError) in try model.verify(tensor) }
      #expect(error?.description.contains(words) == true, "\(error as Any)")
      #expect(failure { () throws(CheckpointError) in _ = try sha256(of: tensor, in: model) } == error)
      try model.verify(model.tensor("small"))
    }
    try check("12 bytes") { $0.tensors[0].slices[0].value = Message { $0.data(5, bytes([Float(1), 2, 3])) }.bytes }
    try check("more than 4") {
      $0.tensors[0].slices[0].value = Message { $0.data(5, bytes([Float](repeating: 1, count: 5))) }.bytes
    }
    try check("0 bytes") { $0.tensors[0].slices[0].value = Message { $0.data(6, bytes([Float(1), 2, 3, 4])) }.bytes }
    try check("not in the file") { $0.alter = { $0.removeFirst() } }
    try check("can't be counted") { $0.tensors[0].shape = [1 << 40, 1 << 40] }
    try check("missing") { $0.tensors[0].slices[0].extents = [.init(start: 0, length: 1), .init()] }
    try check("4398046511104") { $0.tensors[0].shape = [1 << 40, 1] }
    try check("127 bytes") { $0.alter = { $0[0].value = [0x12, 0x7f, 1] } }
  }

  @Test func damagedListIsAnError() throws {
    for list in [
      [0x0a, 0x7f], [0x0a, 2, 0x0a, 9],
      Message { $0.message(1) { $0.message(1) { $0.message(2) { $0.number(3, 1) } } } }.bytes,
    ] as [[UInt8]] {
      let path = try folder.write("bad", TableWriter().table([([], list)]))
      #expect(failure { () throws(CheckpointError) in _ = try openCheckpoint(at: path) }?.kind == "corrupt")
    }
  }

  @Test(.timeLimit(.minutes(5))) func damagedFilesNeverMislead() throws {
    let sound = sample().file
    var originals: [String: [UInt8]] = [:]
    let model = try open(sample())
    for tensor in model.tensors where tensor.elementType != .string {
      originals[tensor.key] = try model.contents(tensor)
    }
    var random = SplitMix64(state: 4)
    for round in 0..<600 {
      var writer = sample()
      // Damage that the checksums see, and damage below them.
      var damaged = sound
      if round % 2 == 0 {
        Mutation.apply(to: &damaged, &random)
      } else {
        var generator = SplitMix64(state: UInt64(round))
        writer.alter = { entries in
          let target = Int.random(in: 0..<entries.count, using: &generator)
          Mutation.apply(to: &entries[target].value, &generator)
        }
        damaged = writer.file
      }
      let path = try folder.write("damaged", damaged)
      guard let model = try? openCheckpoint(at: path) else { continue }
      for tensor in model.tensors where tensor.byteCount < 1 << 20 {
        guard tensor.elementType != .string else {
          _ = try? model.strings(tensor)
          continue
        }
        guard (try? model.verify(tensor)) != nil, let value = try? model.contents(tensor) else { continue }
        if round % 2 == 0, let original = originals[tensor.key] { #expect(value == original, "round \(round)") }
      }
    }
  }
}
