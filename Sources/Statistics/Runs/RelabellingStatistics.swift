@preconcurrency import CGSL

/// Statistics of two groups of runs under every labelling.
///
/// Each is a function of sums over pairs of runs, within A, within B and in all, so a labelling costs O(runs²) whatever the
/// number of features. None changes when A and B of equal size change places.
public struct RelabellingStatistics: Sendable {
  public let labellings: Labellings
  public let distances: RunDistances

  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)`` unless both are of the same runs.
  public init(_ labellings: Labellings, _ distances: RunDistances) throws(SampleError) {
    guard labellings.runs == distances.runs else {
      throw .shapeMismatch(expected: labellings.runs, actual: distances.runs)
    }
    self.labellings = labellings
    self.distances = distances
  }

  /// The name of a statistic and its values.
  public struct Column: Sendable {
    /// Shape `[rows]`, row 0 observed.
    public let values: [Double]
    /// Size of the terms summed, for ties.
    public let scale: Double
  }

  /// R² of the permutational analysis of variance, of which F is an increasing function.
  ///
  /// - Complexity: O(rows · runs²).
  public var rSquared: Column {
    let (na, nb, n) = sizes
    let values = map(distances.squared) { a, b, total in
      total > 0 ? 1 - (a / na + b / nb) / (total / n) : .nan
    }
    return Column(values: values, scale: 1)
  }

  /// n_a n_b/n · (2 E|X − Y| − E|X − X′| − E|Y − Y′|), the energy distance of the two samples, ≥ 0.
  ///
  /// ## Source
  /// Székely & Rizzo (2013), doi:10.1016/j.jspi.2013.03.018
  public var energy: Column {
    let (na, nb, n) = sizes
    let lengths = distances.squared.map { $0.squareRoot() }
    let values = map(lengths) { a, b, total in
      na * nb / n * (2 * (total - a - b) / (na * nb) - 2 * a / (na * na) - 2 * b / (nb * nb))
    }
    return Column(values: values, scale: n * (lengths.max() ?? 0))
  }

  /// Squared maximum mean discrepancy under a Gaussian kernel, exp(−d²/2σ²), σ the median distance of all runs.
  ///
  /// The version that is never negative (sums over all pairs, a run with itself among them).
  /// ## Source
  /// Gretton et al. (2012), https://jmlr.org/papers/v13/gretton12a.html
  public var maximumMeanDiscrepancy: Column {
    let (na, nb, _) = sizes
    let n = distances.runs
    var upper: [Double] = []
    for i in 0..<n { for j in i + 1..<max(n, i + 1) { upper.append(distances[i, j]) } }
    upper.sort()
    let middle = upper.count / 2
    let median = upper.isEmpty ? 0 : (upper[middle] + upper[upper.count - 1 - middle]) / 2
    // Where most runs are the same, the median says nothing of the others.
    let variance = median > 0 ? median : upper.reduce(0, +) / Double(max(upper.count, 1))
    let kernel = distances.squared.map { variance > 0 ? exp(-$0 / (2 * variance)) : 1 }
    let values = map(kernel) { a, b, total in
      (na + 2 * a) / (na * na) + (nb + 2 * b) / (nb * nb) - 2 * (total - a - b) / (na * nb)
    }
    return Column(values: values, scale: 4)
  }

  /// |ln| of the ratio of the two groups' mean squared distances from their centres, after each run was centred in its own
  /// group.
  ///
  /// Centring is fitted, so relabelled residuals are exchangeable only nearly: the test is approximate. `nil` where a group
  /// has one run.
  /// ## Source
  /// Anderson (2006), doi:10.1111/j.1541-0420.2005.00440.x
  public var dispersion: Column? {
    guard labellings.sizeA >= 2, labellings.sizeB >= 2 else { return nil }
    let (na, nb, _) = sizes
    let residuals = residualDistances
    let smallest = 1e-12 * (residuals.max() ?? 0)
    let values = map(residuals) { a, b, _ in
      let x = a / (na * (na - 1))
      let y = b / (nb * (nb - 1))
      if x <= smallest, y <= smallest { return 0 }
      if x <= smallest || y <= smallest { return .infinity }
      return abs(log(x / y))
    }
    return Column(values: values, scale: 1)
  }

  /// Root mean squared distance of the runs of A, and of B, from the centre of their group, over n_g − 1.
  public var spread: (a: Double?, b: Double?) {
    let (a, b) = sums(of: distances.squared, row: 0)
    func spread(_ sum: Double, _ size: Int) -> Double? {
      size < 2 ? nil : (sum / Double(size * (size - 1))).squareRoot()
    }
    return (spread(a, labellings.sizeA), spread(b, labellings.sizeB))
  }

  /// In how many independent directions of equal scatter the runs of a group lie about its centre: (tr Σ)²/tr Σ², the
  /// covariance Σ pooled over the groups, corrected for its estimation from few runs.
  ///
  /// A rough number: from ten runs it is good to a factor of about 1.5 where scatter is alike. At least 1; `nil` below 5 runs or where nothing
  /// scatters.
  /// ## Source
  /// Srivastava (2005), doi:10.14490/jjss.35.251
  public var directions: Double? {
    let n = distances.runs
    let m = Double(n - 2)
    guard n >= 5 else { return nil }
    let products = residualProducts(scaled: false)
    let trace = (0..<n).reduce(0) { $0 + products[$1 * n + $1] } / m
    let squares = products.reduce(0) { $0 + $1 * $1 } / (m * m)
    let second = (squares - trace * trace / m) * m * m / ((m - 1) * (m + 2))
    guard trace > 0 else { return nil }
    // Fewer runs than directions can leave nothing to tell them by.
    guard second > 1e-12 * trace * trace else { return nil }
    return max(1, trace * trace / second - 2 / m)
  }

  // MARK: Sums over pairs

  private var sizes: (Double, Double, Double) {
    (Double(labellings.sizeA), Double(labellings.sizeB), Double(labellings.runs))
  }

  private func map(_ matrix: [Double], _ statistic: (_ a: Double, _ b: Double, _ total: Double) -> Double) -> [Double] {
    let n = distances.runs
    var total = 0.0
    for i in 0..<n { for j in i + 1..<max(n, i + 1) { total += matrix[i * n + j] } }
    return (0..<labellings.rows).map { row in
      let (a, b) = sums(of: matrix, row: row)
      return statistic(a, b, total)
    }
  }

  /// Sums over pairs i < j within A and within B.
  private func sums(of matrix: [Double], row: Int) -> (a: Double, b: Double) {
    let n = distances.runs
    var a = 0.0
    var b = 0.0
    matrix.withUnsafeBufferPointer { matrix in
      labellings.isA.withUnsafeBufferPointer { labels in
        let first = row * n
        for i in 0..<n {
          let isA = labels[first + i]
          var sum = 0.0
          for j in i + 1..<max(n, i + 1) where labels[first + j] == isA { sum += matrix[i * n + j] }
          if isA { a += sum } else { b += sum }
        }
      }
    }
    return (a, b)
  }

  /// Squared distances between the runs once each is centred in its own group and scaled.
  private var residualDistances: [Double] {
    let n = distances.runs
    let products = residualProducts(scaled: true)
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n where i != j {
        result[i * n + j] = max(0, products[i * n + i] + products[j * n + j] - 2 * products[i * n + j])
      }
    }
    return result
  }

  /// Inner products of the runs, each centred in its own group; scaled by √(n_g/(n_g − 1)) on wish, so that groups of
  /// different size are alike.
  private func residualProducts(scaled: Bool) -> [Double] {
    let n = distances.runs
    let products = distances.centredProducts
    let isA = Array(labellings.isA[..<n])
    let (na, nb, _) = sizes
    // Means of products over the groups of one index, then of both.
    var rows = [Double](repeating: 0, count: 2 * n)
    for i in 0..<n {
      for k in 0..<n { rows[(isA[k] ? 0 : n) + i] += products[i * n + k] / (isA[k] ? na : nb) }
    }
    var both = [0.0, 0, 0, 0]
    for i in 0..<n {
      for group in 0..<2 { both[(isA[i] ? 0 : 2) + group] += rows[group * n + i] / (isA[i] ? na : nb) }
    }
    var residual = [Double](repeating: 0, count: n * n)
    let scale = scaled ? [(na / (na - 1)).squareRoot(), (nb / (nb - 1)).squareRoot()] : [1, 1]
    for i in 0..<n {
      for j in 0..<n {
        let (p, q) = (isA[i] ? 0 : 1, isA[j] ? 0 : 1)
        residual[i * n + j] =
          scale[p] * scale[q] * (products[i * n + j] - rows[p * n + j] - rows[q * n + i] + both[2 * p + q])
      }
    }
    return residual
  }
}
