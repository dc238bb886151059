import Checkpoints
import Results
import Statistics

/// Why groups of runs can't be compared.
public enum RunsError: Error, Sendable, CustomStringConvertible {
  case tooFewRuns(group: String, count: Int)
  case tooFewReferences

  public var description: String {
    switch self {
    case .tooFewRuns(let group, let count):
      "group \(group) has \(count) run\(count == 1 ? "" : "s"), and a recipe can be judged from 2 on "
        + "(5 + 5 can reach p = .0079, 4 + 4 .0286, 3 + 3 only .10); for two single models leave the groups out"
    case .tooFewReferences: "--reference needs at least one more run of A's recipe"
    }
  }
}

/// Compares the runs of two recipes: does the recipe change the layers, beyond what separate runs of one recipe differ in?
///
/// Which run got which recipe is what is random. Every run's tensors become features that do not change when hidden units
/// change places; the p-value is where the observed labelling of the runs stands among all.
///
/// - Parameters:
///   - a: Runs of recipe A, trained independently of one another; at least 2.
///   - b: Runs of recipe B.
///   - options: With ``ComparisonOptions/significance``; `alternative` and `tests` do not matter here.
/// - Throws: ``RunsError``, ``PairingError``, `CancellationError`; damaged tensors are listed in the result instead.
/// - Complexity: One pass over the bytes of all runs, a second over matrices wider than high; memory grows with the units, not
///   with the elements.
public func compareRuns(
  _ a: [any Checkpoint], _ b: [any Checkpoint], options: ComparisonOptions, progress: WorkProgress = .ignored
) async throws -> RunComparison {
  try await compareRuns(
    a, b, options: options, progress: progress, willRead: { _ in }, found: { _ in }, tested: { _ in })
}

/// The same for one who wants more of each tensor than is kept.
///
/// - Parameters:
///   - willRead: Told of every tensor of every run before a byte of them is read.
///   - found: Told of each tensor in the order of the results.
///   - tested: Told of each tensor if null distributions are kept, and of each layer.
package func compareRuns(
  _ a: [any Checkpoint], _ b: [any Checkpoint], options: ComparisonOptions, progress: WorkProgress,
  willRead: ([StoredTensor]) throws -> Void, found: (RunFindings) throws -> Void, tested: (RunTested) throws -> Void
) async throws -> RunComparison {
  if a.count < 2 { throw RunsError.tooFewRuns(group: "A", count: a.count) }
  if b.count < 2 { throw RunsError.tooFewRuns(group: "B", count: b.count) }
  let settings = options.significance ?? SignificanceOptions()
  let runs = a + b
  let catalogues = runs.map { Catalogue($0) }
  let alignment = try RunAlignment(
    catalogues, roles: options.roles, map: options.map, mapped: a.count..<runs.count, isIncluded: options.isIncluded)

  var result = RunComparison(
    provenance: Provenance(runs, arguments: options.arguments, significance: settings),
    warnings: runs.flatMap { run in run.model.warnings.map { "\(run.model.path): \($0)" } } + alignment.warnings,
    a: RunGroup(runs: catalogues[..<a.count].map { ModelSummary($0, roles: options.roles) }),
    b: RunGroup(runs: catalogues[a.count...].map { ModelSummary($0, roles: options.roles) }),
    verdict: .incomparable,
    design: RunDesign(runsA: a.count, runsB: b.count, labellings: 0, isExact: false, resamples: 0, smallestPValue: 1),
    tensors: [], unshared: alignment.unshared, damaged: [],
    structure: differences(a[0].model.structure, b[0].model.structure),
    metadata: differences(a[0].model.metadata, b[0].model.metadata), layers: [],
    significance: SignificanceSettings(
      alpha: settings.alpha, adjustment: settings.adjustment.rawValue, confidence: settings.confidence,
      resamples: settings.resamples, seed: settings.seed, statement: runStatement))
  let labellings = try result.design(sizeA: a.count, sizeB: b.count, settings)
  try willRead(alignment.tensors.flatMap(\.stored))
  let (samples, damaged) = try await RunReading(catalogues, alignment, options, progress).samples(found: found)
  result.damaged = damaged
  result.verdict = verdict(samples, damaged: damaged)
  result.warnings += repeatedRuns(runs, samples)
  result.warnings += mixedRecipes(a, "A") + mixedRecipes(b, "B")
  if !alignment.unshared.isEmpty {
    result.warnings.append("\(alignment.unshared.count) tensors are not in every run in one shape: listed, not tested")
  }
  result.warnings += result.design.floorWarning(alpha: settings.alpha)
  try result.test(samples, labellings, settings, tested: tested)
  return result
}

