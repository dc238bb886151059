import CKernels

/// Multinomial bootstrap of units: weighted column sums, where a unit's weight is how often it was drawn.
///
/// Row 0 is the original sample, all weights 1. The units drawn for replicate r are a function of (seed, stream, r) and their
/// number only, not of the columns. Above `maximumBlocks` units, units are first put at random into that many blocks of
/// equal size (but for one), and blocks are drawn. A column of ones gives the number of units in a sample.
///
/// ## Source
/// Efron (1979), doi:10.1214/aos/1176344552; Poisson weights: Hanley & MacGibbon (2006), doi:10.1016/j.cmpb.2006.04.006
public struct UnitBootstrap: Sendable {
  public let resamples: Int
  public let generator: Philox
  public let threads: Int
  /// How a sample's weights are drawn.
  public let weighting: Weighting

  public enum Weighting: String, Sendable {
    /// As many draws as units, with replacement.
    case multinomial
    /// A Poisson number with mean 1 for every unit, independently: what streaming can do, for it needs no count of units.
    case poisson
  }

  /// What is drawn: units, or blocks of them.
  public var blocks: Int { tiles.units }

  public static let maximumBlocks = 512
  private static let blockRows = 256
  private let columns: Int
  private let tiles: WeightedColumns

  /// - Parameters:
  ///   - resamples: Bootstrap samples; taken as 1 if less.
  ///   - threads: Samples worked on at a time, in fixed groups; never changes the result.
  public init(
    columns: UnitColumns, resamples: Int, generator: Philox, threads: Int = 2, weighting: Weighting = .multinomial
  ) {
    self.weighting = weighting
    self.columns = columns.columns
    self.resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    self.generator = generator
    self.threads = threads
    tiles =
      columns.units <= UnitBootstrap.maximumBlocks
      ? WeightedColumns(columns) : UnitBootstrap.blocked(columns, into: UnitBootstrap.maximumBlocks, generator)
  }

