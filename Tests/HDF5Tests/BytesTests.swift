import Testing

@testable import HDF5

@Suite struct BytesTests {
  @Test func bytesAreThoseOfTheElements() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("bytes.h5"))
      let values = (0..<24).map { Float($0) }
      let dataset = try file.root.createDataset("a", shape: [2, 3, 4], .float32)
      try dataset.write(values)
      #expect(try dataset.encoding() == .floatingPoint(bytes: 4, exponentBits: 8))
      for range in [0..<24, 5..<17, 23..<24, 3..<3] {
        var bytes = [UInt8](repeating: 0xff, count: 4 * range.count)
        try bytes.withUnsafeMutableBytes { try dataset.readBytes(into: $0, at: range.lowerBound) }
        #expect(bytes == values[range].flatMap { value in withUnsafeBytes(of: value) { Array($0) } })
      }
      #expect(code { try read(3, dataset, at: 0) } == .outOfRange)
      #expect(code { try read(8, dataset, at: 23) } == .outOfRange)
      #expect(code { try read(4, dataset, at: -1) } == .outOfRange)
      let words = try file.root.createDataset("words", shape: [1], .string)
      #expect(code { try read(16, words, at: 0) } == .wrongType)
      let counter = try file.root.createDataset("n", shape: [], .uint16)
      #expect(try counter.encoding() == .integer(bytes: 2, isSigned: false))
      #expect(try file.root.isHardLink("a"))
      #expect(code { _ = try file.root.isHardLink("absent") } != nil)
    }
  }

  private func read(_ count: Int, _ dataset: borrowing HDF5Dataset, at offset: Int) throws {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try dataset.readBytes(into: $0, at: offset) }
  }
}
