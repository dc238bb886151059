import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct TensorBundleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ writer: BundleWriter) throws -> any Checkpoint {
    try folder.write(writer.files("model"))
    return try openCheckpoint(at: folder.file("model"))
  }

  private let values = (0..<600).map { Float($0) * 0.25 - 7 }

  @Test func roundTripOfEveryElementType() throws {
    var writer = BundleWriter()
    for type in ElementType.allCases where type.byteWidth != nil {
      let data = (0..<6 * (type.byteWidth ?? 0)).map { UInt8(truncatingIfNeeded: $0 &* 41) }
      writer.tensors.append(.init(key: type.name, type: type, shape: [2, 3], data: data))
    }
    let model = try open(writer)
    #expect(model.tensors.count == writer.tensors.count)
    for expected in writer.tensors {
      let tensor = try model.tensor(expected.key)
      #expect(tensor.elementType == expected.type)
      #expect(tensor.shape == [2, 3])
      #expect(tensor.checksum == checksum(expected.data))
      #expect(try model.contents(tensor) == expected.data)
      #expect(try model.contents(tensor, step: 5) == expected.data)
      try model.verify(tensor)
    }
    #expect(model.tensors.map(\.key) == model.tensors.map(\.key).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(model.tensors.map(\.index) == Array(0..<model.tensors.count))
    #expect(model.verifyFiles().failures.isEmpty)
  }

  @Test(arguments: [TableWriter.Compression.none, .literal, .copies])
  func roundTripOfManyTensors(_ compression: TableWriter.Compression) throws {
    var writer = BundleWriter(shardCount: 3, padding: 5)
    writer.table.compression = compression
    for number in 0..<50 {
      writer.add("layer-\(number)/kernel", Array(values[number..<number + 10]), shard: number % 3)
    }
    let model = try open(writer)
    #expect(model.tensors.count == 50)
    for number in 0..<50 {
      #expect(try model.contents(model.tensor("layer-\(number)/kernel")) == bytes(Array(values[number..<number + 10])))
    }
    #expect(model.model.files.count == 4)
  }

  @Test func roundTripOfStrings() throws {
    let strings: [[UInt8]] = [[], [0], Array("text".utf8), [UInt8](repeating: 7, count: 300_000), [0xff, 0x00]]
    for isBigEndian in [false, true] {
      var writer = BundleWriter(isBigEndian: isBigEndian)
      writer.add("strings", strings: strings)
      writer.add("none", strings: [], shape: [0])
      writer.add("many", strings: (0..<1000).map { Array("\($0)".utf8) })
      let model = try open(writer)
      #expect(try model.strings(model.tensor("strings")) == strings)
      #expect(try model.strings(model.tensor("none")) == [])
      #expect(try model.strings(model.tensor("many")).count == 1000)
      for tensor in model.tensors {
        try model.verify(tensor)
        #expect(tensor.checksum == nil)
      }
    }
  }

  @Test func bigEndianIsReversed() throws {
    var writer = BundleWriter(isBigEndian: true)
    writer.add("weights", values)
    writer.tensors.append(
      .init(key: "complex", type: .complex64, shape: [1], data: [0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]))
    writer.tensors.append(.init(key: "bytes", type: .int8, shape: [3], data: [1, 2, 3]))
    let model = try open(writer)
    let weights = try model.tensor("weights")
    #expect(weights.checksum == nil)
    #expect(try model.contents(weights) == bytes(values))
    for step in [1, 3, 7, 64, 999] { #expect(try model.contents(weights, step: step) == bytes(values)) }
    #expect(try model.contents(model.tensor("complex")) == bytes([Float(1), 2]))
    #expect(try model.tensor("bytes").checksum != nil)
    for tensor in model.tensors { try model.verify(tensor) }
  }

  @Test func emptyTensorsNeedNoFile() throws {
    var writer = BundleWriter()
    writer.add("empty", [], shape: [0, 3])
    writer.add("scalar", [2], shape: [])
    let model = try open(writer)
    try folder.remove("model.data-00000-of-00001")
    let empty = try model.tensor("empty")
    #expect(empty.count == 0)
    #expect(try model.contents(empty) == [])
    try model.verify(empty)
    #expect(try sha256(of: empty, in: model) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func digestsAgainstKnownValues() throws {
    var writer = BundleWriter()
    writer.tensors.append(.init(key: "abc", type: .uint8, shape: [3], data: Array("abc".utf8)))
    writer.add("text", strings: [Array("abc".utf8)])
    let model = try open(writer)
    #expect(
      try sha256(of: model.tensor("abc"), in: model)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // Of 03 00 00 00 00 00 00 00 61 62 63.
    #expect(
      try sha256(of: model.tensor("text"), in: model)
        == "ce91dc5eec0139adf091900d225971d6ad246a845bad791b5693a9d0d55dd391")
  }

  @Test func namesComeFromTheObjectGraph() throws {
    var writer = BundleWriter()
    writer.add("kernel/.ATTRIBUTES/VARIABLE_VALUE", [1, 2])
    writer.add("odd..name/.ATTRIBUTES/VARIABLE_VALUE", [1, 2])
    writer.addObjectGraph(ObjectGraphWriter.variables([("kernel", "dense/kernel:0")]).bytes)
    let model = try open(writer)
    let kernel = try model.tensor("kernel/.ATTRIBUTES/VARIABLE_VALUE")
    #expect(kernel.fullName == "dense/kernel")
    #expect(kernel.objectPath == "kernel")
    let odd = try model.tensor("odd..name/.ATTRIBUTES/VARIABLE_VALUE")
    #expect(odd.fullName == nil)
    #expect(odd.objectPath == "odd.name")
    #expect(model.model.structure["objects"] == .integer(2))
  }

  @Test func keysThatAreNoTextArePercentEncoded() throws {
    var writer = BundleWriter()
    writer.add("plain%41", [1])
    writer.alterEntries = { $0[0].key = [0x61, 0xff, 0x25] }
    #expect(try open(writer).tensors[0].key == "a%FF%25")
    writer.alterEntries = { _ in }
    #expect(try open(writer).tensors[0].key == "plain%41")
  }

  @Test func opaqueTypesAreListedAndSaidSo() throws {
    var writer = BundleWriter()
    writer.tensors.append(.init(key: "variant", type: .variant, shape: [], data: [0, 0, 0, 0, 0]))
    writer.add("weights", [1, 2])
    writer.alterEntries = {
      $0.append((Array("newer".utf8), BundleWriter.entry(typeNumber: 77, [4], 0, 0, 8, 0)))
    }
    let model = try open(writer)
    for (key, type) in [("variant", ElementType.variant), ("newer", .unknown)] {
      let tensor = try model.tensor(key)
      #expect(tensor.elementType == type)
      #expect(tensor.unreadable?.hasSuffix(".") == true)
      #expect(failure { () throws(CheckpointError) in _ = try model.contents(tensor) }?.kind == "unsupported")
    }
    try model.verify(model.tensor("weights"))
  }

  /// Each object is its length, its bytes and the checksum of all so far, lengths counted as eight bytes.
  @Test func objectsOfVariantsAreVerified() throws {
    var data: [UInt8] = []
    var covered: [UInt8] = []
    var places: [Int] = []
    for object in [Array("first".utf8), [UInt8](repeating: 7, count: 300), []] {
      data += Message.varint(UInt64(object.count)) + object
      covered += withUnsafeBytes(of: UInt64(object.count).littleEndian, Array.init) + object
      places.append(data.count)
      let stored = littleEndian(CRC32C.mask(checksum(covered)))
      data += stored
      covered += stored
    }
    func model(_ data: [UInt8], _ sum: UInt32) throws -> any Checkpoint {
      var writer = BundleWriter()
      writer.add("weights", [1, 2])
      writer.tensors.append(.init(key: "variant", type: .variant, shape: [3], data: data))
      writer.alterEntries = {
        for index in $0.indices where $0[index].key == Array("variant".utf8) {
          $0[index].value = BundleWriter.entry(.variant, [3], 0, 8, data.count, sum)
        }
      }
      return try open(writer)
    }
    func check(_ data: [UInt8], _ sum: UInt32) throws -> CheckpointError? {
      let model = try model(data, sum)
      let tensor = try model.tensor("variant")
      return failure { () throws(CheckpointError) in try model.verify(tensor) }
    }
    let sum = checksum(covered)
    #expect(try check(data, sum) == nil)
    #expect(try check(data, sum ^ 1)?.description.contains("checksum of the") == true)
    for place in places {
      var damaged = data
      damaged[place] ^= 1
      #expect(try check(damaged, sum) != nil)
    }
    var longer = data
    longer[0] = 0x7f
    #expect(try check(longer, sum)?.kind == "corrupt")
    let shorter = Array(data.dropLast(3))
    #expect(try check(shorter, sum) != nil)
  }

  @Test func versionsAreChecked() throws {
    var writer = BundleWriter()
    writer.add("weights", [1])
    for header in [
      BundleWriter.header(shards: 1, minimumConsumer: 2), BundleWriter.header(shards: 1, producer: 3, bad: [1]),
    ] {
      writer.header = header
      #expect(failure(writer)?.kind == "unsupported")
    }
    writer.header = BundleWriter.header(shards: 1, producer: 9)
    #expect(failure(writer) == nil)
  }

  private func failure(_ writer: BundleWriter) -> CheckpointError? {
    do {
      _ = try open(writer)
      return nil
    } catch { return error as? CheckpointError }
  }

  private func failure(_ body: () throws(CheckpointError) -> Void) -> CheckpointError? {
    do {
      try body()
      return nil
    } catch { return error }
  }
}
