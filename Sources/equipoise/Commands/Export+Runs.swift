import Comparison
import HDF5Store
import Results

extension Export {
  /// Two groups of runs, to one file.
  func runGroups() async throws {
    var options = try comparison.options(selection, threads: threads, command: "export")
    var significance = try testing.options(forRuns: true)
    significance.keepsNull = keepNull
    options.significance = significance
    options.arguments += testing.normalized
    let (comparing, storing) = (options, try storage())
    let file = try OutputFile(output)
    replicates.announceGroups(resamples: testing.resamples.value, quiet: quiet)
    let result = try await ProgressLine.follow(quiet: quiet) { progress in
      let (a, b) = try replicates.openGroups(tag: comparison.tag)
      var result: RunComparison?
      do {
        try await file.write { path in
          result = try await exportRunsHDF5(a, b, comparing: comparing, to: path, storing: storing, progress: progress)
          if result?.verdict == .incomparable { throw NothingToWrite() }
        }
      } catch is NothingToWrite {}
      return result
    }
    guard let result else { return }
    if !quiet { Terminal.warnings(result.warnings) }
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)?.endIfItHolds()
  }
}
