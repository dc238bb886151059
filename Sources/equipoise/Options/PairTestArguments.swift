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
  var pairing: UnitPairing = .paired

  @Option(help: "How intervals are made; auto takes what covers best at the number of units.")
  var intervalMethod: IntervalMethod = .auto

  @Flag(help: "Also give intervals of drift and scale that hold together within a layer.")
  var simultaneous = false

  @Option(help: "Small p of shape and population: as counted, or from a Pareto tail fitted to the swaps (approximate).")
  var tail: TailChoice = .empirical

  @Option(
    help: ArgumentHelp(
      "How divergence is estimated: \(DivergenceEstimator.allCases.map(\.rawValue).joined(separator: ", ")); the last two read the weights again.",
      valueName: "list"))
  var divergenceBy = "fitted,histogram"

  func validate() throws { _ = try estimators() }

  func apply(to options: inout SignificanceOptions) {
    options.pairing = pairing
    options.intervalMethod = intervalMethod
    options.simultaneousIntervals = simultaneous
    options.usesParetoTail = tail == .gpd
    options.divergences = (try? estimators()) ?? options.divergences
  }

  private func estimators() throws -> Set<DivergenceEstimator> {
    Set(
      try items(divergenceBy).map { item in
        guard let estimator = DivergenceEstimator(rawValue: item) else {
          throw ValidationError(
            "--divergence-by: no estimator '\(item)'; there are \(DivergenceEstimator.allCases.map(\.rawValue).joined(separator: ", "))."
          )
        }
        return estimator
      })
  }

  var normalized: [String] {
    var result: [String] = []
    if pairing != .paired { result += ["--pairing", pairing.rawValue] }
    if intervalMethod != .auto { result += ["--interval-method", intervalMethod.rawValue] }
    if simultaneous { result.append("--simultaneous") }
    if tail != .empirical { result += ["--tail", tail.rawValue] }
    if items(divergenceBy).sorted() != ["fitted", "histogram"] {
      result += ["--divergence-by", items(divergenceBy).sorted().joined(separator: ",")]
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
