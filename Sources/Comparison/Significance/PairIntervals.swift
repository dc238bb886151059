import CKernels
import Results
import Statistics

/// Intervals of one pair's effects and metrics, all from one resampling of its units.
///
/// Every quantity is a function of sums over units. At 64 units or more the units are bootstrapped;
/// below, the standard error from influence values times Student's t covers better. Divergences are
/// biased upwards by resampling and are corrected for it. The interval speaks of other units of the
/// same population, not of this pair, whose measures are exact.
struct PairIntervals: Sendable {
  /// Unit counts from which the bootstrap is used, and below which cosine and relative L2 have no interval.
  static let bootstrapFrom = 64, ratiosFrom = 32, divergencesFrom = 8

  enum Quantity: Int, CaseIterable {
    case meanShiftPerSD, meanUnitNormRatio, relativeL2, cosineSimilarity, meanSquaredDifference, normRatio
    case wasserstein1, wasserstein1PerSD, ks, jensenShannon, klAB, klBA

    var isDivergence: Bool { rawValue >= Quantity.wasserstein1.rawValue }

    var scale: IntervalScale {
      switch self {
      case .meanShiftPerSD: .identity
      case .cosineSimilarity: .atanh
      default: .log
      }
    }
  }

  private let estimates: [Double]
  private let intervals: [Effect?]

  /// - Parameter resamples: Bootstrap samples of the units.
  init(
    _ sample: UnitSample, resamples: Int, confidence: Double, generator: Philox, threads: Int
  ) async throws {
    let formula = Formula(sample)
    let columns = formula.columns(sample)
    let totals = (0..<formula.count).map { j in pairwiseSum(columns.map { $0[j] }[...]) }
    let estimates = formula.evaluate(totals)
    self.estimates = estimates
    guard sample.obstacle == nil, !sample.identical else {
      intervals = Array(repeating: nil, count: Quantity.allCases.count)
      return
    }
    let usesBootstrap = sample.units >= Self.bootstrapFrom
    let usesDivergences = sample.units >= Self.divergencesFrom
    var replicates: Replicates?
    if usesBootstrap || usesDivergences {
      let source = try UnitColumns(units: sample.units, columns: formula.count, values: columns.flatMap { $0 })
      replicates = try await UnitBootstrap(
        columns: source, resamples: resamples, generator: generator, threads: threads
      )
      .replicates(statistics: Quantity.allCases.count) { sums, output in
        formula.evaluate(sums, output)
      }
    }
    intervals = Quantity.allCases.map { quantity in
      let estimate = estimates[quantity.rawValue]
      guard estimate.isFinite else { return nil }
      func effect(_ interval: ConfidenceInterval?, value: Double = estimate) -> Effect? {
        interval.map {
          Effect(name: "", value: value, interval: [$0.lower, $0.upper], intervalMethod: $0.method)
        }
      }
      if quantity.isDivergence {
        guard let replicates, usesDivergences,
          let corrected = biasCorrectedDivergence(
            estimate: estimate, replicates: replicates.column(quantity.rawValue), confidence: confidence)
        else { return nil }
        return effect(corrected.interval, value: corrected.value)
      }
      if usesBootstrap, let replicates {
        return effect(percentileInterval(replicates.column(quantity.rawValue), confidence: confidence))
      }
      if quantity == .relativeL2 || quantity == .cosineSimilarity, sample.units < Self.ratiosFrom { return nil }
      let influence = formula.influence(columns, totals: totals, quantity: quantity)
      return effect(
        influenceInterval(estimate: estimate, influence: influence, confidence: confidence, scale: quantity.scale))
    }
  }

  func estimate(_ quantity: Quantity) -> Double? {
    let value = estimates[quantity.rawValue]
    return value.isFinite ? value : nil
  }

  /// The effect with its interval under the name it is shown by; without one where none holds its level.
  func effect(_ quantity: Quantity, named name: String) -> Effect {
    guard var effect = intervals[quantity.rawValue] else { return Effect(name: name, value: estimate(quantity)) }
    effect.name = name
    return effect
  }

  /// The intervals of direct metrics, by the metric's name.
  var metrics: [String: Effect] {
    let shown: [(Quantity, Metric)] = [
      (.relativeL2, .relativeL2), (.cosineSimilarity, .cosineSimilarity),
      (.meanSquaredDifference, .meanSquaredDifference), (.normRatio, .normRatio), (.wasserstein1, .wasserstein1),
      (.jensenShannon, .jensenShannon), (.klAB, .klAB), (.klBA, .klBA),
    ]
    var result: [String: Effect] = [:]
    for (quantity, metric) in shown where intervals[quantity.rawValue] != nil {
      result[metric.rawValue] = effect(quantity, named: metric.rawValue)
    }
    return result
  }
}

