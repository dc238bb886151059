/// The coarse lattice that numbers lie on, if they do.
///
/// Sums of n signed multiples of g move in steps of 2g. Where that is not small against their standard deviation, a
/// continuous approximation of their distribution needs a correction.
struct Lattice {
  /// The largest g of which every value is a whole multiple.
  let spacing: Double
  /// The values as multiples of it.
  let multiples: [Double]

  /// - Parameter values: Positive, finite, in ascending order.
  /// - Returns: `nil` when no g above 10⁻⁴ of √Σx² divides all values within 100 ε · Σx, the tolerance of ties.
  /// - Complexity: O(n).
  init?(_ values: [Double]) {
    guard let smallest = values.first, smallest > 0 else { return nil }
    let total = values.reduce(0, +)
    let floor = 1e-4 * values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard floor.isFinite, total.isFinite else { return nil }
    // Coarser than the check below, because Euclid's algorithm multiplies rounding errors by the quotients.
    let negligible = max(1e-9 * total, .leastNormalMagnitude)
    var divisor = smallest
    for value in values {
      var (a, b) = (value, divisor)
      while b > negligible { (a, b) = (b, abs(a - b * (a / b).rounded())) }
      divisor = a
      if divisor < floor { return nil }
    }
    let multiples = values.map { ($0 / divisor).rounded() }
    let spacing = total / multiples.reduce(0, +)
    let tolerance = 100 * .ulpOfOne * total
    for (value, multiple) in zip(values, multiples) where abs(value - multiple * spacing) > tolerance { return nil }
    self.spacing = spacing
    self.multiples = multiples
  }
}
