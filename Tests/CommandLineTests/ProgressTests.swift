import Comparison
import Foundation
import Testing

@testable import equipoise

/// The line that long work shows.
struct ProgressTests {
  private let start = ContinuousClock.now

  private func text(_ work: WorkProgress.Work, _ done: Int, of expected: Int, after seconds: Double) -> String {
    var amount = ProgressAmount()
    amount.add(done: 0, ahead: expected, at: start)
    amount.add(done: done, ahead: 0, at: start + .seconds(seconds))
    return amount.text(work, at: start + .seconds(seconds))
  }

  @Test func linesHaveAmountRateAndTimeLeft() {
    #expect(
      text(.reading, 5_000_000_000, of: 20_000_000_000, after: 2)
        == "reading 5.0 GB of 20.0 GB, 2.5 GB/s, 6 s left")
    #expect(text(.writing, 1_500_000, of: 3_000_000, after: 1) == "writing 1.5 MB of 3.0 MB, 1.5 MB/s, 1 s left")
    #expect(text(.testing, 3, of: 30, after: 60) == "testing 3 of 30 layers, 9 min left")
    #expect(text(.testing, 1, of: 100, after: 600) == "testing 1 of 100 layers, 16 h 30 min left")
    #expect(text(.reading, 0, of: 1_000_000, after: 0) == "reading 0.0 MB of 1.0 MB")
    #expect(text(.reading, 999_949_999, of: 999_950_000, after: 1).hasPrefix("reading 999.9 MB of 1.0 GB"))
  }

  @Test func workThatTurnsOutLongerIsCounted() {
    var amount = ProgressAmount()
    amount.add(done: 0, ahead: 10, at: start)
    amount.add(done: 10, ahead: 0, at: start)
    #expect(!amount.isUnderWay)
    amount.add(done: 0, ahead: 10, at: start)
    #expect(amount.isUnderWay)
  }

  /// On a terminal, one page of standard error; the result is that of a run without.
  @Test func terminalsErrorNeverAltersTheResult() throws {
    let arguments = ["compare", Program.data("conv-l2-1e-5-seed0"), Program.data("conv-l2-1e-2-seed0")]
    var primary: Int32 = 0
    var secondary: Int32 = 0
    try #require(openpty(&primary, &secondary, nil, nil, nil) == 0)
    defer { close(primary) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle(fileDescriptor: secondary, closeOnDealloc: true)
    try process.run()
    let shown = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let quiet = try Program.run(arguments + ["--quiet"])
    #expect(shown == quiet.output)
    #expect(quiet.errors.isEmpty)
  }
}
