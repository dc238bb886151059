/// Simulated power of the test of a recipe with a given number of runs of each.
///
/// Runs are draws from normal distributions that scatter alike in `dimensions` independent directions; the centres of the two
/// recipes lie `effect` root mean square distances from their centre apart, so that ω² = d²/(d² + 4). One of `layers`
/// independent layers differs, and p is adjusted over all by the step-down maximum.
public struct RecipePower: Sendable {
  /// d, in root mean square distances of a run from its recipe's centre; Cohen's d in one dimension.
  public let effect: Double
  public let dimensions: Int
  public let layers: Int
  public let alpha: Double
  public let labellings: Labellings
  private let generator: Philox

  /// - Parameters:
  ///   - runs: Of each recipe.
  ///   - resamples: Labellings looked at, at the most.
  /// - Throws: ``SampleError/outOfRange(parameter:value:)``, ``SampleError/tooFewUnits(count:required:)``.
  public init(
    runs: Int, effect: Double, dimensions: Int = 1, layers: Int = 1, alpha: Double = 0.05, resamples: Int = 999,
    seed: UInt64 = 0
  ) throws(SampleError) {
    guard runs >= 2, runs <= 1_000 else { throw .outOfRange(parameter: "runs", value: Double(runs)) }
    guard effect >= 0, effect.isFinite else { throw .outOfRange(parameter: "effect", value: effect) }
    guard dimensions >= 1, dimensions <= 10_000 else {
      throw .outOfRange(parameter: "dimensions", value: Double(dimensions))
    }
    guard layers >= 1, layers <= 10_000 else { throw .outOfRange(parameter: "layers", value: Double(layers)) }
    guard alpha > 0, alpha < 1 else { throw .outOfRange(parameter: "alpha", value: alpha) }
    self.effect = effect
    self.dimensions = dimensions
    self.layers = layers
    self.alpha = alpha
    labellings = try Labellings(
      sizeA: runs, sizeB: runs, limit: resamples, generator: Philox(seed: seed, stream: 0))
    // Sizes draw apart, so that a row of a plan does not depend on the others.
    generator = Philox(seed: seed, stream: UInt32(runs))
  }

  public var smallestPValue: Double { labellings.smallestPValue }

  /// ω² of a distance d between two recipes of equally many runs, and back.
  public static func omegaSquared(effect: Double) -> Double { effect * effect / (effect * effect + 4) }
  public static func effect(omegaSquared: Double) -> Double { (4 * omegaSquared / (1 - omegaSquared)).squareRoot() }

  /// How many of the simulated experiments find the layer that differs.
  ///
  /// - Parameter simulations: Numbers of the experiments; each is a function of the seed and its number.
  /// - Complexity: O(simulations · labellings · runs · dimensions · layers).
  public func rejections(_ simulations: Range<Int>) throws -> Int {
    if smallestPValue > alpha { return 0 }
    var count = 0
    for simulation in simulations {
      try Task.checkCancellation()
      var words = PhiloxSequence(generator, .simulation, replicate: UInt32(truncatingIfNeeded: simulation))
      let columns = try (0..<layers).map { layer in try rSquared(differs: layer == 0, &words) }
      guard let extreme = try stepDownMaxT(columns)[0] else { continue }
      if try labellings.pValue(exceedances: extreme).value <= alpha { count += 1 }
    }
    return count
  }

  /// R² of one simulated layer under every labelling: (Σ ±x)²/n over the total, in each direction.
  private func rSquared(differs: Bool, _ words: inout PhiloxSequence) throws(SampleError) -> [Double] {
    let n = labellings.runs
    var between = [Double](repeating: 0, count: labellings.rows)
    var total = 0.0
    var x = [Double](repeating: 0, count: n)
    for direction in 0..<dimensions {
      let shift = differs && direction == 0 ? effect * Double(dimensions).squareRoot() : 0
      for run in 0..<n { x[run] = try standardNormalQuantile(words.uniform()) + (run < labellings.sizeA ? 0 : shift) }
      let mean = x.reduce(0, +) / Double(n)
      for run in 0..<n { x[run] -= mean }
      total += x.reduce(0) { $0 + $1 * $1 }
      labellings.isA.withUnsafeBufferPointer { labels in
        x.withUnsafeBufferPointer { x in
          for row in 0..<labellings.rows {
            var sum = 0.0
            for run in 0..<n { sum += labels[row * n + run] ? x[run] : -x[run] }
            between[row] += sum * sum
          }
        }
      }
    }
    return between.map { $0 / (Double(n) * total) }
  }
}

/// Simulated power of the sign-flip test of unit differences, normal with mean d_z and standard deviation 1.
public struct UnitPower: Sendable {
  public let units: Int
  public let effect: Double
  public let alpha: Double
  private let generator: Philox

  /// - Parameter effect: d_z, the standardised mean of the unit differences.
  /// - Throws: ``SampleError/outOfRange(parameter:value:)``.
  public init(units: Int, effect: Double, alpha: Double = 0.05, seed: UInt64 = 0) throws(SampleError) {
    guard units >= 1, units <= 1_000_000 else { throw .outOfRange(parameter: "units", value: Double(units)) }
    guard effect.isFinite else { throw .outOfRange(parameter: "effect", value: effect) }
    guard alpha > 0, alpha < 1 else { throw .outOfRange(parameter: "alpha", value: alpha) }
    self.units = units
    self.effect = effect
    self.alpha = alpha
    generator = Philox(seed: seed, stream: UInt32(units))
  }

  public var smallestPValue: Double { PValue.smallestOfSignFlips(units: units, alternative: .twoSided) }

  /// How many of the simulated pairs have p ≤ α.
  ///
  /// - Complexity: O(simulations · units), beside exact counting.
  public func rejections(_ simulations: Range<Int>) throws -> Int {
    if smallestPValue > alpha { return 0 }
    var count = 0
    for simulation in simulations {
      try Task.checkCancellation()
      var words = PhiloxSequence(generator, .simulation, replicate: UInt32(truncatingIfNeeded: simulation))
      let differences = try (0..<units).map { _ in try standardNormalQuantile(words.uniform()) + effect }
      if try signFlipTest(differences, resamples: 999, generator: generator).value <= alpha { count += 1 }
    }
    return count
  }
}
