/// XᵀX of a matrix X that comes in rows, for its singular values.
///
/// Memory is that of the columns alone, O(columns²), whatever the number of rows.
public struct GramMatrix: Sendable {
  public let columns: Int
  /// Upper triangle, shape `[columns, columns]`, row-major.
  private var products: [Double]

  public init(columns: Int) {
    self.columns = max(0, columns)
    products = [Double](repeating: 0, count: self.columns * self.columns)
  }

  /// Takes in whole rows.
  ///
  /// - Parameter values: Shape `[rows, stride]` of which the first `columns` of each row count; finite.
  /// - Complexity: O(rows · columns²).
  public mutating func add(rows: Int, stride: Int, _ values: UnsafePointer<Double>) {
    let n = columns
    products.withUnsafeMutableBufferPointer { g in
      guard let g = g.baseAddress else { return }
      var row = 0
      // Four rows at a time: the triangle is read and written a quarter as often.
      while row + 4 <= rows {
        let x = values + row * stride
        let (y, z, w) = (x + stride, x + 2 * stride, x + 3 * stride)
        for i in 0..<n {
          let (a, b, c, d) = (x[i], y[i], z[i], w[i])
          let line = g + i * n
          for j in i..<n { line[j] += (a * x[j] + b * y[j]) + (c * z[j] + d * w[j]) }
        }
        row += 4
      }
      while row < rows {
        let x = values + row * stride
        for i in 0..<n {
          let a = x[i]
          let line = g + i * n
          for j in i..<n { line[j] += a * x[j] }
        }
        row += 1
      }
    }
  }

  /// Singular values of X in descending order, shape `[columns]`.
  ///
  /// Squaring X loses those below about 10⁻⁷ of the largest: they are given as 0.
  /// - Throws: ``SampleError/nonFinite(index:)``, ``SampleError/numerical(function:status:)``.
  /// - Complexity: O(columns³).
  public func singularValues() throws(SampleError) -> [Double] {
    var full = products
    for i in 0..<columns { for j in 0..<i { full[i * columns + j] = products[j * columns + i] } }
    let values = try symmetricEigenvalues(full, size: columns)
    let floor = 16 * Double(columns) * .ulpOfOne * (values.first ?? 0)
    return values.map { $0 > floor ? $0.squareRoot() : 0 }
  }
}
