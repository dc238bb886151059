/// Statistics of every arrangement of a null distribution, or of every bootstrap sample.
///
/// Shape `[rows, statistics]`; row 0 is the observed one.
public struct Replicates: Sendable, Equatable {
  public let rows: Int
  public let statistics: Int
  /// Whether the rows are all arrangements there are.
  public let isExhaustive: Bool
  /// Row-major.
  public let values: [Double]
  /// Units whose signs make up the group: 2^liveUnits arrangements.
  public let liveUnits: Int
  /// Whether the rows are a random group of arrangements, not independent ones.
  public let isSubgroup: Bool
  /// Units called A of `liveUnits`, where labels are handed out over two samples instead of signs.
  public let labelledA: Int?

  /// - Parameters:
  ///   - values: Shape `[rows, statistics]`, row-major, row 0 observed; the number of rows follows from it.
  ///   - liveUnits: Units that make up the group, which bounds the smallest attainable p.
  ///   - labelledA: How many of them are called A, where labels are handed out.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/tooFewUnits(count:required:)`` with no row.
  public init(
    statistics: Int, values: [Double], isExhaustive: Bool, liveUnits: Int, isSubgroup: Bool = false,
    labelledA: Int? = nil
  ) throws(SampleError) {
    guard statistics > 0 else { throw .outOfRange(parameter: "statistics", value: Double(statistics)) }
    let rows = values.count / statistics
    guard rows * statistics == values.count else {
      throw .shapeMismatch(expected: rows * statistics, actual: values.count)
    }
    guard rows > 0 else { throw .tooFewUnits(count: 0, required: 1) }
    self.init(
      statistics: statistics, rows: rows, values: values, isExhaustive: isExhaustive, liveUnits: max(0, liveUnits),
      isSubgroup: isSubgroup, labelledA: labelledA)
  }

  init(
    statistics: Int, rows: Int, values: [Double], isExhaustive: Bool, liveUnits: Int, isSubgroup: Bool = false,
    labelledA: Int? = nil
  ) {
    self.statistics = statistics
    self.rows = rows
    self.values = values
    self.isExhaustive = isExhaustive
    self.liveUnits = liveUnits
    self.isSubgroup = isSubgroup
    self.labelledA = labelledA
  }

  @inlinable
  public subscript(row: Int, statistic: Int) -> Double { values[row * statistics + statistic] }

  /// Returns one statistic over the rows, the observed one left out unless asked for.
  public func column(_ statistic: Int, includingObserved: Bool = false) -> [Double] {
    (includingObserved ? 0..<rows : min(1, rows)..<rows).map { self[$0, statistic] }
  }

  /// Returns the p-value of one statistic, of which larger values are more extreme.
  ///
  /// Ties count as exceedances: T ≥ T_obs − 100 ε · max(|T_obs|, `scale`). A row whose statistic is not a number counts as
  /// an exceedance too, and an observed one that is not a number gives p = 1; both with a warning.
  /// - Parameters:
  ///   - scale: The size of the terms that the statistic sums, Σ|terms|, in its own unit.
  ///   - alternative: Recorded, not acted on: the caller orients the statistic.
  ///   - confidence: Of the Clopper-Pearson interval.
  /// - Complexity: O(rows).
  /// ## Source
  /// Phipson & Smyth (2010), doi:10.2202/1544-6115.1585
  public func pValue(
    _ statistic: Int, scale: Double = 0, alternative: Alternative = .twoSided, confidence: Double = 0.95
  ) -> PValue {
    guard statistic >= 0, statistic < statistics, rows > 0 else {
      return undefined(alternative, "there is no statistic \(statistic)")
    }
    return pValue(
      of: column(statistic, includingObserved: true), scale: scale, alternative: alternative, confidence: confidence)
  }

  func pValue(of column: [Double], scale: Double, alternative: Alternative, confidence: Double) -> PValue {
    guard let observed = column.first, !observed.isNaN else {
      return undefined(alternative, "the observed statistic is not a number")
    }
    let magnitude = max(abs(observed), scale.isFinite ? abs(scale) : 0)
    let threshold = observed.isInfinite ? observed : observed - 100 * .ulpOfOne * magnitude
    var exceedances = 0
    var undefinedRows = 0
    for value in column {
      if value.isNaN { undefinedRows += 1 }
      // Negated, so that NaN counts: it must never make a p-value smaller.
      if !(value < threshold) { exceedances += 1 }
    }
    let warnings = undefinedRows == 0 ? [] : ["\(undefinedRows) replicates are not a number and count as exceedances"]
    let smallest =
      labelledA.map {
        PooledLabels.smallestPValue(sizeA: $0, sizeB: liveUnits - $0, alternative: alternative)
      } ?? PValue.smallestOfSignFlips(units: liveUnits, alternative: alternative)
    if isExhaustive {
      return .enumerated(
        exceedances: exceedances, of: rows, alternative: alternative, smallestAttainable: smallest,
        reason: "there are only \(rows) arrangements: all were taken", warnings: warnings)
    }
    if isSubgroup {
      return .group(
        exceedances: exceedances - 1, size: rows, alternative: alternative, smallestAttainable: smallest,
        warnings: warnings)
    }
    return .monteCarlo(
      exceedances: exceedances - 1, resamples: rows - 1, alternative: alternative, smallestAttainable: smallest,
      confidence: confidence, reason: "there are too many arrangements to take all: \(rows - 1) random ones",
      warnings: warnings)
  }

  func undefined(_ alternative: Alternative, _ warning: String) -> PValue {
    PValue(
      value: 1, method: isExhaustive ? .exact : isSubgroup ? .group : .monteCarlo, alternative: alternative,
      resamples: isExhaustive ? rows : max(0, rows - 1), smallestAttainable: 1, warnings: [warning])
  }
}
