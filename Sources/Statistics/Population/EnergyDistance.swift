/// Energy distance of two paired samples of points, and the matrix through which swaps within pairs change it.
///
/// 2 E|X − Y| − E|X − X′| − E|Y − Y′| over Euclidean distances, V-statistic: not negative, 0 for equal samples. Labels ± of points
/// a_u and b_u turn it into Σ_{u, v} ε_u ε_v M[u, v] / U², M[u, v] = |a_u − b_v| + |b_u − a_v| − |a_u − a_v| − |b_u − b_v|.
///
/// ## Source
/// Székely & Rizzo (2013), doi:10.1016/j.jspi.2013.03.018
public struct EnergyDistance: Sendable {
  public let units: Int
  /// In the unit of the points; SciPy's `energy_distance` of one dimension is its square root.
  public let value: Double
  /// The distance over 2 E|X − Y|: from 0 to 1; 0 where all points coincide.
  public let coefficient: Double
  /// Shape `[units, units]`.
  public let matrix: [Double]

  /// - Parameters:
  ///   - a, b: Points, shape `[units, dimensions]`, row-major, finite.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``,
  ///   ``SampleError/tooFewUnits(count:required:)`` without a unit.
  /// - Complexity: O(U² · dimensions) time, O(U²) memory.
  public init(_ a: [Double], _ b: [Double], units: Int) throws(SampleError) {
    guard units >= 1 else { throw .tooFewUnits(count: units, required: 1) }
    guard a.count == b.count, a.count % units == 0 else { throw .shapeMismatch(expected: a.count, actual: b.count) }
    try SampleError.checkFinite(a)
    try SampleError.checkFinite(b)
    self.units = units
    let width = a.count / units
    func distance(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
      var sum = 0.0
      for k in 0..<width { sum += (x[k] - y[k]) * (x[k] - y[k]) }
      return sum.squareRoot()
    }
    var matrix = [Double](repeating: 0, count: units * units)
    var between = 0.0
    var total = 0.0
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for u in 0..<units {
          for v in u..<units {
            let crossed = distance(a + u * width, b + v * width)
            let back = u == v ? crossed : distance(b + u * width, a + v * width)
            let within = distance(a + u * width, a + v * width) + distance(b + u * width, b + v * width)
            let entry = crossed + back - within
            matrix[u * units + v] = entry
            matrix[v * units + u] = entry
            between += u == v ? crossed : crossed + back
            total += u == v ? entry : 2 * entry
          }
        }
      }
    }
    let pairs = Double(units) * Double(units)
    value = max(0, total / pairs)
    coefficient = between > 0 ? min(1, max(0, total / (2 * between))) : 0
    self.matrix = matrix
  }
}
