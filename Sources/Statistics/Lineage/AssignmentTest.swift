@preconcurrency import CGSL

/// Whether the units of two tensors are matched by their order: T = Σ_u G[u, π(u)] under uniform permutations π.
///
/// Null hypothesis: which unit of B stands where is independent of A, all U! orders alike likely. G[u, v] is the similarity of
/// unit u of A and unit v of B; the observed order is the identity, and large T speaks for a match.
///
/// ## Source
/// Mantel (1967), PMID 6018555; the moments: Hoeffding (1951), doi:10.1214/aoms/1177729545
public struct AssignmentTest: Sendable {
  public let units: Int
  /// Row-major, shape `[units, units]`.
  private let similarity: [Double]
  /// Mean of G[u, u].
  public let matched: Double
  /// Mean of G[u, v], v ≠ u.
  public let unmatched: Double
  /// Moments of T over all U! permutations.
  public let mean: Double, variance: Double, thirdMoment: Double

  /// - Parameter similarity: Shape `[units, units]`, finite.
  /// - Throws: ``SampleError/tooFewUnits(count:required:)`` below 2 units; ``SampleError/shapeMismatch(expected:actual:)``;
  ///   ``SampleError/nonFinite(index:)``.
  /// - Complexity: O(U²).
  public init(_ similarity: [Double], units: Int) throws(SampleError) {
    guard units >= 2 else { throw .tooFewUnits(count: units, required: 2) }
    guard similarity.count == units * units else {
      throw .shapeMismatch(expected: units * units, actual: similarity.count)
    }
    try SampleError.checkFinite(similarity)
    self.units = units
    self.similarity = similarity
    let h = Double(units)
    var rows = [Double](repeating: 0, count: units)
    var columns = rows
    var diagonal = 0.0
    for u in 0..<units {
      for v in 0..<units {
        rows[u] += similarity[u * units + v]
        columns[v] += similarity[u * units + v]
      }
      diagonal += similarity[u * units + u]
    }
    let total = rows.reduce(0, +)
    // Twice centred: rows and columns then sum to 0, and T differs by a constant.
    var squares = 0.0
    var cubes = 0.0
    var size = 0.0
    for u in 0..<units {
      for v in 0..<units {
        size += similarity[u * units + v] * similarity[u * units + v]
        let d = similarity[u * units + v] - rows[u] / h - columns[v] / h + total / (h * h)
        squares += d * d
        cubes += d * d * d
      }
    }
    matched = diagonal / h
    unmatched = (total - diagonal) / (h * (h - 1))
    mean = total / h
    // Below, what is left are rounding errors.
    variance = squares > 1e-24 * size ? squares / (h - 1) : 0
    thirdMoment = units > 2 ? h * cubes / ((h - 1) * (h - 2)) : 0
  }

  /// (T − mean)/SD; `nil` where no permutation changes T.
  public var score: Double? {
    let deviation = variance.squareRoot()
    let score = (matched * Double(units) - mean) / deviation
    return score.isFinite ? score : nil
  }

  /// 1/U!, the smallest p that an exact test can give.
  public var smallestPValue: Double { max(exp(-lgamma(Double(units) + 1)), .leastNonzeroMagnitude) }

  private var threshold: Double {
    var observed = 0.0
    var size = 0.0
    for u in 0..<units {
      observed += similarity[u * units + u]
      size += abs(similarity[u * units + u])
    }
    return observed - 100 * .ulpOfOne * max(abs(observed), size)
  }

  /// Returns P(T ≥ T_obs): over all U! permutations when they are no more than `resamples` + 1, else over random ones.
  ///
  /// - Parameters:
  ///   - resamples: Random permutations; those of a unit count depend on (seed, stream, replicate) alone.
  ///   - threads: Replicates worked on at a time; never changes the result.
  /// - Throws: `CancellationError`, ``SampleError/outOfRange(parameter:value:)``.
  /// - Complexity: O(resamples · U).
  public func pValue(
    resamples: Int = 9_999, generator: Philox, confidence: Double = 0.95, threads: Int = 1
  ) async throws -> PValue {
    guard resamples >= 1, resamples < Int(UInt32.max) else {
      throw SampleError.outOfRange(parameter: "resamples", value: Double(resamples))
    }
    if let exact = enumerated(limit: resamples + 1) { return exact }
    let threshold = threshold
    let sums = try await ReplicateBlocks.run(rows: resamples, statistics: 1, blockRows: 256, threads: threads) {
      range, sums in
      var order = [Int](repeating: 0, count: units)
      for row in range {
        var words = PhiloxSequence(generator, .relabel, replicate: UInt32(truncatingIfNeeded: row + 1))
        for u in 0..<units { order[u] = u }
        for u in stride(from: units - 1, to: 0, by: -1) {
          order.swapAt(u, words.index(below: UInt32(truncatingIfNeeded: u + 1)))
        }
        var sum = 0.0
        for u in 0..<units { sum += similarity[u * units + order[u]] }
        sums[row - range.lowerBound] = sum
      }
    }
    return .monteCarlo(
      exceedances: sums.reduce(0) { $0 + ($1 >= threshold ? 1 : 0) }, resamples: resamples, alternative: .greater,
      smallestAttainable: smallestPValue, confidence: confidence,
      reason: "\(units)! orders of the units are too many to take all: \(resamples) random ones")
  }

  /// Returns P(T ≥ T_obs) from the three closed moments, for evidence beyond what random permutations can see.
  ///
  /// - Returns: `nil` at 32 units or fewer, where heavy tails make it 2 to 5 times too small, and where T does not vary.
  public func closedPValue() -> PValue? {
    guard units > 32, let curve = PearsonIII(mean: mean, variance: variance, thirdMoment: thirdMoment) else {
      return nil
    }
    return curve.pValue(
      of: matched * Double(units), atLeast: smallestPValue,
      reason: "mean, variance and third moment over all \(units)! orders have closed forms")
  }

  /// All permutations by Heap's algorithm.
  private func enumerated(limit: Int) -> PValue? {
    var arrangements = 1
    for u in 2...max(2, units) where arrangements <= limit { arrangements *= u }
    guard arrangements <= limit else { return nil }
    let threshold = threshold
    var order = Array(0..<units)
    var counters = [Int](repeating: 0, count: units)
    var exceedances = 0
    func take() {
      var sum = 0.0
      for u in 0..<units { sum += similarity[u * units + order[u]] }
      if sum >= threshold { exceedances += 1 }
    }
    take()
    var position = 1
    while position < units {
      if counters[position] < position {
        order.swapAt(position % 2 == 0 ? 0 : counters[position], position)
        take()
        counters[position] += 1
        position = 1
      } else {
        counters[position] = 0
        position += 1
      }
    }
    return .enumerated(
      exceedances: exceedances, of: arrangements, alternative: .greater, smallestAttainable: smallestPValue,
      reason: "there are only \(arrangements) orders of the units: all were taken")
  }
}
