import CKernels
import Results
import Statistics

/// Intervals of one pair's effects and metrics, all from one resampling of its units.
///
/// Every quantity is a function of sums over units. Unless another method is asked for: at 64 units or more the units are
/// bootstrapped; below, the standard error from influence values times Student's t covers better. Divergences are
/// biased upwards by resampling and are corrected for it, with percentiles taken farther out where units are few. The interval
/// speaks of other units of the same population, not of this pair, whose measures are exact.
struct PairIntervals: Sendable {
  /// Unit counts from which the bootstrap is used, and below which cosine and relative L2 have no interval.
  static let bootstrapFrom = 64, ratiosFrom = 32, divergencesFrom = 8

  enum Quantity: Int, CaseIterable {
    case meanShiftPerSD, meanUnitNormRatio, relativeL2, cosineSimilarity, meanSquaredDifference, normRatio
    case wasserstein1, wasserstein1PerSD, ks, jensenShannon, klAB, klBA

    var isDivergence: Bool { rawValue >= Quantity.wasserstein1.rawValue }
    /// Distances lose the bias that resampling adds as they leave 0; that of divergences stays.
    var biasFades: Bool { self == .wasserstein1 || self == .wasserstein1PerSD || self == .ks }

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
  let units: Int
  /// Bootstrap samples by quantity; `nil` where none were drawn.
  private let replicates: Replicates?
  /// Influence values by quantity; empty where the units can't be resampled.
  private let influences: [[Double]]

  /// - Parameter resamples: Bootstrap samples of the units.
  init(
    _ sample: UnitSample, resamples: Int, confidence: Double, generator: Philox, threads: Int,
    method: IntervalMethod = .auto
  ) async throws {
    let formula = IntervalFormula(sample)
    let values = formula.values(sample)
    let totals = formula.totals(values)
    let estimates = formula.evaluate(totals)
    self.estimates = estimates
    units = sample.units
    guard sample.obstacle == nil, !sample.identical else {
      intervals = Array(repeating: nil, count: Quantity.allCases.count)
      replicates = nil
      influences = []
      return
    }
    let plan = Plan(method, units: sample.units)
    let influences = formula.influences(values, totals: totals, withHistograms: method == .bca || method == .influence)
    self.influences = influences
    let jackknife = method == .bcaJackknife ? formula.jackknife(values, totals: totals) : influences
    let source = try UnitColumns(units: sample.units, columns: formula.count, values: consume values)
    let statistics = Quantity.allCases.count
    var replicates: Replicates?
    let bag =
      method == .littleBootstraps
      ? try LittleBootstraps(columns: source, subsets: 10, resamples: 100, generator: generator)
        .intervals(statistics: statistics, confidence: confidence) { formula.evaluate($0, $1) } : []
    if plan.resamplesUnits {
      let bootstrap = UnitBootstrap(
        columns: source, resamples: resamples, generator: generator, threads: threads,
        weighting: method == .poisson ? .poisson : .multinomial)
      replicates = try await bootstrap.replicates(statistics: statistics) { formula.evaluate($0, $1) }
    } else if method == .pigeonhole {
      replicates = try await sample.source.flatMap {
        try PairGrid($0, formula)?.bootstrap(resamples: resamples, generator: generator, threads: threads)
      }?.replicates(statistics: statistics) { formula.withoutHistograms.evaluate($0, $1) }
    }
    self.replicates = replicates
    intervals = Quantity.allCases.map { quantity in
      let place = quantity.rawValue
      let estimate = estimates[place]
      guard estimate.isFinite else { return nil }
      var value = estimate
      let draws = replicates?.column(place)
      let influence = influences[place]
      func interval() -> ConfidenceInterval? {
        switch method {
        case .auto where quantity.isDivergence:
          guard let draws, sample.units >= Self.divergencesFrom,
            let corrected = biasCorrectedDivergence(
              estimate: estimate, replicates: draws, confidence: confidence, units: sample.units,
              biasFades: quantity.biasFades)
          else { return nil }
          value = corrected.value
          return corrected.interval
        case .auto:
          if sample.units >= Self.bootstrapFrom {
            return draws.flatMap { percentileInterval($0, confidence: confidence) }
          }
          if quantity == .relativeL2 || quantity == .cosineSimilarity, sample.units < Self.ratiosFrom { return nil }
          return influenceInterval(
            estimate: estimate, influence: influence, confidence: confidence, scale: quantity.scale)
        case .percentile: return draws.flatMap { percentileInterval($0, confidence: confidence) }
        case .basic:
          return draws.flatMap {
            basicInterval(
              estimate: estimate, $0, confidence: confidence, scale: quantity.isDivergence ? .identity : quantity.scale)
          }
        case .bca, .bcaJackknife:
          return draws.flatMap {
            bcaInterval(
              estimate: estimate, $0, acceleration: acceleration(influence: jackknife[place]), confidence: confidence)
          }
        case .poisson, .pigeonhole:
          return draws.flatMap { percentileInterval($0, confidence: confidence) }.map {
            var named = $0
            named.method = method.rawValue
            return named
          }
        case .littleBootstraps: return bag[place]
        case .influence:
          return influenceInterval(
            estimate: estimate, influence: influence, confidence: confidence, scale: quantity.scale)
        }
      }
      guard let found = interval() else { return nil }
      var effect = Effect(
        name: "", value: value, interval: [found.lower, found.upper], intervalMethod: found.method)
      let error =
        found.method == "influence_t"
        ? influenceStandardError(influence) : draws.flatMap(bootstrapStandardError) ?? influenceStandardError(influence)
      effect.standardError = error.flatMap { $0.isFinite ? $0 : nil }
      if quantity == .meanShiftPerSD || quantity == .meanUnitNormRatio, sample.pair.unitCount == sample.units {
        effect.mostInfluentialUnit = influence.indices.max { abs(influence[$0]) < abs(influence[$1]) }
      }
      return effect
    }
  }

  private struct Plan {
    let resamplesUnits: Bool

    init(_ method: IntervalMethod, units: Int) {
      resamplesUnits =
        switch method {
        case .auto: units >= min(PairIntervals.bootstrapFrom, PairIntervals.divergencesFrom)
        case .percentile, .basic, .bca, .bcaJackknife, .poisson: true
        case .pigeonhole, .littleBootstraps, .influence: false
        }
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

  /// The standard error from influence values; `nil` without units to resample.
  func standardError(_ quantity: Quantity) -> Double? {
    guard influences.indices.contains(quantity.rawValue) else { return nil }
    let error = influenceStandardError(influences[quantity.rawValue])
    return error.flatMap { $0.isFinite ? $0 : nil }
  }

  func influence(_ quantity: Quantity) -> [Double]? {
    influences.indices.contains(quantity.rawValue) ? influences[quantity.rawValue] : nil
  }

  /// Bootstrap samples of a quantity; `nil` where none were drawn.
  func draws(_ quantity: Quantity) -> [Double]? { replicates?.column(quantity.rawValue) }

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
