/// Multinomial bootstrap of units: weighted column sums, where a unit's weight is how often it was drawn.
///
/// Row 0 is the original sample, all weights 1. The units drawn for replicate r are a function of (seed, stream, r) and their
/// number only, not of the columns. Above `maximumBlocks` units, units are first put at random into that many blocks of
/// equal size (but for one), and blocks are drawn. A column of ones gives the number of units in a sample.
///
/// ## Source
/// Efron (1979), doi:10.1214/aos/1176344552
public struct UnitBootstrap: Sendable {
  public let columns: UnitColumns
  public let resamples: Int
  public let generator: Philox
  public let threads: Int
  /// What is drawn: units, or blocks of them.
  public var blocks: Int { tiles.units }

  public static let maximumBlocks = 1_024
  private static let blockRows = 256
  private let tiles: ColumnTiles

  /// - Parameters:
  ///   - resamples: Bootstrap samples; taken as 1 if less.
  ///   - threads: Samples worked on at a time, in fixed groups; never changes the result.
  public init(columns: UnitColumns, resamples: Int, generator: Philox, threads: Int = 2) {
    self.columns = columns
    self.resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    self.generator = generator
    self.threads = threads
    tiles =
      columns.units <= UnitBootstrap.maximumBlocks
      ? ColumnTiles(columns) : UnitBootstrap.blocked(columns, into: UnitBootstrap.maximumBlocks, generator)
  }

  /// Evaluates statistics of the weighted column sums.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets one row of Σ w_u x_u, in the columns' original units, and writes the statistics. Called once a row, from
  ///     several threads.
  /// - Returns: `resamples` + 1 rows; ``Replicates/column(_:includingObserved:)`` leaves the original sample out.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(resamples · columns · min(units, 1,024)) time, O(resamples · statistics) memory.
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let statistics = max(0, statistics)
    let values = try await ReplicateBlocks.run(
      rows: resamples + 1, statistics: statistics, blockRows: UnitBootstrap.blockRows, threads: threads
    ) { range, values in
      var weights = [Double](repeating: 1, count: tiles.units)
      var sums = [Double](repeating: 0, count: tiles.tiles * ColumnTiles.width)
      for (row, replicate) in range.enumerated() {
        if replicate > 0 { draw(&weights, replicate: UInt32(truncatingIfNeeded: replicate)) }
        weightedSums(weights, &sums)
        for column in 0..<columns.columns { sums[column] *= columns.steps[column] }
        sums.withUnsafeBufferPointer {
          evaluate(
            UnsafeBufferPointer(rebasing: $0[0..<columns.columns]),
            UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
        }
      }
    }
    return Replicates(statistics: statistics, rows: resamples + 1, values: values, isExhaustive: false, liveUnits: 0)
  }

  private func draw(_ weights: inout [Double], replicate: UInt32) {
    let bound = UInt32(truncatingIfNeeded: tiles.units)
    var words = PhiloxSequence(generator, .bootstrap, replicate: replicate)
    weights.withUnsafeMutableBufferPointer { weights in
      weights.update(repeating: 0)
      for _ in 0..<weights.count { weights[words.index(below: bound)] += 1 }
    }
  }

  private func weightedSums(_ weights: [Double], _ sums: inout [Double]) {
    let width = ColumnTiles.width
    weights.withUnsafeBufferPointer { weights in
      tiles.values.withUnsafeBufferPointer { values in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
          for tile in 0..<tiles.tiles {
            let sum = sums + tile * width
            for lane in 0..<16 { sum[lane] = 0 }
            var row = values + tile * weights.count * width
            for unit in 0..<weights.count {
              let weight = weights[unit]
              for lane in 0..<16 { sum[lane] += weight * row[lane] }
              row += width
            }
          }
        }
      }
    }
  }

  /// Sums of random blocks of units. Replicate 0, which is not drawn, is where the words for it come from.
  private static func blocked(_ source: UnitColumns, into blocks: Int, _ generator: Philox) -> ColumnTiles {
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
    return ColumnTiles(units: blocks, columns: source.columns, grid: grid)
  }
}
