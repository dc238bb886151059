import ArgumentParser
import HDF5Store
import Results

/// Where predictions and what was found of them are kept as HDF5.
struct BehaviorStorage: ParsableArguments {
  @Option(
    name: .customLong("hdf5"),
    help: ArgumentHelp("Also write it all as HDF5, example by example.", valueName: "file"))
  var path: String?

  @Flag(help: "Add it to the file of --hdf5, which export wrote of the same two models.")
  var append = false

  @Option(help: "Variable-length UTF-8, or fixed for Octave.")
  var strings: StringStorage = .variable

  func validate() throws {
    guard path != nil || (!append && strings == .variable) else {
      throw ValidationError("--append and --strings go with --hdf5 FILE.")
    }
    guard !append || strings == .variable else {
      throw ValidationError("--append writes strings as the file has them: --strings does not go with it.")
    }
  }

  func write(_ result: BehaviorComparison, _ examples: BehaviorExamples?, quiet: Bool) async throws {
    guard let path, let examples else { return }
    if append { try Probe.look(atResultsOf: path) }
    try await OutputFile(path).write { temporary in
      if append {
        let group = try appendBehaviorHDF5(result, examples, after: path, to: temporary)
        guard !quiet else { return }
        Terminal.write("equipoise: appended as \(path)/\(group)\n")
        if result.a.kind != "model" {
          Terminal.warnings(["nothing tells whether the predictions are those of the file's models"])
        }
      } else {
        try writeBehaviorHDF5(result, examples, to: temporary, strings: strings)
      }
    }
  }
}
