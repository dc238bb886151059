import ArgumentParser
import Checkpoints
import Comparison
import HDF5Store
import Results
import Statistics
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Exit statuses: 0 done; 1 the models differ and that was asked for; 2 trouble; 64 usage.
@main
struct Main {
  static func main() async {
    do {
      try refuseUnknownCommand(CommandLine.arguments.dropFirst().first)
      var command = try Equipoise.parseAsRoot(ConfigurationFile.complete(Array(CommandLine.arguments.dropFirst())))
      Signals.install()
      RandomAccessFile.allowMapping()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let status as ExitStatus {
      exit(status.code)
    } catch let error as ConfigurationError {
      Terminal.error(error.description)
      exit(64)
    } catch let error where isUsage(error) {
      Equipoise.exit(withError: error)
    } catch {
      Terminal.error("\(describe(error))")
      exit(2)
    }
  }

  /// Help, version and mistakes in the arguments are the parser's to print.
  private static func isUsage(_ error: any Error) -> Bool {
    let code = Equipoise.exitCode(for: error)
    return code == .success || code == .validationFailure
  }

  /// The parser alone would call a mistyped command and all after it unexpected arguments.
  private static func refuseUnknownCommand(_ name: String?) throws {
    let known = Equipoise.configuration.subcommands
    guard let name, !name.hasPrefix("-"), name != "help", !known.contains(where: { $0._commandName == name }) else {
      return
    }
    let commands = known.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    throw ValidationError(
      "there is no command '\(name)'"
        + (closest(to: name, among: commands).map { "; did you mean '\($0)'?" }
          ?? "; there are \(commands.joined(separator: ", "))."))
  }

  private static func describe(_ error: any Error) -> String {
    if error is CancellationError { return "interrupted" }
    return "\(error)"
  }
}

/// Ends the program after its output, with a status that is an answer.
struct ExitStatus: Error {
  let code: Int32
}

/// Something that is planned or asked for and not there, said plainly; ends with status 2.
struct Unsupported: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

var versionText: String { "equipoise \(equipoiseVersion) (GSL \(gslVersion), HDF5 \(hdf5Version))" }

struct Equipoise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise",
    abstract: "Tells how two trained models differ, and whether the difference is more than chance.",
    discussion: """
      Reads TensorFlow SavedModels and checkpoints itself; TensorFlow is not needed.

        equipoise significance data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0
      """,
    version: versionText,
    subcommands: [
      Significance.self, Compare.self, Inspect.self, Export.self, Power.self, Report.self, Behavior.self, Probe.self,
      Manual.self,
    ])
}
