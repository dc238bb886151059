import ArgumentParser
import Comparison
import Reports
import Results

struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "What is in a model.",
    discussion: "  equipoise inspect data/dense-l2-1e-5-seed0 --stats")

  @Argument(help: "A SavedModel folder, or a checkpoint: its prefix, any of its files, or its folder.")
  var model: String

  @Flag(help: "Sum, mean, standard deviation, extremes, NaN and infinities of each tensor.")
  var stats = false

  @Flag(help: "SHA-256 of each tensor's little-endian bytes.")
  var digest = false

  @Flag(help: "Check every checksum and fingerprint.")
  var verify = false

  @Flag(help: "A tree of layers, optimizer, data, signatures and graph in place of the table of tensors.")
  var tree = false

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
    let width = output.width
    try await output.write(warnings: inspection.warnings) { format, color in
      switch format {
      case .table: tree ? Reports.tree(inspection) : table(inspection, color: color, width: width)
      case .json: try json(inspection)
      case .csv: csv(inspection)
      case .markdown: markdown(inspection)
      }
    }
    if inspection.integrity?.failed.isEmpty == false { throw ExitStatus(code: 2) }
  }
}
