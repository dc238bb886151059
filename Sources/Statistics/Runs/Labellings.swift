@preconcurrency import CGSL

/// The ways to call `sizeA` of n runs A and the others B, of which row 0 is the observed one: the first `sizeA` are A.
///
/// All of them while there are no more than `limit`, else random ones. With groups of equal size A and B may change
/// places without changing a symmetric statistic, so half of the labellings stand for all.
public struct Labellings: Sendable, Equatable {
  /// n
  public let runs: Int
  public let sizeA: Int
  /// C(n, sizeA), which may be beyond the range of `Int`.
  public let total: Double
  /// Labellings between which a symmetric statistic can differ: half of `total` for groups of equal size.
  public let distinct: Double
  public let isExhaustive: Bool
  public let rows: Int
  /// Shape `[rows, runs]`: whether the run is called A.
  public let isA: [Bool]

  public var sizeB: Int { runs - sizeA }

  /// - Parameters:
  ///   - limit: Labellings looked at, at the most; so many random ones if there are more.
  ///   - isSymmetric: Whether statistics stay as they are when groups of equal size change places; otherwise all labellings count.
  /// - Throws: ``SampleError/tooFewUnits(count:required:)`` for an empty group, ``SampleError/outOfRange(parameter:value:)``.
  /// - Complexity: O(rows · runs) time and memory.
  public init(
    sizeA: Int, sizeB: Int, limit: Int = 9_999, isSymmetric: Bool = true, generator: Philox
  ) throws(SampleError) {
    guard sizeA >= 1, sizeB >= 1 else { throw .tooFewUnits(count: min(sizeA, sizeB), required: 1) }
    guard limit >= 1, limit < Int(UInt32.max) else { throw .outOfRange(parameter: "limit", value: Double(limit)) }
    guard sizeA <= 100_000, sizeB <= 100_000 else {
      throw .outOfRange(parameter: "runs", value: Double(sizeA) + Double(sizeB))
    }
    runs = sizeA + sizeB
    self.sizeA = sizeA
    total = Labellings.count(sizeA: sizeA, sizeB: sizeB)
    distinct = sizeA == sizeB && isSymmetric ? total / 2 : total
    isExhaustive = distinct <= Double(limit)
    rows = isExhaustive ? Int(distinct) : limit + 1
    isA =
      isExhaustive
      ? try Labellings.all(runs: runs, sizeA: sizeA, rows: rows)
      : Labellings.random(runs: runs, sizeA: sizeA, rows: rows, generator)
  }

  /// C(n, n_a), exact below 2⁵³.
  public static func count(sizeA: Int, sizeB: Int) -> Double {
    let smaller = min(sizeA, sizeB)
    var result = 1.0
    for i in stride(from: 1, through: smaller, by: 1) {
      // A product of i consecutive binomials: each division is exact while the number is.
      result = result * Double(sizeA + sizeB - smaller + i) / Double(i)
      if !result.isFinite { return .greatestFiniteMagnitude }
    }
    return result
  }

  /// The smallest p that groups of these sizes allow, whatever the runs hold.
  public static func smallestPValue(sizeA: Int, sizeB: Int, limit: Int = 9_999) -> Double {
    guard sizeA >= 1, sizeB >= 1, limit >= 1 else { return 1 }
    let total = count(sizeA: sizeA, sizeB: sizeB)
    let distinct = sizeA == sizeB ? total / 2 : total
    if distinct <= Double(limit) { return 1 / distinct }
    let random = try? permp(exceedances: 0, resamples: limit, partitions: distinct.rounded())
    return max(1 / distinct, random ?? 1 / (Double(limit) + 1))
  }

  public var smallestPValue: Double {
    Labellings.smallestPValue(sizeA: sizeA, sizeB: sizeB, limit: isExhaustive ? rows : rows - 1)
  }

