import ArgumentParser
import Behavior
import Comparison
import Reports
import Results
import Statistics

extension RowKind: ExpressibleByArgument {}
extension Alternative: ExpressibleByArgument {}
extension Adjustment: ExpressibleByArgument {}

/// What the tests need.
struct TestArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Comma-separated: \(SignificanceOptions.available.joined(separator: ", ")). Without it \(SignificanceOptions.standard.joined(separator: ", ")), and equivalence with --margin.",
      valueName: "list"))
  var tests: String?

  @Option(help: ArgumentHelp("Swaps of units per layer.", valueName: "n"))
  var resamples = Setting(9_999)

  @Option(help: ArgumentHelp("Bootstrap samples of the units behind each interval.", valueName: "n"))
  var intervalResamples = Setting(1_999)

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed = Setting(UInt64(0))

  @Option(help: "Direction of drift and scale; greater means B is greater.")
  var alternative = Setting(Alternative.twoSided)

  @Option(help: ArgumentHelp("Level at which a layer is said to differ.", valueName: "p"))
  var alpha = Setting(0.05)

  @Option(help: "How p-values are adjusted for the number of layers.")
  var adjust = Setting(Adjustment.bh)

  @Option(help: ArgumentHelp("Confidence level of the intervals.", valueName: "p"))
  var confidence = Setting(0.95)

  @Option(
    help: ArgumentHelp(
      "Margin of equivalence: a number for mean_shift_per_sd, log_norm_ratio and relative_l2, which have no unit, or MEASURE=X. Repeatable.",
      valueName: "x"))
  var margin: [String] = []

  @OptionGroup var pair: PairTestArguments

  /// Tests of runs, which other arguments ask for.
  private static let ofRuns: Set = ["recipe", "noise-floor"]

  func validate() throws {
    let known = Set(SignificanceOptions.available)
    for item in items(tests ?? "")
    where !known.contains(item) && !Self.ofRuns.contains(item) && PairTestArguments.refusal(of: item) == nil {
      throw ValidationError(
        "--tests: no test '\(item)'\(suggestion(for: item, among: SignificanceOptions.available)); there are \(SignificanceOptions.available.joined(separator: ", "))."
      )
    }
    if items(tests ?? "").contains("equivalence"), margin.isEmpty {
      throw ValidationError("equivalence needs a margin, which only you can know: --margin relative_l2=.01.")
    }
    _ = try margins()
    guard (1...10_000_000).contains(resamples.value) else {
      throw ValidationError("--resamples must be 1 to 10000000.")
    }
    guard (99...1_000_000).contains(intervalResamples.value) else {
      throw ValidationError("--interval-resamples must be 99 to 1000000.")
    }
    guard alpha.value > 0, alpha.value < 1 else { throw ValidationError("--alpha must lie between 0 and 1.") }
    guard confidence.value > 0, confidence.value < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1.")
    }
  }

  /// What has no meaning for runs is refused rather than ignored.
  func validateForRuns() throws {
    for item in items(tests ?? "") where item != "recipe" {
      throw ValidationError("--tests: with --group-a and --group-b the test is recipe, not '\(item)'.")
    }
    guard alternative.value == .twoSided else {
      throw ValidationError("--alternative: the test of a recipe has no direction; the effects beside it have.")
    }
  }

  /// Whether any of it was asked for.
  var isGiven: Bool {
    tests != nil || resamples.isGiven || intervalResamples.isGiven || seed.isGiven || alternative.isGiven
      || alpha.isGiven || adjust.isGiven || confidence.isGiven || !margin.isEmpty || pair.isGiven
  }

  func options(forRuns: Bool = false) throws -> SignificanceOptions {
    var options = SignificanceOptions()
    if !forRuns, let tests {
      for item in items(tests) where Self.ofRuns.contains(item) {
        throw ValidationError(
          item == "recipe"
            ? "--tests: recipe takes runs, --group-a A1 A2 … --group-b B1 B2 …."
            : "--tests: noise-floor takes further runs of A's recipe, --reference R1 R2 ….")
      }
      options.tests = Set(items(tests))
      for item in items(tests) {
        if let reason = PairTestArguments.refusal(of: item) { throw Unsupported(reason) }
      }
    }
    options.margins = try margins()
    if !margin.isEmpty { options.tests.insert("equivalence") }
    pair.apply(to: &options)
    options.resamples = resamples.value
    options.intervalResamples = intervalResamples.value
    options.seed = seed.value
    options.alternative = alternative.value
    options.alpha = alpha.value
    options.adjustment = adjust.value
    options.confidence = confidence.value
    return options
  }

  private func margins() throws -> Margins {
    var margins = Margins()
    // Named ones first, so that a plain number does not stand in their way.
    for text in margin.filter({ $0.contains("=") }) + margin.filter({ !$0.contains("=") }) {
      if let reason = margins.add(text) { throw ValidationError("--margin \(reason).") }
    }
    return margins
  }

  var normalized: [String] {
    let standard = SignificanceOptions()
    var result: [String] = []
    if let tests { result += ["--tests", items(tests).sorted().joined(separator: ",")] }
    for text in margin.sorted() { result += ["--margin", text] }
    result += pair.normalized
    if alternative.value != standard.alternative { result += ["--alternative", alternative.value.rawValue] }
    if intervalResamples.value != standard.intervalResamples {
      result += ["--interval-resamples", "\(intervalResamples.value)"]
    }
    if alpha.value != standard.alpha { result += ["--alpha", "\(alpha.value)"] }
    if adjust.value != standard.adjustment { result += ["--adjust", adjust.value.rawValue] }
    if confidence.value != standard.confidence { result += ["--confidence", "\(confidence.value)"] }
    return result
  }
}

extension TestArguments {
  /// The same settings for predictions, which have no units and no layers.
  func behaviorOptions(threads: Int) -> BehaviorOptions {
    var options = BehaviorOptions()
    options.resamples = resamples.value
    options.intervalResamples = intervalResamples.value
    options.seed = seed.value
    options.alpha = alpha.value
    options.adjustment = adjust.value
    options.confidence = confidence.value
    options.threads = threads
    return options
  }

  /// As `behavior` writes them.
  var behaviorNormalized: [String] {
    let standard = BehaviorOptions()
    var result: [String] = []
    if intervalResamples.value != standard.intervalResamples {
      result += ["--interval-resamples", "\(intervalResamples.value)"]
    }
    if alpha.value != standard.alpha { result += ["--alpha", "\(alpha.value)"] }
    if adjust.value != standard.adjustment { result += ["--adjust", adjust.value.rawValue] }
    if confidence.value != standard.confidence { result += ["--confidence", "\(confidence.value)"] }
    return result
  }
}
