import Checkpoints
import Results
import Statistics

/// Asks whether B lies farther from A than other runs of A's recipe do.
///
/// Distances are those of the test `recipe`, on features that do not change when hidden units change places: the raw weights of
/// runs trained separately are about as far from one another whatever the recipe.
/// - Parameters:
///   - references: Further runs of A's recipe, trained independently; at least one.
/// - Throws: ``RunsError``, ``PairingError``, `CancellationError`; damaged tensors are listed in the result instead.
/// - Complexity: One pass over the bytes of all runs, a second over matrices wider than high.
public func compareToReferences(
  _ a: any Checkpoint, _ b: any Checkpoint, references: [any Checkpoint], options: ComparisonOptions,
  progress: WorkProgress = .ignored
) async throws -> NoiseFloor {
  guard !references.isEmpty else { throw RunsError.tooFewReferences }
  let settings = options.significance ?? SignificanceOptions()
  let runs = [a, b] + references
  let catalogues = runs.map { Catalogue($0) }
  let alignment = try RunAlignment(
    catalogues, roles: options.roles, map: options.map, mapped: 1..<2, isIncluded: options.isIncluded)
  let (samples, damaged) = try await RunReading(catalogues, alignment, options, progress).samples()
  let smallest = 1 / Double(references.count + 1)
  var result = NoiseFloor(
    nullHypothesis: "B is one more run of A's recipe: as far from A as another run would be",
    references: catalogues[2...].map { ModelSummary($0, roles: options.roles) }, smallestPValue: smallest,
    statement:
      "B's distance from A is ranked among those of \(references.count) runs of A's recipe. A small p says that B "
      + "lies farther from A than its recipe's own runs do. It rests on one A and one B: replicates of both recipes say more.",
    warnings: repeatedRuns(runs, samples), layers: [], unshared: alignment.unshared, damaged: damaged)
  var order: [String] = []
  var groups: [String: [RunSample]] = [:]
  for sample in samples {
    let layer = sample.tensor.layer
    if groups[layer] == nil { order.append(layer) }
    groups[layer, default: []].append(sample)
  }
  for layer in order {
    let members = groups[layer] ?? []
    let distances = try RunDistances(mean: members.map(\.distances))
    // From A to B, then to every reference.
    let fromA = (1..<runs.count).map { distances[0, $0].squareRoot() }
    let floor = Array(fromA.dropFirst())
    result.layers.append(
      NoiseFloorLayer(
        layer: layer, tensors: members.map(\.tensor.name), distance: fromA[0], referenceDistances: floor,
        effect: Effect(name: "floor_ratio", value: median(floor).flatMap { $0 > 0 ? fromA[0] / $0 : nil }),
        pValue: 1))
  }
  try result.test(settings)
  return result
}

extension NoiseFloor {
  /// Ranks the distances that are there, and adjusts over layers.
  mutating func test(_ settings: SignificanceOptions) throws(SampleError) {
    let count = references.count
    let start = "\(count) reference\(count == 1 ? "" : "s") can't reach p = "
    warnings.removeAll { $0.hasPrefix(start) }
    if smallestPValue > settings.alpha {
      warnings.append(
        "\(start)\(settings.alpha): the smallest possible p is \(smallestPValue); "
          + "\(Int((1 / settings.alpha).rounded(.up)) - 1) could")
    }
    var columns: [[Double]?] = []
    for i in layers.indices {
      let fromA = [layers[i].distance] + layers[i].referenceDistances
      let isConstant = fromA.allSatisfy { $0 == 0 }
      layers[i].pValue = rankPValue(fromA)
      layers[i].warnings = isConstant ? [RecipeTest.constantWarning] : []
      columns.append(isConstant ? nil : fromA)
    }
    let counts = try stepDownMaxT(columns)
    let adjusted = adjustedPValues(
      layers.indices.map { columns[$0] == nil ? nil : layers[$0].pValue }, method: settings.adjustment)
    for i in layers.indices {
      layers[i].pAdjusted = adjusted[i]
      layers[i].pAdjustedMaxT = counts[i].map { Double($0) * smallestPValue }
      layers[i].significant = (layers[i].pAdjustedMaxT ?? 1) <= settings.alpha
    }
  }

  /// Ranks again with other settings. A layer of which the patterns leave out a tensor goes: its distances are of all.
  mutating func retest(_ options: ComparisonOptions) throws(SampleError) {
    layers.removeAll { !$0.tensors.allSatisfy(options.isIncluded) }
    try test(options.significance ?? SignificanceOptions())
  }
}

private func median(_ values: [Double]) -> Double? {
  let ascending = values.sorted()
  guard !ascending.isEmpty else { return nil }
  return (ascending[ascending.count / 2] + ascending[(ascending.count - 1) / 2]) / 2
}
