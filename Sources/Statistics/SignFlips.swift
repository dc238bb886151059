/// Sums of unit columns under random sign vectors, one sign a unit, shared by all columns.
///
/// Null hypothesis: the rows of the columns (unit differences) are jointly symmetric about zero. Row 0 is the observed one,
/// all signs +. If the live units (those with a column that is not zero) have no more than `resamples` + 1 sign vectors,
/// all of them are taken; otherwise `resamples` random ones, whose sign of unit u in replicate r is a function of (seed,
/// stream, r, u) only.
///
/// ## Source
/// Winkler et al. (2014), doi:10.1016/j.neuroimage.2014.01.060; the tables: Arlazarov et al. (1970)
public struct SignFlips: Sendable {
  public let columns: UnitColumns
  public let generator: Philox
  public let threads: Int
  /// Units with a column that is not zero, in order.
  public let liveUnits: [Int]
  /// Whether every sign vector of the live units is taken.
  public let isExhaustive: Bool
  /// Rows of the null distribution: observed + resamples, or 2^live with the observed one first.
  public let rows: Int

  private let tiles: ColumnTiles

  /// Rows worked on together: large against the 256 rows of a table, small enough for many tasks.
  static let blockRows = 1_024

  /// - Parameters:
  ///   - resamples: Random sign vectors; taken as 1 if less.
  ///   - threads: Blocks worked on at a time; never changes the result.
  public init(
    columns: UnitColumns, resamples: Int, generator: Philox, threads: Int = 2, mayEnumerate: Bool = true
  ) {
    self.columns = columns
    self.generator = generator
    self.threads = threads
    liveUnits = (0..<columns.units).filter { columns.isLive($0) }
    // A replicate is one 32-bit word of the counter.
    let resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    isExhaustive = mayEnumerate && liveUnits.count < 32 && 1 << liveUnits.count <= resamples + 1
    rows = isExhaustive ? 1 << liveUnits.count : resamples + 1
    tiles = isExhaustive ? ColumnTiles(columns, rows: liveUnits) : ColumnTiles(columns)
  }

  /// Evaluates statistics of the signed column sums.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets one row of column sums, in the columns' original units, and writes the statistics. Called once a row,
  ///     from several threads.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(rows · columns · units / 8) time, O(units · columns + rows · statistics) memory.
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let statistics = max(0, statistics)
    let values = try await ReplicateBlocks.run(
      rows: rows, statistics: statistics, blockRows: SignFlips.blockRows, threads: threads
    ) { range, values in
      var row = 0
      forEachRow(of: range) { sums in
        evaluate(sums, UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
        row += 1
      }
    }
    return Replicates(
      statistics: statistics, rows: rows, values: values, isExhaustive: isExhaustive, liveUnits: liveUnits.count)
  }

  /// Calls `body` with the column sums of every row of a block, in order.
  func forEachRow(of range: Range<Int>, _ body: (UnsafeBufferPointer<Double>) -> Void) {
    let width = ColumnTiles.width
    let count = range.count
    var sums = [Double](repeating: 0, count: tiles.tiles * count * width)
    addSignedSums(of: range, to: &sums)
    var row = [Double](repeating: 0, count: columns.columns)
    for replicate in 0..<count {
      for column in 0..<columns.columns {
        let sum = sums[((column / width) * count + replicate) * width + column % width]
        row[column] = sum * columns.steps[column]
      }
      row.withUnsafeBufferPointer(body)
    }
  }

  private func addSignedSums(of range: Range<Int>, to sums: inout [Double]) {
    let count = range.count
    var tables = SignTables()
    var words = [UInt32](repeating: 0, count: count * 4)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      for first in stride(from: 0, to: tiles.units, by: 128) {
        fill(&words, range, block: UInt32(first / 128))
        words.withUnsafeBufferPointer { words in
          guard let words = words.baseAddress else { return }
          for word in 0..<4 where first + 32 * word < tiles.units {
            for tile in 0..<tiles.tiles {
              tables.add(
                to: sums + tile * count * ColumnTiles.width, count: count, words: words + word, stride: 4,
                tiles: tiles, tile: tile, first: first + 32 * word)
            }
          }
        }
      }
    }
  }

  /// The signs of 128 units in every replicate of the block, four words a replicate; a set bit is a minus.
  private func fill(_ words: inout [UInt32], _ range: Range<Int>, block: UInt32) {
    var index = 0
    for replicate in range {
      let signs: SIMD4<UInt32>
      if replicate == 0 {
        signs = SIMD4()
      } else if isExhaustive {
        signs = SIMD4(UInt32(truncatingIfNeeded: replicate), 0, 0, 0)
      } else {
        signs = generator.block(.swap, replicate: UInt32(truncatingIfNeeded: replicate), block: block)
      }
      words[index] = signs.x
      words[index + 1] = signs.y
      words[index + 2] = signs.z
      words[index + 3] = signs.w
      index += 4
    }
  }
}
