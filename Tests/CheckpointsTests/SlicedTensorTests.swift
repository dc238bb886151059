import Foundation
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

  /// The file's 5 GiB are a hole: they take no room on the disk.
  @Test func offsetsBeyondFourGibibytes() throws {
    let values = bytes([Float(1), 2, 3])
    let offset = 5 << 30
    var writer = BundleWriter()
    writer.alterEntries = { entries in
      entries.append((Array("far".utf8), BundleWriter.entry(.float32, [3], 0, offset, 12, checksum(values))))
      entries.append((Array("beyond".utf8), BundleWriter.entry(.float32, [3], 0, offset + 4, 12, checksum(values))))
    }
    try folder.write(writer.files("model"))
    let data = try #require(FileHandle(forWritingAtPath: folder.file("model.data-00000-of-00001")))
    try data.truncate(atOffset: UInt64(offset))
    try data.seekToEnd()
    try data.write(contentsOf: Data(values))
    try data.close()
    let model = try openCheckpoint(at: folder.file("model"))
    let far = try model.tensor("far")
    try model.verify(far)
    #expect(try model.contents(far, step: 5) == values)
    let beyond = try model.tensor("beyond")
    #expect(
      failure { () throws(CheckpointError) in try model.verify(beyond) }
        == .truncated(
          file: folder.file("model.data-00000-of-00001"), offset: offset + 4, expected: 12, found: 8))
  }

  /// Strings in slices that lie in any order, one of them damaged.
  @Test func stringsInSlices() throws {
    let whole = BundleSlice.Extent()
    func slice(_ words: [String]) -> (entry: (Int) -> [UInt8], data: [UInt8]) {
      var one = BundleWriter()
      one.add("w", strings: words.map { Array($0.utf8) })
      let data = one.files("x")["x.data-00000-of-00001"] ?? []
      let lengths = words.flatMap { littleEndian(UInt32($0.utf8.count)) }
      let covered = lengths + littleEndian(CRC32C.mask(checksum(lengths))) + words.flatMap { Array($0.utf8) }
      return ({ BundleWriter.entry(.string, [2, words.count / 2], 0, $0, data.count, checksum(covered)) }, data)
    }
    let right = slice(["b", "cc", "", "ff"])
    let left = slice(["a", "ddd"])
    var writer = BundleWriter()
    writer.alterEntries = { entries in
      let leftSlice = BundleSlice(extents: [whole, .init(start: 0, length: 1)])
      let rightSlice = BundleSlice(extents: [whole, .init(start: 1, length: 2)])
      let key = Array("words".utf8)
      entries.append((leftSlice.key(of: key), left.entry(right.data.count)))
      entries.append((rightSlice.key(of: key), right.entry(0)))
      entries.append(
        (
          key,
          Message {
            $0.number(1, Int(ElementType.string.rawValue))
            $0.shape(2, [2, 3])
            for slice in [rightSlice, leftSlice] {
              $0.message(7) { message in
                for extent in slice.extents {
                  message.message(1) {
                    if extent.start != 0 { $0.number(1, extent.start) }
                    if let length = extent.length { $0.number(2, length) }
                  }
                }
              }
            }
          }.bytes
        ))
    }
    var files = writer.files("model")
    files["model.data-00000-of-00001"] = right.data + left.data
    try folder.write(files)
    let model = try openCheckpoint(at: folder.file("model"))
    #expect(model.tensors.map(\.key) == ["words"])
    #expect(
      try model.strings(model.tensors[0]).map { String(decoding: $0, as: UTF8.self) } == [
        "a", "b", "cc", "ddd", "", "ff",
      ])
    files["model.data-00000-of-00001"]?[right.data.count + left.data.count - 1] ^= 1
    try folder.write(files)
    let damaged = try openCheckpoint(at: folder.file("model"))
    let words = damaged.tensors[0]
    #expect(failure { () throws(CheckpointError) in try damaged.verify(words) }?.kind == "corrupt")
    #expect(failure { () throws(CheckpointError) in _ = try damaged.strings(words) }?.kind == "corrupt")
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
