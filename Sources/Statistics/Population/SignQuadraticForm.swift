import CKernels

/// T = Σ_{u ≠ v} ε_u ε_v M[u, v] under independent signs ε: what an energy or MMD statistic of paired units becomes when units
/// are swapped between the two samples.
///
/// The diagonal of M adds a constant, so it is taken as 0: then T has mean 0, variance 2 ΣM² and third moment 8 tr M³.
///
/// ## Source
/// Székely & Rizzo (2013), doi:10.1016/j.jspi.2013.03.018; Gretton et al. (2012), JMLR 13:723-773
public struct SignQuadraticForm: Sendable {
  public let units: Int
  /// M rounded to integers, diagonal 0, shape `[units, units]`: sums are then exact in any order.
  private let grid: [Double]
  private let step: Double
  /// T under the observed signs, all +.
  public let observed: Double
  /// ΣM².
  public let sumOfSquares: Double

  /// - Parameter matrix: Symmetric, finite, shape `[units, units]`; its diagonal is not looked at.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``.
  /// - Complexity: O(U²).
  public init(_ matrix: [Double], units: Int) throws(SampleError) {
    guard units >= 0, matrix.count == units * units else {
      throw .shapeMismatch(expected: units * units, actual: matrix.count)
    }
    try SampleError.checkFinite(matrix)
    self.units = units
    var largest = 0.0
    for u in 0..<units { for v in 0..<units where u != v { largest = max(largest, abs(matrix[u * units + v])) } }
    // M² has to be exact too: entries of b bits, with 2b + log₂ U below 52.
    let bits = max(8, (51 - Int.bitWidth + max(units, 1).leadingZeroBitCount) / 2)
    let exponent = largest > 0 ? Int(largest.exponent) + 1 - bits : 0
    step = Double(sign: .plus, exponent: max(exponent, -1_022), significand: 1)
    var grid = [Double](repeating: 0, count: matrix.count)
    var sum = 0.0
    var squares = 0.0
    for u in 0..<units {
      for v in 0..<units where u != v {
        // Halves of both, so that rounding leaves it symmetric.
        let value = ((0.5 * matrix[u * units + v] + 0.5 * matrix[v * units + u]) / step).rounded(.toNearestOrEven)
        grid[u * units + v] = value
        sum += value
        squares += value * value
      }
    }
    self.grid = grid
    observed = sum * step
    sumOfSquares = squares * step * step
  }

  /// Units whose sign changes T.
  public var liveUnits: [Int] {
    (0..<units).filter { u in grid[u * units..<(u + 1) * units].contains { $0 != 0 } }
  }

  public var variance: Double { 2 * sumOfSquares }

  /// What ties are relative to, for ``Replicates/pValue(_:scale:alternative:confidence:)``: entries are rounded to a grid, so
  /// sums that are equal may come out as far apart as all roundings together.
  public var tieScale: Double { 0.5 * step * Double(units) * Double(units) / (100 * .ulpOfOne) }

  /// 8 tr M³.
  ///
  /// - Complexity: O(U³), some 10⁹ a second.
  public var thirdMoment: Double {
    // Row u of M² times row u of M, for 16 rows side by side.
    var panel = [Double](repeating: 0, count: units * 16)
    var product = [Double](repeating: 0, count: units * 16)
    var trace = 0.0
    for first in stride(from: 0, to: units, by: 16) {
      let width = min(16, units - first)
      for v in 0..<units { for k in 0..<width { panel[v * 16 + k] = grid[v * units + first + k] } }
      eqp_weighted_sums(grid, units, panel, units, &product)
      for v in 0..<units { for k in 0..<width { trace += product[v * 16 + k] * panel[v * 16 + k] } }
    }
    return 8 * trace * step * step * step
  }

  /// Returns P(T ≥ T_obs): over every sign vector of the live units when they are no more than `resamples` + 1, else over random
  /// ones, the very signs that ``SignFlips`` gives these units.
  ///
  /// - Throws: `CancellationError`.
  /// - Complexity: O(resamples · U²).
  public func replicates(resamples: Int, generator: Philox, threads: Int = 1) async throws -> Replicates {
    let live = liveUnits
    let resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    let isExhaustive = live.count < 32 && 1 << live.count <= resamples + 1
    let rows = isExhaustive ? 1 << live.count : resamples + 1
    var compact = [Double](repeating: 0, count: live.count * live.count)
    for (i, u) in live.enumerated() {
      for (j, v) in live.enumerated() { compact[i * live.count + j] = grid[u * units + v] }
    }
    let matrix = compact
    let values = try await ReplicateBlocks.run(rows: rows, statistics: 1, blockRows: 256, threads: threads) {
      range, values in
      let count = live.count
      var signs = [Double](repeating: 0, count: count * 16)
      var products = [Double](repeating: 0, count: count * 16)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: 16) {
        let last = min(range.upperBound, first + 16)
        for replicate in first..<last {
          SignQuadraticForm.signs(
            &signs, lane: replicate - first, replicate: replicate, live, isExhaustive: isExhaustive, generator)
        }
        eqp_weighted_sums(matrix, count, signs, count, &products)
        for replicate in first..<last {
          var sum = 0.0
          for i in 0..<count { sum += signs[i * 16 + replicate - first] * products[i * 16 + replicate - first] }
          values[replicate - range.lowerBound] = sum * step
        }
      }
    }
    return Replicates(
      statistics: 1, rows: rows, values: values, isExhaustive: isExhaustive, liveUnits: live.count)
  }

  /// Writes the signs of one replicate; replicate 0 is the observed one.
  private static func signs(
    _ signs: inout [Double], lane: Int, replicate: Int, _ live: [Int], isExhaustive: Bool, _ generator: Philox
  ) {
    var block = -1
    var words = SIMD4<UInt32>()
    for (i, unit) in live.enumerated() {
      var isMinus = false
      if isExhaustive {
        isMinus = replicate >> i & 1 == 1
      } else if replicate > 0 {
        if unit / 128 != block {
          block = unit / 128
          words = generator.block(
            .swap, replicate: UInt32(truncatingIfNeeded: replicate), block: UInt32(truncatingIfNeeded: block))
        }
        isMinus = words[unit % 128 / 32] >> UInt32(unit % 32) & 1 == 1
      }
      signs[i * 16 + lane] = isMinus ? -1 : 1
    }
  }

  /// Returns P(T ≥ T_obs) from three moments, for units too many to resample.
  ///
  /// - Returns: `nil` where T does not vary.
  /// - Complexity: O(U³).
  public func closedPValue() -> PValue? {
    let live = liveUnits.count
    guard let curve = PearsonIII(mean: 0, variance: variance, thirdMoment: thirdMoment) else { return nil }
    return curve.pValue(
      of: observed, atLeast: PValue.smallestOfSignFlips(units: live, alternative: .twoSided),
      reason:
        "\(units) units are too many to resample: mean, variance and third moment over all swaps have closed forms")
  }
}
