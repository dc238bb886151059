import Results
import Statistics
import Threads

/// Tests a comparison again, from the sums that were kept of its pairs: no model is needed.
///
/// With the options of the first time the result is that of the first time, p-value by p-value: the same sums meet the
/// same signs.
/// - Parameters:
///   - earlier: The comparison; what it says of tests is replaced.
///   - options: `include` and `exclude` choose among its pairs, and `roles` where they are given; ``ComparisonOptions/significance``
///     says which tests, and ``ComparisonOptions/profiles`` whether pairs get one; the rest was decided when the models were read.
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
  result.provenance.retested(options.arguments, significance)
  try result.noise?.retest(options)

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
  try await sideBySide(count: layers.count, width: min(options.threads, max(1, layers.count)), each: width) { i in
    var outcome = LayerAnalysis.Outcome()
    for place in layers[i].pairs {
      var pair = earlier.pairs[place]
      pair.tests = nil
      pair.intervals = nil
      let kept = try sample(place)
      if options.profiles { pair.profile = kept?.pair.profile() }
      outcome.pairs.append(pair)
      outcome.samples.append(kept)
    }
    try await LayerAnalysis.test(&outcome, layer: layers[i].name, significance, threads: width)
    for (j, place) in layers[i].pairs.enumerated() {
      let sentences = outcome.pairs[j].keepDescriptions(of: earlier.pairs[place], tests: significance.tests)
      outcome.layer?.warnings += sentences.filter { sentence in
        earlier.layers?.contains { $0.layer == layers[i].name && $0.warnings.contains(sentence) } ?? false
      }
    }
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

extension SignificanceOptions {
  /// Whether unit sums, which is what an exported file keeps, are not enough for what is asked for.
  public var needsTensors: Bool {
    let fromSums: Set = [
      DriftTest.id, ScaleTest.id, ShapeTest.id, DivergenceTest.id, PopulationTest.id, EquivalenceTest.id,
    ]
    return !tests.isSubset(of: fromSums) || intervalMethod == .pigeonhole
      || !divergences.isSubset(of: [.fitted, .histogram])
  }
}

extension PairResult {
  /// Takes over what was once said of the tensors themselves, which their sums can't tell again: rows without a p-value,
  /// and the further numbers of such rows.
  ///
  /// - Returns: The warnings of rows that were taken over.
  fileprivate mutating func keepDescriptions(of earlier: PairResult, tests ids: Set<String>) -> [String] {
    guard var rows = tests, let before = earlier.tests else { return [] }
    func place(of row: TestResult) -> Int? {
      rows.lastIndex { $0.id == row.id && $0.statistic == row.statistic }
    }
    var sentences: [String] = []
    for (i, row) in before.enumerated() where row.pValue == nil && ids.contains(row.id) {
      if let known = place(of: row) {
        guard rows[known].pValue == nil, rows[known].details == nil, row.details != nil else { continue }
        rows[known].details = row.details
        rows[known].warnings = row.warnings
      } else {
        let previous = i > 0 ? place(of: before[i - 1]) : nil
        rows.insert(row, at: previous.map { $0 + 1 } ?? rows.count)
        sentences += row.warnings
      }
    }
    tests = rows
    return sentences
  }
}
