import CKernels
import Results
import Statistics

/// "How far apart are the distributions?" Kullback-Leibler both ways and Jensen-Shannon, between fitted
/// normal and Laplace distributions and between histograms. Measures, not tests: the question whether
/// they could be chance is asked by `shape`.
struct DivergenceTest {
  static let id = "divergence"

  /// Statistic, value, and the unit it is in.
  let rows: [(statistic: String, value: Double?, unit: String)]
  let warnings: [String]

  init(_ sample: UnitSample) {
    if sample.identical, sample.sums.total(eqp_count) > 0 {
      rows = ["normal", "laplace", "histogram"].flatMap { family in
        [("\(family)_kl_ab", 0, "nats"), ("\(family)_kl_ba", 0, "nats"), ("\(family)_jensen_shannon", 0, "bits")]
      }
      warnings = ["identical: no unit differs"]
      return
    }
    var rows: [(String, Double?, String)] = []
    var warnings: [String] = []
    let sums = sample.sums
    let n = sums.total(eqp_count)
    let (histogramA, histogramB) = (sums.wholeA, sums.wholeB)
    let edges = (0...sums.bins).map { sums.low + Double($0) * sums.width }
    let deviations = sample.pair.standardDeviations()
    let normalA = n > 0 ? fit(mean: sums.total(eqp_sum_a) / n, deviation: deviations.a) : nil
    let normalB = n > 0 ? fit(mean: sums.total(eqp_sum_b) / n, deviation: deviations.b) : nil
    let laplaceA = LaplaceFit(counts: histogramA, edges: edges)
    let laplaceB = LaplaceFit(counts: histogramB, edges: edges)
    func both<Fit: ContinuousDensity>(_ a: Fit?, _ b: Fit?, _ kl: (Fit, Fit) -> Double?, _ name: String) {
      guard let a, let b else {
        warnings.append("no \(name) distribution fits: a side is constant or has no finite elements")
        for statistic in ["kl_ab", "kl_ba"] { rows.append(("\(name)_\(statistic)", nil, "nats")) }
        rows.append(("\(name)_jensen_shannon", nil, "bits"))
        return
      }
      rows.append(("\(name)_kl_ab", kl(a, b), "nats"))
      rows.append(("\(name)_kl_ba", kl(b, a), "nats"))
      rows.append(("\(name)_jensen_shannon", jensenShannonDivergence(a, b, unit: .bits), "bits"))
    }
    both(normalA, normalB, klDivergence(_:_:), "normal")
    both(laplaceA, laplaceB, klDivergence(_:_:), "laplace")
    let histogram = HistogramDistances(
      a: histogramA, b: histogramB, width: sums.width, smoothing: PairSums.smoothing)
    rows.append(("histogram_kl_ab", histogram.klAB, "nats"))
    rows.append(("histogram_kl_ba", histogram.klBA, "nats"))
    rows.append(("histogram_jensen_shannon", histogram.jensenShannon, "bits"))
    self.rows = rows.map { (statistic: $0.0, value: $0.1, unit: $0.2) }
    self.warnings = warnings

    func fit(mean: Double, deviation: Double) -> NormalFit? {
      deviation > 0 && deviation.isFinite && mean.isFinite ? NormalFit(mean: mean, standardDeviation: deviation) : nil
    }
  }
}
