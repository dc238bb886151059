import Foundation
import Testing

/// What is printed, byte for byte, against files in `Golden`.
///
/// `EQUIPOISE_GOLDEN=write swift test --filter GoldenTests` writes them anew, and fails; read the difference before it is kept.
struct GoldenTests {
  @Test(arguments: ["", "significance", "compare", "inspect", "export", "power", "report", "behavior"])
  func help(command: String) throws {
    let outcome = try Program.run(command.isEmpty ? ["--help"] : [command, "--help"], environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    // The number of processors is the machine's.
    let text = outcome.output.replacing(/(result\. \(default: )\d+\)/) { "\($0.output.1)N)" }
    try expectGolden(text, command.isEmpty ? "help" : "help-\(command)")
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    // Examples are there to be copied: none is broken where the width ends.
    #expect(text.contains("\n  equipoise "))
    for start in ["-", "\\", "data/", "pairs.h5", "runs.h5"] { #expect(!text.contains("\n" + start), "\(start)") }
  }

  struct Printed: CustomTestStringConvertible {
    var name: String
    var arguments: [String]
    var testDescription: String { name }
  }

  private static let pair = ["data/dense-l2-1e-5-seed0", "data/dense-l2-1e-2-seed0"]
  private static let printed = [
    Printed(name: "inspect", arguments: ["inspect", pair[0]]),
    Printed(name: "inspect-stats", arguments: ["inspect", pair[0], "--stats"]),
    Printed(name: "inspect-tree", arguments: ["inspect", "data/conv-l2-1e-5-seed0", "--tree"]),
    Printed(name: "inspect-verify", arguments: ["inspect", pair[0], "--verify", "--digest"]),
    Printed(name: "compare", arguments: ["compare"] + pair),
    Printed(name: "compare-finetuned", arguments: ["compare", pair[0], "\(pair[0])-finetuned"]),
    Printed(name: "compare-same", arguments: ["compare", pair[0], pair[0]]),
    Printed(name: "significance", arguments: ["significance"] + pair),
    Printed(name: "significance-color", arguments: ["significance", "--color", "always"] + pair),
    Printed(name: "significance-explain", arguments: ["significance", "--explain"] + pair),
    Printed(name: "significance-markdown", arguments: ["significance", "--format", "markdown"] + pair),
    Printed(
      name: "significance-reference",
      arguments: ["significance"] + pair + ["--reference"] + (1...4).map { "data/dense-l2-1e-5-seed\($0)" }),
    Printed(
      name: "significance-runs",
      arguments: ["significance", "--group-a"] + (0...4).map { "data/conv-l2-1e-5-seed\($0)" } + ["--group-b"]
        + (0...4).map { "data/conv-l2-1e-2-seed\($0)" }),
    Printed(name: "power", arguments: ["power", "--omega-squared", "0.6", "--layers", "5", "--simulations", "200"]),
    Printed(
      name: "behavior",
      arguments: ["behavior", "--labels", "data/test-labels.npy"]
        + ["--predictions-a", "data/predictions/dense-l2-1e-5-seed0.npy"]
        + ["--predictions-b", "data/predictions/dense-l2-1e-2-seed0.npy"]),
  ]

  @Test(arguments: printed)
  func tables(printed: Printed) throws {
    let outcome = try Program.run(printed.arguments, environment: ["NO_COLOR": ""], in: Program.project)
    #expect(outcome.status == 0)
    // Below are all digits, the last of which may be another system's mathematical functions'.
    let text = outcome.output.prefix(
      upTo: outcome.output.firstRange(of: "<details>")?.lowerBound ?? outcome.output.endIndex)
    try expectGolden(text + (outcome.errors.isEmpty ? "" : "\nstandard error:\n\(outcome.errors)"), printed.name)
  }

  /// The README shows what the program prints.
  @Test(arguments: [("`make demo` prints\n\n```\n", "significance"), ("1e-2-seed?\n\n", "significance-runs")])
  func readme(before: String, name: String) throws {
    let readme = try String(contentsOfFile: "\(Program.project)/README.md", encoding: .utf8)
    let start = try #require(readme.range(of: before)).upperBound
    let end = try #require(readme.range(of: "\n```", range: start..<readme.endIndex)).lowerBound
    #expect(try golden(name).hasPrefix(readme[start..<end]))
  }
}

private func file(_ name: String) -> String { "\(Program.project)/Tests/CommandLineTests/Golden/\(name).txt" }

private func golden(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

private func expectGolden(_ text: String, _ name: String) throws {
  if ProcessInfo.processInfo.environment["EQUIPOISE_GOLDEN"] == "write" {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    Issue.record("\(name).txt was written, not compared")
    return
  }
  let expected = try golden(name)
  guard text != expected else { return }
  let lines = (
    expected.split(separator: "\n", omittingEmptySubsequences: false),
    text.split(separator: "\n", omittingEmptySubsequences: false)
  )
  let first = zip(lines.0, lines.1).enumerated().first { $0.element.0 != $0.element.1 }
  Issue.record(
    "\(name).txt, line \((first?.offset ?? min(lines.0.count, lines.1.count)) + 1): expected '\(first?.element.0 ?? "")', found '\(first?.element.1 ?? "")'"
  )
}
