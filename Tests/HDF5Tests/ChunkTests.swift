import Testing

@testable import HDF5

@Suite struct ChunkTests {
  /// Boxes are runs that cover each element once, in order, and each begins at its corner.
  @Test(arguments: [
    [], [0, 3], [5], [300_000], [3, 1_000_000], [100, 30, 1_000], [2, 3, 600_000], [7, 524_289], [1, 1, 9],
  ])
  func boxesAreRunsInOrder(shape: [Int]) {
    let chunks = RowMajorChunks(of: shape, byteWidth: 4)
    var next = 0
    for index in 0..<chunks.count {
      let run = chunks.elements(index)
      #expect(run.lowerBound == next && !run.isEmpty && run.count <= chunks.chunkCount)
      let place = zip(chunks.corner(index), shape).reduce(0) { $0 * $1.1 + $1.0 }
      #expect(place == run.lowerBound)
      next = run.upperBound
    }
    #expect(next == shape.reduce(1, *))
  }
}
