/// Columns of unit sums on integer grids, so that signed sums are exact in any order and equal sums are equal.
///
/// Shape `[units, columns]`, row-major. Each column is rounded to multiples of a power of two, its step, chosen so that
/// Σ|x| stays below 2⁵² steps. A column of integers with Σ|x| < 2⁵² keeps step 1 and loses nothing; any other is rounded
/// by at most Σ|x| · 2⁻⁵¹.
public struct UnitColumns: Sendable {
  public let units: Int
  public let columns: Int
  /// The grid of every column: value = `grid` × step.
  public let steps: [Double]
  /// Integer-valued, shape `[units, columns]`, row-major.
  public let grid: [Double]

  /// - Parameter values: Shape `[units, columns]`, row-major, in any unit. Their memory becomes the grid's where nobody else
  ///   holds them.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``.
  /// - Complexity: O(units · columns).
  public init(units: Int, columns: Int, values: consuming [Double]) throws(SampleError) {
    guard units >= 0 else { throw .outOfRange(parameter: "units", value: Double(units)) }
    guard columns >= 0 else { throw .outOfRange(parameter: "columns", value: Double(columns)) }
    let (count, overflow) = units.multipliedReportingOverflow(by: columns)
    guard !overflow, values.count == count else {
      throw .shapeMismatch(expected: overflow ? .max : count, actual: values.count)
    }
    try SampleError.checkFinite(values)
    self.units = units
    self.columns = columns

    let scales = UnitColumns.steps(units: units, columns: columns, values: values)
    steps = scales
    values.withUnsafeMutableBufferPointer { values in
      scales.withUnsafeBufferPointer { scales in
        for row in stride(from: 0, to: count, by: max(columns, 1)) {
          for column in 0..<columns {
            values[row + column] = UnitColumns.rounded(values[row + column] / scales[column])
          }
        }
      }
    }
    grid = values
  }

  private init(units: Int, columns: Int, steps: [Double], grid: [Double]) {
    self.units = units
    self.columns = columns
    self.steps = steps
    self.grid = grid
  }

  /// Puts parts side by side; a part with fewer units than the largest is continued with zeros.
  public static func joined(_ parts: [UnitColumns]) -> UnitColumns {
    let units = parts.map(\.units).max() ?? 0
    var grid: [Double] = []
    grid.reserveCapacity(units * parts.reduce(0) { $0 + $1.columns })
    for unit in 0..<units {
      for part in parts {
        if unit < part.units {
          grid.append(contentsOf: part.grid[unit * part.columns..<(unit + 1) * part.columns])
        } else {
          grid.append(contentsOf: repeatElement(0, count: part.columns))
        }
      }
    }
    return UnitColumns(
      units: units, columns: parts.reduce(0) { $0 + $1.columns }, steps: parts.flatMap(\.steps), grid: grid)
  }

  /// The grid transposed, shape `[columns, units]`.
  var byColumn: [Double] {
    [Double](unsafeUninitializedCapacity: grid.count) { buffer, initialized in
      grid.withUnsafeBufferPointer { grid in
        // In tiles, so that lines of the cache are used whole on both sides.
        let side = 16
        for top in stride(from: 0, to: units, by: side) {
          for left in stride(from: 0, to: columns, by: side) {
            for unit in top..<min(top + side, units) {
              for column in left..<min(left + side, columns) {
                buffer[column * units + unit] = grid[unit * columns + column]
              }
            }
          }
        }
      }
      initialized = grid.count
    }
  }

  /// Whether any column of the unit is not zero. A sign of any other unit changes nothing.
  public func isLive(_ unit: Int) -> Bool {
    grid[unit * columns..<(unit + 1) * columns].contains { $0 != 0 }
  }

  /// To an integer, to even from halfway, for magnitudes below 2⁵¹; larger ones are integers here. As
  /// `rounded(.toNearestOrEven)`, for which older processors have no instruction.
  @inline(__always)
  private static func rounded(_ x: Double) -> Double { abs(x) < 0x1p51 ? (x + 0x1.8p52) - 0x1.8p52 : x }

  private static func steps(units: Int, columns: Int, values: [Double]) -> [Double] {
    var maxima = [Double](repeating: 0, count: columns)
    var sums = maxima
    // Σ of the distances from an integer: 0 where all are integers.
    var fractions = maxima
    values.withUnsafeBufferPointer { values in
      maxima.withUnsafeMutableBufferPointer { maxima in
        sums.withUnsafeMutableBufferPointer { sums in
          fractions.withUnsafeMutableBufferPointer { fractions in
            for row in stride(from: 0, to: units * columns, by: max(columns, 1)) {
              for column in 0..<columns {
                let size = abs(values[row + column])
                maxima[column] = max(maxima[column], size)
                sums[column] += size
                // What is larger has no fraction; adding 2⁵² rounds what is smaller.
                let small = min(size, 0x1p52)
                fractions[column] += abs(small - ((small + 0x1p52) - 0x1p52))
              }
            }
          }
        }
      }
    }
    let integral = fractions.map { $0 == 0 }
    // Scaled where a sum of the largest numbers would overflow.
    let shifts = maxima.map { $0 > 0x1p900 ? 64 : 0 }
    for column in 0..<columns where shifts[column] > 0 {
      sums[column] = 0
      for row in 0..<units { sums[column] += abs(values[row * columns + column]) * 0x1p-64 }
    }
    return (0..<columns).map { column in
      let sum = sums[column]
      if sum == 0 || (integral[column] && shifts[column] == 0 && sum < 0x1p52) { return 1 }
      // Σ|x| < 2^(exponent + 1), so below 2⁵¹ steps before rounding, which adds at most half a step a unit.
      let exponent = Int(sum.exponent) + shifts[column] - 50
      return Double(sign: .plus, exponent: max(exponent, -1_074), significand: 1)
    }
  }
}