/// The quantities as functions of column sums over units.
private struct Formula: Sendable {
  private static let fields: [eqp_field] = [
    eqp_count, eqp_sum_a, eqp_sum_b, eqp_shifted_aa, eqp_shifted_bb, eqp_sum_aa, eqp_sum_bb, eqp_sum_ab, eqp_sum_d,
    eqp_sum_dd,
  ]
  private let shift: Double
  private let bins: Int
  private let width: Double
  private var hasHistograms: Bool
  private let dead: Set<Int>

  init(_ sample: UnitSample) {
    shift = sample.pair.pilot.shift
    bins = sample.sums.bins + 2
    width = sample.sums.width
    hasHistograms = !sample.sums.histogramA.isEmpty
    dead = Set(deadUnits(sample.sums.normA)).union(deadUnits(sample.sums.normB))
  }

  /// Sums, norms of the units that live on both sides, histograms.
  var count: Int { Self.fields.count + 2 + (hasHistograms ? 2 * bins : 0) }

  func columns(_ sample: UnitSample) -> [[Double]] {
    (0..<sample.units).map { u in
      var row = Self.fields.map { sample.sums[$0, u] }
      row.append(dead.contains(u) ? 0 : sample.sums.normA[u])
      row.append(dead.contains(u) ? 0 : sample.sums.normB[u])
      if hasHistograms {
        row += sample.sums.histogramA[u * bins..<(u + 1) * bins].map { Double($0) }
        row += sample.sums.histogramB[u * bins..<(u + 1) * bins].map { Double($0) }
      }
      return row
    }
  }

  func evaluate(_ sums: [Double]) -> [Double] {
    var output = [Double](repeating: .nan, count: PairIntervals.Quantity.allCases.count)
    sums.withUnsafeBufferPointer { sums in output.withUnsafeMutableBufferPointer { evaluate(sums, $0) } }
    return output
  }

  func evaluate(_ s: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    for i in output.indices { output[i] = .nan }
    let n = s[0]
    guard n > 0 else { return }
    let aa = s[5]
    let bb = s[6]
    let sa = s[1] - n * shift
    let sb = s[2] - n * shift
    let variance = (s[3] + s[4] - (sa + sb) * (sa + sb) / (2 * n)) / (2 * n)
    let deviation = max(0, variance).squareRoot()
    func set(_ quantity: PairIntervals.Quantity, _ value: Double?) { output[quantity.rawValue] = value ?? .nan }
    set(.meanShiftPerSD, s[8] / n / deviation)
    set(.meanUnitNormRatio, s[11] / s[10])
    set(.relativeL2, (s[9] / aa).squareRoot())
    set(.cosineSimilarity, clampedToUnit(s[7] / (aa.squareRoot() * bb.squareRoot())))
    set(.meanSquaredDifference, s[9] / n)
    set(.normRatio, (bb / aa).squareRoot())
    guard hasHistograms else { return }
    let a = UnsafeBufferPointer(rebasing: s[12..<12 + bins])
    let b = UnsafeBufferPointer(rebasing: s[(12 + bins)...])
    guard let distances = BinnedDistances(a, b, smoothing: PairSums.smoothing) else { return }
    set(.wasserstein1, distances.wassersteinInBins * width)
    set(.wasserstein1PerSD, distances.wassersteinInBins * width / deviation)
    set(.ks, distances.kolmogorovSmirnov)
    set(.jensenShannon, distances.jensenShannon)
    set(.klAB, distances.klAB)
    set(.klBA, distances.klBA)
  }

  /// U ∂θ/∂w_u by central differences. Every quantity is unchanged when all weights are doubled, so the
  /// values have mean 0.
  func influence(_ columns: [[Double]], totals: [Double], quantity: PairIntervals.Quantity) -> [Double] {
    let step = 1e-4
    func value(_ row: [Double], _ weight: Double) -> Double {
      // Histograms are not needed here and cost the most.
      let sums = zip(totals, row).prefix(12).map { $0 + weight * $1 }
      var output = [Double](repeating: .nan, count: PairIntervals.Quantity.allCases.count)
      var plain = self
      plain.hasHistograms = false
      sums.withUnsafeBufferPointer { sums in output.withUnsafeMutableBufferPointer { plain.evaluate(sums, $0) } }
      return output[quantity.rawValue]
    }
    return columns.map { row in
      Double(columns.count) * (value(row, step) - value(row, -step)) / (2 * step)
    }
  }
}
