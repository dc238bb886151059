import Foundation
import Testing

/// What is left behind when the program is stopped.
struct InterruptionTests {
  /// Two tensors of 2³¹ elements that take no room on the disk.
  private func sparsePair(_ folder: Scratch) throws -> (a: String, b: String) {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(1 << 31),), }"
    let padded = header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    for name in ["a.npy", "b.npy"] {
      let start = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0]) + Data(padded.utf8)
      try start.write(to: URL(fileURLWithPath: folder.file(name)))
      let file = try #require(FileHandle(forUpdatingAtPath: folder.file(name)))
      try file.truncate(atOffset: UInt64(start.count) + 4 << 31)
      try file.close()
    }
    return (folder.file("a.npy"), folder.file("b.npy"))
  }

  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func signalEndsAComparisonAtOnce(number: Int32) throws {
    let folder = try Scratch()
    let (a, b) = try sparsePair(folder)
    let process = try start(["compare", a, b, "-o", folder.file("result.txt")])
    usleep(300_000)
    #expect(process.isRunning, "2 × 8 GiB take longer")
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == number)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.npy", "b.npy"])
  }

  @Test func signalLeavesNoUnfinishedExport() throws {
    let folder = try Scratch()
    let (a, b) = (Program.data("conv-l2-1e-5-seed0"), Program.data("conv-l2-1e-2-seed0"))
    // The export may be done before the signal comes: then once more.
    for attempt in 1...20 {
      let file = folder.file("pairs\(attempt).h5")
      let process = try start(["export", a, b, "-o", file, "--resamples", "99", "--interval-resamples", "99"])
      let unfinished = "\(file).part-\(process.processIdentifier)"
      while process.isRunning, access(unfinished, F_OK) != 0 {}
      kill(process.processIdentifier, SIGTERM)
      process.waitUntilExit()
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      if process.terminationReason == .uncaughtSignal {
        #expect(process.terminationStatus == SIGTERM)
        if left.isEmpty { return }
      } else {
        #expect(process.terminationStatus == 0)
      }
      // Nothing but the finished file: the signal came after the end.
      #expect(left == ["pairs\(attempt).h5"])
      try FileManager.default.removeItem(atPath: file)
    }
    Issue.record("no export was interrupted")
  }

  /// A limit on the size of files is met like a full disk.
  @Test(.withoutSanitizers) func fileThatMayNotGrowIsTroubleAndLeavesNothing() throws {
    let folder = try Scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      "ulimit -f 16; exec '\(Program.path)' export '\(Program.data("dense-l2-1e-5-seed0"))' "
        + "'\(Program.data("dense-l2-1e-2-seed0"))' -o '\(folder.file("pairs.h5"))' --resamples 99 --interval-resamples 99 2>'/dev/null'",
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
