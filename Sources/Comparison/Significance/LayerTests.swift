import CKernels
import Results
import Statistics
import Threads

/// The tests of one layer: every pair's rows, and the layer's p-value from all of them under shared swaps.
struct LayerTests {
  struct Settings: Sendable {
    var tests: Set<String>
    var alternative: Alternative
    var pairing: UnitPairing = .paired
    var resamples: Int
    var intervalResamples: Int
    var confidence: Double
    var threads: Int
    var keepsNull = false
    var margins = Margins()
    var intervalMethod: IntervalMethod = .auto
    var simultaneousIntervals = false
    var usesParetoTail = false
    var divergences: Set<DivergenceEstimator> = [.fitted, .histogram]

    /// With what single tests of a pair need beyond the layer's swaps.
    func with(_ options: SignificanceOptions) -> Settings {
      var settings = self
      settings.pairing = options.pairing
      settings.margins = options.margins
      settings.intervalMethod = options.intervalMethod
      settings.simultaneousIntervals = options.simultaneousIntervals
      settings.usesParetoTail = options.usesParetoTail
      settings.divergences = options.divergences
      return settings
    }
  }

  /// Rows by pair, in the order of the samples.
  var rows: [[TestResult]] = []
  var intervals: [PairIntervals?] = []
  var combined: PValue?
  var leading: String?
  var warnings: [String] = []
  /// Null distributions by pair, where they are kept.
  var nulls: [[NullDistribution]] = []
  /// Whether the null distribution holds every arrangement.
  var isExhaustive = false

  private struct Part: Sendable {
    let sample: Int
    let test: any SwapTest
    let firstColumn: Int
    let firstStatistic: Int
  }

  init(_ samples: [UnitSample], settings: Settings, generator: Philox) async throws {
    rows = Array(repeating: [], count: samples.count)
    let testable = samples.indices.filter { samples[$0].obstacle == nil && !samples[$0].identical }
    let tests = samples.map { sample in
      swapTests(sample, alternative: settings.alternative, pairing: settings.pairing).filter {
        settings.tests.contains(type(of: $0).id)
      }
    }
    let (null, intervals) = try await SpareThreads.both(threads: settings.threads) { threads in
      try await Self.replicates(testable, tests, threads: threads, settings: settings, generator: generator)
    } _: { threads in
      var intervals: [PairIntervals] = []
      for sample in samples {
        intervals.append(
          try await PairIntervals(
            sample, resamples: settings.intervalResamples, confidence: settings.confidence, generator: generator,
            threads: threads, method: settings.intervalMethod))
      }
      return intervals
    }
    self.intervals = intervals
    isExhaustive = null.replicates?.isExhaustive ?? false
    if settings.keepsNull, let replicates = null.replicates {
      nulls = samples.indices.map { i in
        null.parts.filter { $0.sample == i }.map {
          NullDistribution(
            test: type(of: $0.test).id, statistics: $0.test.statistics, from: $0.firstStatistic, of: replicates)
        }
      }
    } else if settings.keepsNull {
      nulls = samples.map { _ in [] }
    }
    for i in samples.indices {
      for test in tests[i] {
        let part = null.parts.first { $0.sample == i && type(of: $0.test).id == type(of: test).id }
        rows[i] += try swapRows(
          samples[i], test, firstStatistic: part?.firstStatistic, null.replicates, intervals[i], settings, generator)
      }
      let subject = PairSubject(sample: samples[i], layer: samples, intervals: intervals[i], swaps: rows[i])
      for test in pairTests where settings.tests.contains(test.id) {
        rows[i] += try await test.rows(subject, settings, generator)
      }
    }
    if settings.simultaneousIntervals { giveSimultaneousIntervals(samples, confidence: settings.confidence) }
    combine(samples, null.parts, null.replicates, settings)
  }

  // MARK: The shared null distribution