extension RunComparison {
  /// Sets how the runs are relabelled, and what the document says of it.
  mutating func design(sizeA: Int, sizeB: Int, _ settings: SignificanceOptions) throws(SampleError) -> Labellings {
    let labellings = try Labellings(
      sizeA: sizeA, sizeB: sizeB, limit: settings.resamples, generator: Philox(seed: settings.seed, stream: 0))
    design = RunDesign(
      runsA: sizeA, runsB: sizeB, labellings: labellings.total, isExact: labellings.isExhaustive,
      resamples: labellings.isExhaustive ? labellings.rows : labellings.rows - 1,
      smallestPValue: labellings.smallestPValue)
    significance = SignificanceSettings(
      alpha: settings.alpha, adjustment: settings.adjustment.rawValue, confidence: settings.confidence,
      resamples: settings.resamples, seed: settings.seed, statement: runStatement)
    significance.twoSided =
      "statistics have no direction; groups of equal size may change places, so each labelling stands for two"
    return labellings
  }
}

extension RunDesign {
  var floorWarningStart: String { "\(runsA) + \(runsB) runs can't reach p = " }

  /// That no result could be significant, where that is so.
  func floorWarning(alpha: Double) -> [String] {
    if smallestPValue <= alpha { return [] }
    return ["\(floorWarningStart)\(alpha), whatever they hold: the smallest possible p is \(smallestPValue)"]
  }
}

/// What a small p-value of two groups of runs says.
let runStatement =
  "Which run got which recipe is what is random here. A small p says that the recipe changes the layer: its runs differ from "
  + "those of the other recipe by more than runs of one recipe differ from one another. Nothing is said of any single file."

func verdict(_ samples: [RunSample], damaged: [Damage]) -> Verdict {
  if samples.isEmpty { return damaged.isEmpty ? .incomparable : .different }
  return damaged.isEmpty && samples.allSatisfy { $0.isSame.allSatisfy(\.self) } ? .identicalValues : .different
}

/// Runs that are one and the same are no replicates.
func repeatedRuns(_ runs: [any Checkpoint], _ samples: [RunSample]) -> [String] {
  guard !samples.isEmpty else { return [] }
  var warnings: [String] = []
  for i in runs.indices {
    for j in runs.indices where j > i && samples.allSatisfy({ $0.isSame[i * runs.count + j] }) {
      warnings.append(
        "\(runs[i].model.path) and \(runs[j].model.path) hold the same values: one run given twice is no replicate, "
          + "and p-values are wrong with it")
    }
  }
  return warnings
}

/// Runs of one group whose files say that they were trained differently.
private func mixedRecipes(_ runs: [any Checkpoint], _ group: String) -> [String] {
  runs.dropFirst().compactMap { run in
    let found = differences(runs[0].model.metadata, run.model.metadata).filter { $0.a != nil && $0.b != nil }
    guard let first = found.first else { return nil }
    return "group \(group): \(run.model.path) was trained differently from \(runs[0].model.path), or says so: "
      + "\(first.path) \(first.textA) → \(first.textB)" + (found.count > 1 ? " and \(found.count - 1) more" : "")
  }
}
