import Foundation
import Testing

@testable import Tensors

@Suite struct RandomAccessFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func failure(_ path: String) -> FileError? {
    do {
      _ = try RandomAccessFile(path: path)
      return nil
    } catch { return error }
  }

  private func read(_ file: RandomAccessFile, _ offset: Int, _ count: Int) throws(FileError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    try file.read(at: offset, into: buffer)
    return Array(buffer)
  }

  @Test func readsByPosition() throws {
    try withFolder { folder in
      let path = folder + "/numbers"
      try Data(0..<200).write(to: URL(fileURLWithPath: path))
      let file = try RandomAccessFile(path: path)
      #expect(file.size == 200)
      #expect(try read(file, 0, 3) == [0, 1, 2])
      #expect(try read(file, 190, 10) == Array(190..<200))
      #expect(try read(file, 500, 0) == [])
    }
  }

  @Test func damagedRangesAreShort() throws {
    try withFolder { folder in
      let path = folder + "/numbers"
      try Data(0..<200).write(to: URL(fileURLWithPath: path))
      let file = try RandomAccessFile(path: path)
      #expect(throws: FileError.short(path: path, offset: 195, expected: 10, found: 5)) { try read(file, 195, 10) }
      #expect(throws: FileError.short(path: path, offset: -1, expected: 1, found: 0)) { try read(file, -1, 1) }
      #expect(throws: FileError.short(path: path, offset: Int.max, expected: 1, found: 0)) {
        try read(file, Int.max, 1)
      }
    }
  }

  @Test func fileThatShrinksIsShort() throws {
    try withFolder { folder in
      let path = folder + "/numbers"
      try Data(0..<200).write(to: URL(fileURLWithPath: path))
      let file = try RandomAccessFile(path: path)
      truncate(path, 100)
      #expect(throws: FileError.short(path: path, offset: 90, expected: 20, found: 10)) { try read(file, 90, 20) }
    }
  }

  @Test func tellsWhatIsInTheWay() throws {
    try withFolder { folder in
      #expect(failure(folder) == .isDirectory(path: folder))
      #expect(failure(folder + "/absent") == .notFound(path: folder + "/absent"))
      #expect(failure("") == .notFound(path: ""))
      try Data([1]).write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(failure(folder + "/file/inside") == .notFound(path: folder + "/file/inside"))
      #expect(failure(folder + "/file\0.txt") == .notFound(path: folder + "/file\0.txt"))
    }
  }

  @Test(.timeLimit(.minutes(30))) func pipeIsNotWaitedFor() throws {
    try withFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(failure(path) == .notRegular(path: path, kind: "a pipe"))
    }
  }

  @Test(.enabled(if: getuid() != 0)) func permissionIsNamed() throws {
    try withFolder { folder in
      let path = folder + "/secret"
      try Data([1]).write(to: URL(fileURLWithPath: path))
      chmod(path, 0)
      #expect(failure(path) == .noPermission(path: path, operation: "open"))
    }
  }
}
