import CKernels
import Checkpoints
import Results
import Statistics
import Tensors

/// One layer's pairs from bytes to results.
struct LayerAnalysis: Sendable {
  let layer: String
  let pairs: [Pairing.Pair]
  let context: LayerContext
  let a: any Checkpoint, b: any Checkpoint
  let options: ComparisonOptions
  let progress: WorkProgress

  struct Outcome: Sendable {
    var pairs: [PairResult] = []
    /// What tests see of each of `pairs`; `nil` for strings.
    var samples: [UnitSample?] = []
    /// Null distributions of each of `pairs`, where they are kept.
    var nulls: [[NullDistribution]] = []
    var damaged: [Damage] = []
    var layer: LayerResult?
    var smallestPValue: Double?
  }

  /// What the bytes of a pair leave.
  enum Reading: Sendable {
    case numbers(PairPass, PairSums, ks: Double?)
    case strings(PairResult)
    case damage(Damage)
  }

  /// Reads every pair.
  func read(threads: Int) async throws -> [Reading] {
    var readings: [Reading] = []
    for pair in pairs {
      do {
        readings.append(
          pair.a.isString ? .strings(try strings(pair)) : try await numbers(pair, threads: threads))
      } catch let error as CheckpointError {
        readings.append(
          .damage(Damage(name: pair.name, reason: error.description, isCorrupt: error.isDamage)))
      }
    }
    return readings
  }

  /// Metrics and tests of what was read.
  func outcome(of readings: [Reading], threads: Int) async throws -> Outcome {
    var outcome = Outcome()
    for (pair, reading) in zip(pairs, readings) {
      switch reading {
      case .strings(let result):
        outcome.pairs.append(result)
        outcome.samples.append(nil)
      case .damage(let damage): outcome.damaged.append(damage)
      case .numbers(let pass, let sums, let ks):
        let (result, sample) = result(of: pair, pass, sums, ks: ks)
        outcome.pairs.append(result)
        outcome.samples.append(sample)
      }
    }
    if let significance = options.significance {
      try await Self.test(&outcome, layer: layer, significance, threads: threads)
    }
    return outcome
  }

  /// Adds the tests to what one pass over the layer's pairs has left.
  static func test(
    _ outcome: inout Outcome, layer: String, _ significance: SignificanceOptions, threads: Int
  ) async throws {
    // Optimizer slots, counters and metrics are compared, but p-values are about the model.
    let places = outcome.pairs.indices.filter {
      outcome.samples[$0] != nil && [.weight, .state, .constant].contains(outcome.pairs[$0].role)
    }
    let samples = places.compactMap { outcome.samples[$0] }
    guard !samples.isEmpty else { return }
    let settings = LayerTests.Settings(
      tests: significance.tests, alternative: significance.alternative, resamples: significance.resamples,
      intervalResamples: significance.intervalResamples, confidence: significance.confidence, threads: threads,
      keepsNull: significance.keepsNull
    )
    .with(significance)
    let generator = Philox(seed: significance.seed, stream: stream(of: layer))
    let tests = try await LayerTests(samples, settings: settings, generator: generator)
    if significance.keepsNull { outcome.nulls = outcome.pairs.map { _ in [] } }
    for (i, place) in places.enumerated() {
      outcome.pairs[place].tests = try Self.withCommonGrid(tests.rows[i], samples[i])
      outcome.pairs[place].intervals = tests.intervals[i]?.metrics
      if significance.keepsNull { outcome.nulls[place] = tests.nulls[i] }
    }
    outcome.layer = summary(layer, outcome.pairs, samples, tests)
    outcome.smallestPValue = tests.combined?.smallestAttainable
  }

  /// Where `shape` is refused for a grid, what differs when both sides are put on it.
  private static func withCommonGrid(_ rows: [TestResult], _ sample: UnitSample) throws -> [TestResult] {
    guard !sample.identical, ShapeTest.refusal(sample.pair) != nil, rows.contains(where: { $0.id == ShapeTest.id }),
      let pass = sample.source?.pass, let found = try CommonGrid(pass)
    else { return rows }
    var sentence = found.sentence
    if let worst = EquivalenceTest.worst(sample) {
      sentence += "; worst \(sample.view.name): \(worst.unit), relative L2 \(Float(worst.value))"
    }
    return rows.map { row in
      guard row.id == ShapeTest.id else { return row }
      var row = row
      row.details = ["common_grid_differing_count": Double(found.differing), "common_grid_count": Double(found.count)]
      row.warnings.append(sentence)
      return row
    }
  }

  /// The generator's stream of a layer: a hash of its name, so that no other choice changes its signs.
  /// 0 is kept for run level.
  static func stream(of layer: String) -> UInt32 {
    max(1, Array(layer.utf8).withUnsafeBytes { eqp_crc32c(0, $0.baseAddress, $0.count) })
  }

  // MARK: Pairs

  private func numbers(_ pair: Pairing.Pair, threads: Int) async throws -> Reading {
    let stored = pair.a.stored
    for side in [pair.a, pair.b] where !side.stored.elementType.isNumeric {
      throw CheckpointError.unsupported(
        file: side.stored.key, reason: "values of type \(side.stored.elementType.name) are not compared yet")
    }
    let view = UnitView.of(shape: stored.shape, part: pair.a.part, layer: context, choice: options.unit)
    let distributional = !options.metrics.isDisjoint(with: Metric.distributional)
    var histograms: PairPass.Histograms = options.metrics.contains(.ks) ? .fine : []
    if distributional || options.profiles { histograms.insert(.whole) }
    if options.significance != nil || (histograms.contains(.whole) && options.wantsAllUnitSums) {
      histograms.insert(.units)
    }
    let pass = try PairPass(
      a: TensorSource(a, stored), b: TensorSource(b, pair.b.stored), view: view, histograms: histograms,
      verifies: options.verifies, sizes: options.wantsAllUnitSums, progress: progress)
    var sums = try await pass.run(width: threads)
    let ks =
      options.metrics.contains(.ks)
      ? try await KolmogorovSmirnov.distance(of: sums, pass: pass, width: threads) : nil
    (sums.fineA, sums.fineB) = ([], [])
    return .numbers(pass, sums, ks: ks)
  }