  /// Signs of unit u in replicate r depend on nothing else, so pairs can be taken one by one: memory does
  /// not grow with the layer. Only a full enumeration needs all columns at once, and is small.
  private static func replicates(
    _ testable: [Int], _ tests: [[any SwapTest]], threads: Int, settings: Settings, generator: Philox
  ) async throws -> (parts: [Part], replicates: Replicates?) {
    var parts: [Part] = []
    var perSample: [(columns: UnitColumns, parts: [Part])] = []
    var statistics = 0
    for i in testable {
      var columns: [[Double]] = []
      var own: [Part] = []
      for test in tests[i] where test.refusal == nil {
        own.append(Part(sample: i, test: test, firstColumn: columns.count, firstStatistic: statistics))
        switch settings.pairing {
        case .paired: columns += test.columns
        case .independent: columns += zip(test.sides.a, test.sides.b).map { $0 + $1 }
        }
        statistics += test.statistics.count
      }
      guard let rows = columns.first?.count else { continue }
      let count = columns.count
      perSample.append((try UnitColumns(units: rows, columns: count, values: interleaved(consume columns)), own))
      parts += own
    }
    guard !perSample.isEmpty else { return ([], nil) }
    if settings.pairing == .independent {
      return (parts, try await labelled(perSample, threads: threads, settings: settings, generator: generator))
    }

    let most = perSample.map(\.columns.units).max() ?? 0
    let live = (0..<most).filter { u in perSample.contains { u < $0.columns.units && $0.columns.isLive(u) } }
    if live.count < 32, 1 << live.count <= settings.resamples + 1 {
      let joined = UnitColumns.joined(perSample.map(\.columns))
      var offset = 0
      var placed: [Part] = []
      for (columns, own) in perSample {
        placed += own.map {
          Part(
            sample: $0.sample, test: $0.test, firstColumn: $0.firstColumn + offset, firstStatistic: $0.firstStatistic)
        }
        offset += columns.columns
      }
      let flips = SignFlips(
        columns: joined, resamples: settings.resamples, generator: generator, threads: threads)
      return (parts, try await flips.replicates(statistics: statistics, evaluate: evaluation(of: placed, from: 0)))
    }

    let usesSubgroup = live.count > SignFlips.subgroupFrom
    var pieces: [Replicates] = []
    // One after the other, so that columns last no longer than they are needed.
    perSample.reverse()
    while let (columns, own) = perSample.popLast() {
      let flips = SignFlips(
        columns: columns, resamples: settings.resamples, generator: generator, threads: threads,
        mayEnumerate: false, usesSubgroup: usesSubgroup)
      pieces.append(
        try await flips.replicates(
          statistics: own.reduce(0) { $0 + $1.test.statistics.count },
          evaluate: evaluation(of: own, from: own[0].firstStatistic)))
    }
    return (parts, try sideBySide(pieces, liveUnits: live.count))
  }

  /// Labels handed out over the units of both sides, the same for all pairs with as many units.
  private static func labelled(
    _ perSample: [(columns: UnitColumns, parts: [Part])], threads: Int, settings: Settings, generator: Philox
  ) async throws -> Replicates {
    let sizes = Set(perSample.map(\.columns.units))
    var pieces: [Replicates] = []
    for (columns, own) in perSample {
      let labels = try PooledLabels(
        columns: columns, sizeA: columns.units / 2, resamples: settings.resamples, generator: generator,
        threads: threads, mayEnumerate: sizes.count == 1)
      pieces.append(
        try await labels.replicates(
          statistics: own.reduce(0) { $0 + $1.test.statistics.count },
          evaluate: evaluation(of: own, from: own[0].firstStatistic)))
    }
    return try sideBySide(pieces, liveUnits: sizes.max() ?? 0)
  }

  /// Replicates of several runs over the same swaps, as one.
  private static func sideBySide(_ pieces: [Replicates], liveUnits: Int) throws -> Replicates {
    if pieces.count == 1 { return pieces[0] }
    let statistics = pieces.reduce(0) { $0 + $1.statistics }
    var values: [Double] = []
    values.reserveCapacity(statistics * (pieces.first?.rows ?? 0))
    for row in 0..<(pieces.first?.rows ?? 0) {
      for piece in pieces { values += piece.values[row * piece.statistics..<(row + 1) * piece.statistics] }
    }
    return try Replicates(
      statistics: statistics, values: values, isExhaustive: pieces.allSatisfy(\.isExhaustive), liveUnits: liveUnits,
      isSubgroup: pieces.first?.isSubgroup ?? false, labelledA: pieces.first?.labelledA == nil ? nil : liveUnits / 2)
  }

