import ArgumentParser
import Comparison
import Reports
import Results

struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One self-contained HTML page about two models, or about the runs of two recipes.",
    discussion: """
        equipoise report data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0 -o report.html
        equipoise report --group-a data/dense-l2-1e-5-seed? --group-b data/dense-l2-1e-2-seed? -o report.html
      """)

  @Argument(help: "The two models; differences are B − A.", completion: .file())
  var models: [String] = []

  @OptionGroup var replicates: ReplicateArguments

  @Option(
    name: [.short, .long], help: ArgumentHelp("The HTML file to write.", valueName: "file"), completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Threads to use; never alters a result.", valueName: "n"))
  var threads: Int = Terminal.processors

  @Flag(help: "No warnings and no progress.")
  var quiet = false

  @OptionGroup var testing: TestArguments
  @OptionGroup var comparison: ComparisonArguments
  @OptionGroup var selection: SelectionOptions

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
    try replicates.validate(models: models)
    guard replicates.reference.isEmpty else {
      throw ValidationError("--reference goes with significance; the page has no place for it.")
    }
    if replicates.hasGroups {
      try testing.validateForRuns()
      try comparison.checkCondition(against: RunComparison.specimen)
      return
    }
    guard models.count == 2 else { throw ValidationError("Give two models: equipoise report A B -o report.html.") }
    try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
  }

  func run() async throws {
    if replicates.hasGroups { return try await runGroups() }
    var options = try comparison.options(selection, threads: threads, command: "report")
    options.significance = try testing.options()
    options.arguments += testing.normalized
    options.profiles = true
    let file = try OutputFile(output)
    let found = try await ProgressLine.follow(quiet: quiet) { [options] in
      try await compare(
        openModel(at: models[0], tag: comparison.tag), openModel(at: models[1], tag: comparison.tag),
        options: options, progress: $0)
    }
    try await file.write(page(found.result))
    if !quiet { Terminal.warnings(found.result.warnings) }
    try found.result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: found.result, specimen: ModelComparison.specimen(isTested: true))?
      .endIfItHolds()
  }

  private func runGroups() async throws {
    var options = try comparison.options(selection, threads: threads, command: "report")
    options.significance = try testing.options(forRuns: true)
    options.arguments += testing.normalized
    let file = try OutputFile(output)
    let result = try await ProgressLine.follow(quiet: quiet) { [options] progress in
      try await compareRuns(
        replicates.groupA.map { try openModel(at: $0, tag: comparison.tag) },
        replicates.groupB.map { try openModel(at: $0, tag: comparison.tag) }, options: options, progress: progress)
    }
    try await file.write(page(result))
    if !quiet { Terminal.warnings(result.warnings) }
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)?.endIfItHolds()
  }
}
