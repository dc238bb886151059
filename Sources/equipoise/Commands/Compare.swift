import ArgumentParser
import Comparison
import Reports
import Results

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Structure, metadata and direct measures of two models.",
    discussion: "  equipoise compare data/dense-l2-1e-5-seed0 data/dense-l2-1e-5-seed0-finetuned")

  @Argument(help: "A model.")
  var a: String

  @Argument(help: "The model to compare it with; differences are B − A.")
  var b: String

  @Flag(help: "Exit with status 1 if the models differ.")
  var exitCode = false

  @OptionGroup var comparison: ComparisonArguments
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try comparison.checkCondition(against: ModelComparison.specimen(isTested: false)) }

  func run() async throws {
    var options = try comparison.options(selection, threads: output.threads, command: "compare")
    options.profiles = output.format == .table && !options.metrics.isDisjoint(with: Metric.distributional)
    options.wantsAllUnitSums = false
    let found = try await ProgressLine.follow(quiet: output.quiet) { [options] progress in
      let (a, b) = try await openModels(a, b, tag: comparison.tag)
      return try await compare(a, b, options: options, progress: progress)
    }
    let condition = try comparison.checkedCondition(
      of: found.result, specimen: ModelComparison.specimen(isTested: false))
    try await output.write(found.result, by: .pair, condition: condition)
    try found.result.endWithTrouble(keepGoing: comparison.keepGoing)
    try condition?.endIfItHolds()
    let differs = found.result.verdict == .different
    if exitCode, differs { throw ExitStatus(code: 1) }
  }
}
