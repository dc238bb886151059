import ArgumentParser
import Comparison
import HDF5Store
import Reports
import Results

struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "One self-contained HTML page about two models, or about the runs of two recipes.",
    discussion: """
        equipoise report -o a.html data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0
        equipoise report -o b.html --group-a data/dense-l2-1e-5-seed? \\
          --group-b data/dense-l2-1e-2-seed?

      From the file that export wrote; no model is needed:

        equipoise report -o c.html pairs.h5

      With what the difference does to predictions, from files or by running both models:

        equipoise report data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0 \\
          -o d.html --labels data/test-labels.npy \\
          --predictions-a data/predictions/dense-l2-1e-5-seed0.npy \\
          --predictions-b data/predictions/dense-l2-1e-2-seed0.npy
        equipoise report data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0 \\
          -o e.html --transplant --inputs data/test-inputs.npy \\
          --labels data/test-labels.npy
      """)

  @Argument(help: "The two models, differences are B − A; or one file that export wrote.", completion: .file())
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
  @OptionGroup(title: "Behaviour") var predictions: PredictionArguments
  @OptionGroup(title: "Behaviour by running both models") var running: RunArguments

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
    try replicates.validate(models: models)
    if replicates.hasGroups {
      try testing.validateForRuns()
      try replicates.refuse(testing.normalized)
      if let option = predictions.asks ?? running.inputs.map({ _ in "--inputs" }) ?? running.asks {
        throw ValidationError("\(option) is of two models, not of --group-a and --group-b.")
      }
      try comparison.checkCondition(against: RunComparison.specimen)
      return
    }
    guard 1...2 ~= models.count else {
      throw ValidationError(
        "Give two models, equipoise report A B -o report.html, or a file that export wrote.")
    }
    try validateBehavior()
    try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
  }

  /// What belongs to predictions needs predictions, or a run that makes them.
  private func validateBehavior() throws {
    if running.inputs != nil {
      guard predictions.predictionsA == nil, predictions.predictionsB == nil else {
        throw ValidationError("Give either --inputs, or predictions of both.")
      }
      guard models.count == 2 else { throw ValidationError("--inputs goes with two models to run.") }
      return
    }
    if let option = running.asks { throw ValidationError("\(option) goes with two models and --inputs.") }
    guard (predictions.predictionsA == nil) == (predictions.predictionsB == nil) else {
      throw ValidationError("Give predictions of both: --predictions-a and --predictions-b.")
    }
    if let option = predictions.asks, predictions.predictionsA == nil {
      throw ValidationError("\(option) goes with --predictions-a and --predictions-b, or with --inputs.")
    }
  }

  func run() async throws {
    if replicates.hasGroups { return try await runGroups() }
    if models.count == 1, let runs = try storedRuns(in: models[0]) {
      return try await OutputFile(output).write(page(runs))
    }
    let file = try OutputFile(output)
    replicates.announceFloor(quiet: quiet)
    let result = try await ProgressLine.follow(quiet: quiet) { progress in
      var result = try await compared(progress)
      result.behavior = try await behavior(progress)
      return result
    }
    try await file.write(page(result))
    if !quiet {
      Terminal.warnings(result.warnings + (result.noise?.warnings ?? []) + (result.behavior?.warnings ?? []))
    }
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: result, specimen: ModelComparison.specimen(isTested: true))?
      .endIfItHolds()
  }

  /// The results of runs that export wrote; `nil` where the file holds two models.
  private func storedRuns(in path: String) throws -> RunComparison? {
    try Probe.look(atResultsOf: path)
    guard try holdsRuns(path) else { return nil }
    if testing.isGiven || selection.isGiven || comparison.needsTensors || predictions.predictionsA != nil
      || !replicates.reference.isEmpty
    {
      throw Unsupported(
        "\(path): holds the runs of two recipes, whose page shows them as they were tested; `equipoise significance \(path)` tests "
          + "them again")
    }
    return try readRunResults(from: path)
  }

  private func compared(_ progress: WorkProgress) async throws -> ModelComparison {
    var options = try comparison.options(selection, threads: threads, command: "report")
    options.significance = try testing.options()
    options.arguments += testing.normalized + replicates.normalized + behaviorArguments
    options.profiles = true
    let file = models.count == 1 ? ExportedFile(path: models[0]) : nil
    if let file, replicates.reference.isEmpty {
      let isAsked = testing.isGiven || selection.isGiven || comparison.needsTensors
      if !isAsked { return try file.results() }
      if let found = try await file.retested(options, comparison, selection, progress: progress) { return found }
    }
    let paths = file?.sides ?? models
    let (a, b) = try await openModels(paths[0], paths[1], tag: comparison.tag)
    var result = try await compare(a, b, options: options, progress: progress).result
    result.noise = try await replicates.noiseFloor(a, b, tag: comparison.tag, options: options, progress: progress)
    return result
  }

  private func behavior(_ progress: WorkProgress) async throws -> BehaviorComparison? {
    guard running.inputs != nil || predictions.predictionsA != nil else { return nil }
    var options = testing.behaviorOptions(threads: threads)
    predictions.apply(to: &options)
    options.arguments = ["behavior"] + predictions.normalized + testing.behaviorNormalized + running.normalized
    return running.inputs == nil
      ? try await predictions.compareFiles(options).result
      : try await predictions.run(models, tag: comparison.tag, running, options, progress: progress).result
  }

  /// With the paths, without which the page's command would not give the page again.
  private var behaviorArguments: [String] {
    var result: [String] = []
    for (name, path) in [
      ("--predictions-a", predictions.predictionsA), ("--predictions-b", predictions.predictionsB),
      ("--inputs", running.inputs), ("--labels", predictions.labels),
    ] {
      if let path { result += [name, path] }
    }
    return result + predictions.normalized + running.normalized
  }

  private func runGroups() async throws {
    var options = try comparison.options(selection, threads: threads, command: "report")
    options.significance = try testing.options(forRuns: true)
    options.arguments += testing.normalized
    let file = try OutputFile(output)
    replicates.announceGroups(resamples: testing.resamples.value, quiet: quiet)
    let result = try await ProgressLine.follow(quiet: quiet) { [options] in
      try await replicates.compareGroups(tag: comparison.tag, options: options, progress: $0)
    }
    try await file.write(page(result))
    if !quiet { Terminal.warnings(result.warnings) }
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)?.endIfItHolds()
  }
}
