import ArgumentParser
import Behavior
import Reports
import Results
import Statistics

extension BehaviorRowKind: ExpressibleByArgument {}

/// How predictions are compared.
struct BehaviorArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Test that a measure is the same within a margin, such as accuracy=0.01. Repeatable.", valueName: "measure=x"))
  var margin: [String] = []

  @Option(help: ArgumentHelp("Random swaps where a permutation test needs them.", valueName: "n"))
  var resamples = 9_999

  @Option(help: ArgumentHelp("Bootstrap samples of the examples behind each interval.", valueName: "n"))
  var intervalResamples = 1_999

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: "Direction of the tests; greater means B is greater.")
  var alternative: Alternative = .twoSided

  @Option(help: ArgumentHelp("Level at which a difference is marked.", valueName: "p"))
  var alpha = 0.05

  @Option(help: "How p-values are adjusted for the number of classes.")
  var adjust: Adjustment = .bh

  @Option(help: ArgumentHelp("Confidence level of the intervals.", valueName: "p"))
  var confidence = 0.95

  @Option(help: "What a row of CSV or Markdown stands for.")
  var by: BehaviorRowKind = .measure

  func validate() throws {
    guard (1...10_000_000).contains(resamples) else { throw ValidationError("--resamples must be 1 to 10000000.") }
    guard (99...1_000_000).contains(intervalResamples) else {
      throw ValidationError("--interval-resamples must be 99 to 1000000.")
    }
    guard alpha > 0, alpha < 1 else { throw ValidationError("--alpha must lie between 0 and 1.") }
    guard confidence > 0, confidence < 1 else { throw ValidationError("--confidence must lie between 0 and 1.") }
    _ = try margins()
  }

  private func margins() throws -> [String: Double] {
    var result: [String: Double] = [:]
    for text in margin {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), value > 0, value.isFinite else {
        throw ValidationError("--margin takes MEASURE=X with X above 0, such as accuracy=0.01, not '\(text)'.")
      }
      guard parts[0] != "accuracy" || value < 1 else {
        throw ValidationError("--margin accuracy=\(parts[1]): must be below 1.")
      }
      result[parts[0]] = value
    }
    return result
  }

  func options(threads: Int) throws -> BehaviorOptions {
    var options = BehaviorOptions()
    options.margins = try margins()
    options.alternative = alternative
    options.resamples = resamples
    options.intervalResamples = intervalResamples
    options.seed = seed
    options.alpha = alpha
    options.adjustment = adjust
    options.confidence = confidence
    options.threads = threads
    return options
  }

  var normalized: [String] {
    let standard = BehaviorOptions()
    var result: [String] = []
    for item in margin.sorted() { result += ["--margin", item] }
    if alternative != standard.alternative { result += ["--alternative", alternative.rawValue] }
    if intervalResamples != standard.intervalResamples { result += ["--interval-resamples", "\(intervalResamples)"] }
    if alpha != standard.alpha { result += ["--alpha", "\(alpha)"] }
    if adjust != standard.adjustment { result += ["--adjust", adjust.rawValue] }
    if confidence != standard.confidence { result += ["--confidence", "\(confidence)"] }
    return result
  }
}
