import CKernels
import Statistics

/// Per-unit sums of one pair of tensors: what every metric and test is computed from.
///
/// Columns are those of `eqp_field`; histograms are `[rows × (bins + 2)]` with the two outer bins for
/// what lies beyond the edges.
public struct UnitSums: Sendable {
  public let units: Int
  public let fields: [Double]
  /// Σ over the units of the norms in a block, where units were grouped into blocks; else the norms.
  public let normA: [Double], normB: [Double]
  public let histogramA: [UInt32], histogramB: [UInt32]
  public let bins: Int
  public let low: Double, width: Double
  /// c of the shifted sums.
  public var shift = 0.0
  /// Units of the tensor; more than ``units`` where they were grouped into blocks.
  public var tensorUnits = 0
  /// The histograms over all units, of A and B, those of single units asked for or not; empty without any.
  var wholeA: [Double], wholeB: [Double]

  /// The columns' plain names, in the order of ``fields``.
  public static let fieldNames = [
    "count", "sum_a", "sum_b", "sum_aa", "sum_bb", "sum_ab", "sum_d", "sum_dd", "sum_abs_d", "sum_abs_a", "sum_abs_b",
    "shifted_aa", "shifted_bb", "shifted_ab", "changed", "excluded", "max_abs_d", "min_a", "max_a", "min_b", "max_b",
  ]

  package init(
    units: Int, fields: [Double], normA: [Double], normB: [Double], histogramA: [UInt32], histogramB: [UInt32],
    bins: Int, low: Double, width: Double, shift: Double, tensorUnits: Int
  ) {
    self.units = units
    self.fields = fields
    self.normA = normA
    self.normB = normB
    self.histogramA = histogramA
    self.histogramB = histogramB
    self.bins = bins
    self.low = low
    self.width = width
    self.shift = shift
    self.tensorUnits = tensorUnits
    wholeA = Self.total(histogramA, columns: bins + 2)
    wholeB = Self.total(histogramB, columns: bins + 2)
  }

  static let fieldCount = Int(eqp_fields.rawValue)

  subscript(field: eqp_field, unit: Int) -> Double { fields[Int(field.rawValue) * units + unit] }

  /// One column, shape `[units]`.
  func column(_ field: eqp_field) -> ArraySlice<Double> {
    fields[Int(field.rawValue) * units..<(Int(field.rawValue) + 1) * units]
  }

  /// The sum of a column, pairwise, so that the error does not grow with the units.
  func total(_ field: eqp_field) -> Double { pairwiseSum(column(field)) }

  /// The bins in which a unit of either side has a count.
  func occupiedBins() -> OccupiedBins {
    OccupiedBins(count: bins + 2) { !wholeA.isEmpty && wholeA[$0] + wholeB[$0] > 0 }
  }

  private static func total(_ histogram: [UInt32], columns: Int) -> [Double] {
    if histogram.isEmpty { return [] }
    var sums = [UInt64](repeating: 0, count: columns)
    histogram.withUnsafeBufferPointer { counts in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in stride(from: 0, to: counts.count, by: columns) {
          for j in 0..<columns { sums[j] &+= UInt64(counts[row + j]) }
        }
      }
    }
    return sums.map { Double($0) }
  }
}

/// Sum by halves: the error grows with the logarithm of the count.
func pairwiseSum(_ x: ArraySlice<Double>) -> Double { x.withUnsafeBufferPointer(pairwiseSum) }

private func pairwiseSum(_ x: UnsafeBufferPointer<Double>) -> Double {
  if x.count <= 8 { return x.reduce(0, +) }
  let middle = x.count / 2
  return pairwiseSum(UnsafeBufferPointer(rebasing: x[..<middle]))
    + pairwiseSum(UnsafeBufferPointer(rebasing: x[middle...]))
}
