import CKernels
import Results
import Statistics

/// How divergences are estimated.
public enum DivergenceEstimator: String, Sendable, CaseIterable {
  /// Normal fits by moments and Laplace fits of the histograms.
  case fitted
  case histogram
  /// Logistic, Student's t and generalised normal fits, and the best of all families on each side; the weights are read again.
  case families
  /// Distances to neighbours; the weights are read again.
  case knn
}

/// The rows of ``DivergenceTest`` that are asked for, with those that need the weights once more.
enum DivergenceRows: PairTest {
  static let id = DivergenceTest.id
  private static let sampleLimit = 10_000, neighbors = 5

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    let wanted = settings.divergences
    var rows =
      wanted.isDisjoint(with: [.fitted, .histogram])
      ? []
      : fromSums(subject).filter { row in
        wanted.contains(row.statistic.hasPrefix("histogram") ? .histogram : .fitted)
      }
    if !wanted.isDisjoint(with: [.families, .knn]), let source = subject.sample.source {
      let sample = try WeightSample(source.pass, limit: sampleLimit, generator: generator)
      if wanted.contains(.families) { rows += fromFamilies(subject, sample) }
      if wanted.contains(.knn) { rows += fromNeighbors(subject, sample) }
    }
    // The hypothesis of `shape`, whose p-value stands beside a measure.
    for i in rows.indices { rows[i].nullHypothesis = settings.pairing.nullHypothesis }
    return rows
  }

  private static func measure(
    _ subject: PairSubject, _ statistic: String, _ value: Double?, _ unit: String, _ warnings: [String]
  ) -> TestResult {
    subject.row(
      id, statistic, null: unitNullHypothesis, value: value, effect: Effect(name: unit, value: value),
      warnings: warnings)
  }

  private static func fromSums(_ subject: PairSubject) -> [TestResult] {
    let sample = subject.sample
    let test = DivergenceTest(sample)
    let bins = zip(sample.sums.wholeA, sample.sums.wholeB).reduce(0) { $0 + ($1.0 + $1.1 > 0 ? 1 : 0) }
    let n = sample.sums.total(eqp_count)
    let bias = plugInBias(bins: bins, n: n, m: n)
    return test.rows.map { statistic, value, unit in
      let quantity: PairIntervals.Quantity? =
        switch statistic {
        case "histogram_kl_ab": .klAB
        case "histogram_kl_ba": .klBA
        case "histogram_jensen_shannon": .jensenShannon
        default: nil
        }
      var row = measure(subject, statistic, value, unit, test.warnings)
      if let quantity {
        row.effect = subject.intervals?.effect(quantity, named: unit) ?? row.effect
        row.details = [
          "plug_in_bias": quantity == .jensenShannon
            ? bias.jensenShannon / 0.693_147_180_559_945_3 : bias.kullbackLeibler,
          "occupied_bins": Double(bins),
        ]
      }
      // The same statistic as in `shape`, so the same p-value; the others have no test of their own.
      if quantity == .jensenShannon,
        let tested = subject.swaps.first(where: { $0.id == ShapeTest.id && $0.statistic == "jensen_shannon" })
      {
        row.pValue = tested.pValue
        row.pInterval = tested.pInterval
        row.method = tested.method
        row.methodReason = tested.methodReason
        row.resamples = tested.resamples
        row.exceedances = tested.exceedances
        row.smallestPValue = tested.smallestPValue
      } else {
        row.warnings.append("a measure: whether it could be chance is asked by shape")
      }
      return row
    }
  }

  /// One family on both sides, and the best of each side, which need not be the same.
  private static func fromFamilies(_ subject: PairSubject, _ sample: WeightSample) -> [TestResult] {
    let sides = [WeightSample.Side(sample.a), WeightSample.Side(sample.b)]
    let ranked = sides.map { rankedFits($0.values, location: $0.location) }
    var notes = ["a measure: whether it could be chance is asked by shape"]
    if sides.contains(where: { $0.atomShare > 0 }) { notes.append("without the weights that are zero") }
    if sample.a.count < sample.total { notes.append("\(sample.a.count) of \(sample.total) weights, drawn at random") }
    func rows(_ name: String, _ a: RankedFit?, _ b: RankedFit?, _ note: [String]) -> [TestResult] {
      guard let a = a?.fit, let b = b?.fit else {
        return [measure(subject, "\(name)_kl_ab", nil, "nats", ["no \(name) distribution fits"])]
      }
      let forward = klDivergence(of: a, from: b)
      let backward = klDivergence(of: b, from: a)
      return [
        measure(subject, "\(name)_kl_ab", forward, "nats", notes + note + (forward == nil ? ["not finite"] : [])),
        measure(subject, "\(name)_kl_ba", backward, "nats", notes + note + (backward == nil ? ["not finite"] : [])),
        measure(subject, "\(name)_jensen_shannon", jensenShannonDivergence(a, b, unit: .bits), "bits", notes + note),
      ]
    }
    var result: [TestResult] = []
    for name in [LogisticFit.familyName, StudentTFit.familyName, GeneralizedNormalFit.familyName] {
      result += rows(name, ranked[0].first { $0.name == name }, ranked[1].first { $0.name == name }, [])
    }
    if let a = ranked[0].first, let b = ranked[1].first {
      result += rows("best", a, b, ["\(a.name) for A, \(b.name) for B"])
    }
    return result
  }

  private static func fromNeighbors(_ subject: PairSubject, _ sample: WeightSample) -> [TestResult] {
    let forward = neighborDivergence(sample.a, sample.b, neighbors: neighbors)
    let backward = neighborDivergence(sample.b, sample.a, neighbors: neighbors)
    let note =
      forward == nil || backward == nil
      ? "ties or too few weights: neighbours at distance 0 leave no density to estimate"
      : "\(neighbors) neighbours, \(sample.a.count) weights; biased by what densities change within their reach, and "
        + "not bounded by 0"
    return [("knn_kl_ab", forward), ("knn_kl_ba", backward)].map {
      measure(subject, $0.0, $0.1, "nats", [note, "a measure: whether it could be chance is asked by shape"])
    }
  }
}
