import ArgumentParser
import Comparison
import Results

extension IntervalMethod: ExpressibleByArgument {}
extension UnitPairing: ExpressibleByArgument {}

enum TailChoice: String, ExpressibleByArgument, CaseIterable {
  /// The share of swaps that are as extreme, no less than 1/(resamples + 1).
  case empirical
  /// A generalised Pareto tail where fewer than 10 are.
  case gpd
}

/// What tests and intervals of one pair may be told.
struct PairTestArguments: ParsableArguments {
  @Option(
    help:
      "Which units drift, scale and shape let change places: those at the same place in A and B, or any of either (labels pooled over both)."
  )
  var pairing = Setting(UnitPairing.paired)

  @Option(help: "How intervals are made; auto takes what covers best at the number of units.")
  var intervalMethod = Setting(IntervalMethod.auto)

  @Flag(help: "Also give intervals of drift and scale that hold together within a layer.")
  var simultaneous = false

  @Option(help: "Small p of shape and population: as counted, or from a Pareto tail fitted to the swaps (approximate).")
  var tail = Setting(TailChoice.empirical)

  @Option(
    help: ArgumentHelp(
      "How divergence is estimated: \(DivergenceEstimator.allCases.map(\.rawValue).joined(separator: ", ")); the last two read the weights again.",
      valueName: "list"))
  var divergenceBy = Setting("fitted,histogram")

  func validate() throws { _ = try estimators() }

  func apply(to options: inout SignificanceOptions) {
    options.pairing = pairing.value
    options.intervalMethod = intervalMethod.value
    options.simultaneousIntervals = simultaneous
    options.usesParetoTail = tail.value == .gpd
    options.divergences = (try? estimators()) ?? options.divergences
  }

  private func estimators() throws -> Set<DivergenceEstimator> {
    Set(
      try items(divergenceBy.value).map { item in
        guard let estimator = DivergenceEstimator(rawValue: item) else {
          throw ValidationError(
            "--divergence-by: no estimator '\(item)'; there are \(DivergenceEstimator.allCases.map(\.rawValue).joined(separator: ", "))."
          )
        }
        return estimator
      })
  }

  /// Whether any of it was asked for.
  var isGiven: Bool {
    pairing.isGiven || intervalMethod.isGiven || simultaneous || tail.isGiven || divergenceBy.isGiven
  }

  var normalized: [String] {
    var result: [String] = []
    if pairing.value != .paired { result += ["--pairing", pairing.value.rawValue] }
    if intervalMethod.value != .auto { result += ["--interval-method", intervalMethod.value.rawValue] }
    if simultaneous { result.append("--simultaneous") }
    if tail.value != .empirical { result += ["--tail", tail.value.rawValue] }
    if items(divergenceBy.value).sorted() != ["fitted", "histogram"] {
      result += ["--divergence-by", items(divergenceBy.value).sorted().joined(separator: ",")]
    }
    return result
  }

  /// Why a metric is no test; `nil` for anything but a metric.
  static func refusal(of name: String) -> String? {
    guard let metric = Metric(rawValue: name) else { return nil }
    switch metric {
    case .meanSquaredDifference, .relativeL2, .maxAbsDifference, .changedCount, .cosineSimilarity, .pearson:
      return
        "\(name) is not tested: swapping units between the two models leaves it as it is, so every swap is as extreme as the "
        + "observed one and p would always be 1; under labels pooled over both models it would test whether the two are related. "
        + "It is reported with an interval. To show that it is small: --margin relative_l2=X or mean_squared_difference=X; to "
        + "compare it with the noise of training: replicates"
    default:
      return
        "\(name) is a measure, not a test; what it measures is tested by "
        + (["norm_a", "norm_b", "norm_ratio", "dead_units_a", "dead_units_b"].contains(name)
          ? "scale" : name == "mean_difference" ? "drift" : "shape")
    }
  }
}
