import Foundation
import Testing

/// Groups of runs, references and planning, as a user runs them.
struct RunsCommandTests {
  let a = (0..<5).map { Program.data("dense-l2-1e-5-seed\($0)") }
  let b = (0..<5).map { Program.data("dense-l2-1e-2-seed\($0)") }

  private func groups(_ a: [String], _ b: [String], _ rest: [String] = []) -> [String] {
    ["significance", "--group-a"] + a + ["--group-b"] + b + rest
  }

  @Test func recipesTellTheStory() throws {
    let outcome = try Program.run(groups(a, b))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "equipoise: 5 + 5 runs: the smallest possible p is 0.0079\n")
    for part in [
      "kernel_regularizer.l2 1e-05 → 0.01", "3 of 3 layers differ between the recipes", "all 252 labellings",
      "smallest possible p is 0.0079", "maxT p", "ω²", "norm B/A [95 %]", "Nothing is said of any single file",
    ] { #expect(outcome.output.replacing("\n", with: " ").contains(part), "\(part)") }
    let lines: [Substring] = outcome.output.split(separator: "\n")
    #expect(lines.dropFirst(2).allSatisfy { $0.count <= 120 })
    let explained = try Program.run(groups(a, b, ["--explain"])).output
    for part in ["null hypothesis", "it does not say", "singular_values_per_norm", "all were counted", "dispersion"] {
      #expect(explained.contains(part), "\(part)")
    }
    #expect(try Program.run(groups(a, b, ["--quiet"])).errors.isEmpty)
    #expect(try Program.run(groups(a, b, ["--exit-code", "--quiet"])).status == 1)
  }

  @Test func documentHasThePromisedNames() throws {
    let document = try Program.json(groups(a, b))
    #expect(document["schema"] as? String == "equipoise.significance/1" && document["level"] as? String == "run")
    for name in ["provenance", "warnings", "verdict", "pairs", "structure", "metadata", "layers", "significance"] {
      #expect(document[name] != nil, "\(name)")
    }
    let design = try #require(document["design"] as? [String: Any])
    #expect(
      design["labellings"] as? Double == 252 && abs((design["smallest_p_value"] as? Double ?? 0) - 1.0 / 126) < 1e-12)
    let layers = try #require(document["layers"] as? [[String: Any]])
    for name in [
      "layer", "tensors", "p_value", "p_adjusted", "p_adjusted_max_t", "combination", "significant", "effect",
      "norm_ratio", "points", "smallest_p_value",
    ] { #expect(layers[0][name] != nil, "\(name)") }
    #expect((layers[0]["points"] as? [[String: Any]])?.count == 10)
    let row = try #require(((document["pairs"] as? [[String: Any]])?.first?["tests"] as? [[String: Any]])?.first)
    for name in [
      "id", "level", "null_hypothesis", "statistic", "value", "p_value", "p_adjusted", "method", "resamples",
      "exceedances", "unit_count", "effect", "warnings",
    ] { #expect(row[name] != nil, "\(name)") }
    #expect(row["id"] as? String == "recipe" && row["level"] as? String == "run")
    let provenance = try #require(document["provenance"] as? [String: Any])
    #expect((provenance["inputs"] as? [Any])?.count == 10)
    let rows = try Program.run(groups(a, b, ["--format", "csv"])).output.split(separator: "\n")
    #expect(rows.count == 4 && rows[0].hasPrefix("layer,"))
    let tensors = try Program.run(groups(a, b, ["--format", "markdown", "--by", "pair"])).output
    #expect(tensors.hasPrefix("| name |") && tensors.contains("recipe.permanova_singular_values_per_norm.p_value"))
  }

  @Test func sameBytesAtAnyThreads() throws {
    let one = try Program.run(groups(a, b, ["--format", "json", "--threads", "1", "--resamples", "99"]))
    #expect(
      try Program.run(groups(a, b, ["--format", "json", "--threads", "4", "--resamples", "99"])).output == one.output)
    let baseline = try Program.run(
      groups(a, b, ["--format", "json", "--threads", "1", "--resamples", "99"]),
      environment: ["EQUIPOISE_ISA": "baseline"])
    #expect(baseline.output == one.output)
  }

  @Test func whatIsRefused() throws {
    let few = try Program.run(groups([a[0]], b))
    #expect(few.status == 64 && few.errors.contains("can be judged from 2 on"))
    #expect(try Program.run(["significance", a[0], b[0], "--group-a", a[1], a[2]]).status == 64)
    #expect(try Program.run(["significance", "--group-a", a[1], a[2]]).status == 64)
    #expect(try Program.run(groups(a, b, ["--reference", a[0]])).status == 64)
    #expect(try Program.run(groups(a, b, ["--tests", "drift"])).status == 64)
    #expect(try Program.run(groups(a, b, ["--alternative", "less"])).status == 64)
    #expect(try Program.run(groups(a, b, ["--interval-resamples", "99"])).status == 64)
    let recipe = try Program.run(["significance", a[0], b[0], "--tests", "recipe"])
    #expect(recipe.status == 64 && recipe.errors.contains("--group-a"))
    let missing = try Program.run(groups([a[0], a[1] + "x"], b))
    #expect(missing.status == 2 && missing.errors.contains(a[1] + "x"))
    #expect(missing.output.isEmpty)
  }