  /// Columns as one array, shape `[rows, columns]`.
  private static func interleaved(_ columns: [[Double]]) -> [Double] {
    let rows = columns.first?.count ?? 0
    return [Double](unsafeUninitializedCapacity: rows * columns.count) { values, count in
      for (j, column) in columns.enumerated() {
        column.withUnsafeBufferPointer { for u in 0..<rows { values[u * columns.count + j] = $0[u] } }
      }
      count = rows * columns.count
    }
  }

  /// What every row of column sums goes through.
  ///
  /// One closure calls the next: those of an array, or the tests themselves, would be retained and released once a row by all
  /// threads at once.
  /// - Parameter first: Statistic with which a row of the output begins.
  private static func evaluation(of parts: [Part], from first: Int) -> Evaluation {
    var all: Evaluation = { _, _ in }
    for part in parts {
      let before = all
      let test = part.test
      let column = part.firstColumn
      let start = part.firstStatistic - first
      let statistics = start..<start + test.statistics.count
      all = { sums, output in
        before(sums, output)
        test.evaluate(
          UnsafeBufferPointer(rebasing: sums[column...]), UnsafeMutableBufferPointer(rebasing: output[statistics]))
      }
    }
    return all
  }

  private typealias Evaluation = @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void

  // MARK: Rows

  private func swapRows(
    _ sample: UnitSample, _ test: any SwapTest, firstStatistic: Int?, _ null: Replicates?, _ intervals: PairIntervals?,
    _ settings: Settings, _ generator: Philox
  ) throws -> [TestResult] {
    let id = type(of: test).id
    lazy var smallest = smallestPValue(liveUnits: test.liveUnits)
    return try test.statistics.indices.map { index in
      // A distance has no direction: either tensor may be the wider one.
      let alternative = test.isDirectional ? settings.alternative : .twoSided
      var row = TestResult(
        id: id, level: sample.level, nullHypothesis: settings.pairing.nullHypothesis, statistic: test.statistics[index],
        value: sample.identical ? 0 : test.value(index),
        alternative: alternative.rawValue, unit: sample.view.name,
        unitCount: sample.units, effect: effect(id, index, sample, test, intervals))
      if sample.level == "weight" { row.warnings.append(weightLevelWarning) }
      if sample.identical {
        row.pValue = 1
        row.method = PValueMethod.exact.rawValue
        row.methodReason = "nothing differs: every swap leaves the models as they are"
        row.smallestPValue = 1
        row.warnings.append("identical: no unit differs")
        return row
      }
      if let reason = sample.obstacle ?? test.refusal {
        row.warnings.append(reason)
        return row
      }
      guard let null, let firstStatistic else { return row }
      let scale = test.scale(index)
      var p =
        settings.usesParetoTail && (test.linearDifferences(index) == nil || settings.pairing == .independent)
        ? null.pValueWithParetoTail(
          firstStatistic + index, scale: scale, alternative: alternative, confidence: settings.confidence)
        : null.pValue(firstStatistic + index, scale: scale, alternative: alternative, confidence: settings.confidence)
      if settings.pairing == .independent {
        if test.linearDifferences(index) != nil,
          let exact = try pooledLabelTest(test.sides.a[index], test.sides.b[index], alternative: alternative)
        {
          p = exact
        }
      } else if let differences = test.linearDifferences(index) {
        let better = try signFlipTest(
          differences, alternative: settings.alternative, resamples: settings.resamples, generator: generator,
          confidence: settings.confidence)
        p = guarded(better, by: p)
      } else {
        p.smallestAttainable = max(p.smallestAttainable, smallest)
      }
      row.pValue = p.value
      row.pInterval = p.interval.map { [$0.lowerBound, $0.upperBound] }
      row.method = p.method.rawValue
      row.methodReason = p.reason
      row.resamples = p.resamples
      row.exceedances = p.exceedances
      row.smallestPValue = p.smallestAttainable
      row.warnings += p.warnings
      return row
    }
  }

