@preconcurrency import CGSL

/// How far a sample lies from a fitted distribution: Kolmogorov-Smirnov, Anderson-Darling and Cramér-von Mises.
public struct GoodnessOfFit: Sendable, Equatable {
  /// sup |F_n − F|.
  public let kolmogorovSmirnov: Double
  /// −n − Σ (2i − 1)/n · [ln F(x_i) + ln(1 − F(x_{n+1−i}))], which weighs the tails.
  public let andersonDarling: Double
  /// 1/12n + Σ (F(x_i) − (2i − 1)/2n)².
  public let cramerVonMises: Double

  /// - Parameter samples: Finite, not empty.
  /// - Complexity: O(n log n).
  /// ## Source
  /// Stephens (1974), doi:10.1080/01621459.1974.10480196
  public init(_ samples: [Double], _ fit: any FittedFamily) {
    let ascending = samples.sorted()
    let n = Double(ascending.count)
    var distance = 0.0
    var squares = 1 / (12 * n)
    var tails = 0.0
    for (i, x) in ascending.enumerated() {
      let below = fit.cumulative(x)
      distance = max(distance, (Double(i) + 1) / n - below, below - Double(i) / n)
      let middle = (2 * Double(i) + 1) / (2 * n)
      squares += (below - middle) * (below - middle)
      let above = fit.survival(x)
      // The i-th from above has the weight of the i-th from below.
      tails +=
        (2 * Double(i) + 1) * log(max(below, .leastNormalMagnitude))
        + (2 * (n - Double(i)) - 1) * log(max(above, .leastNormalMagnitude))
    }
    kolmogorovSmirnov = min(1, max(0, distance))
    andersonDarling = -n - tails / n
    cramerVonMises = squares
  }

  /// Kolmogorov-Smirnov, Anderson-Darling, Cramér-von Mises.
  public var statistics: [Double] { [kolmogorovSmirnov, andersonDarling, cramerVonMises] }

  /// Returns p-values of the three statistics by parametric bootstrap: samples of the fit are fitted themselves.
  ///
  /// Without the refit the p-values would be far too large: parameters that were fitted to a sample lie close to it. All three
  /// statistics share the samples, which end when each has been exceeded `stopping` times.
  /// - Parameters:
  ///   - location: How a sample's location is fixed, as it was for the fit.
  ///   - resamples: At most so many samples.
  /// - Returns: In the order of ``statistics``.
  /// - Throws: ``SampleError``, `CancellationError`.
  /// - Complexity: O(resamples · n log n).
  /// ## Source
  /// Stute, Gonzáles Manteiga & Presedo Quindimil (1993), doi:10.1007/BF02613687
  public static func bootstrap(
    _ samples: [Double], _ fit: any FittedFamily, location: @Sendable ([Double]) -> Double, resamples: Int,
    stopping: Int = 20, generator: Philox, confidence: Double = 0.95
  ) throws -> [PValue] {
    let observed = GoodnessOfFit(samples, fit).statistics
    var found = [[Bool]](repeating: [], count: observed.count)
    var counts = [Int](repeating: 0, count: observed.count)
    var replicate = 0
    func draw() throws {
      replicate += 1
      try Task.checkCancellation()
      let random = try GSLPhilox(generator, .simulation, replicate: UInt32(truncatingIfNeeded: replicate))
      let sample = samples.map { _ in fit.draw(random) }
      // A sample that can't be fitted counts as extreme: it must never make p smaller.
      let values =
        type(of: fit).init(samples: sample, location: location(sample)).map { GoodnessOfFit(sample, $0).statistics }
      for i in observed.indices {
        let isExtreme = values.map { !($0[i] < observed[i]) } ?? true
        found[i].append(isExtreme)
        counts[i] += isExtreme ? 1 : 0
      }
    }
    while replicate < resamples, counts.contains(where: { $0 < stopping }) { try draw() }
    return try found.map { draws in
      var p = try besagClifford(stoppingAt: stopping, resamples: resamples, confidence: confidence) { draws[$0 - 1] }
      p.method = .bootstrap
      p.reason = "parametric bootstrap, every sample fitted again: \(p.reason ?? "")"
      return p
    }
  }
}
