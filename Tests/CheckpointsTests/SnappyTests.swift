import Testing

@testable import Checkpoints

@Suite struct SnappyTests {
  private func expand(_ input: [UInt8]) throws(Snappy.Failure) -> [UInt8] {
    try input.withBytes { (bytes) throws(Snappy.Failure) in
      let (length, start) = try Snappy.announcedLength(of: bytes)
      var output = [UInt8](repeating: 0, count: length)
      try output.withTypedMutableBytes { (buffer) throws(Snappy.Failure) in
        try Snappy.decompress(bytes, from: start, into: buffer)
      }
      return output
    }
  }

  @Test func roundTripLiterals() throws {
    for count in [0, 1, 59, 60, 61, 255, 256, 257, 5000] {
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try expand(SnappyWriter.literals(content)) == content)
    }
  }

  @Test func roundTripCopies() throws {
    for period in [1, 2, 3, 7, 64, 300] {
      let content = (0..<4000).map { UInt8(truncatingIfNeeded: ($0 % period) &* 37) }
      let compressed = SnappyWriter.compressed(content)
      #expect(compressed.count < content.count / 2)
      #expect(try expand(compressed) == content)
    }
  }

  /// Written by hand from the format's description: a copy with a four-byte distance.
  @Test func readsLongDistances() throws {
    #expect(try expand([6, 1 << 2, 0x61, 0x62, 3 | 3 << 2, 2, 0, 0, 0]) == Array("ababab".utf8))
  }

  @Test func damagedInputIsAnError() {
    let bad: [(String, [UInt8])] = [
      ("empty", []),
      ("length without end", [0xff, 0xff]),
      ("length of more than 32 bits", [0xff, 0xff, 0xff, 0xff, 0x7f, 0]),
      ("bomb", [0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
      ("literal beyond the input", [4, 3 << 2, 1, 2]),
      ("literal length beyond the input", [4, 61 << 2, 1]),
      ("literal beyond the output", [1, 1 << 2, 1, 2]),
      ("copy from before the beginning", [4, 0, 1, 1 | 0 << 2, 2]),
      ("copy of distance 0", [5, 0, 1, 1 | 0 << 2, 0]),
      ("copy beyond the output", [3, 0, 1, 1 | 0 << 2, 1]),
      ("copy without its distance", [5, 0, 1, 2 | 3 << 2, 1]),
      ("too little", [9, 0, 1]),
    ]
    for (name, input) in bad {
      #expect(throws: Snappy.Failure.self, "\(name)") { try expand(input) }
    }
  }
}

extension [UInt8] {
  mutating func withTypedMutableBytes<Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try withUnsafeMutableBufferPointer { (buffer) throws(Failure) in try body(UnsafeMutableRawBufferPointer(buffer)) }
  }
}
