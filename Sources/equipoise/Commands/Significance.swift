import ArgumentParser
import Comparison
import Reports
import Results

struct Significance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tests which layers of two models differ by more than chance.",
    discussion: "  equipoise significance data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0")

  @Argument(help: "The two models; differences are B − A.")
  var models: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Not in this version.", visibility: .hidden))
  var groupA: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Not in this version.", visibility: .hidden))
  var groupB: [String] = []

  @Option(help: "What a row of CSV or Markdown stands for.")
  var by: RowKind = .layer

  @Flag(help: "Exit with status 1 if a layer is significant.")
  var exitCode = false

  @Flag(help: "Say in words what each p means, what it does not, and why it was computed as it was.")
  var explain = false

  @OptionGroup var testing: TestArguments
  @OptionGroup var comparison: ComparisonArguments
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard models.count == 2 || !(groupA + groupB).isEmpty else {
      throw ValidationError("Give two models: equipoise significance A B.")
    }
    guard !explain || output.format == .table else {
      throw ValidationError(
        "--explain goes with --format table; JSON has method_reason and null_hypothesis of every test.")
    }
  }

  func run() async throws {
    guard groupA.isEmpty, groupB.isEmpty else {
      throw Unsupported(
        "--group-a and --group-b: the test of a recipe from several runs is not in this version yet; "
          + "compare two models at a time")
    }
    var options = try comparison.options(selection, threads: output.threads, command: "significance")
    options.significance = try testing.options()
    options.arguments += testing.normalized
    let found = try await ProgressLine.follow(quiet: output.quiet) {
      try await compare(
        openModel(at: models[0], tag: comparison.tag), openModel(at: models[1], tag: comparison.tag),
        options: options, progress: $0)
    }
    try await output.write(found.result, by: by, explains: explain)
    try found.result.endWithTrouble(keepGoing: comparison.keepGoing)
    let significant = found.result.layers?.contains(where: \.significant) ?? false
    if exitCode, significant { throw ExitStatus(code: 1) }
  }
}