  /// In lexicographic order, so that those with run 0 in A come first.
  private static func all(runs: Int, sizeA: Int, rows: Int) throws(SampleError) -> [Bool] {
    GSL.prepare()
    guard let combination = gsl_combination_calloc(runs, sizeA) else {
      throw .numerical(function: "gsl_combination_calloc", status: GSL_ENOMEM.status)
    }
    defer { gsl_combination_free(combination) }
    var labels = [Bool](repeating: false, count: rows * runs)
    for row in 0..<rows {
      for k in 0..<sizeA { labels[row * runs + gsl_combination_get(combination, k)] = true }
      if row + 1 < rows, gsl_combination_next(combination) != GSL_SUCCESS.status {
        throw .numerical(function: "gsl_combination_next", status: GSL_EFAILED.status)
      }
    }
    return labels
  }

  private static func random(runs: Int, sizeA: Int, rows: Int, _ generator: Philox) -> [Bool] {
    var labels = [Bool](repeating: false, count: rows * runs)
    for run in 0..<sizeA { labels[run] = true }
    var order = Array(0..<runs)
    for row in 1..<rows {
      var words = PhiloxSequence(generator, .relabel, replicate: UInt32(row))
      for run in 0..<runs { order[run] = run }
      for k in 0..<sizeA {
        order.swapAt(k, k + words.index(below: UInt32(runs - k)))
        labels[row * runs + order[k]] = true
      }
    }
    return labels
  }
}

extension Labellings {
  /// Returns the p-value of a statistic that is known for every labelling and of which larger values are more extreme.
  ///
  /// Null hypothesis: the labels of the runs are exchangeable. Ties count as exceedances, as does a value that is not a
  /// number; an observed one that is not a number gives p = 1.
  /// - Parameters:
  ///   - column: Shape `[rows]`, row 0 observed. It must not change when A and B of equal size change places.
  ///   - scale: The size of the terms that the statistic sums, in its own unit.
  /// - Complexity: O(rows).
  /// ## Source
  /// Phipson & Smyth (2010), doi:10.2202/1544-6115.1585
  public func pValue(_ column: [Double], scale: Double = 0, confidence: Double = 0.95) throws(SampleError) -> PValue {
    guard column.count == rows else { throw .shapeMismatch(expected: rows, actual: column.count) }
    guard let observed = column.first, !observed.isNaN else {
      return PValue(
        value: 1, method: isExhaustive ? .exact : .monteCarlo, resamples: isExhaustive ? rows : rows - 1,
        smallestAttainable: 1, warnings: ["the observed statistic is not a number"])
    }
    return try pValue(
      exceedances: exceedances(column, threshold: tieThreshold(observed, scale)), confidence: confidence)
  }

  /// p for a number of rows at least as extreme as the observed one, which is among them.
  public func pValue(exceedances: Int, confidence: Double = 0.95) throws(SampleError) -> PValue {
    if isExhaustive {
      return PValue.enumerated(
        exceedances: exceedances, of: rows, alternative: .twoSided, smallestAttainable: smallestPValue,
        reason: "\(sizeA) + \(sizeB) runs can be labelled in \(countText(total)) ways: all were counted")
    }
    // Random labellings may repeat: the exact p-value for draws from so many.
    var result = PValue.monteCarlo(
      exceedances: exceedances - 1, resamples: rows - 1, alternative: .twoSided, smallestAttainable: smallestPValue,
      confidence: confidence,
      reason: "\(countText(total)) labellings are too many to take all: \(rows - 1) random ones")
    result.value = try permp(exceedances: exceedances - 1, resamples: rows - 1, partitions: distinct.rounded())
    result.smallestAttainable = smallestPValue
    return result
  }
}

/// The smallest value that ties with the observed one.
func tieThreshold(_ observed: Double, _ scale: Double) -> Double {
  observed.isInfinite ? observed : observed - 100 * .ulpOfOne * max(abs(observed), scale.isFinite ? abs(scale) : 0)
}

/// Values at or above the threshold; what is not a number counts, for it must never make a p-value smaller.
func exceedances(_ column: [Double], threshold: Double) -> Int {
  column.reduce(0) { $0 + ($1 < threshold ? 0 : 1) }
}

private func countText(_ count: Double) -> String { count < 1e9 ? "\(Int(count))" : "\(count)" }
