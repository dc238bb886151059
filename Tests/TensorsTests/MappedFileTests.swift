import Foundation
import Testing

@testable import Tensors

#if os(Linux)
  /// Files that are read where the system keeps them.
  @Suite struct MappedFileTests {
    private static let size = 6 << 20

    private func withFile(_ body: (String) throws -> Void) throws {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("mapped-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      var content = [UInt8](repeating: 0, count: Self.size)
      for i in content.indices { content[i] = UInt8(truncatingIfNeeded: i &* 0x9e37_79b1 >> 11 | 1) }
      try Data(content).write(to: URL(fileURLWithPath: path))
      #expect(RandomAccessFile.allowMapping())
      try body(path)
    }

    private func read(_ file: RandomAccessFile, _ range: Range<Int>) throws -> [UInt8] {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 1)
      defer { buffer.deallocate() }
      try file.read(at: range.lowerBound, into: buffer)
      return Array(buffer)
    }

    private func mapped(_ file: RandomAccessFile, _ range: Range<Int>) throws -> [UInt8] {
      let start = try #require(file.mapped())
      return Array(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
    }

    @Test func everyByteIsThatOfTheFile() throws {
      try withFile { path in
        let file = try RandomAccessFile(path: path)
        for range in [0..<Self.size, 4_095..<4_098, 1..<3 << 20, Self.size - 1..<Self.size] {
          #expect(try mapped(file, range) == read(file, range))
          try file.checkMapped(range)
          // What was let go of comes back.
          for last in [false, true] {
            let end = file.letGo(range, last: last)
            #expect(range.lowerBound...range.upperBound ~= end && (!last || end == range.upperBound))
          }
          #expect(try mapped(file, range) == read(file, range))
        }
      }
    }

    /// A page that is no longer there ends a program by SIGBUS: here it is an error, and other files are as they were.
    @Test func aFileThatShrinksIsShort() throws {
      try withFile { path in
        try withFile { other in
          let file = try RandomAccessFile(path: path)
          let sound = try RandomAccessFile(path: other)
          _ = try mapped(file, 0..<10)
          _ = try mapped(sound, 0..<10)
          truncate(path, 1 << 20)
          let range = 512 << 10..<5 << 20
          let found = try mapped(file, range)
          #expect(found[(1 << 20) - range.lowerBound..<range.count].allSatisfy { $0 == 0 })
          #expect(
            throws: FileError.short(path: path, offset: range.lowerBound, expected: range.count, found: 512 << 10)
          ) {
            try file.checkMapped(range)
          }
          // What the file still has can't be told from what was lost, so it is to be read another way.
          #expect(throws: FileError.self) { try file.checkMapped(0..<10) }
          #expect(try mapped(sound, 0..<Self.size) == read(sound, 0..<Self.size))
          try sound.checkMapped(0..<Self.size)
        }
      }
    }

    /// The last page of a file reads as zeros behind its end, without a signal.
    @Test func aFileThatShrinksWithinAPageIsShort() throws {
      try withFile { path in
        let file = try RandomAccessFile(path: path)
        _ = try mapped(file, 0..<10)
        truncate(path, Self.size - 5)
        let range = Self.size - 20..<Self.size
        #expect(try mapped(file, range).suffix(5) == [0, 0, 0, 0, 0])
        #expect(throws: FileError.short(path: path, offset: range.lowerBound, expected: 20, found: 15)) {
          try file.checkMapped(range)
        }
        try file.checkMapped(0..<Self.size - 5)
      }
    }

    @Test func manyThreadsMapOneFileOnce() async throws {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("mapped-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try Data(repeating: 7, count: 1 << 20).write(to: URL(fileURLWithPath: path))
      #expect(RandomAccessFile.allowMapping())
      let file = try RandomAccessFile(path: path)
      let found = await withTaskGroup(of: UInt?.self) { group in
        for _ in 0..<16 { group.addTask { file.mapped().map { UInt(bitPattern: $0) } } }
        var found: Set<UInt?> = []
        for await address in group { found.insert(address) }
        return found
      }
      #expect(found.count == 1 && !found.contains(nil))
    }

    @Test func anEmptyFileIsNotMapped() throws {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("mapped-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try Data().write(to: URL(fileURLWithPath: path))
      #expect(RandomAccessFile.allowMapping())
      #expect(try RandomAccessFile(path: path).mapped() == nil)
    }
  }
#endif