  /// Evaluates statistics of the weighted column sums.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets one row of Σ w_u x_u, in the columns' original units, and writes the statistics. Called once a row, from
  ///     several threads.
  /// - Returns: `resamples` + 1 rows; ``Replicates/column(_:includingObserved:)`` leaves the original sample out.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(resamples · columns · min(units, 512)) time, O(resamples · statistics) memory.
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let statistics = max(0, statistics)
    let values = try await ReplicateBlocks.run(
      rows: resamples + 1, statistics: statistics, blockRows: UnitBootstrap.blockRows, threads: threads
    ) { range, values in
      // Weights of 16 samples side by side, shape [units, 16], and their sums, shape [columns, 16].
      var weights = [Double](repeating: 0, count: tiles.units * 16)
      var sums = [Double](repeating: 0, count: columns * 16)
      var sample = [Double](repeating: 0, count: columns)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: 16) {
        let last = min(range.upperBound, first + 16)
        weights.withUnsafeMutableBufferPointer { weights in
          weights.update(repeating: 0)
          for replicate in first..<last {
            draw(weights, sample: replicate - first, replicate: UInt32(truncatingIfNeeded: replicate))
          }
        }
        eqp_weighted_sums(tiles.values, columns, weights, tiles.units, &sums)
        for replicate in first..<last {
          for column in 0..<columns {
            sample[column] = sums[column * 16 + replicate - first] * tiles.steps[column]
          }
          let row = replicate - range.lowerBound
          sample.withUnsafeBufferPointer {
            evaluate($0, UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
          }
        }
      }
    }
    return Replicates(statistics: statistics, rows: resamples + 1, values: values, isExhaustive: false, liveUnits: 0)
  }

  /// Draws a replicate's weights into column `sample` of `weights`, shape `[units, 16]`, which is zero before.
  private func draw(_ weights: UnsafeMutableBufferPointer<Double>, sample: Int, replicate: UInt32) {
    let units = tiles.units
    if replicate == 0 {
      for unit in 0..<units { weights[unit * 16 + sample] = 1 }
      return
    }
    var words = PhiloxSequence(generator, .bootstrap, replicate: replicate)
    if weighting == .poisson {
      for unit in 0..<units { weights[unit * 16 + sample] = UnitBootstrap.poisson(words.uniform()) }
      return
    }
    let bound = UInt32(truncatingIfNeeded: units)
    let sure = units > 1 ? UnitBootstrap.add(generator, replicate, units / 4, below: bound, to: weights, sample) : 0
    words.skip(blocks: UInt32(truncatingIfNeeded: sure))
    for _ in 4 * sure..<units { weights[words.index(below: bound) * 16 + sample] += 1 }
  }

  /// Draws by whole blocks of words, as ``PhiloxSequence/index(below:)`` does by words, up to the first that it might reject:
  /// after that words and draws are no longer in step.
  ///
  /// - Returns: Blocks that were used up.
  private static func add(
    _ generator: Philox, _ replicate: UInt32, _ blocks: Int, below bound: UInt32,
    to weights: UnsafeMutableBufferPointer<Double>, _ sample: Int
  ) -> Int {
    for block in 0..<blocks {
      let words = generator.block(.bootstrap, replicate: replicate, block: UInt32(truncatingIfNeeded: block))
      let x = UInt64(words.x) &* UInt64(bound)
      let y = UInt64(words.y) &* UInt64(bound)
      let z = UInt64(words.z) &* UInt64(bound)
      let w = UInt64(words.w) &* UInt64(bound)
      let least = min(
        min(UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y)),
        min(UInt32(truncatingIfNeeded: z), UInt32(truncatingIfNeeded: w)))
      if least < bound { return block }
      weights[Int(x >> 32) * 16 + sample] += 1
      weights[Int(y >> 32) * 16 + sample] += 1
      weights[Int(z >> 32) * 16 + sample] += 1
      weights[Int(w >> 32) * 16 + sample] += 1
    }
    return blocks
  }

  /// The Poisson number with mean 1 whose distribution function first reaches `u`; above 20 only with probability 10⁻²⁰.
  private static func poisson(_ u: Double) -> Double {
    var term = 0.367_879_441_171_442_3
    var sum = term
    var k = 0.0
    while sum < u, k < 20 {
      k += 1
      term /= k
      sum += term
    }
    return k
  }

  /// Sums of random blocks of units. Replicate 0, which is not drawn, is where the words for it come from.
  private static func blocked(_ source: UnitColumns, into blocks: Int, _ generator: Philox) -> WeightedColumns {
    var order = Array(0..<source.units)
    var words = PhiloxSequence(generator, .bootstrap, replicate: 0)
    for position in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(position, words.index(below: UInt32(truncatingIfNeeded: position + 1)))
    }
    var grid = [Double](repeating: 0, count: blocks * source.columns)
    for (position, unit) in order.enumerated() {
      let block = (position % blocks) * source.columns
      for column in 0..<source.columns { grid[block + column] += source.grid[unit * source.columns + column] }
    }
    return WeightedColumns(units: blocks, columns: source.columns, grid: grid, steps: source.steps)
  }
}

/// Columns one after the other, on grids coarse enough that weights up to 2⁸ leave every sum below 2⁵²: exact in any order.
private struct WeightedColumns: Sendable {
  let units: Int
  /// Shape `[columns, units]`.
  let values: [Double]
  let steps: [Double]

  init(_ source: UnitColumns) {
    self.init(units: source.units, columns: source.columns, grid: source.grid, steps: source.steps)
  }

  init(units: Int, columns: Int, grid: [Double], steps: [Double]) {
    self.units = units
    var steps = steps
    var values = [Double](repeating: 0, count: units * columns)
    for column in 0..<columns {
      var size = 0.0
      for unit in 0..<units {
        let value = grid[unit * columns + column]
        values[column * units + unit] = value
        size += abs(value)
      }
      guard size >= 0x1p44 else { continue }
      steps[column] *= 0x1p9
      for unit in 0..<units {
        values[column * units + unit] = (values[column * units + unit] * 0x1p-9).rounded(.toNearestOrEven)
      }
    }
    self.values = values
    self.steps = steps
  }
}
