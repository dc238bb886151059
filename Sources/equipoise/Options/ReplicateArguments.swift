import ArgumentParser
import Comparison

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
