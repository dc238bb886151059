import Results
import Statistics

/// "Which family describes the weights?" Maximum likelihood, ranked by Akaike's criterion; the best one's distance with a
/// p-value by parametric bootstrap.
enum FitTest: PairTest {
  static let id = "fit"
  /// Weights that are looked at, and bootstrap samples at most.
  static let sampleLimit = 4_096, bootstrapLimit = 499
  /// Nats a weight below which families can't be told apart.
  static let indistinguishable = 0.001

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    guard let source = subject.sample.source else { return [] }
    let sample = try WeightSample(source.pass, limit: sampleLimit, generator: generator)
    let bootstraps = min(settings.resamples, bootstrapLimit)
    let confidence = settings.confidence
    return try await withThrowingTaskGroup(of: (Int, [TestResult]).self) { group in
      for (i, (name, weights)) in [("a", sample.a), ("b", sample.b)].enumerated() {
        group.addTask {
          (
            i,
            try rows(
              subject, side: name, weights, of: sample.total, bootstraps: bootstraps, confidence: confidence,
              generator: Philox(seed: generator.seed, stream: generator.stream ^ UInt32(i)))
          )
        }
      }
      var found: [[TestResult]] = [[], []]
      for try await (i, rows) in group { found[i] = rows }
      return found.flatMap { $0 }
    }
  }

  private static func rows(
    _ subject: PairSubject, side: String, _ weights: [Double], of total: Int, bootstraps: Int, confidence: Double,
    generator: Philox
  ) throws -> [TestResult] {
    let part = WeightSample.Side(weights)
    let ranked = rankedFits(part.values, location: part.location)
    var notes = [weightLevelWarning]
    if weights.count < total { notes.append("\(weights.count) of \(total) weights, drawn at random") }
    if part.atomShare > 0 {
      notes.append("\(percent(part.atomShare)) of the weights are zero, an atom: taken out before fitting")
    }
    guard let best = ranked.first else {
      return [
        subject.row(
          id, "\(side)_none", level: "weight", null: null, value: nil,
          warnings: notes + ["no family fits: constant, or no finite weights"])
      ]
    }
    let close = ranked.dropFirst().filter { $0.deltaAIC < indistinguishable }.map(\.name)
    var rows = ranked.map { fit -> TestResult in
      var row = subject.row(
        id, "\(side)_\(fit.name)", level: "weight", null: null, value: fit.deltaAIC,
        effect: Effect(name: "delta_aic_per_2n_nats", value: fit.deltaAIC), warnings: notes)
      let distance = GoodnessOfFit(part.values, fit.fit)
      row.details = [
        "location": fit.fit.location, "scale": fit.fit.scale, "delta_bic_per_2n_nats": fit.deltaBIC,
        "mean_log_likelihood_nats": fit.meanLogLikelihood, "ks": distance.kolmogorovSmirnov,
        "anderson_darling": distance.andersonDarling, "cramer_von_mises": distance.cramerVonMises,
        "atom_share": part.atomShare, "sample_count": Double(part.values.count),
      ].merging(fit.fit.shapeParameters) { $1 }
      if fit.name == best.name, !close.isEmpty {
        row.warnings.append("not to be told from \(close.joined(separator: ", ")): less than .001 nats a weight apart")
      }
      return row
    }
    let p = try GoodnessOfFit.bootstrap(
      part.values, best.fit, location: WeightSample.Side.mean, resamples: bootstraps, generator: generator,
      confidence: confidence)
    let distance = GoodnessOfFit(part.values, best.fit)
    for (i, name) in ["ks", "anderson_darling", "cramer_von_mises"].enumerated() {
      var row = subject.row(
        id, "\(side)_best_\(name)", level: "weight", null: null, value: distance.statistics[i],
        alternative: .greater, effect: Effect(name: "ks_distance", value: distance.kolmogorovSmirnov),
        warnings: notes + ["of the best family, \(best.name)"])
      row.take(p[i])
      rows.append(row)
    }
    return rows
  }

  private static let null = "the weights are independent draws from the family"
}

func percent(_ share: Double) -> String {
  let tenths = (share * 1_000).rounded() / 10
  return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
}
