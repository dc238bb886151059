import Foundation
import Testing

struct BehaviorCommandTests {
  let files = [
    "behavior", "--predictions-a", Program.data("predictions/dense-l2-1e-5-seed0.npy"), "--predictions-b",
    Program.data("predictions/dense-l2-1e-2-seed0.npy"), "--labels", Program.data("test-labels.npy"),
    "--interval-resamples", "99",
  ]

  @Test func tableForPeople() throws {
    let outcome = try Program.run(files + ["--margin", "accuracy=0.05"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for words in [
      "450 examples, 10 classes", "accuracy", "0.9822", "0.9489", "-0.0333", "mcnemar", "0.0015",
      "21 discordant examples",
      "accuracy within ±0.05", "only A on 18, only B on 3", "They say nothing of another training run.",
    ] { #expect(outcome.output.contains(words), "\(words)") }
  }

  @Test func documentForPrograms() throws {
    let document = try Program.json(files)
    #expect(document["schema"] as? String == "equipoise.behavior/1")
    let provenance = try #require(document["provenance"] as? [String: Any])
    #expect((provenance["inputs"] as? [[String: Any]])?.count == 3)
    #expect(provenance["arguments"] as? [String] == ["behavior", "--interval-resamples", "99"])
    let tests = try #require(document["tests"] as? [[String: Any]])
    #expect(tests.allSatisfy { $0["level"] as? String == "example" })
    #expect(document["transplant"] == nil)
  }

  @Test(arguments: [
    ("measure", "name,a,a_lower", 6), ("test", "id,statistic,value,p_value", 4),
    ("class", "name,count,predicted_a", 11),
    ("example", "index,label,predicted_a", 11), ("bin", "lower,upper,count_a", 16), ("layer", "layer,relative_l2", 1),
    ("position", "position,loss,accuracy", 1),
  ])
  func rows(kind: String, heading: String, lines: Int) throws {
    let outcome = try Program.run(files + ["--format", "csv", "--by", kind])
    #expect(outcome.status == 0 && outcome.output.hasPrefix(heading))
    #expect(outcome.output.split(separator: "\n").count == lines)
    let markdown = try Program.run(files + ["--format", "markdown", "--by", kind])
    #expect(markdown.output.split(separator: "\n").count == lines + 1)
  }

  @Test func threadsChangeNoByte() throws {
    let one = try Program.run(files + ["--format", "json", "--threads", "1"])
    #expect(try one.output == Program.run(files + ["--format", "json", "--threads", "7"]).output)
  }

  @Test func troubleIsSaid() throws {
    let labels = Program.data("predictions/dense-l2-1e-5-seed0.npy")
    let outcome = try Program.run([
      "behavior", "--predictions-a", labels, "--predictions-b", Program.data("test-labels.npy"), "--labels", labels,
    ])
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("predictions of shape [450]") && outcome.errors.contains("has [450, 10]"))
    let missing = try Program.run(["behavior", "--predictions-a", "none.npy", "--predictions-b", "none.npy"])
    #expect(missing.status == 2 && missing.errors.contains("none.npy: there is no such file"))
  }

  @Test(arguments: [
    ["behavior"], ["behavior", "a"], ["behavior", "a", "b"], ["behavior", "--predictions-a", "x"],
    ["behavior", "a", "b", "--predictions-a", "x", "--predictions-b", "y"],
    ["behavior", "--predictions-a", "x", "--predictions-b", "y", "--transplant"],
    ["behavior", "a", "b", "--inputs", "x", "--margin", "0.1"], ["behavior", "a", "b", "--inputs", "x", "--bins", "0"],
  ])
  func mistakesInArgumentsAreUsage(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Usage: equipoise behavior"))
  }

  /// Whether or not this machine has TensorFlow: the program is told that there is none.
  @Test(.withoutSanitizers) func withoutTensorFlowTheWayToItIsSaid() throws {
    let model = Program.data("dense-l2-1e-5-seed0")
    let folder = try Scratch()
    let outcome = try Program.run(
      ["behavior", model, model, "--inputs", Program.data("test-inputs.npy"), "--tensorflow", folder.path],
      environment: ["PATH": folder.path])
    #expect(outcome.status == 2 && outcome.errors.contains("no TensorFlow in it"))
    let unusable = folder.file("libtensorflow.so.2")
    try Data("no library".utf8).write(to: URL(fileURLWithPath: unusable))
    let other = try Program.run([
      "behavior", model, model, "--inputs", Program.data("test-inputs.npy"), "--tensorflow", unusable,
    ])
    #expect(other.status == 2 && other.errors.contains("can't be loaded"))
  }

  @Test func damagedHDF5IsTrouble() throws {
    let file = "\(Program.project)/Tests/CommandLineTests/Regressions/damaged-text-heap.weights.h5"
    let outcome = try Program.run(["behavior", "--predictions-a", file, "--predictions-b", file])
    #expect(outcome.status == 2 && outcome.errors.contains("damaged-text-heap.weights.h5"))
  }
}
