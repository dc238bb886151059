import ArgumentParser
import Comparison
import HDF5Store
import Reports
import Results

struct Significance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "significance",
    abstract: "Tests which layers of two models, or of the runs of two recipes, differ by more than chance.",
    discussion: """
        equipoise significance data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0
        equipoise significance --group-a data/dense-l2-1e-5-seed? \\
          --group-b data/dense-l2-1e-2-seed?

      What export wrote is tested again from the file alone:

        equipoise significance pairs.h5 --adjust holm
      """)

  @Argument(help: "The two models, differences are B − A; or one file that export wrote.")
  var models: [String] = []

  @OptionGroup var replicates: ReplicateArguments

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
    try replicates.validate(models: models)
    if replicates.hasGroups {
      try testing.validateForRuns()
      try replicates.refuse(testing.normalized)
      try comparison.checkCondition(against: RunComparison.specimen)
    } else if models.count == 2 {
      try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
    }
    guard 1...2 ~= models.count || replicates.hasGroups else {
      throw ValidationError("Give two models, equipoise significance A B, or a file that export wrote.")
    }
    guard !explain || output.format == .table else {
      throw ValidationError(
        "--explain goes with --format table; JSON has method_reason and null_hypothesis of every test.")
    }
  }

  func run() async throws {
    if replicates.hasGroups { return try await runGroups() }
    if models.count == 1 {
      try Probe.look(atResultsOf: models[0])
      if try holdsRuns(models[0]) { return try await retestRuns(in: models[0]) }
      try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
    }
    var options = try comparison.options(selection, threads: output.threads, command: "significance")
    options.wantsAllUnitSums = false
    options.significance = try testing.options()
    options.arguments += testing.normalized
    replicates.announceFloor(quiet: output.quiet)
    let result = try await ProgressLine.follow(quiet: output.quiet) { [options] progress in
      let file = models.count == 1 ? ExportedFile(path: models[0]) : nil
      if let file, replicates.reference.isEmpty,
        let found = try await file.retested(options, comparison, selection, progress: progress)
      {
        return found
      }
      let paths = file?.sides ?? models
      let (a, b) = try await openModels(paths[0], paths[1], tag: comparison.tag)
      var result = try await compare(a, b, options: options, progress: progress).result
      result.noise = try await replicates.noiseFloor(a, b, tag: comparison.tag, options: options, progress: progress)
      return result
    }
    let condition = try comparison.checkedCondition(of: result, specimen: ModelComparison.specimen(isTested: true))
    try await output.write(result, by: by, explains: explain, condition: condition)
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try condition?.endIfItHolds()
    let significant =
      result.layers?.contains(where: \.significant) ?? false
      || result.noise?.layers.contains(where: \.significant) ?? false
    if exitCode, significant { throw ExitStatus(code: 1) }
  }
}
