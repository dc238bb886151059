/// Returns the exact p-value of the difference of two means under labels pooled over both samples.
///
/// Null hypothesis: the values are exchangeable. Larger values of mean(b) − mean(a) are more extreme for `greater`; two-sided,
/// of |mean(b) − mean(a)|. Ties, which include sums equal but for rounding, count as exceedances.
/// - Parameters:
///   - a, b: Any unit; one value a unit of either sample.
/// - Returns: A probability in (0, 1]; `nil` where there are more than 2²² labellings and the values lie on no lattice so
///   coarse that their sums can be counted (2²⁸ steps).
/// - Throws: ``SampleError/nonFinite(index:)``, ``SampleError/tooFewUnits(count:required:)`` for an empty sample.
/// - Complexity: O(C(n, n_a)), or O(n · n_a · Σx / step).
/// ## Source
/// Pitman (1937), doi:10.2307/2984124; counting: Streitberg & Röhmel (1986), Statistical Software Newsletter 12
public func pooledLabelTest(
  _ a: [Double], _ b: [Double], alternative: Alternative = .twoSided
) throws(SampleError) -> PValue? {
  guard !a.isEmpty, !b.isEmpty else { throw .tooFewUnits(count: min(a.count, b.count), required: 1) }
  let columns = try UnitColumns(units: a.count + b.count, columns: 1, values: a + b)
  let total = Labellings.count(sizeA: a.count, sizeB: b.count)
  let smallest = PooledLabels.smallestPValue(sizeA: a.count, sizeB: b.count, alternative: alternative)
  // Subsets of the smaller sample's size; a large sum of theirs means a small one of the others.
  let countsB = b.count <= a.count
  let size = min(a.count, b.count)
  let grid = columns.grid
  let sum = grid.reduce(0, +)
  let observed = (countsB ? grid[a.count...] : grid[..<a.count]).reduce(0, +)
  let middle = sum * Double(size) / Double(grid.count)
  let tolerance = 100 * .ulpOfOne * grid.reduce(0) { $0 + abs($1) }
  let distance = abs(observed - middle) - tolerance
  let isExtreme: (Double) -> Bool =
    switch (alternative, countsB) {
    case (.twoSided, _): { abs($0 - middle) >= distance }
    case (.greater, true), (.less, false): { $0 >= observed - tolerance }
    default: { $0 <= observed + tolerance }
    }
  if total <= 0x1p22 {
    var exceedances = 0
    grid.withUnsafeBufferPointer { forEachSubsetSum($0, of: size) { if isExtreme($0) { exceedances += 1 } } }
    return .enumerated(
      exceedances: exceedances, of: Int(total), alternative: alternative, smallestAttainable: smallest,
      reason: "\(a.count) + \(b.count) units can be labelled in \(Int(total)) ways: all were counted")
  }
  guard let counts = SubsetCounts(grid, size: size) else { return nil }
  var extreme = 0.0
  var all = 0.0
  for (steps, number) in counts.numbers.enumerated() where number > 0 {
    all += number
    if isExtreme(counts.sum(steps)) { extreme += number }
  }
  return PValue(
    value: min(1, max(extreme / all, smallest)), method: .exact, alternative: alternative, smallestAttainable: smallest,
    reason: "the values lie on a lattice: of all \(Float(total)) labellings those with each sum were counted")
}

/// Calls `body` with the sum of every subset of so many values.
private func forEachSubsetSum(_ values: UnsafeBufferPointer<Double>, of size: Int, _ body: (Double) -> Void) {
  func extend(from: Int, left: Int, sum: Double) {
    if left == 0 { return body(sum) }
    for index in from...values.count - left { extend(from: index + 1, left: left - 1, sum: sum + values[index]) }
  }
  extend(from: 0, left: size, sum: 0)
}

/// How many subsets of one size have each sum, for values on a coarse lattice: the shift algorithm.
private struct SubsetCounts {
  /// By the sum in steps above the smallest possible one; relative error below n · 2⁻⁵².
  let numbers: [Double]
  private let low: Double, step: Double, size: Int

  private static let limit = 0x1p28

  func sum(_ steps: Int) -> Double { Double(size) * low + Double(steps) * step }

  init?(_ values: [Double], size: Int) {
    guard let low = values.min() else { return nil }
    let above = values.map { $0 - low }
    guard let lattice = Lattice(above.filter { $0 > 0 }.sorted()) else { return nil }
    let steps = above.map { Int(($0 / lattice.spacing).rounded()) }
    let reach = steps.sorted(by: >).prefix(size).reduce(0, +)
    guard Double(values.count) * Double(size) * Double(reach + 1) <= Self.limit else { return nil }
    // numbers[k][s]: subsets of k values with sum s among those seen so far.
    var table = [Double](repeating: 0, count: (size + 1) * (reach + 1))
    table[0] = 1
    table.withUnsafeMutableBufferPointer { table in
      for (seen, step) in steps.enumerated() {
        for k in stride(from: min(size, seen + 1), through: 1, by: -1) {
          let into = k * (reach + 1)
          let from = (k - 1) * (reach + 1)
          guard step <= reach else { continue }
          for s in step...reach { table[into + s] += table[from + s - step] }
        }
      }
    }
    numbers = Array(table[(size * (reach + 1))...])
    (self.low, self.step, self.size) = (low, lattice.spacing, size)
  }
}