  private func result(
    of pair: Pairing.Pair, _ pass: PairPass, _ sums: PairSums, ks: Double?
  ) -> (PairResult, UnitSample) {
    let stored = pair.a.stored
    let view = pass.view
    var result = PairResult(
      name: pair.name, layer: pair.layer, role: pair.role, a: pair.a.side, b: pair.b.side, shape: stored.shape,
      count: stored.count, identical: sums.identical, pairedBy: pair.pairedBy,
      metrics: sums.metrics(options.metrics, view: view, ks: ks), unit: view.name, unitCount: sums.sums.units)
    if view.isExchangeable, view.units > 1, sums.unitCount == sums.sums.units {
      result.deadUnitsA = deadUnits(sums.sums.normA)
      result.deadUnitsB = deadUnits(sums.sums.normB)
    }
    if options.profiles { result.profile = sums.profile(hasFits: options.wantsAllUnitSums) }
    if sums.unitCount > sums.sums.units {
      result.warnings.append("\(sums.unitCount) units are taken in \(sums.sums.units) random blocks")
    }
    if result.metrics.excludedCount > 0 {
      result.warnings.append("\(result.metrics.excludedCount) elements are not finite on a side and were left out")
    }
    if let estimator = result.metrics.estimator, estimator.outside > 0.05 {
      result.warnings.append("more than 5 % of the elements lie beyond the histogram's edges")
    }
    return (
      result,
      UnitSample(
        name: pair.name, view: view, pair: sums,
        source: UnitSource(pass: pass, shape: stored.shape, part: pair.a.part, layer: context))
    )
  }

  private func strings(_ pair: Pairing.Pair) throws -> PairResult {
    var values: [[UInt8]] = []
    try a.forEachString(in: pair.a.stored) { values.append(Array($0)) }
    var index = 0
    var changed = 0
    try b.forEachString(in: pair.b.stored) { bytes in
      if index >= values.count || !values[index].elementsEqual(bytes) { changed += 1 }
      index += 1
    }
    var metrics = Metrics()
    if options.metrics.contains(.changedCount) { metrics.values[.changedCount] = Number(Double(changed)) }
    return PairResult(
      name: pair.name, layer: pair.layer, role: pair.role, a: pair.a.side, b: pair.b.side, shape: pair.a.stored.shape,
      count: pair.a.stored.count, identical: changed == 0, pairedBy: pair.pairedBy, metrics: metrics, unit: "element",
      unitCount: pair.a.stored.count)
  }

  // MARK: The layer

  private static func summary(
    _ layer: String, _ pairs: [PairResult], _ samples: [UnitSample], _ tests: LayerTests
  ) -> LayerResult {
    var result = LayerResult(
      layer: layer, tensors: pairs.map(\.name), weightCount: pairs.reduce(0) { $0 + $1.count },
      combination: "standardized_maxT")
    result.warnings = tests.warnings
    if let p = tests.combined {
      result.pValue = p.value
      result.pInterval = p.interval.map { [$0.lowerBound, $0.upperBound] }
      result.method = p.method.rawValue
      result.methodReason = p.reason
      result.leading = tests.leading
      result.warnings += p.warnings
    }
    func finite(_ x: Double) -> Double? { x.isFinite ? x : nil }
    func total(_ field: eqp_field) -> Double { samples.reduce(0) { $0 + $1.sums.total(field) } }
    let aa = total(eqp_sum_aa)
    let bb = total(eqp_sum_bb)
    if aa > 0 { result.relativeL2 = finite((total(eqp_sum_dd) / aa).squareRoot()) }
    if aa > 0, bb > 0 {
      result.cosineSimilarity = finite(clampedToUnit(total(eqp_sum_ab) / (aa.squareRoot() * bb.squareRoot())))
    }
    // The layer is spoken for by its largest weight with interchangeable units: its kernel, or gamma.
    let weights = Set(pairs.filter { $0.role == .weight }.map(\.name))
    func size(_ sample: UnitSample) -> (Int, Double, Double) {
      (weights.contains(sample.name) ? 1 : 0, sample.sums.total(eqp_count), sample.sums.total(eqp_sum_aa))
    }
    let main = samples.indices.filter { samples[$0].obstacle == nil }.max { size(samples[$0]) < size(samples[$1]) }
    if let main {
      result.wasserstein1PerSD = tests.intervals[main]?.estimate(.wasserstein1PerSD)
      if samples[main].pair.unitCount == samples[main].units {
        result.deadUnitsA = deadUnits(samples[main].sums.normA).count
        result.deadUnitsB = deadUnits(samples[main].sums.normB).count
      }
      result.effect = tests.intervals[main]?.effect(.normRatio, named: "norm_ratio")
    }
    for id in [DriftTest.id, ScaleTest.id, ShapeTest.id] {
      let headline = tests.rows.compactMap { rows in rows.first { $0.id == id }?.pValue }
      if let smallest = headline.min() { result.pByTest[id] = smallest }
    }
    return result
  }
}

extension Catalogue.Entry {
  var side: Side { Side(key: stored.key, dtype: stored.elementType.name) }
}

extension CheckpointError {
  /// The file is not as it should be, as against a kind of value that is not read.
  var isDamage: Bool {
    if case .unsupported = self { return false }
    return true
  }
}
