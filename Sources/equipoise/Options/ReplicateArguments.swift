import ArgumentParser
import Checkpoints
import Comparison
import Results
import Statistics

/// Runs that were trained alike, instead of or beside two models.
struct ReplicateArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Runs of recipe A, instead of two models: tests the recipe.", valueName: "models"))
  var groupA: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Runs of recipe B.", valueName: "models"))
  var groupB: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Further runs of A's recipe: is B farther from A than these are?", valueName: "models"))
  var reference: [String] = []

  var hasGroups: Bool { !groupA.isEmpty || !groupB.isEmpty }

  func validate(models: [String]) throws {
    if hasGroups {
      guard models.isEmpty else {
        throw ValidationError("Give two models, or --group-a and --group-b, not both.")
      }
      guard reference.isEmpty else {
        throw ValidationError("--reference goes with two models; --group-a and --group-b hold all runs.")
      }
      for (name, runs) in [("a", groupA), ("b", groupB)] where runs.count < 2 {
        throw ValidationError(RunsError.tooFewRuns(group: "--group-\(name)", count: runs.count).description)
      }
    }
  }

  /// The part of the provenance's arguments that is not among its inputs.
  var normalized: [String] { reference.isEmpty ? [] : ["--reference"] + reference }

  /// Arguments that only two models have a use for are refused rather than ignored.
  func refuse(_ arguments: [String]) throws {
    let ofPairs: Set = [
      "--margin", "--interval-method", "--interval-resamples", "--simultaneous", "--tail", "--divergence-by",
    ]
    if let name = arguments.first(where: ofPairs.contains) {
      throw ValidationError("\(name) is of two models, not of --group-a and --group-b.")
    }
  }
}

extension ReplicateArguments {
  func openGroups(tag: String?) throws -> (a: [any Checkpoint], b: [any Checkpoint]) {
    (try groupA.map { try openModel(at: $0, tag: tag) }, try groupB.map { try openModel(at: $0, tag: tag) })
  }

  func openReferences(tag: String?) throws -> [any Checkpoint] { try reference.map { try openModel(at: $0, tag: tag) } }

  func compareGroups(
    tag: String?, options: ComparisonOptions, progress: WorkProgress
  ) async throws -> RunComparison {
    let (a, b) = try openGroups(tag: tag)
    return try await compareRuns(a, b, options: options, progress: progress)
  }

  /// Where B lies among further runs of A's recipe; `nil` without any.
  func noiseFloor(
    _ a: any Checkpoint, _ b: any Checkpoint, tag: String?, options: ComparisonOptions, progress: WorkProgress
  ) async throws -> NoiseFloor? {
    if reference.isEmpty { return nil }
    return try await compareToReferences(
      a, b, references: openReferences(tag: tag), options: options, progress: progress)
  }

  /// Says how small p can become before the work begins.
  func announceGroups(resamples: Int, quiet: Bool) {
    let smallest = Labellings.smallestPValue(sizeA: groupA.count, sizeB: groupB.count, limit: resamples)
    announce(
      "\(groupA.count) + \(groupB.count) runs: the smallest possible p is \(smallest.rounded(toPlaces: 4))", quiet)
  }

  func announceFloor(quiet: Bool) {
    if reference.isEmpty { return }
    let smallest = (1 / Double(reference.count + 1)).rounded(toPlaces: 4)
    announce("\(reference.count) references: the smallest possible p is \(smallest)", quiet)
  }

  private func announce(_ text: String, _ quiet: Bool) {
    if !quiet { Terminal.write("equipoise: \(text)\n") }
  }
}

extension Double {
  /// For people; what is smaller than the last place keeps its digits.
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { result, _ in result * 10 }
    return self < 1 / scale ? self : (self * scale).rounded() / scale
  }
}
