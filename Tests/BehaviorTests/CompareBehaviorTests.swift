import Foundation
import Results
import Testing

@testable import Behavior

struct CompareBehaviorTests {
  let labels: NumericArray

  init() throws { labels = try readArray(at: data("test-labels.npy")) }

  private func predictions(_ name: String) throws -> NumericArray {
    try readArray(at: data("predictions/\(name).npy"))
  }

  private func compared(
    _ a: NumericArray, _ b: NumericArray, labels: NumericArray?, _ change: (inout BehaviorOptions) -> Void = { _ in }
  ) async throws -> BehaviorComparison {
    var options = BehaviorOptions()
    options.intervalResamples = 499
    change(&options)
    return try await compareBehavior(SourcedPredictions(a), SourcedPredictions(b), labels: labels, options: options)
  }

  @Test(arguments: Oracle.read.pairs)
  func againstSciPyAndScikitLearn(pair: Oracle.Pair) async throws {
    let (a, b) = (try predictions(pair.a), try predictions(pair.b))
    let result = try await compared(a, b, labels: labels) { $0.margins = ["log_loss": 0.1, "accuracy": 0.02] }
    #expect(result.task == .classification && result.exampleCount == 450)
    for (name, expected) in [
      ("accuracy", pair.accuracy), ("log_loss", pair.logLoss), ("brier", pair.brier),
      ("calibration_error", pair.calibrationError),
    ] {
      let measure = try #require(result.measure(name))
      #expect(close(measure.a, expected[0], 1e-9, absolute: 1e-12), "\(name) of A")
      #expect(close(measure.b, expected[1], 1e-9, absolute: 1e-12), "\(name) of B")
      #expect(close(measure.difference.value, expected[1] - expected[0], 1e-9, absolute: 1e-12))
      let limits = try #require(measure.difference.interval)
      #expect(limits[0] <= expected[1] - expected[0] && expected[1] - expected[0] <= limits[1])
    }
    let overconfidence = try #require(result.measure("overconfidence"))
    #expect(close(overconfidence.a, pair.overconfidence[0], absolute: 1e-12))
    #expect(result.agreement.count == pair.agreement)
    #expect(result.agreement.onlyACorrect == pair.onlyA && result.agreement.onlyBCorrect == pair.onlyB)
    let mcnemar = try #require(result.tests.first { $0.id == "mcnemar" })
    #expect(close(mcnemar.pValue, pair.mcnemar, 1e-12) && mcnemar.method == "exact")
    let score = try #require(mcnemar.effect?.interval)
    #expect(
      close(score[0], pair.score[0], 1e-5, absolute: 1e-7) && close(score[1], pair.score[1], 1e-5, absolute: 1e-7))
    // A saddlepoint of 450 examples against all 2⁴⁵⁰ arrangements on a grid.
    let permutation = try #require(result.tests.first { $0.id == "permutation" && $0.statistic == "log_loss" })
    #expect(close(permutation.pValue, pair.permutation, 0.01, absolute: 1e-12), "\(permutation.pValue ?? -1)")
    let equivalence = try #require(result.tests.first { $0.id == "equivalence" && $0.statistic == "log_loss" })
    #expect(close(equivalence.pValue, pair.equivalenceOfLogLoss, 1e-8, absolute: 1e-15))
    let classes = try #require(result.classes)
    for (i, row) in classes.enumerated() {
      #expect(close(row.recallA, pair.recall[0][i]) && close(row.recallB, pair.recall[1][i]))
      // −1 stands for a class that is never predicted.
      #expect(close(row.precisionA ?? -1, pair.precision[0][i]) && close(row.precisionB ?? -1, pair.precision[1][i]))
    }
  }

  @Test(arguments: Oracle.read.pairs)
  func permutationAgainstSciPyExact(pair: Oracle.Pair) async throws {
    let result = try await compared(
      try predictions(pair.a).first(16), try predictions(pair.b).first(16), labels: labels.first(16))
    let row = try #require(result.tests.first { $0.id == "permutation" && $0.statistic == "log_loss" })
    #expect(row.method == "exact" && close(row.pValue, pair.permutationOf16, 1e-12))
  }

  @Test(arguments: Oracle.read.pairs)
  func mcNemarOneSidedAgainstSciPy(pair: Oracle.Pair) async throws {
    let result = try await compared(try predictions(pair.a), try predictions(pair.b), labels: labels) {
      $0.alternative = .greater
    }
    #expect(close(result.tests.first { $0.id == "mcnemar" }?.pValue, pair.greater, 1e-12))
  }

  /// `truth.json` says what TensorFlow's own predictions scored.
  @Test func accuracyAgainstTensorFlow() async throws {
    struct Truth: Decodable {
      struct Model: Decodable { var testAccuracy, testLogLoss: Double }
      var models: [String: Model]
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let truth = try decoder.decode(Truth.self, from: Data(contentsOf: URL(fileURLWithPath: data("truth.json"))))
    #expect(truth.models.count == 24)
    let first = "dense-l2-1e-5-seed0"
    for (name, model) in truth.models where name != first {
      let result = try await compared(try predictions(first), try predictions(name), labels: labels) {
        $0.intervalResamples = 99
      }
      #expect(result.measure("accuracy")?.b == model.testAccuracy, "\(name)")
      #expect(close(result.measure("log_loss")?.b, model.testLogLoss, 1e-13), "\(name)")
    }
  }

  @Test func identicalPredictions() async throws {
    let a = try predictions("dense-l2-1e-5-seed0")
    let result = try await compared(a, a, labels: labels) { $0.margins = ["accuracy": 0.02, "log_loss": 0.05] }
    #expect(result.tests.filter { $0.id != "equivalence" }.allSatisfy { $0.pValue == 1 })
    #expect(result.tests.filter { $0.id == "equivalence" }.allSatisfy { $0.pValue! > 0 && $0.pValue! < 0.01 })
    #expect(result.disagreements.isEmpty && result.agreement.share == 1 && result.agreement.maxAbsDifference == 0)
    #expect(result.measures.allSatisfy { $0.difference.value == 0 })
  }

  /// The hardest case: A is calibrated exactly and B always as sure, so that all that A's estimate is off goes one way.
  /// 300 samples at 95 %: fewer than 273 hold it by chance in one of 1,000 seeds, were the coverage no better than that.
  @Test func calibrationErrorIntervalCoversWhereItIsHardest() async throws {
    var random = SplitMix(state: 26)
    var held = 0
    for _ in 0..<300 {
      var (a, b, labels): ([Double], [Double], [Double]) = ([], [], [])
      for _ in 0..<256 {
        let confidence = Double.random(in: 0.5..<1, using: &random)
        a += [1 - confidence, confidence]
        b += [0.001, 0.999]
        labels.append(Double.random(in: 0..<1, using: &random) < confidence ? 1 : 0)
      }
      let result = try await compared(
        .made(a, shape: [256, 2]), .made(b, shape: [256, 2]), labels: .made(labels, isInteger: true)
      ) { $0.intervalResamples = 199 }
      let measure = try #require(result.measure("calibration_error"))
      let limits = try #require(measure.difference.interval)
      #expect(measure.difference.intervalMethod == "conservative_bootstrap")
      // Mean confidence of A, and so the share that is right, is .75.
      held += limits[0] <= 0.999 - 0.75 && 0.999 - 0.75 <= limits[1] ? 1 : 0
    }
    #expect(held >= 273)
  }

  @Test func calibrationErrorIntervalTellsTheModelsApart() async throws {
    let result = try await compared(
      try predictions("dense-l2-1e-5-seed0"), try predictions("dense-l2-1e-2-seed0"), labels: labels)
    let limits = try #require(result.measure("calibration_error")?.difference.interval)
    // B is far less sure than it is right: .145 against .014.
    #expect(limits[0] > 0 && limits[1] - limits[0] < 0.25)
    let few = try await compared(
      try predictions("dense-l2-1e-5-seed0").first(255), try predictions("dense-l2-1e-2-seed0").first(255),
      labels: labels.first(255))
    #expect(few.measure("calibration_error")?.difference.interval == nil)
  }

  @Test func binaryAgainstScikitLearn() async throws {
    let oracle = Oracle.read.binary
    let a = NumericArray.made(oracle.p)
    let result = try await compared(a, a, labels: .made(oracle.y, isInteger: true))
    #expect(result.task == .binary)
    #expect(close(result.measure("brier")?.a, oracle.brier) && close(result.measure("log_loss")?.a, oracle.logLoss))
    // As logits the same.
    let logits = NumericArray.made(oracle.p.map { log($0 / (1 - $0)) })
    let other = try await compared(logits, logits, labels: .made(oracle.y, isInteger: true)) { $0.logits = true }
    #expect(other.task == .binary)
    #expect(close(other.measure("log_loss")?.a, oracle.logLoss, 1e-10))
  }

  @Test func logitsAreTheirSoftmax() async throws {
    let p = try predictions("dense-l2-1e-2-seed0")
    var logits = p
    // Any constant may be added to a row; this far off, exp alone would overflow.
    logits.values = p.values.map { log($0) + 2_000 }
    let a = try await compared(p, p, labels: labels)
    let b = try await compared(logits, logits, labels: labels) { $0.logits = true }
    for name in ["accuracy", "log_loss", "brier", "calibration_error"] {
      #expect(close(b.measure(name)?.a, try #require(a.measure(name)).a, 1e-6), "\(name)")
    }
  }

  @Test func regressionByHand() async throws {
    let a = NumericArray.made([1, 2, 3, 4])
    let b = NumericArray.made([1, 2.5, 2, 8])
    let y = NumericArray.made([1, 2, 2.5, 6])
    let result = try await compared(a, b, labels: y)
    #expect(result.task == .regression && result.classNames == nil && result.classes == nil)
    #expect(result.measure("mse")?.a == (0 + 0 + 0.25 + 4) / 4 && result.measure("mse")?.b == (0 + 0.25 + 0.25 + 4) / 4)
    #expect(result.measure("mae")?.a == 2.5 / 4 && result.measure("mae")?.b == 3.0 / 4)
    #expect(result.agreement.count == 1 && result.agreement.meanDistance == 5.5 / 4)
    #expect(result.disagreements.first?.index == 3)
    // Squared errors differ in one example only: p = 1.
    #expect(result.tests.first { $0.statistic == "mse" }?.pValue == 1)
  }

  @Test func bareClassesHaveAccuracyOnly() async throws {
    let a = NumericArray.made([0, 1, 2, 1], isInteger: true)
    let b = NumericArray.made([0, 1, 1, 1], isInteger: true)
    let result = try await compared(a, b, labels: .made([0, 1, 2, 2], isInteger: true))
    #expect(result.measures.map(\.name) == ["accuracy"])
    #expect(result.measure("accuracy")?.a == 0.75 && result.measure("accuracy")?.b == 0.5)
    #expect(result.calibration == nil && result.agreement.maxAbsDifference == nil)
  }

  @Test func withoutLabelsOnlyWhatBothPredict() async throws {
    let result = try await compared(
      try predictions("dense-l2-1e-5-seed0"), try predictions("dense-l2-1e-2-seed0"), labels: nil)
    #expect(result.measures.isEmpty && result.tests.isEmpty && result.classes == nil && result.task == .classification)
    #expect(result.agreement.count == Oracle.read.pairs[0].agreement && result.disagreements.count == 10)
  }

  @Test func oneHotLabelsAreClasses() async throws {
    let a = try predictions("dense-l2-1e-5-seed0")
    var oneHot = labels
    oneHot.shape = [450, 10]
    oneHot.values = labels.values.flatMap { label in (0..<10).map { Double($0) == label ? 1 : 0 } }
    let result = try await compared(a, a, labels: oneHot)
    #expect(result.measure("accuracy")?.a == Oracle.read.pairs[0].accuracy[0])
  }

  @Test func zeroProbabilityIsSaid() async throws {
    let a = NumericArray.made([1, 0, 0.5, 0.5], shape: [2, 2])
    let result = try await compared(a, a, labels: .made([1, 0], isInteger: true))
    #expect(close(result.measure("log_loss")?.a, (-log(1e-15) + log(2)) / 2))
    #expect(result.warnings.contains { $0.contains("1 examples have probability 0") })
  }

  @Test func threadsChangeNothing() async throws {
    let (a, b) = (try predictions("dense-l2-1e-5-seed0"), try predictions("dense-l2-1e-2-seed0"))
    func bytes(_ threads: Int) async throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(try await compared(a, b, labels: labels) { $0.threads = threads })
    }
    #expect(try await bytes(1) == bytes(5))
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
