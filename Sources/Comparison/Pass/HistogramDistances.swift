import Statistics

/// Distances of two histograms over the same equal bins, with one bin more on either side.
struct HistogramDistances {
  var wasserstein1: Double?
  var ks: Double?
  var klAB: Double?
  var klBA: Double?
  /// In bits.
  var jensenShannon: Double?

  init(a: [Double], b: [Double], width: Double, smoothing: Double) {
    let edges = (0..<max(a.count - 1, 0)).map { Double($0) * width }
    wasserstein1 = wassersteinDistance(a, b, edges: edges)
    ks = kolmogorovSmirnovStatistic(a, b)
    klAB = klDivergence(a, b, smoothing: smoothing)
    klBA = klDivergence(b, a, smoothing: smoothing)
    jensenShannon = jensenShannonDivergence(a, b)
  }
}
