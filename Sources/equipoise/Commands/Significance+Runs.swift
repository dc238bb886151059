import Comparison
import Reports
import Results

extension Significance {
  /// Two groups of runs: says how small p can become, then reads and tests.
  func runGroups() async throws {
    var options = try comparison.options(selection, threads: output.threads, command: "significance")
    options.significance = try testing.options(forRuns: true)
    options.arguments += testing.normalized
    replicates.announceGroups(resamples: testing.resamples.value, quiet: output.quiet)
    let result = try await ProgressLine.follow(quiet: output.quiet) { [options] in
      try await replicates.compareGroups(tag: comparison.tag, options: options, progress: $0)
    }
    let condition = try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)
    try await output.write(result, by: by, explains: explain, condition: condition)
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try condition?.endIfItHolds()
    if exitCode, result.layers.contains(where: \.significant) { throw ExitStatus(code: 1) }
  }
}
