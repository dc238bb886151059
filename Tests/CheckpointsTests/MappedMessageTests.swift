import Foundation
import Synchronization
import Tensors
import Testing

@testable import Checkpoints

/// A graph whose operations' names lie in the bytes, and what is kept of them.
@Suite struct GraphOperationsTests {
  private static let operations = (0..<60_000).map { ["Const", "MatMul", "Relu", "Placeholder"][$0 % 7 % 4] }

  private static func expected(_ operations: [String]) -> [String: Int] {
    Dictionary(operations.map { ($0, 1) }, uniquingKeysWith: +)
  }

  private func structure(_ bytes: [UInt8]) throws -> [String: JSONValue] {
    try bytes.withUnsafeBytes { bytes in try MetaGraph.all(in: bytes)[0].structure(bytes) }
  }

  /// More than a MiB, so that both passes run side by side.
  @Test func manyNodesAreCountedAgainstExact() throws {
    let bytes = SavedModelWriter(graphs: [.init(operations: Self.operations)]).bytes
    #expect(bytes.count > 1 << 20)
    var counts = Self.expected(Self.operations)
    counts["MatMul", default: 0] += 2
    counts["Relu", default: 0] += 1
    let found = try structure(bytes)
    #expect(found["nodes"] == .integer(60_000) && found["functions"] == .integer(2))
    #expect(found["operations"] == .object(counts.mapValues { .integer($0) }))
    // A damaged node is found by either pass, and named by the first.
    let name = try #require(bytes.ranges(of: Array("Placeholder".utf8)).last)
    var damaged = bytes
    damaged[name.lowerBound - 1] = 0xff
    #expect(throws: WireError.self) { try structure(damaged) }
  }

  @Test func countsOutliveTheBytes() throws {
    var message = Message { graph in
      for name in ["Const", "Const", "MatMul"] { graph.message(1) { $0.text(2, name) } }
    }.bytes
    var counts = OperationCount()
    try message.withUnsafeMutableBytes { bytes in
      try counts.countGraph(UnsafeRawBufferPointer(bytes), 0..<bytes.count)
      for index in bytes.indices { bytes[index] = 0xff }
    }
    #expect(counts.operations == ["Const": 2, "MatMul": 1])
  }
}

#if os(Linux)
  /// Messages that are parsed where the system keeps their file.
  @Suite struct MappedMessageTests {
    private let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      #expect(RandomAccessFile.allowMapping())
    }

    private final class Writer: Sendable {
      let isOver = Atomic(false)
      let writes = Atomic(0)
    }

    private static func content(_ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 0x9e37_79b1 >> 11) }
    }

    @Test(arguments: [1, 4_095, 4_096, 300_001])
    func theFileIsLentWhole(count: Int) throws {
      let path = try folder.write("file", Self.content(count))
      let file = try RandomAccessFile.opened(path)
      #expect(file.mapped() != nil)
      for _ in 0..<2 { #expect(try file.withContents { Array($0) } == Self.content(count)) }
    }

    @Test func anEmptyFileIsLentToo() throws {
      let file = try RandomAccessFile.opened(try folder.write("file", []))
      #expect(try file.withContents { $0.count } == 0)
    }

    /// Whatever was made of a file that is no longer there, and whatever was said of it, it is short.
    @Test func aFileThatShrinksIsTruncated() throws {
      for fails in [false, true] {
        let path = try folder.write("file", Self.content(1 << 20))
        let file = try RandomAccessFile.opened(path)
        let error = #expect(throws: CheckpointError.self) {
          try file.withContents { (bytes) throws(CheckpointError) in
            truncate(path, 5_000)
            // Zeros, not a signal.
            if bytes[500_000] == 0, fails { throw .corrupt(file: path, offset: 500_000, reason: "a zero") }
          }
        }
        #expect(error == .truncated(file: path, offset: 0, expected: 1 << 20, found: 5_000))
      }
    }

    @Test func whatIsWrongWithTheBytesIsSaid() throws {
      let path = try folder.write("file", Self.content(100))
      let file = try RandomAccessFile.opened(path)
      let wrong = CheckpointError.corrupt(file: path, offset: 3, reason: "wrong")
      #expect(throws: wrong) { try file.withContents { (_) throws(CheckpointError) in throw wrong } }
      #expect(
        throws: CheckpointError.unsupported(file: path, reason: "100 bytes, and a file of this kind holds at most 99")
      ) {
        try file.withContents(limit: 99) { _ in }
      }
    }

    /// Somebody writes into the graph while it is read: it may be refused or read as something else, and nothing worse.
    @Test func bytesThatChangeMeanwhile() throws {
      var graph = SavedModelWriter.Graph()
      graph.operations = (0..<400).map { ["Const", "VarHandleOp", "Mätrix\($0)"][$0 % 3] }
      graph.objects = (0..<40).map { number in
        ((0..<3).map { ("child \($0)", (number + $0 + 1) % 40) }, number % 2 == 0 ? ("variable \(number)", true) : nil)
      }
      let sound = SavedModelWriter(graphs: [graph]).bytes
      let path = try folder.write("saved_model.pb", sound)
      let writer = Writer()
      let descriptor = open(path, O_WRONLY)
      #expect(descriptor >= 0)
      // A thread of its own: tasks of other tests may keep one from starting.
      Thread.detachNewThread {
        var random = SplitMix64(state: 11)
        while !writer.isOver.load(ordering: .acquiring) {
          let position = Int.random(in: 0..<sound.count, using: &random)
          // Mostly sound, so that most of the graph is reached.
          for var byte in [UInt8.random(in: 0...255, using: &random), sound[position]] {
            pwrite(descriptor, &byte, 1, off_t(position))
          }
          writer.writes.add(1, ordering: .releasing)
        }
        close(descriptor)
      }
      while writer.writes.load(ordering: .acquiring) == 0 { usleep(100) }
      var opened = 0
      for _ in 0..<400 {
        guard let model = try? openCheckpoint(at: folder.path) else { continue }
        opened += 1
        #expect(model.tensors.isEmpty && model.model.folder == folder.path)
        _ = try? model.graph()
      }
      writer.isOver.store(true, ordering: .releasing)
      #expect(opened > 0)
    }
  }
#endif
