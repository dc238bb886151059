import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct NumPyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func array(
    _ descriptor: String, _ shape: String, _ data: [UInt8], fortran: Bool = false, version: UInt8 = 1
  ) -> [UInt8] {
    let text = Array(
      "{'descr': \(descriptor), 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n".utf8)
    let length = version == 1 ? littleEndian(UInt16(text.count)) : littleEndian(UInt32(text.count))
    return NumPyHeader.magic + [version, 0] + length + text + data
  }

  private func open(_ bytes: [UInt8], _ name: String) throws(CheckpointError) -> any Checkpoint {
    guard let path = try? folder.write(name, bytes) else { throw .notFound(file: name, reason: "not written") }
    return try openCheckpoint(at: path)
  }

  private func check(
    _ words: String, _ kind: String, _ bytes: [UInt8], name: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = failure { () throws(CheckpointError) in
      let model = try open(bytes, name)
      for tensor in model.tensors {
        try model.verify(tensor)
        _ = try model.contents(tensor)
      }
    }
    #expect(
      error?.kind == kind && error?.description.contains(words) == true, "\(words): \(error as Any)",
      sourceLocation: location)
  }

  @Test func singleArrays() throws {
    let values = bytes([Float(1), 2, 3, 4, 5, 6])
    for version in 1...3 as ClosedRange<UInt8> {
      let model = try open(Self.array("'<f4'", "(2, 3)", values, version: version), "weights.npy")
      let tensor = try model.tensor("weights")
      #expect(tensor.shape == [2, 3] && tensor.elementType == .float32)
      #expect(try model.contents(tensor) == values)
      try model.verify(tensor)
    }
    for (descriptor, type, size) in [
      ("'<f2'", .float16, 2), ("'<f8'", .float64, 8), ("'|i1'", .int8, 1), ("'|b1'", .bool, 1), ("'<u8'", .uint64, 8),
      ("'<c8'", .complex64, 8), ("'<c16'", .complex128, 16), ("\"<i2\"", .int16, 2),
    ] as [(String, ElementType, Int)] {
      let model = try open(Self.array(descriptor, "()", (0..<UInt8(size)).map { $0 }), "x")
      #expect(try model.tensor("x").elementType == type)
      #expect(try model.contents(model.tensor("x")).count == size)
    }
  }

  @Test func bytesAreReversed() throws {
    let values = bytes([Int32(1), -2, 3])
    let stored = stride(from: 0, to: 12, by: 4).flatMap { Array(values[$0..<$0 + 4].reversed()) }
    let model = try open(Self.array("'>i4'", "(3,)", stored), "a.npy")
    for step in [1, 3, 4, 5, 7, 100] { #expect(try model.contents(model.tensor("a"), step: step) == values) }
    // Each half of a complex number by itself.
    let complex = try open(Self.array("'>c8'", "(1,)", [0, 1, 2, 3, 4, 5, 6, 7]), "c.npy")
    #expect(try complex.contents(complex.tensor("c")) == [3, 2, 1, 0, 7, 6, 5, 4])
  }

  @Test func columnMajorArraysComeRowMajor() throws {
    // a[i][j][k] = 100 i + 10 j + k, the first axis fastest.
    var stored: [Int16] = []
    var expected: [Int16] = []
    for k in 0..<4 { for j in 0..<3 { for i in 0..<2 { stored.append(Int16(100 * i + 10 * j + k)) } } }
    for i in 0..<2 { for j in 0..<3 { for k in 0..<4 { expected.append(Int16(100 * i + 10 * j + k)) } } }
    for deflated in [false, true] {
      var zip = ZipWriter()
      zip.add("a.npy", Self.array("'<i2'", "(2, 3, 4)", bytes(stored), fortran: true), deflated: deflated)
      zip.add(
        "big.npy", Self.array("'>i2'", "(2, 3, 4)", bytes(stored.map(\.byteSwapped)), fortran: true), deflated: deflated
      )
      let model = try open(zip.bytes, "x.npz")
      for key in ["a", "big"] {
        let tensor = try model.tensor(key)
        #expect(try model.contents(tensor) == bytes(expected))
        #expect(try model.contents(tensor, step: 5) == bytes(expected))
      }
    }
    let flat = try open(Self.array("'<i2'", "(1, 3, 1)", bytes([Int16(1), 2, 3]), fortran: true), "flat.npy")
    #expect(try flat.contents(flat.tensor("flat")) == bytes([Int16(1), 2, 3]))
  }

  static func archive(deflated: Bool, is64Bit: Bool = false) -> ZipWriter {
    var zip = ZipWriter()
    zip.is64Bit = is64Bit
    zip.add(
      "dense/kernel.npy", array("'<f4'", "(100, 50)", bytes((0..<5000).map(Float.init))), deflated: deflated,
      is64Bit: is64Bit)
    zip.add("dense/bias.npy", array("'<f8'", "(2,)", bytes([UInt64(7), 8])), deflated: deflated, is64Bit: is64Bit)
    return zip
  }

  @Test(arguments: [false, true], [false, true]) func archives(deflated: Bool, is64Bit: Bool) throws {
    var zip = Self.archive(deflated: deflated, is64Bit: is64Bit)
    zip.add("notes.txt", [1, 2, 3])
    zip.comment = Array("PK\u{5}\u{6} is not the end".utf8)
    let model = try open(zip.bytes, "model.npz")
    #expect(model.tensors.map(\.key) == ["dense/bias", "dense/kernel"])
    #expect(model.model.warnings.first?.contains("notes.txt") == true)
    let kernel = try model.tensor("dense/kernel")
    #expect(try model.contents(kernel, step: 999) == bytes((0..<5000).map(Float.init)))
    #expect(try model.contents(model.tensor("dense/bias")) == bytes([UInt64(7), 8]))
    try model.verify(kernel)
    #expect(try sha256(of: kernel, in: model).count == 64)
  }

  @Test func unreadableArraysAreListed() throws {
    var zip = Self.archive(deflated: false)
    zip.add("o.npy", Self.array("'|O'", "(1,)", [0x80, 4]))
    zip.add("t.npy", Self.array("'<U3'", "(1,)", .init(repeating: 0, count: 12)))
    zip.add("r.npy", Self.array("[('a', '<f4'), ('b', '<i4')]", "(1,)", .init(repeating: 0, count: 8)))
    let model = try open(zip.bytes, "m.npz")
    for (key, words) in [("o", "run code"), ("t", "texts"), ("r", "('a', '<f4')")] {
      let tensor = try model.tensor(key)
      #expect(tensor.unreadable?.contains(words) == true)
      #expect(failure { () throws(CheckpointError) in _ = try model.contents(tensor) }?.kind == "unsupported")
    }
    try model.verify(model.tensor("dense/bias"))
  }

  @Test func damagedArraysAreErrors() {
    let data = [UInt8](repeating: 0, count: 8)
    check("truncated", "truncated", [], name: "a.npy")
    check("another beginning", "corrupt", Array("something else".utf8), name: "a.npy")
    check("truncated", "truncated", Array(Self.array("'<f4'", "(2,)", data).dropLast()), name: "a.npy")
    check("truncated", "truncated", Array(Self.array("'<f4'", "(2,)", data).prefix(30)), name: "a.npy")
    check("follow array", "corrupt", Self.array("'<f4'", "(1,)", data), name: "a.npy")
    check("counted", "corrupt", Self.array("'<f4'", "(9223372036854775807, 2)", data), name: "a.npy")
    check("truncated", "truncated", Self.array("'<f8'", "(9223372036854775807,)", data), name: "a.npy")
    check("expected a length", "corrupt", Self.array("'<f4'", "(-1,)", data), name: "a.npy")
    check("expected '('", "corrupt", Self.array("'<f4'", "2", data), name: "a.npy")
    check("not known", "corrupt", Self.array("'<f4', 'evil': 1", "(2,)", data), name: "a.npy")
    check("twice", "corrupt", Self.array("'<f4', 'descr': '<f8'", "(2,)", data), name: "a.npy")
    check("version 9", "unsupported", NumPyHeader.magic + [9, 0] + data, name: "a.npy")
    check("at most", "corrupt", NumPyHeader.magic + [2, 0, 0xff, 0xff, 0xff, 0xff] + data, name: "a.npy")
  }

  @Test func damagedArchivesAreErrors() {
    func alter(_ words: String, _ kind: String, deflated: Bool = false, _ change: @escaping (inout [UInt8]) -> Void) {
      var zip = Self.archive(deflated: deflated)
      zip.members[1].alterEntry = change
      check(words, kind, zip.bytes, name: "a.npz")
    }
    func put(_ bytes: [UInt8], at place: Int) -> (inout [UInt8]) -> Void {
      { entry in entry.replaceSubrange(place..<place + bytes.count, with: bytes) }
    }
    let sound = Self.archive(deflated: false).bytes
    check("cut", "corrupt", Array(sound.dropLast(30)), name: "a.npz")
    check("truncated", "truncated", Array(sound.prefix(10)), name: "a.npz")
    check("expected it to end", "corrupt", [1] + sound, name: "a.npz")
    alter("encrypted", "unsupported", put([1], at: 8))
    alter("method 12", "unsupported", put([12], at: 10))
    alter("CRC-32", "corrupt", put([9, 9, 9, 9], at: 16))
    alter("is stored in", "corrupt", put([1], at: 24))
    alter("outside", "corrupt", put([0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0], at: 20))
    alter("expected a place before", "corrupt", put([0xff, 0xff, 0xff], at: 42))
    alter("expected the header", "corrupt", put([5, 0, 0, 0], at: 42))
    alter("more than deflate", "corrupt", deflated: true, put([0xff, 0xff, 0xff, 0x7f], at: 24))
    alter("come out", "corrupt", deflated: true) { $0[24] += 1 }
    alter("more bytes come out", "corrupt", deflated: true) { $0[24] -= 1 }
    alter("damaged or cut", "corrupt", deflated: true) { $0[20] -= 1 }
    var twice = Self.archive(deflated: false)
    twice.add("dense/bias.npy", Self.array("'<f4'", "()", bytes([Float(1)])))
    check("two members", "corrupt", twice.bytes, name: "a.npz")
    var wide = Self.archive(deflated: false, is64Bit: true).bytes
    wide.replaceSubrange(wide.count - 22 - 12..<wide.count - 22 - 4, with: [UInt8](repeating: 0xff, count: 8))
    check("64-bit directory", "corrupt", wide, name: "a.npz")
  }

  @Test func bytesOutOfPlaceAreSeen() throws {
    for deflated in [false, true] {
      let sound = Self.archive(deflated: deflated).bytes
      var damaged = sound
      damaged[2000] ^= 4
      let model = try open(damaged, "a.npz")
      let kernel = try model.tensor("dense/kernel")
      #expect(failure { () throws(CheckpointError) in try model.verify(kernel) }?.kind == "corrupt")
      #expect(failure { () throws(CheckpointError) in _ = try sha256(of: kernel, in: model) }?.kind == "corrupt")
      try model.verify(model.tensor("dense/bias"))
    }
  }

  @Test(.timeLimit(.minutes(5)), arguments: [false, true]) func damagedFilesNeverMislead(deflated: Bool) throws {
    let sound = Self.archive(deflated: deflated).bytes
    var originals: [String: [UInt8]] = [:]
    let model = try open(sound, "a.npz")
    for tensor in model.tensors { originals[tensor.key] = try model.contents(tensor) }
    var random = SplitMix64(state: deflated ? 8 : 9)
    var readable = 0
    for round in 0..<1500 {
      var damaged = sound
      Mutation.apply(to: &damaged, &random)
      guard let model = try? open(damaged, "a.npz") else { continue }
      for tensor in model.tensors where (try? model.verify(tensor)) != nil {
        guard let value = try? model.contents(tensor), let original = originals[tensor.key] else { continue }
        readable += 1
        #expect(value == original, "round \(round)")
      }
    }
    #expect(readable > 100)
  }
}
