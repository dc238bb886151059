import Foundation
import Testing

@testable import HDF5

/// Runs `body` with paths in a folder of its own that is removed afterwards.
func withFolder<Result>(_ body: (_ path: (String) -> String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "hdf5-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body { folder.appending(path: $0).path }
}

/// The code of the ``HDF5Error`` that `body` throws.
func code(_ body: () throws -> Void) -> HDF5Error.Code? {
  do {
    try body()
    return nil
  } catch let error as HDF5Error {
    #expect(!error.message.isEmpty && !error.function.isEmpty && !error.file.isEmpty)
    return error.code
  } catch {
    Issue.record(error)
    return nil
  }
}

/// What `h5dump` says of a file, if it is on the path.
func h5dump(_ arguments: String...) throws -> String? {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  let tools = path.split(separator: ":").map { "\($0)/h5dump" }
  guard let tool = tools.first(where: FileManager.default.isExecutableFile) else { return nil }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: tool)
  process.arguments = arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: text, as: UTF8.self) : ""
}

let shapes: [[Int]] = [[], [1], [7], [0], [3, 4], [2, 0, 3], [2, 3, 4], [1, 5, 1, 2], [2, 2, 2, 2, 3]]

func product(_ shape: [Int]) -> Int { shape.reduce(1, *) }
