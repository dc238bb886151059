import ArgumentParser
import Checkpoints
import Comparison
import HDF5Store
import Reports
import Results

struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What is in a model.",
    discussion: "  equipoise inspect data/dense-l2-1e-5-seed0 --stats")

  @Argument(help: "A SavedModel folder, or a checkpoint: its prefix, any of its files, or its folder.")
  var model: String

  @Flag(help: "Sum, mean, standard deviation, extremes, NaN and infinities of each tensor.")
  var stats = false

  @Flag(help: "SHA-256 of each tensor's little-endian bytes.")
  var digest = false

  @Flag(help: "Check every checksum and fingerprint.")
  var verify = false

  @Option(help: ArgumentHelp("Tags of the graph in a SavedModel, comma-separated.", valueName: "tags"))
  var tag: String?

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    var options = InspectOptions()
    options.roles = try selection.roles(default: options.roles)
    options.include = selection.include
    options.exclude = selection.exclude
    options.stats = stats
    options.digest = digest
    options.verify = verify
    options.threads = output.threads
    options.arguments =
      ["inspect"] + selection.normalized + (stats ? ["--stats"] : []) + (digest ? ["--digest"] : [])
      + (verify ? ["--verify"] : []) + (tag.map { ["--tag", $0] } ?? [])
    let inspection = try await ProgressLine.follow(quiet: output.quiet) {
      try await inspect(openModel(at: model, tag: tag), options: options, progress: $0)
    }
    try await output.write(warnings: inspection.warnings) { format, color in
      switch format {
      case .table: table(inspection, color: color)
      case .json: try json(inspection)
      case .csv: csv(inspection)
      case .markdown: markdown(inspection)
      }
    }
    if inspection.integrity?.failed.isEmpty == false { throw ExitStatus(code: 2) }
  }
}

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Structure, metadata and direct measures of two models.",
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

  func run() async throws {
    let options = try comparison.options(selection, threads: output.threads, command: "compare")
    let found = try await ProgressLine.follow(quiet: output.quiet) {
      try await compare(
        openModel(at: a, tag: comparison.tag), openModel(at: b, tag: comparison.tag), options: options, progress: $0)
    }
    try await output.write(found.result, by: .pair)
    try found.result.endWithTrouble(keepGoing: comparison.keepGoing)
    let differs = found.result.verdict == .different
    if exitCode, differs { throw ExitStatus(code: 1) }
  }
}

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

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Not in this version yet.", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []

  func run() throws {
    throw Unsupported(
      "report: the HTML page is not in this version yet; `equipoise significance` prints the same results")
  }
}

struct Behavior: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Not in this version yet.", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []

  func run() throws {
    throw Unsupported("behavior: comparing predictions is not in this version yet")
  }
}

extension OutputOptions {
  /// Writes a document in the chosen format, and its warnings to standard error.
  func write(warnings: [String], _ text: (Format, _ color: Bool) throws -> String) async throws {
    if !quiet { Terminal.warnings(warnings) }
    let content = try text(format, Terminal.usesColor(color, toFile: output != nil))
    if let output {
      try await OutputFile(output).write(content)
    } else {
      try Terminal.output(content)
    }
  }

  func write(_ result: ModelComparison, by kind: RowKind, explains: Bool = false) async throws {
    try await write(warnings: result.warnings) { format, color in
      switch format {
      case .table: table(result, color: color) + (explains ? explanation(result) : "")
      case .json: try json(result)
      case .csv: csv(result, by: kind)
      case .markdown: markdown(result, by: kind)
      }
    }
  }
}

extension ModelComparison {
  /// The document is printed all the same; then the program says what was wrong and ends with status 2.
  func endWithTrouble(keepGoing: Bool) throws {
    if verdict == .incomparable {
      Terminal.error(
        mismatched.isEmpty
          ? "nothing to compare: no tensor of A belongs to one of B; `equipoise inspect` shows the names, --map pairs by hand"
          : "nothing to compare: the \(mismatched.count) tensors that both models have are of other shapes")
      throw ExitStatus(code: 2)
    }
    let corrupt = damaged.filter(\.isCorrupt)
    guard !corrupt.isEmpty else { return }
    for damage in corrupt { Terminal.error("\(damage.name): \(damage.reason)") }
    if !keepGoing { throw ExitStatus(code: 2) }
  }
}
