import Foundation
import Testing

/// Exit status and the sentence that goes with it, as the command line promises.
struct ExitStatusTests {
  let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")

  /// Foundation's functions of paths end the process on these.
  @Test func namesOfOneLetterAreNames() throws {
    let outcome = try Program.run(["compare", "a", "b"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("no such file"))
  }

  @Test func wrongPathIsTrouble() throws {
    let outcome = try Program.run(["significance", Program.data("dense-l2-1e-5-sed0"), b])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("dense-l2-1e-5-sed0"))
    #expect(outcome.errors.contains("dense-l2-1e-5-seed0"), "a similar name is suggested")
  }

  @Test func emptyFolderIsTrouble() throws {
    let folder = try Scratch()
    let outcome = try Program.run(["inspect", folder.path])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("empty"))
  }

  @Test func damagedShardIsTroubleAndDoesNotHideTheRest() throws {
    let folder = try Scratch()
    let copy = try folder.copy("dense-l2-1e-5-seed1")
    let shard = copy + "/variables/variables.data-00000-of-00001"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
    // Within dense_1/kernel, the largest tensor.
    let place = bytes.count / 3
    bytes[place] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: shard))
    let outcome = try Program.run(["compare", copy, a, "--format", "json"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("variables.data-00000-of-00001"))
    #expect(outcome.errors.contains("checksum"))
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect((document["pairs"] as? [Any])?.count == 5)
    #expect((document["damaged"] as? [Any])?.count == 1)
    #expect(try Program.run(["compare", copy, a, "--keep-going"]).status == 0)
    let unchecked = try Program.run(["compare", copy, a, "--no-verify"])
    #expect(unchecked.status == 0, "--no-verify reads what is there")
  }

  /// One byte of the heap that holds a group's name is changed, which HDF5 1.10 answers with a fault of the process.
  @Test(.withoutSanitizers) func damageThatHDF5DoesNotSurviveIsTrouble() throws {
    let file = "\(Program.project)/Tests/CommandLineTests/Regressions/damaged-text-heap.weights.h5"
    let outcome = try Program.run(["inspect", file, "--verify"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("damaged-text-heap.weights.h5"))
  }

  /// A dataset said to be compact, with no bytes in its header: HDF5 1.10 itself copies from address 0.
  @Test func compactDatasetWithoutItsBytesIsTrouble() throws {
    let file = "\(Program.project)/Tests/CommandLineTests/Regressions/compact-without-bytes.weights.h5"
    let outcome = try Program.run(["inspect", file, "--digest"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("compact-without-bytes.weights.h5"))
  }

  @Test func missingShardIsTrouble() throws {
    let folder = try Scratch()
    let copy = try folder.copy("dense-l2-1e-5-seed1")
    try FileManager.default.removeItem(atPath: copy + "/variables/variables.data-00000-of-00001")
    let outcome = try Program.run(["significance", copy, a])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("variables.data-00000-of-00001"))
  }

  @Test func nothingInCommonIsTrouble() throws {
    let outcome = try Program.run(["compare", a, b, "--include", "no-such-layer*"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("nothing to compare"))
  }

  @Test func differenceIsAnAnswerOnlyWhereAsked() throws {
    #expect(try Program.run(["compare", a, b]).status == 0)
    #expect(try Program.run(["compare", a, b, "--exit-code"]).status == 1)
    #expect(try Program.run(["compare", a, a, "--exit-code"]).status == 0)
    #expect(try Program.run(["significance", a, b, "--resamples", "999", "--exit-code"]).status == 1)
    let resaved = Program.data("dense-l2-1e-5-seed0-resaved")
    #expect(try Program.run(["significance", a, resaved, "--exit-code"]).status == 0)
  }

  @Test(arguments: [
    ["significance"], ["compare", "x"], ["inspect", "x", "--format", "xml"],
    ["compare", "x", "y", "--metrics", "nonsense"], ["significance", "x", "y", "--alpha", "2"],
  ])
  func mistakesInArgumentsAreUsage(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Usage: equipoise \(arguments[0])"))
  }

  @Test func outputAppearsWholeOrNotAtAll() throws {
    let folder = try Scratch()
    let file = folder.file("result.json")
    #expect(try Program.run(["compare", a, b, "--format", "json", "-o", file]).status == 0)
    #expect(FileManager.default.fileExists(atPath: file))
    #expect(try Program.run(["compare", a, b, "-o", folder.file("no/such/result")]).status == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["result.json"])
  }

  @Test func fullDiskIsTrouble() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec '\(Program.path)' inspect '\(a)' > /dev/full 2>/dev/null"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
  }

  @Test func versionNamesTheLibraries() throws {
    let outcome = try Program.run(["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("GSL") && outcome.output.contains("HDF5"))
  }
}
