import Testing

@testable import HDF5

/// Calls from several tasks take turns.
@Suite struct ConcurrencyTests {
  /// One file that tasks share: a class may hold what can't be copied.
  private final class Shared: Sendable {
    let file: HDF5File
    let dataset: HDF5Dataset

    init(_ path: String) throws {
      file = try HDF5File(creating: path)
      dataset = try file.root.createDataset(
        "all", shape: [64, 32], .int64, layout: .chunked(shape: [5, 7], deflate: 1))
    }
  }

  @Test func oneFileFromManyTasks() async throws {
    let shared = try withFolder { path in try Shared(path("a.h5")) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<64 {
        group.addTask {
          let values = (0..<32).map { task * 32 + $0 }
          try shared.dataset.write(values, at: task * 32)
          let own = try shared.file.root.createDataset("tasks/\(task % 8)-\(task)/x", shape: [32], .int64)
          try own.write(values)
          try own.writeAttribute("task", task)
          #expect(throws: HDF5Error.self) { _ = try shared.file.root.dataset("missing") }
          #expect(try own.read(Int.self) == values)
          #expect(try shared.dataset.read(Int.self, at: task * 32, count: 32) == values)
        }
      }
      try await group.waitForAll()
    }
    #expect(try shared.dataset.read(Int.self) == Array(0..<64 * 32))
    #expect(try shared.file.root.group("tasks").names().count == 64)
  }

  /// Tasks that need the same new groups at the same time.
  @Test func sameParentsFromManyTasks() async throws {
    let shared = try withFolder { path in try Shared(path("a.h5")) }
    for round in 0..<100 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<8 {
          group.addTask { _ = try shared.file.root.createGroup("\(round)/deep/deeper/\(task)") }
        }
        try await group.waitForAll()
      }
      #expect(try shared.file.root.group("\(round)/deep/deeper").names().count == 8)
    }
  }

  @Test func manyFilesFromManyTasks() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          try withFolder { path in
            let file = try HDF5File(creating: path("a.h5"))
            for name in 0..<10 {
              let dataset = try file.root.createDataset("\(name)", shape: [3], .string)
              try dataset.write(["\(task)", "\(name)", "größe"])
            }
            try file.close()
            let copy = try HDF5File(reading: path("a.h5"))
            #expect(try copy.root.names() == (0..<10).map(String.init))
            #expect(try copy.root.dataset("9").readStrings() == ["\(task)", "9", "größe"])
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
