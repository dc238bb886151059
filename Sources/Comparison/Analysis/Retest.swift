import Results
import Statistics

/// Tests a comparison again, from the sums that were kept of its pairs: no model is needed.
///
/// With the options of the first time the result is that of the first time, p-value by p-value: the same sums meet the
/// same signs.
/// - Parameters:
///   - earlier: The comparison; what it says of tests is replaced.
///   - options: `include` and `exclude` choose among its pairs, and `roles` where they are given; ``ComparisonOptions/significance``
///     says which tests; the rest was decided when the models were read.
///   - sample: What was kept of a pair, by its place in `earlier`; `nil` for strings.
/// - Throws: What `sample` throws, `CancellationError`.
/// - Complexity: That of the tests; one layer's sums are in memory for each thread.
package func retest(
  _ earlier: ModelComparison, options: ComparisonOptions, roles: Set<Role>?, progress: WorkProgress = .ignored,
  sample: @escaping @Sendable (Int) throws -> UnitSample?
) async throws -> ModelComparison {
  let significance = options.significance ?? SignificanceOptions()
  var result = earlier
  result.schema = ModelComparison.significanceSchema
  result.pairs = []
  result.provenance.version = equipoiseVersion
  result.provenance.arguments = options.arguments
  result.provenance.seed = significance.seed
  result.provenance.generator = Provenance.philox
  result.provenance.resamples = significance.resamples
  result.provenance.libraries = ["gsl": gslVersion]

  var order: [String] = []
  var groups: [String: [Int]] = [:]
  for (i, pair) in earlier.pairs.enumerated()
  where options.isIncluded(pair.name) && (roles?.contains(pair.role) ?? true) {
    if groups[pair.layer] == nil { order.append(pair.layer) }
    groups[pair.layer, default: []].append(i)
  }
  if order.isEmpty { result.verdict = .incomparable }
  progress.expect(.testing, order.count)
  let width = max(1, options.threads / max(1, min(order.count, options.threads)))
  let layers = order.map { (name: $0, pairs: groups[$0] ?? []) }
  var layerResults: [LayerResult] = []
  var smallest: [Double?] = []
  try await inOrder(count: layers.count, width: options.threads) { i in
    var outcome = LayerAnalysis.Outcome()
    for place in layers[i].pairs {
      var pair = earlier.pairs[place]
      pair.tests = nil
      pair.intervals = nil
      outcome.pairs.append(pair)
      outcome.samples.append(try sample(place))
    }
    try await LayerAnalysis.test(&outcome, layer: layers[i].name, significance, threads: width)
    // The sums are needed no longer.
    outcome.samples = []
    return outcome
  } consume: { _, outcome in
    result.pairs += outcome.pairs
    if let layer = outcome.layer {
      layerResults.append(layer)
      smallest.append(outcome.smallestPValue)
    }
    progress.advance(.testing, by: 1)
  }
  result.adjust(layerResults, smallest: smallest, significance)
  return result
}
