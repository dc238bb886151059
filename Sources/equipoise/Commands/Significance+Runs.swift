import Checkpoints
import Comparison
import Results
import Statistics

extension Significance {
  /// Two groups of runs: says how small p can become, then reads and tests.
  func runGroups() async throws {
    var options = try comparison.options(selection, threads: output.threads, command: "significance")
    options.significance = try testing.options(forRuns: true)
    options.arguments += testing.normalized
    let (sizeA, sizeB) = (replicates.groupA.count, replicates.groupB.count)
    let smallest = Labellings.smallestPValue(sizeA: sizeA, sizeB: sizeB, limit: testing.resamples)
    announce("\(sizeA) + \(sizeB) runs: the smallest possible p is \(smallest.rounded(toPlaces: 4))")
    let result = try await ProgressLine.follow(quiet: output.quiet) { [options] progress in
      try await compareRuns(
        replicates.groupA.map { try openModel(at: $0, tag: comparison.tag) },
        replicates.groupB.map { try openModel(at: $0, tag: comparison.tag) }, options: options, progress: progress)
    }
    let condition = try comparison.checkedCondition(of: result, specimen: RunComparison.specimen)
    try await output.write(result, by: by, explains: explain, condition: condition)
    try result.endWithTrouble(keepGoing: comparison.keepGoing)
    try condition?.endIfItHolds()
    if exitCode, result.layers.contains(where: \.significant) { throw ExitStatus(code: 1) }
  }

  /// Where B lies among further runs of A's recipe; `nil` without any.
  func noiseFloor(
    _ a: any Checkpoint, _ b: any Checkpoint, options: ComparisonOptions, progress: WorkProgress
  ) async throws -> NoiseFloor? {
    if replicates.reference.isEmpty { return nil }
    return try await compareToReferences(
      a, b, references: replicates.reference.map { try openModel(at: $0, tag: comparison.tag) }, options: options,
      progress: progress)
  }

  func announceFloor(alpha: Double) {
    let count = replicates.reference.count
    if count == 0 { return }
    announce("\(count) references: the smallest possible p is \((1 / Double(count + 1)).rounded(toPlaces: 4))")
  }

  private func announce(_ text: String) {
    if !output.quiet { Terminal.write("equipoise: \(text)\n") }
  }
}

extension Double {
  /// For people; what is smaller than the last place keeps its digits.
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { result, _ in result * 10 }
    return self < 1 / scale ? self : (self * scale).rounded() / scale
  }
}
