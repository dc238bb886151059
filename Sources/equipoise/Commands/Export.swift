import ArgumentParser
import Comparison
import HDF5Store
import Results

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Aligned tensor pairs and every result as HDF5.",
    discussion: "  equipoise export data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0 -o pairs.h5")

  @Argument(help: "A model.")
  var a: String

  @Argument(help: "The model to compare it with; differences are B − A.")
  var b: String

  @Option(name: [.short, .long], help: ArgumentHelp("The HDF5 file to write.", valueName: "file"))
  var output: String

  @Option(help: "Variable-length UTF-8, or fixed for Octave.")
  var strings: StringStorage = .variable

  @Option(help: ArgumentHelp("none, deflate, or deflate:1 to deflate:9.", valueName: "method"))
  var compression: String = "none"

  @Flag(name: .customLong("no-tensors"), help: "Results and unit sums only, without the tensors' values.")
  var skipsTensors = false

  @Option(help: ArgumentHelp("Threads to use; never alters a result.", valueName: "n"))
  var threads: Int = Terminal.processors

  @Flag(help: "No warnings and no progress.")
  var quiet = false

  @OptionGroup var testing: TestArguments
  @OptionGroup var comparison: ComparisonArguments
  @OptionGroup var selection: SelectionOptions

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
    _ = try deflateLevel()
    try comparison.checkCondition(against: ModelComparison.specimen(isTested: true))
  }

  func run() async throws {
    var storage = ExportOptions()
    storage.strings = strings
    storage.deflateLevel = try deflateLevel()
    storage.includesTensors = !skipsTensors
    storage.threads = threads
    var options = try comparison.options(selection, threads: threads, command: "export")
    options.significance = try testing.options()
    options.arguments += testing.normalized
    storage.verifies = options.verifies
    let file = try OutputFile(output)
    let found = try await ProgressLine.follow(quiet: quiet) { progress in
      let found = try await compare(
        openModel(at: a, tag: comparison.tag), openModel(at: b, tag: comparison.tag), options: options,
        progress: progress)
      if found.result.verdict != .incomparable {
        try await file.write { try await writeHDF5(found, to: $0, options: storage, progress: progress) }
      }
      return found
    }
    if !quiet { Terminal.warnings(found.result.warnings) }
    try found.result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: found.result, specimen: ModelComparison.specimen(isTested: true))?
      .endIfItHolds()
  }

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
