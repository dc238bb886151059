import ArgumentParser
import Comparison
import HDF5Store
import Results

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Aligned tensor pairs and every result as HDF5.",
    discussion: """
        equipoise export -o a.h5 data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0
        equipoise export -o b.h5 --group-a data/dense-l2-1e-5-seed? \\
          --group-b data/dense-l2-1e-2-seed?
      """)

  @Argument(help: "The two models; differences are B − A.")
  var models: [String] = []

  @OptionGroup var replicates: ReplicateArguments

  @Option(name: [.short, .long], help: ArgumentHelp("The HDF5 file to write.", valueName: "file"))
  var output: String

  @Option(help: "Variable-length UTF-8, or fixed for Octave.")
  var strings: StringStorage = .variable

  @Option(help: ArgumentHelp("none, deflate, or deflate:1 to deflate:9.", valueName: "method"))
  var compression: String = "none"

  @Flag(name: .customLong("no-tensors"), help: "Results and unit sums only, without the tensors' values.")
  var skipsTensors = false

  @Flag(help: "Keep the null distributions of the tests.")
  var keepNull = false

  @Flag(help: "Add another analysis of the same models to the file; its pairs and results stay as they are.")
  var append = false

  @Option(help: ArgumentHelp("Threads to use; never alters a result.", valueName: "n"))
  var threads: Int = Terminal.processors

  @Flag(help: "No warnings and no progress.")
  var quiet = false

  @OptionGroup var testing: TestArguments
  @OptionGroup var comparison: ComparisonArguments
  @OptionGroup var selection: SelectionOptions

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
    guard !append || (!skipsTensors && compression == "none") else {
      throw ValidationError("--append leaves the pairs as they are: --no-tensors and --compression don't go with it.")
    }
    _ = try deflateLevel()
    try replicates.validate(models: models)
    if replicates.hasGroups {
      guard !append else {
        throw ValidationError("--append adds an analysis of two models; export groups of runs to a file of their own.")
      }
      try testing.validateForRuns()
      try replicates.refuse(testing.normalized)
      try comparison.checkCondition(against: RunComparison.specimen)
      return
    }
    guard replicates.reference.isEmpty || !append else {
      throw ValidationError("--append does not take --reference; export to another file.")
    }
    guard models.count == 2 else { throw ValidationError("Give two models: equipoise export A B -o pairs.h5.") }
    try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
  }

  func run() async throws {
    if replicates.hasGroups { return try await runGroups() }
    try await runPair()
  }

  /// How the file is written.
  func storage() throws -> ExportOptions {
    var storage = ExportOptions()
    storage.strings = strings
    storage.deflateLevel = try deflateLevel()
    storage.includesTensors = !skipsTensors
    storage.threads = threads
    storage.verifies = !comparison.skipsVerification
    return storage
  }

  private func runPair() async throws {
    var options = try comparison.options(selection, threads: threads, command: "export")
    var significance = try testing.options()
    significance.keepsNull = keepNull
    options.significance = significance
    options.arguments += testing.normalized
    let (comparing, storing) = (options, try storage())
    replicates.announceFloor(quiet: quiet)
    let file = try OutputFile(output)
    let result = try await ProgressLine.follow(quiet: quiet) { progress in
      let (a, b) = try await openModels(models[0], models[1], tag: comparison.tag)
      var result: ModelComparison?
      do {
        try await file.write { path in
          if append {
            try Probe.look(atResultsOf: output)
            let added = try await appendHDF5(
              a, b, comparing: comparing, after: output, to: path, storing: storing, progress: progress)
            result = added.result
            if !quiet { Terminal.write("equipoise: appended as \(output)/\(added.group)\n") }
          } else {
            result = try await exportHDF5(
              a, b, comparing: comparing, references: replicates.openReferences(tag: comparison.tag), to: path,
              storing: storing, progress: progress)
          }
          if result?.verdict == .incomparable { throw NothingToWrite() }
        }
      } catch is NothingToWrite {}
      return result
    }
    guard let result else { return }
    if !quiet { Terminal.warnings(result.warnings + (result.noise?.warnings ?? [])) }
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: result, specimen: ModelComparison.specimen(isTested: true))?
      .endIfItHolds()
  }

  /// Leaves the file as it was, or none.
  struct NothingToWrite: Error {}

  private func deflateLevel() throws -> Int? {
    if compression == "none" { return nil }
    if compression == "deflate" { return 4 }
    guard compression.hasPrefix("deflate:"), let level = Int(compression.dropFirst(8)), (1...9).contains(level) else {
      throw ValidationError("--compression takes none, deflate, or deflate:1 to deflate:9, not '\(compression)'.")
    }
    return level
  }
}

extension StringStorage: ExpressibleByArgument {}
