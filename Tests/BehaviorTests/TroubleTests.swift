import Results
import Testing

@testable import Behavior

/// What is wrong is said with the file, the place, and what was expected.
struct TroubleTests {
  let p = NumericArray.made([0.25, 0.75, 0.5, 0.5, 1, 0], shape: [3, 2], path: "a.npy")
  let labels = NumericArray.made([0, 1, 1], isInteger: true, path: "labels.npy")

  private func message(
    _ a: NumericArray, _ b: NumericArray, _ labels: NumericArray?, _ change: (inout BehaviorOptions) -> Void = { _ in }
  ) async -> String {
    var options = BehaviorOptions()
    options.intervalResamples = 99
    change(&options)
    do {
      _ = try await compareBehavior(SourcedPredictions(a), SourcedPredictions(b), labels: labels, options: options)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func wrongLength() async {
    let short = NumericArray.made([0.5, 0.5], shape: [1, 2], path: "b.npy")
    #expect(await message(p, short, labels).contains("b.npy: 1 predictions, and a.npy has 3"))
    #expect(
      await message(p, p, .made([0, 1], isInteger: true, path: "labels.npy")).contains(
        "labels.npy: 2 labels for 3 predictions"))
  }

  @Test func wrongShape() async {
    let wide = NumericArray.made([1, 0, 0, 1, 0, 0, 1, 0, 0], shape: [3, 3], path: "b.npy")
    #expect(await message(p, wide, labels).contains("b.npy: predictions of shape [3, 3], and a.npy has [3, 2]"))
    let targets = NumericArray.made([0.5, 1, 2, 3, 4, 5, 6, 7, 8], shape: [3, 3], path: "labels.npy")
    #expect(await message(p, p, targets).contains("labels.npy: labels of shape [3, 3]"))
    let images = NumericArray.made([Double](repeating: 0.5, count: 12), shape: [3, 2, 2], path: "b.npy")
    #expect(await message(images, images, labels) { $0.task = .classification }.contains("[examples, classes]"))
  }

  @Test func notFinite() async {
    var bad = p
    bad.values[3] = .nan
    bad.values[5] = .infinity
    #expect(await message(p, bad, labels).contains("example 1, value 1 is NaN, as are 1 more"))
    #expect(
      await message(p, p, .made([0, .nan, 1], path: "labels.npy")).contains("labels.npy: example 1 is NaN"))
  }

  @Test func unknownLabels() async {
    let found = await message(p, p, .made([0, 1, 2], isInteger: true, path: "labels.npy"))
    #expect(found == "labels.npy: example 2 has the label 2; the predictions know classes 0 to 1")
    #expect(await message(p, p, .made([0, -1, 1], isInteger: true)).contains("example 1 has the label -1"))
    var texts = NumericArray.made([], shape: [3])
    texts.texts = ["cat", "dog", "cow"]
    #expect(await message(p, p, texts).contains("--classes"))
    #expect(
      await message(p, p, texts) { $0.classNames = ["cat", "dog"] }.contains(
        "example 2 has the label 'cow'; the classes are cat, dog"))
  }

  @Test func notProbabilities() async {
    let logits = NumericArray.made([2, -1, 0.5, 0.5, 1, 0], shape: [3, 2], path: "a.npy")
    let found = await message(logits, p, labels)
    #expect(found.contains("a.npy: example 0 holds -1.0") && found.contains("--logits") && found.contains("--task"))
    let counts = NumericArray.made([2, 1, 0.5, 0.5, 1, 0], shape: [3, 2], path: "a.npy")
    #expect(await message(p, counts, labels).contains("example 0 sums to 3.0, expected 1 ± 0.01"))
    let binary = NumericArray.made([0.5, 1.5, 0], path: "a.npy")
    #expect(await message(binary, binary, labels) { $0.task = .binary }.contains("example 1 is 1.5, no probability"))
  }

  @Test func unknownMargin() async {
    let found = await message(p, p, labels) { $0.margins = ["calibration_error": 0.1] }
    #expect(found.contains("--margin: no measure 'calibration_error'") && found.contains("accuracy, log_loss, brier"))
  }

  @Test func wrongNumberOfClasses() async {
    let found = await message(p, p, labels) { $0.classNames = ["a", "b", "c"] }
    #expect(found.contains("--classes names 3 classes, and the predictions have 2 columns"))
  }

  @Test func textsAsPredictions() async {
    var texts = NumericArray.made([], shape: [3], path: "a.csv")
    texts.texts = ["a", "b", "c"]
    #expect(await message(texts, p, labels).contains("a.csv: holds texts"))
  }
}
