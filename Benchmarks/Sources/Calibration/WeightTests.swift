import Foundation
import Statistics

/// What is commonly run on raw weights: every weight taken as an independent draw.
///
/// Held against SciPy by `Calibration/weight_tests.py`.
enum WeightTest: String, CaseIterable, Sendable {
  /// `scipy.stats.ttest_ind`.
  case t = "t-test"
  /// `scipy.stats.levene`, Brown and Forsythe's form with the median, which is SciPy's default.
  case levene = "Levene"
  /// `scipy.stats.ks_2samp`, exact.
  case ks = "ks_2samp"

  /// Returns the two-sided p-value.
  func pValue(_ a: [Double], _ b: [Double]) -> Double {
    switch self {
    case .t: Self.tTest(a, b)
    // With two groups F is the square of t.
    case .levene: Self.tTest(Self.deviations(a), Self.deviations(b))
    case .ks: Self.kolmogorovSmirnov(a, b)
    }
  }

  private static func moments(_ x: [Double]) -> (mean: Double, squares: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
  }

  private static func tTest(_ a: [Double], _ b: [Double]) -> Double {
    let (n, m) = (Double(a.count), Double(b.count))
    let (x, y) = (moments(a), moments(b))
    let freedom = n + m - 2
    let error = ((x.squares + y.squares) / freedom * (1 / n + 1 / m)).squareRoot()
    guard error > 0 else { return x.mean == y.mean ? 1 : .leastNonzeroMagnitude }
    return studentTTwoSided(abs(x.mean - y.mean) / error, freedom)
  }

  private static func deviations(_ x: [Double]) -> [Double] {
    let sorted = x.sorted()
    let middle = (sorted[(x.count - 1) / 2] + sorted[x.count / 2]) / 2
    return x.map { abs($0 - middle) }
  }

  /// P(|t| ≥ x) = I_{ν/(ν+x²)}(ν/2, ½), by Lentz's continued fraction.
  private static func studentTTwoSided(_ x: Double, _ freedom: Double) -> Double {
    let z = freedom / (freedom + x * x)
    let w = x * x / (freedom + x * x)
    guard w > 0 else { return 1 }
    let (a, b) = (freedom / 2, 0.5)
    let front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(z) + b * log(w)
    // The fraction converges fast on one side of the mean; elsewhere the complement is taken.
    if z > (a + 1) / (a + b + 2) { return 1 - exp(front) * fraction(w, b, a) / b }
    return exp(front) * fraction(z, a, b) / a
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    var c = 1.0
    var d = 1 / (1 - (a + b) * x / (a + 1))
    var value = d
    for i in 1...10_000 {
      let m = Double(i)
      for numerator in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 / (1 + numerator * d)
        c = 1 + numerator / c
        value *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return value
  }

  /// For equal counts n: P(D ≥ h/n) = 2 Σ (−1)^{k−1} C(2n, n−kh)/C(2n, n), Gnedenko and Korolyuk (1951).
  private static func kolmogorovSmirnov(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count)
    let (x, y) = (a.sorted(), b.sorted())
    var (i, j, most) = (0, 0, 0)
    while i < x.count, j < y.count {
      let value = min(x[i], y[j])
      while i < x.count, x[i] == value { i += 1 }
      while j < y.count, y[j] == value { j += 1 }
      most = max(most, abs(i - j))
    }
    guard most > 0 else { return 1 }
    let n = Double(x.count)
    func logChoose(_ k: Double) -> Double { lgamma(2 * n + 1) - lgamma(k + 1) - lgamma(2 * n - k + 1) }
    var p = 0.0
    for k in stride(from: 1, through: x.count / most, by: 1) {
      let term = exp(logChoose(n - Double(k * most)) - logChoose(n))
      p += k % 2 == 1 ? term : -term
      if term < 1e-18 { break }
    }
    return min(1, max(2 * p, .leastNonzeroMagnitude))
  }
}
