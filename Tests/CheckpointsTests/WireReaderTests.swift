import Testing

@testable import Checkpoints

@Suite struct WireReaderTests {
  private func fields(_ input: [UInt8]) throws(WireError) -> [Int] {
    try input.withBytes { (bytes) throws(WireError) in
      var reader = WireReader(bytes)
      var numbers: [Int] = []
      while let field = try reader.next() { numbers.append(field.number) }
      return numbers
    }
  }

  @Test func roundTripFields() throws {
    let message = Message {
      $0.number(1, -1)
      $0.fixed32(2, 7)
      $0.text(3, "text")
      $0.unsigned(400, UInt64.max)
    }
    #expect(try fields(message.bytes) == [1, 2, 3, 400])
    try message.bytes.withBytes { (bytes) throws(WireError) in
      var reader = WireReader(bytes)
      #expect(try reader.next()?.int == -1)
    }
  }

  @Test func damagedMessagesAreErrors() {
    let bad: [(String, [UInt8])] = [
      ("tag without end", [0x80]),
      ("field 0", [0x00, 0x00]),
      ("group", [0x0b]),
      ("wire type 7", [0x0f]),
      ("number without end", [0x08, 0xff]),
      ("number of more than 64 bits", [0x08] + [UInt8](repeating: 0xff, count: 10)),
      ("number of eleven bytes", [0x08] + [UInt8](repeating: 0x80, count: 10) + [1]),
      ("length beyond the buffer", [0x0a, 5, 1, 2]),
      ("length of 2^64 - 1", [0x0a] + [UInt8](repeating: 0xff, count: 9) + [1]),
      ("short fixed32", [0x0d, 1, 2, 3]),
      ("short fixed64", [0x09, 1, 2, 3, 4, 5, 6, 7]),
    ]
    for (name, input) in bad { #expect(throws: WireError.self, "\(name)") { try fields(input) } }
  }

  @Test func deepNestingIsNotFollowed() throws {
    var inner: [UInt8] = []
    for _ in 0..<20_000 { inner = Message { $0.data(1, inner) }.bytes }
    #expect(try fields(inner) == [1])
    _ = try inner.withBytes { (bytes) throws(WireError) in try ObjectGraph(bytes) }
    _ = try inner.withBytes { (bytes) throws(WireError) in try MetaGraph.all(in: bytes) }
  }

  @Test func shapesAreBounded() throws {
    func shape(_ input: [UInt8]) throws(WireError) -> [Int]? {
      try input.withBytes { (bytes) throws(WireError) in try TensorShapeMessage(bytes, 0..<bytes.count).dimensions }
    }
    func message(rank: Int) -> [UInt8] {
      Message { message in for _ in 0..<rank { message.message(2) { $0.number(1, 1) } } }.bytes
    }
    #expect(try shape([]) == [])
    #expect(try shape(message(rank: 20)) == [Int](repeating: 1, count: 20))
    #expect(try shape(Message { $0.number(3, 1) }.bytes) == nil)
    #expect(throws: WireError.self) { try shape(message(rank: 255)) }
  }
}

@Suite struct OrderedCodeTests {
  private func signed(_ number: Int64) -> [UInt8] {
    var code = OrderedCode()
    code.append(signed: number)
    return code.bytes
  }

  /// Bytes that the encoding's description gives for small numbers, and keys seen in real checkpoints.
  @Test func againstTensorFlow() {
    #expect(signed(0) == [0x80])
    #expect(signed(-1) == [0x7f])
    #expect(signed(63) == [0xbf])
    #expect(signed(64) == [0xc0, 0x40])
    #expect(signed(-64) == [0x40])
    #expect(signed(-65) == [0x3f, 0xbf])
    #expect(signed(Int64.max) == [0xff, 0xc0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
    let slice = BundleSlice(extents: [.init(start: 0, length: 3), .init(start: 0, length: nil)])
    #expect(
      slice.key(of: Array("grid".utf8)) == [0x00] + Array("grid".utf8) + [
        0x00, 0x01, 0x01, 0x02, 0x80, 0x83, 0x80, 0x7f,
      ]
    )
  }

  @Test func keepsOrder() {
    let numbers: [Int64] = [.min, -1 << 40, -8193, -8192, -65, -64, -1, 0, 1, 63, 64, 8191, 8192, 1 << 40, .max]
    for (smaller, larger) in zip(numbers, numbers.dropFirst()) {
      #expect(signed(smaller).lexicographicallyPrecedes(signed(larger)), "\(smaller) \(larger)")
    }
  }

  @Test func escapesText() {
    var code = OrderedCode()
    code.append(text: [0x61, 0x00, 0xff])
    #expect(code.bytes == [0x61, 0x00, 0xff, 0xff, 0x00, 0x00, 0x01])
  }
}
