import Foundation
import Testing

/// The tests of a pair that are asked for by name: what is refused, what a person reads, the same bytes at any threads.
@Suite struct PairTestArgumentsTests {
  private let base = Program.data("dense-l2-1e-5-seed0")
  private let tuned = Program.data("dense-l2-1e-5-seed0-finetuned"), other = Program.data("dense-l2-1e-5-seed1")
  private let quick = ["--resamples", "199", "--interval-resamples", "99", "--metrics", "moments"]

  @Test func meanSquaredDifferenceIsRefusedWithTheReason() throws {
    let outcome = try Program.run(["significance", base, tuned, "--tests", "mean_squared_difference"])
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    for part in ["leaves it as it is", "p would always be 1", "--margin"] {
      #expect(outcome.errors.contains(part), "\(part): \(outcome.errors)")
    }
    #expect(try Program.run(["significance", base, tuned, "--tests", "ks"]).errors.contains("tested by shape"))
    #expect(try Program.run(["significance", base, tuned, "--tests", "nothing"]).status == 64)
  }

  @Test func marginsAreNeededAndChecked() throws {
    let arguments = ["significance", base, tuned] + quick
    #expect(try Program.run(arguments + ["--tests", "equivalence"]).status == 64)
    #expect(try Program.run(arguments + ["--margin", "-1"]).status == 64)
    #expect(try Program.run(arguments + ["--margin", "speed=1"]).errors.contains("mean_shift_per_sd"))
    #expect(try Program.run(arguments + ["--divergence-by", "guess"]).status == 64)
    let table = try Program.run(arguments + ["--margin", "0.2"]).output
    for part in ["small p: the same within the margin", "mean_shift_per_sd", "worst unit"] {
      #expect(table.contains(part), "\(part)")
    }
  }

  @Test func lineageIsSaidInWords() throws {
    let arguments = quick + ["--tests", "lineage"]
    let related = try Program.run(["significance", base, tuned] + arguments).output
    let strangers = try Program.run(["significance", base, other] + arguments).output
    #expect(related.contains("dense_1/kernel") && related.contains("share an origin"))
    #expect(strangers.contains("no sign of a shared origin") && !strangers.contains("share an origin ("))
    let explained = try Program.run(["significance", base, tuned, "--explain"] + arguments).output
    #expect(explained.contains("lineage (relabelling level)") && explained.contains("trained independently"))
  }

  @Test func sameBytesAtAnyThreadsAndInstructionSet() throws {
    let arguments =
      [
        "significance", base, tuned, "--format", "json", "--include", "dense_2", "--tests",
        "population,equivalence,lineage,fit,flips,bins,divergence", "--margin", "0.1", "--divergence-by",
        "families,histogram,knn", "--simultaneous", "--tail", "gpd",
      ] + ["--resamples", "99", "--interval-resamples", "99"]
    let one = try Program.run(arguments + ["--threads", "1"])
    #expect(one.status == 0, "\(one.errors)")
    #expect(try Program.run(arguments + ["--threads", "3"]).output == one.output)
    #expect(try Program.run(arguments, environment: ["EQUIPOISE_ISA": "baseline"]).output == one.output)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any])
    let rows = try #require(document["pairs"] as? [[String: Any]]).flatMap { $0["tests"] as? [[String: Any]] ?? [] }
    let ids = Set(rows.compactMap { $0["id"] as? String })
    #expect(ids == ["population", "equivalence", "lineage", "fit", "flips", "bins", "divergence"])
    for row in rows {
      if let p = row["p_value"] as? Double { #expect(p > 0 && p <= 1, "\(row)") }
      #expect(row["level"] is String && row["null_hypothesis"] is String)
    }
    // A layer's p rests on drift, scale and shape alone, none of which was asked for.
    #expect(try #require(document["layers"] as? [[String: Any]]).allSatisfy { $0["p_value"] is NSNull })
  }
}
