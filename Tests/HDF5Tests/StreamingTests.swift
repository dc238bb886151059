import Foundation
import Testing

@testable import HDF5

/// Runs of elements, cut into boxes.
@Suite struct StreamingTests {
  /// The linear indices that boxes cover, in order: what a run must be, by the definition of row-major order.
  private func indices(_ slabs: [Slab], _ shape: [Int]) -> [Int] {
    slabs.flatMap { slab in
      (0..<slab.count).map { element in
        var (rest, index, stride, inner) = (element, 0, 1, shape.count - 1)
        while inner >= 0 {
          index += (slab.start[inner] + rest % slab.lengths[inner]) * stride
          rest /= slab.lengths[inner]
          stride *= shape[inner]
          inner -= 1
        }
        return index
      }
    }
  }

  @Test(arguments: shapes.filter { !$0.isEmpty && !$0.contains(0) })
  func everyRunIsCovered(_ shape: [Int]) {
    for start in 0..<product(shape) {
      for end in start...product(shape) {
        let slabs = Slab.covering(start..<end, of: shape)
        #expect(indices(slabs, shape) == Array(start..<end))
        #expect(slabs.count <= 2 * shape.count - 1)
      }
    }
  }

  @Test(
    arguments: [1, 2, 3, 5, 7, 100, 419], [HDF5Layout.contiguous, .chunked(shape: [2, 3, 4]), .chunked(deflate: 1)])
  func oddPiecesEqualAWholeWrite(_ piece: Int, _ layout: HDF5Layout) throws {
    let shape = [7, 6, 10]
    let values = (0..<product(shape)).map { Float($0) }
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset("x", shape: shape, .float32, layout: layout)
      for start in stride(from: 0, to: values.count, by: piece) {
        try dataset.write(values.span.extracting(start..<min(start + piece, values.count)), at: start)
      }
      try dataset.close()
      let copy = try file.root.dataset("x")
      #expect(try copy.read(Float.self) == values)

      var read: [Float] = []
      for start in stride(from: 0, to: values.count, by: piece) {
        read += try copy.read(Float.self, at: start, count: min(piece, values.count - start))
      }
      #expect(read == values)
    }
  }

  @Test func contiguousPiecesGiveTheBytesOfAWholeWrite() throws {
    let values = (0..<1000).map { Double($0) }
    try withFolder { path in
      for (name, piece) in [("whole.h5", 1000), ("pieces.h5", 37)] {
        let file = try HDF5File(creating: path(name))
        let dataset = try file.root.createDataset("x", shape: [10, 100], .float64)
        for start in stride(from: 0, to: 1000, by: piece) {
          try dataset.write(Array(values[start..<min(1000, start + piece)]), at: start)
        }
        try dataset.close()
        try file.close()
      }
      let files = try ["whole.h5", "pieces.h5"].map { try Data(contentsOf: URL(fileURLWithPath: path($0))) }
      #expect(files[0] == files[1])
    }
  }

  @Test func stringsStreamToo() throws {
    let texts = (0..<25).map { "ß\($0)" }
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      for datatype in [HDF5Datatype.string, .fixedString(fitting: texts)] {
        let dataset = try file.root.createDataset("\(datatype)", shape: [5, 5], datatype)
        for start in stride(from: 0, to: 25, by: 4) {
          try dataset.write(Array(texts[start..<min(25, start + 4)]), at: start)
        }
        #expect(try dataset.readStrings() == texts)
        #expect(try dataset.readStrings(at: 3, count: 19) == Array(texts[3..<22]))
      }
    }
  }

  @Test func readingIntoASpan() throws {
    try withFolder { path in
      let dataset = try HDF5File(creating: path("a.h5")).root.createDataset("x", shape: [3, 3], .int32)
      try dataset.write((0..<9).map { Int32($0) })
      var values = [Int32](repeating: -1, count: 5)
      var span = values.mutableSpan
      try dataset.read(into: &span, at: 2)
      #expect(values == [2, 3, 4, 5, 6])
    }
  }

  @Test func runsThatLeaveTheDatasetAreRefused() throws {
    try withFolder { path in
      let dataset = try HDF5File(creating: path("a.h5")).root.createDataset("x", shape: [2, 2], .int8)
      #expect(code { try dataset.write([1, 2] as [Int8], at: 3) } == .outOfRange)
      #expect(code { try dataset.write([1] as [Int8], at: -1) } == .outOfRange)
      #expect(code { _ = try dataset.read(Int8.self, at: 5) } == .outOfRange)
      #expect(code { _ = try dataset.read(Int8.self, at: 1, count: 4) } == .outOfRange)
      #expect(code { _ = try dataset.read(Int8.self, at: Int.max, count: 1) } == .outOfRange)
      #expect(code { _ = try dataset.read(Int8.self, count: -1) } == .outOfRange)
      try dataset.write([Int8](), at: 4)
    }
  }

  @Test func defaultChunksSuitRowMajorStreams() {
    #expect(HDF5Layout.rowMajorChunk(of: [10], byteWidth: 4) == [10])
    #expect(HDF5Layout.rowMajorChunk(of: [1000, 1024], byteWidth: 4) == [256, 1024])
    #expect(HDF5Layout.rowMajorChunk(of: [3, 1_000_000], byteWidth: 4) == [1, 262_144])
    #expect(HDF5Layout.rowMajorChunk(of: [5, 2, 3], byteWidth: 1 << 21) == [1, 1, 1])
  }
}
