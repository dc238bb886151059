@preconcurrency import CGSL

/// Squared distances between runs: all that the tests of a recipe look at.
public struct RunDistances: Sendable, Equatable {
  /// n
  public let runs: Int
  /// Shape `[runs, runs]`, row-major, symmetric, zero on the diagonal; in the square of the features' unit.
  public let squared: [Double]

  /// - Parameter squared: Shape `[runs, runs]`; the upper triangle is taken.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``,
  ///   ``SampleError/outOfRange(parameter:value:)`` for a negative one.
  public init(runs: Int, squared: [Double]) throws(SampleError) {
    guard runs >= 0, runs <= 200_000, squared.count == runs * runs else {
      throw .shapeMismatch(expected: runs * runs, actual: squared.count)
    }
    try SampleError.checkFinite(squared)
    var values = [Double](repeating: 0, count: runs * runs)
    for i in 0..<runs {
      for j in stride(from: i + 1, to: runs, by: 1) {
        let value = squared[i * runs + j]
        guard value >= 0 else { throw .outOfRange(parameter: "squared distance", value: value) }
        values[i * runs + j] = value
        values[j * runs + i] = value
      }
    }
    self.runs = runs
    self.squared = values
  }

  /// Mean squared difference of the features, each put to mean 0 and standard deviation 1 over all runs.
  ///
  /// Blind to the labels, so that relabelling stays exact. Features that are the same in every run, but for rounding,
  /// are left out; with none left all distances are 0.
  /// - Parameter features: One array of equal length for each run.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``.
  /// - Complexity: O(runs² · features).
  public init(standardizing features: [[Double]]) throws(SampleError) {
    runs = features.count
    let length = features.first?.count ?? 0
    for run in features {
      guard run.count == length else { throw .shapeMismatch(expected: length, actual: run.count) }
      try SampleError.checkFinite(run)
    }
    var sums = [Double](repeating: 0, count: runs * runs)
    var live = 0
    var scores = [Double](repeating: 0, count: runs)
    for feature in 0..<length {
      // Scaled, so that squares neither overflow nor vanish.
      let largest = features.reduce(0) { max($0, abs($1[feature])) }
      guard largest > 0 else { continue }
      for run in 0..<runs { scores[run] = features[run][feature] / largest }
      let mean = scores.reduce(0, +) / Double(runs)
      for run in 0..<runs { scores[run] -= mean }
      let deviation = (scores.reduce(0) { $0 + $1 * $1 } / Double(runs)).squareRoot()
      guard deviation > 100 * .ulpOfOne else { continue }
      live += 1
      for i in 0..<runs {
        for j in stride(from: i + 1, to: runs, by: 1) {
          let difference = (scores[i] - scores[j]) / deviation
          sums[i * runs + j] += difference * difference
        }
      }
    }
    for i in 0..<runs {
      for j in stride(from: i + 1, to: runs, by: 1) {
        sums[i * runs + j] /= Double(max(live, 1))
        sums[j * runs + i] = sums[i * runs + j]
      }
    }
    squared = sums
  }

  /// The mean of several squared distances, of which those without any difference are left out.
  ///
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)`` for different numbers of runs.
  public init(mean parts: [RunDistances]) throws(SampleError) {
    runs = parts.first?.runs ?? 0
    for part in parts where part.runs != runs { throw .shapeMismatch(expected: runs, actual: part.runs) }
    let live = parts.filter { !$0.isZero }
    var sums = [Double](repeating: 0, count: runs * runs)
    for part in live { for i in sums.indices { sums[i] += part.squared[i] } }
    squared = sums.map { $0 / Double(max(live.count, 1)) }
  }

  /// No run differs from another.
  public var isZero: Bool { squared.allSatisfy { $0 == 0 } }

  public subscript(i: Int, j: Int) -> Double { squared[i * runs + j] }

  /// Inner products of the runs about their common centre, shape `[runs, runs]`.
  var centredProducts: [Double] {
    let n = Double(runs)
    var means = [Double](repeating: 0, count: runs)
    for i in 0..<runs { means[i] = squared[i * runs..<(i + 1) * runs].reduce(0, +) / n }
    let grand = means.reduce(0, +) / n
    var products = squared
    for i in 0..<runs {
      for j in 0..<runs { products[i * runs + j] = -(squared[i * runs + j] - means[i] - means[j] + grand) / 2 }
    }
    return products
  }

  /// The runs in the plane that shows most of their squared distances (classical scaling), and the share that each axis
  /// shows.
  ///
  /// The first run is not to the right of the centre, nor above it.
  /// - Throws: ``SampleError/numerical(function:status:)``.
  /// - Complexity: O(runs³).
  /// ## Source
  /// Gower (1966), doi:10.1093/biomet/53.3-4.325
  public func principalCoordinates(_ axes: Int = 2) throws(SampleError) -> (points: [[Double]], shares: [Double]) {
    let kept = min(max(0, axes), runs)
    let products = centredProducts
    let trace = (0..<runs).reduce(0) { $0 + products[$1 * runs + $1] }
    guard trace > 0, runs > 1 else {
      return (Array(repeating: Array(repeating: 0, count: kept), count: runs), Array(repeating: 0, count: kept))
    }
    let (values, vectors) = try symmetricEigensystem(products, size: runs)
    var points = Array(repeating: Array(repeating: 0.0, count: kept), count: runs)
    var shares = [Double](repeating: 0, count: kept)
    for axis in 0..<kept where values[axis] > 0 {
      shares[axis] = values[axis] / trace
      let vector = (0..<runs).map { vectors[$0 * runs + axis] }
      // A run at the centre has no side: the first that has one decides.
      let lead = vector.first { abs($0) > 1e-9 } ?? 0
      let length = values[axis].squareRoot() * (lead > 0 ? -1 : 1)
      for run in 0..<runs { points[run][axis] = vector[run] * length }
    }
    return (points, shares)
  }
}
