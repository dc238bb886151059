import Foundation
import Testing

/// The JSON documents: names as promised, the same bytes whatever the threads and the instruction set.
struct DocumentTests {
  let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")

  @Test(arguments: ["dense", "conv"])
  func sameBytesAtAnyThreadsAndInstructionSet(network: String) throws {
    let arguments = [
      "significance", Program.data("\(network)-l2-1e-5-seed0"), Program.data("\(network)-l2-1e-2-seed0"), "--format",
      "json",
      "--resamples", "499", "--interval-resamples", "199",
    ]
    let one = try Program.run(arguments + ["--threads", "1"])
    #expect(one.status == 0)
    #expect(try Program.run(arguments + ["--threads", "2"]).output == one.output)
    #expect(try Program.run(arguments + ["--threads", "5"]).output == one.output)
    for set in ["baseline", "avx2"] {
      #expect(try Program.run(arguments, environment: ["EQUIPOISE_ISA": set]).output == one.output)
    }
  }

  @Test func digestsAgainstTensorFlow() throws {
    let truth =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: Program.data("truth.json")))) as? [String: Any]
    let models = try #require(truth?["models"] as? [String: [String: Any]])
    for name in ["dense-l2-1e-5-seed0", "conv-l2-1e-2-seed3", "dense-l2-1e-5-seed0-export"] {
      let expected = try #require(models[name]?["tensors"] as? [String: [String: Any]])
      let document = try Program.json(["inspect", Program.data(name), "--digest"])
      let tensors = try #require(document["tensors"] as? [[String: Any]])
      #expect(tensors.count == expected.count)
      for tensor in tensors {
        let key = try #require(tensor["key"] as? String)
        #expect(tensor["sha256"] as? String == expected[key]?["sha256"] as? String, "\(name) \(key)")
      }
    }
  }

  @Test func everyPSaysWhyItWasComputedSo() throws {
    let arguments = ["significance", a, b, "--resamples", "199", "--interval-resamples", "99"]
    let document = try Program.json(arguments)
    let layers = try #require(document["layers"] as? [[String: Any]])
    let tests = try #require(document["pairs"] as? [[String: Any]]).flatMap { $0["tests"] as? [[String: Any]] ?? [] }
    var reasons: Set<String> = []
    for item in layers + tests where item["p_value"] is Double {
      let reason = try #require(item["method_reason"] as? String, "\(item)")
      #expect(reason.count > 20)
      reasons.insert(reason)
    }
    let explained = try Program.run(arguments + ["--explain"]).output
    #expect(reasons.count > 1 && reasons.allSatisfy(explained.contains))
    #expect(explained.contains("null hypothesis") && explained.contains("it does not say"))
    #expect(try Program.run(arguments + ["--explain", "--format", "csv"]).status == 64)
  }

  @Test func comparisonHasThePromisedNames() throws {
    let document = try Program.json(["compare", a, b])
    for name in [
      "schema", "provenance", "warnings", "verdict", "pairs", "unpaired", "mismatched", "structure", "metadata",
    ] {
      #expect(document[name] != nil, "\(name)")
    }
    #expect(document["schema"] as? String == "equipoise.comparison/1")
    #expect(document["verdict"] as? String == "different")
    let provenance = try #require(document["provenance"] as? [String: Any])
    #expect(provenance["inputs"] is [Any] && provenance["arguments"] is [Any] && provenance["version"] is String)
    let pair = try #require((document["pairs"] as? [[String: Any]])?.first)
    for name in ["name", "layer", "role", "a", "b", "shape", "count", "identical", "paired_by", "metrics"] {
      #expect(pair[name] != nil, "\(name)")
    }
    let metrics = try #require(pair["metrics"] as? [String: Any])
    for name in [
      "mean_squared_difference", "cosine_similarity", "relative_l2", "max_abs_difference", "changed_count",
      "mean_difference",
      "pearson", "norm_a", "norm_b", "norm_ratio", "dead_units_a", "dead_units_b", "ks", "wasserstein1", "kl_ab",
      "kl_ba",
      "jensen_shannon", "excluded_count", "estimator",
    ] { #expect(metrics[name] != nil, "\(name)") }
    let differences = try #require(document["metadata"] as? [[String: Any]])
    #expect(differences.contains { ($0["path"] as? String)?.contains("kernel_regularizer") == true })
  }

  @Test func significanceHasThePromisedNames() throws {
    let document = try Program.json(["significance", a, b, "--resamples", "999"])
    #expect(document["schema"] as? String == "equipoise.significance/1")
    let row = try #require(((document["pairs"] as? [[String: Any]])?.first?["tests"] as? [[String: Any]])?.first)
    for name in [
      "id", "level", "null_hypothesis", "statistic", "value", "p_value", "p_adjusted", "p_interval", "method",
      "alternative",
      "resamples", "exceedances", "unit", "unit_count", "effect", "warnings",
    ] { #expect(row[name] != nil, "\(name)") }
    let layers = try #require(document["layers"] as? [[String: Any]])
    #expect(layers.count == 3)
    for name in ["layer", "tensors", "p_value", "p_adjusted", "combination", "significant", "effect"] {
      #expect(layers[0][name] != nil, "\(name)")
    }
    for layer in layers { #expect(layer["significant"] as? Bool == true) }
  }

  @Test func onlyTheTouchedLayerStandsOut() throws {
    let document = try Program.json(["significance", a, Program.data("dense-l2-1e-5-seed0-reinit")])
    let layers = try #require(document["layers"] as? [[String: Any]])
    let standing = layers.filter { $0["significant"] as? Bool == true }.compactMap { $0["layer"] as? String }
    #expect(standing == ["dense_2"])
  }

  @Test func copyIsIdenticalValues() throws {
    for copy in ["dense-l2-1e-5-seed0-resaved", "dense-l2-1e-5-seed0-export"] {
      let document = try Program.json(["significance", a, Program.data(copy)])
      #expect(document["verdict"] as? String == "identical_values")
      for pair in document["pairs"] as? [[String: Any]] ?? [] {
        for test in pair["tests"] as? [[String: Any]] ?? []
        where ["drift", "scale", "shape"].contains(test["id"] as? String) {
          #expect(test["p_value"] as? Double == 1)
        }
      }
    }
    #expect(try Program.json(["compare", a, a])["verdict"] as? String == "identical_files")
  }

  @Test func tablesTellTheStory() throws {
    let outcome = try Program.run(["significance", a, b])
    for part in [
      "kernel_regularizer.l2 1e-05 → 0.01", "3 of 3 layers differ", "only replicates tell", "Dead units",
      "norm B/A [95 %]",
    ] { #expect(outcome.output.contains(part), "\(part)") }
    #expect(!outcome.output.contains("\u{1b}"), "no colour in a file")
    #expect(outcome.errors.isEmpty)
    #expect(try Program.run(["significance", a, b, "--color", "always"]).output.contains("\u{1b}["))
    let rows = try Program.run(["significance", a, b, "--format", "csv"]).output.split(separator: "\n")
    #expect(rows.count == 4 && rows[0].hasPrefix("layer,"))
    #expect(try Program.run(["compare", a, b, "--format", "markdown"]).output.contains("\n| name |"))
  }
}