  @Test func smallGroupsSayWhatTheyCannotShow() throws {
    let outcome = try Program.run(groups(Array(a[..<3]), Array(b[..<3])))
    #expect(outcome.status == 0 && outcome.errors.contains("smallest possible p is 0.1"))
    #expect(outcome.output.contains("0 of 3 layers differ") && outcome.output.contains("can't reach α = 0.05"))
  }

  @Test func networksThatShareLittle() throws {
    let conv = (0..<2).map { Program.data("conv-l2-1e-5-seed\($0)") }
    let outcome = try Program.run(groups(Array(a[..<2]), conv))
    #expect(outcome.output.contains("Not in every run") && outcome.output.contains("dense_1/kernel: "))
    let nothing = try Program.run(groups(Array(a[..<2]), conv, ["--include", "dense_1"]))
    #expect(nothing.status == 2 && nothing.errors.contains("nothing to compare"))
  }

  @Test func oneRunGivenTwice() throws {
    let outcome = try Program.run(groups([a[0], a[1], a[0]], Array(b[..<3])))
    #expect(outcome.errors.contains("one run given twice is no replicate"))
  }

  @Test func damagedMember() throws {
    let scratch = try Scratch()
    let copy = try scratch.copy("dense-l2-1e-2-seed1")
    let shard = copy + "/variables/variables.data-00000-of-00001"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
    bytes[bytes.count / 2] ^= 0x40
    try bytes.write(to: URL(fileURLWithPath: shard))
    let outcome = try Program.run(groups(Array(a[..<2]), [b[0], copy]))
    #expect(outcome.status == 2 && outcome.errors.contains("expected") && outcome.output.contains("Left out"))
    #expect(try Program.run(groups(Array(a[..<2]), [b[0], copy], ["--keep-going"])).status == 0)
  }

  @Test func distanceAmongReferences() throws {
    let arguments =
      ["significance", a[0], b[0], "--resamples", "99", "--interval-resamples", "99", "--reference"] + a[1...]
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("4 references: the smallest possible p is 0.2"))
    #expect(outcome.output.contains("Farther than seed noise?") && outcome.output.contains("3 of 3 layers differ"))
    let rows = try Program.run(arguments + ["--format", "csv"]).output
    #expect(rows.split(separator: "\n")[0].hasSuffix("noise_floor_p_adjusted_max_t"))
    let document = try Program.json(arguments)
    let noise = try #require(document["noise"] as? [String: Any])
    #expect(noise["id"] as? String == "noise-floor" && noise["smallest_p_value"] as? Double == 0.2)
    #expect((noise["layers"] as? [[String: Any]])?.count == 3)
  }

  // MARK: power

  @Test func planTellsTheStory() throws {
    let outcome = try Program.run(["power", "--effect", "2", "--simulations", "200"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for part in [
      "Runs per recipe needed", "d = 2.00 (ω² = 0.500)", "no result can be significant",
      "runs of each recipe are enough",
    ] {
      #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
    }
    let explained = try Program.run(["power", "--effect", "2", "--simulations", "200", "--explain"]).output
    #expect(explained.contains("Assumed:") && explained.contains("smallest"))
    let document = try Program.json(["power", "--omega-squared", "0.5", "--simulations", "200"])
    #expect(document["schema"] as? String == "equipoise.power/1")
    let rows = try #require(document["rows"] as? [[String: Any]])
    #expect(rows[0]["can_reject"] as? Bool == false && rows[0]["power"] as? Double == 0)
    let same = try Program.json(["power", "--omega-squared", "0.5", "--simulations", "200", "--threads", "1"])
    #expect(
      (same["rows"] as? [[String: Any]])?.compactMap { $0["power"] as? Double }
        == rows.compactMap { $0["power"] as? Double })
    #expect(
      try Program.run(["power", "--level", "unit", "--effect", "1", "--simulations", "100"]).output.contains(
        "units are enough"))
    let never = try Program.run(["power", "--effect", "0.1", "--simulations", "100", "--max-runs", "5"])
    #expect(
      never.status == 0 && never.errors.contains("is not reached")
        && never.output.contains("No size in the table is enough"))
  }

  @Test(arguments: [
    ["power"], ["power", "--effect", "0"], ["power", "--effect", "1", "--omega-squared", "0.3"],
    ["power", "--omega-squared", "1.5"], ["power", "--effect", "1", "--power", "1"],
    ["power", "--level", "unit", "--effect", "1", "--layers", "3"], ["power", "--effect", "1", "--max-runs", "1"],
  ])
  func planRefuses(arguments: [String]) throws { #expect(try Program.run(arguments).status == 64) }
}
