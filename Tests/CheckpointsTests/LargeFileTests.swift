import Foundation
import Tensors
import Testing

@testable import Checkpoints

/// Files that are read into memory by several threads.
@Suite struct LargeFileTests {
  private func withFile(_ content: Data, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("large-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try content.write(to: URL(fileURLWithPath: path))
    try body(path)
  }

  /// Pages that begin with their number, so that a piece in a wrong place shows.
  private func pages(_ count: Int) -> Data {
    var data = Data(count: count)
    data.withUnsafeMutableBytes { bytes in
      for page in 0..<count / 4_096 {
        bytes.storeBytes(of: UInt32(page + 1), toByteOffset: 4_096 * page, as: UInt32.self)
      }
      bytes[count - 1] = 255
    }
    return data
  }

  private func equal(_ found: OwnedBytes, _ expected: Data) -> Bool { found.withBytes { Data($0) == expected } }

  @Test(arguments: [16 << 20, 16 << 20 + 1, 24 << 20, 25 << 20 + 7])
  func everyByteIsInItsPlace(count: Int) throws {
    let content = pages(count)
    try withFile(content) { path in
      let file = try RandomAccessFile.opened(path)
      #expect(equal(try file.contents(), content))
      #expect(equal(try file.bytes(at: 3, count: count - 5), content[3..<count - 2]))
    }
  }

  /// The error speaks of what was asked for, not of one thread's part.
  @Test func aFileThatShrankMeanwhile() throws {
    let count = 25 << 20
    try withFile(pages(count)) { path in
      let file = try RandomAccessFile.opened(path)
      try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 17 << 20)
      let error = #expect(throws: CheckpointError.self) { try file.contents() }
      #expect(error == .truncated(file: path, offset: 0, expected: count, found: 17 << 20))
    }
  }
}
