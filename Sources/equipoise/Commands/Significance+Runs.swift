import Comparison
import HDF5Store
import Results

extension Significance {
  /// Two groups of runs: says how small p can become, then reads and tests.
  func runGroups() async throws {
    let options = try runOptions()
    replicates.announceGroups(resamples: testing.resamples.value, quiet: output.quiet)
    let result = try await ProgressLine.follow(quiet: output.quiet) {
      try await replicates.compareGroups(tag: comparison.tag, options: options, progress: $0)
    }
    try await finish(result)
  }

  /// The runs in an exported file, tested again from what it keeps of them.
  func retestRuns(in file: String) async throws {
    try testing.validateForRuns()
    try replicates.refuse(testing.normalized)
    try comparison.checkCondition(against: RunComparison.specimen)
    guard !comparison.needsTensors else {
      throw Unsupported(
        "\(file): holds runs and what they were compared by; --metrics, --map and --unit were decided when it was written. "
          + "Give the runs themselves with --group-a and --group-b")
    }
    guard replicates.reference.isEmpty else {
      throw Unsupported("\(file): holds the runs of two recipes; --reference goes with two models")
    }
    let options = try runOptions()
    let result = try await ProgressLine.follow(quiet: output.quiet) {
      try retestRunsHDF5(file, options: options, roles: selection.roles == nil ? nil : options.roles, progress: $0)
    }
    try await finish(result)
  }

  private func runOptions() throws -> ComparisonOptions {
    var options = try comparison.options(selection, threads: output.threads, command: "significance")
    options.significance = try testing.options(forRuns: true)
    options.arguments += testing.normalized
    return options
  }

  private func finish(_ result: RunComparison) async throws {
    let condition = try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)
    try await output.write(result, by: by, explains: explain, condition: condition)
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try condition?.endIfItHolds()
    if exitCode, result.layers.contains(where: \.significant) { throw ExitStatus(code: 1) }
  }
}
