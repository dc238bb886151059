import ArgumentParser
import Behavior
import Checkpoints
import Foundation
import HDF5Store

/// Opens a model, in a process of its own where the library that reads the file may not survive damage.
///
/// HDF5 keeps text outside the tensors in heaps without a checksum, and ends the whole process on some
/// that are damaged. A first look from a child costs some hundredths of a second and turns that into an
/// error like any other.
func openModel(at path: String, tag: String?) throws -> any Checkpoint {
  if Probe.isNeeded(for: path) { try Probe.look(at: path, tag.map { ["--tag", $0] } ?? []) }
  return try openCheckpoint(at: path, tag: tag)
}

/// Both models of a pair at once; what is wrong with the first is said first.
func openModels(_ a: String, _ b: String, tag: String?) async throws -> (any Checkpoint, any Checkpoint) {
  async let first = openModel(at: a, tag: tag)
  async let second = openModel(at: b, tag: tag)
  return (try await first, try await second)
}

/// Reads an array of predictions, labels or inputs; as ``openModel(at:tag:)`` after a look from a child at what HDF5 parses.
func openArray(at path: String) throws -> NumericArray {
  if Probe.isNeeded(for: arrayFile(of: path)) { try Probe.look(at: path, ["--array"]) }
  return try readArray(at: path)
}

struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Opens a model and says nothing.", shouldDisplay: false)

  @Argument var path: String
  @Option var tag: String?
  @Flag var array = false
  @Flag(help: "The results of an exported file instead.") var results = false

  func run() throws {
    limitTime()
    if array {
      _ = try? readArray(at: path)
    } else if results {
      _ = try? readResultsAndUnits(from: path)
    } else {
      _ = try? openCheckpoint(at: path, tag: tag)
    }
  }

  /// Ends this process by the system where HDF5 does not come to an end: some damage sends it round in circles.
  ///
  /// What a sound file takes grows with its size, so a small one need not wait long.
  private func limitTime() {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    let seconds = rlim_t(2 + min(size >> 22, 58))
    var limit = rlimit(rlim_cur: seconds, rlim_max: seconds + 1)
    #if canImport(Darwin)
      _ = setrlimit(RLIMIT_CPU, &limit)
    #else
      _ = setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    #endif
  }

  /// Files that HDF5 itself parses.
  static func isNeeded(for path: String) -> Bool {
    if path.hasSuffix(".weights.json") { return true }
    // The sides of an exported file lie below it.
    // Foundation's own functions of paths end the process on names of one letter.
    for side in ["/a", "/b"] where path.hasSuffix(side) && path.count > side.count {
      if isNeeded(for: String(path.dropLast(side.count))) { return true }
    }
    // Only regular files: a pipe would wait for its writer.
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular, let file = FileHandle(forReadingAtPath: path) else {
      return false
    }
    defer { try? file.close() }
    return (try? file.read(upToCount: 4)) == Data([0x89, 0x48, 0x44, 0x46])
  }

  /// The same for the results and unit sums of an exported file.
  static func look(atResultsOf path: String) throws { try look(at: path, ["--results"]) }

  static func look(at path: String, _ options: [String]) throws {
    guard let program = Bundle.main.executablePath else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["probe"] + options + ["--", path]
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return }
    while process.isRunning { usleep(2_000) }
    if process.terminationReason == .uncaughtSignal, [SIGXCPU, SIGKILL].contains(process.terminationStatus) {
      throw CheckpointError.corrupt(
        file: path, offset: 0, reason: "HDF5 does not come to an end with it; fetch the file again")
    }
    guard process.terminationReason == .exit else {
      throw CheckpointError.corrupt(
        file: path, offset: 0,
        reason: "HDF5 can't bear its damage (signal \(process.terminationStatus)); fetch the file again")
    }
  }
}