  /// The smallest p of a statistic that is even in the signs: 2/2ⁿ for n units with a column that is not zero. Others of
  /// the layer may have more.
  private func smallestPValue(liveUnits live: Int) -> Double {
    live < 2 ? 1 : Double(sign: .plus, exponent: -min(live - 1, 1_000), significand: 1)
  }

  /// An approximation has to lie where the swaps themselves put the p-value, or they are believed.
  private func guarded(_ p: PValue, by swaps: PValue) -> PValue {
    guard p.method == .saddlepoint, swaps.method == .monteCarlo || swaps.method == .group,
      let exceedances = swaps.exceedances,
      let trials = swaps.resamples,
      let bounds = try? clopperPearson(successes: exceedances, trials: trials, confidence: 0.9999)
    else { return p }
    // 10 % leeway: the approximation is good to a few per cent, the interval narrow near ½.
    if p.value >= 0.9 * bounds.lowerBound, p.value <= 1.1 * bounds.upperBound { return p }
    var result = swaps
    result.reason = "the saddlepoint approximation disagrees with the random swaps, so these are believed"
    result.warnings.append("the saddlepoint approximation disagrees with the swaps and was not used")
    return result
  }

  private func effect(
    _ id: String, _ index: Int, _ sample: UnitSample, _ test: any SwapTest, _ intervals: PairIntervals?
  ) -> Effect? {
    guard let intervals else { return nil }
    switch (id, index) {
    case (DriftTest.id, _):
      var effect = intervals.effect(.meanShiftPerSD, named: "mean_shift_per_sd")
      effect.dz = test.columns.first.flatMap(standardizedMean)
      return effect
    case (ScaleTest.id, _):
      var effect = intervals.effect(.meanUnitNormRatio, named: "mean_unit_norm_ratio")
      effect.dz = test.columns.first.flatMap(standardizedMean)
      return effect
    case (ShapeTest.id, 0): return intervals.effect(.wasserstein1PerSD, named: "wasserstein1_per_sd")
    // A bootstrap interval of the Kolmogorov-Smirnov distance covers .82 to .87: none is given.
    case (ShapeTest.id, 1): return Effect(name: "ks", value: intervals.estimate(.ks))
    case (ShapeTest.id, 2): return intervals.effect(.jensenShannon, named: "jensen_shannon_bits")
    default: return nil
    }
  }

  private func standardizedMean(_ x: [Double]) -> Double? {
    guard x.count > 1 else { return nil }
    let n = Double(x.count)
    let mean = pairwiseSum(x[...]) / n
    let deviation = (pairwiseSum(x.map { ($0 - mean) * ($0 - mean) }[...]) / (n - 1)).squareRoot()
    return deviation > 0 ? mean / deviation : nil
  }

  // MARK: One p-value for the layer

  /// Standardised maximum over the headline statistics of drift, scale and shape, of all pairs in the layer.
  private mutating func combine(
    _ samples: [UnitSample], _ parts: [Part], _ null: Replicates?, _ settings: Settings
  ) {
    guard let null, !parts.isEmpty else {
      guard !samples.isEmpty else { return }
      if samples.allSatisfy(\.identical) {
        combined = PValue(
          value: 1, method: .exact, alternative: .twoSided, smallestAttainable: 1,
          reason: "nothing differs: every swap leaves the models as they are")
        warnings.append("identical: no unit differs")
      } else {
        let obstacle = samples.allSatisfy { $0.obstacle != nil } ? samples.first?.obstacle : nil
        warnings.append(obstacle ?? "no test was asked for that a layer's p-value rests on")
      }
      return
    }
    let headlines = parts.map(\.firstStatistic)
    var (p, statistic) = null.standardizedMaxT(headlines)
    // One-sided, the opposite signs are not as extreme, so p can be half as small.
    if settings.alternative != .twoSided, p.smallestAttainable < 1 {
      p.smallestAttainable = max(p.smallestAttainable / 2, 1 / Double(null.rows))
    }
    combined = p
    if let statistic, let part = parts.first(where: { $0.firstStatistic == statistic }) {
      leading = "\(samples[part.sample].name) \(type(of: part.test).id) \(part.test.statistics[0])"
    }
  }
}
