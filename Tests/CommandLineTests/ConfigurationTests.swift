import Foundation
import Testing

@testable import equipoise

/// `equipoise.json` and `--config`.
struct ConfigurationTests {
  let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")

  private func file(_ text: String, in folder: Scratch, name: String = "equipoise.json") throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
    return folder.file(name)
  }

  private func arguments(of outcome: Program.Outcome) throws -> [String] {
    let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    return try #require((document?["provenance"] as? [String: Any])?["arguments"] as? [String])
  }

  @Test func isReadInTheWorkingDirectoryAndRecorded() throws {
    let folder = try Scratch()
    _ = try file(
      #"{"exclude": ["output*", "nothing"], "metrics": ["ks", "pearson"], "no-verify": true, "alpha": 0.01, "quiet": true}"#,
      in: folder)
    let outcome = try Program.run(["compare", a, b, "--format", "json"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(
      try arguments(of: outcome) == [
        "compare", "--exclude", "nothing", "--exclude", "output*", "--metrics", "ks,pearson", "--no-verify",
      ],
      "alpha is left to commands that have it")
    let without = try Program.run(["compare", a, b, "--format", "json", "--config", "none"], in: folder.path)
    #expect(try arguments(of: without) == ["compare"])
  }

  @Test func theCommandLineWins() throws {
    let folder = try Scratch()
    let path = try file(
      #"{"alpha": 0.01, "adjust": "holm", "include": ["x"], "output": "wrong", "resamples": 199}"#, in: folder,
      name: "other.json")
    let outcome = try Program.run(
      [
        "significance", a, b, "--format=json", "--alpha=0.2", "--include", "output", "-o", folder.file("out.json"),
        "--config", path,
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document =
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder.file("out.json"))))
      as? [String: Any]
    let provenance = try #require(document?["provenance"] as? [String: Any])
    #expect(
      provenance["arguments"] as? [String] == [
        "significance", "--include", "output", "--alpha", "0.2", "--adjust", "holm",
      ])
    #expect(provenance["resamples"] as? Int == 199)
  }

  @Test(arguments: [
    (#"{"resample": 9}"#, "no option is called 'resample'; did you mean 'resamples'?"),
    (#"{"no_verify": true}"#, "did you mean 'no-verify'?"), (#"{"config": "x"}"#, "no option is called 'config'"),
    ("[1]", "expected an object"),
    ("{\"alpha\": 0.01", "is not JSON"), (#"{"no-verify": 1}"#, "'no-verify' is true or false"),
    (#"{"alpha": {}}"#, "needs a number, text or a list"),
  ])
  func mistakesAreUsage(text: String, message: String) throws {
    let folder = try Scratch()
    let path = try file(text, in: folder)
    let outcome = try Program.run(["significance", a, b, "--config", path])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(message) && outcome.errors.contains("equipoise.json"), "\(outcome.errors)")
    #expect(
      try Program.run(["significance", "--help"], in: folder.path).status == 0, "help comes whatever the file says")
  }

  @Test func aNamedFileMustBeThere() throws {
    let outcome = try Program.run(["compare", a, b, "--config", "/nonexistent/equipoise.json"])
    #expect(outcome.status == 64 && outcome.errors.contains("/nonexistent/equipoise.json: can't be read"))
  }
}
