import Foundation
import Reports
import Results
import Testing

/// `--fail-on` as continuous integration uses it.
struct ConditionExitTests {
  let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")

  @Test func statusSaysWhetherItHolds() throws {
    let holds = try Program.run([
      "significance", a, b, "--resamples", "199", "--fail-on", "layers.p_adjusted < 0.01 && effect > 0.1",
    ])
    #expect(holds.status == 1)
    #expect(holds.errors.contains("--fail-on holds") && holds.errors.contains("dense_1"))
    #expect(holds.output.contains("3 of 3 layers differ"), "the result is printed all the same")
    let not = try Program.run([
      "significance", a, b, "--resamples", "199", "--fail-on", "layers.p_adjusted < 0.01 && effect > 10",
    ])
    #expect(not.status == 0 && not.errors.isEmpty)
    #expect(try Program.run(["compare", a, b, "--fail-on", "pairs.metrics.cosine_similarity < 0.9"]).status == 1)
    #expect(try Program.run(["compare", a, a, "--fail-on", "verdict == 'different'"]).status == 0)
  }

  @Test(arguments: [
    (["significance", "x", "y", "--fail-on", "layers.p_ajusted < 1"], "did you mean 'layers.p_adjusted'"),
    (["significance", "x", "y", "--fail-on", "p_ajusted < 1"], "did you mean 'layers.p_adjusted'"),
    (["signifcance", "x", "y"], "there is no command 'signifcance'; did you mean 'significance'?"),
    (["compare", "x", "y", "--metrics", "relativ_l2"], "no metric 'relativ_l2' (did you mean 'relative_l2'?)"),
    (["inspect", "x", "--roles", "wieght"], "no role 'wieght' (did you mean 'weight'?)"),
    (["significance", "x", "y", "--tests", "shpae"], "no test 'shpae' (did you mean 'shape'?)"),
    (["compare", "x", "y", "--fail-on", "layers.p_adjusted < 1"], "the document has no 'layers.p_adjusted'"),
    (["report", "x", "y", "-o", "z", "--fail-on", "layers.p_adjusted <"], "expected a name"),
  ])
  func mistakesAreFoundBeforeTheModelsAreOpened(arguments: [String], message: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  /// Whatever a document may have, a condition can name.
  @Test func everyNameOfARealDocumentIsKnown() throws {
    let document = try Program.json(["significance", a, b, "--resamples", "199", "--interval-resamples", "99"])
    for path in Set(names(document, "")).sorted() where !path.hasPrefix("provenance.libraries") {
      let condition = try Condition("\(path) == null")
      #expect(throws: Never.self, "\(path)") { try condition.check(against: ModelComparison.specimen(isTested: true)) }
    }
  }

  /// Paths to numbers, text and truth values.
  private func names(_ value: Any, _ prefix: String) -> [String] {
    if let object = value as? [String: Any] {
      return object.flatMap { names($1, prefix.isEmpty ? $0 : "\(prefix).\($0)") }
    }
    if let array = value as? [Any] { return array.flatMap { $0 is [String: Any] ? names($0, prefix) : [] } }
    return [prefix]
  }

  @Test func markdownIsASummary() throws {
    let outcome = try Program.run(
      ["significance", a, b, "--resamples", "199", "--format", "markdown", "--fail-on", "layers.effect < 0.5"])
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix("## 3 of 3 layers differ\n"))
    #expect(outcome.output.contains(":x: `layers.effect < 0.5` holds for `dense_1`, `dense_2`."))
  }

  @Test func patternsThatFitNothingAreQuestioned() throws {
    let outcome = try Program.run(["compare", a, b, "--include", "dens_1*", "--include", "output*"])
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.contains("--include 'dens_1*' fits no tensor and no layer; did you mean 'dense_1'?"),
      "\(outcome.errors)")
    #expect(
      try Program.run(["inspect", a, "--exclude", "nothing"]).errors.contains("--exclude 'nothing' fits no tensor"))
  }
}
