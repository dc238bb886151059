import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct SlicedTensorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ writer: BundleWriter) throws -> any Checkpoint {
    try folder.write(writer.files("model"))
    return try openCheckpoint(at: folder.file("model"))
  }

  @Test func roundTripInAnyDirection() throws {
    let cases: [(shape: [Int], cuts: [[Int]])] = [
      ([11], [[4, 9]]), ([6, 8], [[2, 3], []]), ([6, 8], [[], [1, 5]]), ([6, 8], [[3], [4]]),
      ([4, 3, 5], [[1], [], [2]]), ([4, 3, 5], [[], [1, 2], []]), ([2, 1, 3], [[1], [], []]),
    ]
    for isBigEndian in [false, true] {
      var writer = BundleWriter(isBigEndian: isBigEndian, padding: 3)
      for (number, test) in cases.enumerated() {
        let values = (0..<test.shape.reduce(1, *)).map { Float($0 + number) }
        writer.tensors.append(
          BundleWriter.cut("tensor \(number)", values, shape: test.shape, at: test.cuts, isBigEndian: isBigEndian))
      }
      writer.add("whole", [1, 2])
      let model = try open(writer)
      #expect(model.tensors.count == cases.count + 1)
      for (number, test) in cases.enumerated() {
        let tensor = try model.tensor("tensor \(number)")
        let expected = bytes((0..<test.shape.reduce(1, *)).map { Float($0 + number) })
        #expect(tensor.shape == test.shape)
        #expect(tensor.byteCount == expected.count)
        #expect(tensor.checksum == nil)
        #expect(try model.contents(tensor) == expected)
        for step in [1, 4, 7, 13] { #expect(try model.contents(tensor, step: step) == expected) }
        try model.verify(tensor)
      }
    }
  }

  @Test func holesAndOverlapsHideNoOtherTensor() throws {
    let values = (0..<48).map(Float.init)
    func check(_ words: String, _ change: (inout BundleWriter.Tensor) -> Void) throws {
      var writer = BundleWriter()
      var tensor = BundleWriter.cut("grid", values, shape: [6, 8], at: [[2, 4], []])
      change(&tensor)
      writer.tensors.append(tensor)
      writer.add("whole", [1, 2])
      let model = try open(writer)
      let grid = try model.tensor("grid")
      #expect(grid.shape == [6, 8])
      let error = failure { () throws(CheckpointError) in _ = try model.contents(grid) }
      #expect(error?.kind == "corrupt" && error?.description.contains(words) == true, "\(words): \(error as Any)")
      #expect(failure { () throws(CheckpointError) in try model.verify(grid) } == error)
      try model.verify(model.tensor("whole"))
    }
    try check("missing") { $0.slices.remove(at: 1) }
    try check("overlap") { $0.slices[1].extents[0].start = 1 }
    try check("of 6") { $0.slices[1].extents[0].start = 5 }
    try check("of 6") { $0.slices[1].extents[0].start = -1 }
    try check("of 6") { $0.slices[1].extents[0].length = -3 }
    try check("of 6") {
      $0.slices[1].extents[0].start = Int.max
      $0.slices[1].extents[0].length = Int.max
    }
    try check("axes") { $0.slices[1].extents.append(.init()) }
    try check("stored as") { $0.slices[1].shape = [8, 2] }
  }

  @Test func sliceThatIsNotInTheIndexIsAnError() throws {
    var writer = BundleWriter()
    writer.tensors.append(BundleWriter.cut("grid", (0..<48).map(Float.init), shape: [6, 8], at: [[2, 4], []]))
    writer.alterEntries = { entries in entries.remove(at: 1) }
    let model = try open(writer)
    let grid = try model.tensor("grid")
    let error = failure { () throws(CheckpointError) in try model.verify(grid) }
    #expect(error?.description.contains("slice 2 of 3") == true)
  }

  @Test func flippedByteOfASliceIsFound() throws {
    var writer = BundleWriter()
    writer.tensors.append(BundleWriter.cut("grid", (0..<48).map(Float.init), shape: [6, 8], at: [[], [3]]))
    var files = writer.files("model")
    files["model.data-00000-of-00001"]?[100] ^= 4
    try folder.write(files)
    let model = try openCheckpoint(at: folder.file("model"))
    let grid = try model.tensor("grid")
    #expect(failure { () throws(CheckpointError) in try model.verify(grid) }?.kind == "corrupt")
    #expect(failure { () throws(CheckpointError) in _ = try sha256(of: grid, in: model) }?.kind == "corrupt")
  }
}
