/// Sums of unit columns under random sign vectors, one sign a unit, shared by all columns.
///
/// Null hypothesis: the rows of the columns (unit differences) are jointly symmetric about zero. Row 0 is the observed one,
/// all signs +. If the live units (those with a column that is not zero) have no more than `resamples` + 1 sign vectors,
/// all of them are taken; otherwise `resamples` random ones, whose sign of unit u in replicate r is a function of (seed,
/// stream, r, u) only; or, on wish, a random group of 2^k ≥ `resamples` + 1 sign vectors, which costs hardly more for many units than
/// for few.
///
/// ## Source
/// Winkler et al. (2014), doi:10.1016/j.neuroimage.2014.01.060; the tables: Arlazarov et al. (1970);
/// groups: Koning & Hemerik (2024), doi:10.1093/biomet/asad050
public struct SignFlips: Sendable {
  public let generator: Philox
  public let threads: Int
  /// Units with a column that is not zero, in order.
  public let liveUnits: [Int]
  /// Whether every sign vector of the live units is taken.
  public let isExhaustive: Bool
  /// Rows of the null distribution, the observed one first: 1 + resamples, 2^live, or the size of the group.
  public let rows: Int

  private let units: Int
  private let columns: Int
  private let steps: [Double]
  private let tiles: ColumnTiles
  private let subgroup: SignSubgroup?
  /// The grid by columns, for a group.
  private let byColumn: [Double]

  /// Whether the rows are a random group of sign vectors.
  public var isSubgroup: Bool { subgroup != nil }

  /// Live units above which a group costs less than as many random sign vectors. At 256 units one column under 9,999
  /// vectors takes 32 additions a vector by tables, and 14 a vector by a transform.
  public static let subgroupFrom = 256

  /// Rows worked on together: large against the 256 rows of a table, small enough for many tasks.
  var blockRows: Int { subgroup?.blockRows ?? 1_024 }

  /// - Parameters:
  ///   - resamples: Random sign vectors; taken as 1 if less.
  ///   - threads: Blocks worked on at a time; never changes the result.
  ///   - mayEnumerate: Take every sign vector where there are few.
  ///   - usesSubgroup: Otherwise take a random group, `resamples` rounded up to 2^k − 1.
  public init(
    columns: UnitColumns, resamples: Int, generator: Philox, threads: Int = 2, mayEnumerate: Bool = true,
    usesSubgroup: Bool = false
  ) {
    units = columns.units
    self.columns = columns.columns
    steps = columns.steps
    self.generator = generator
    self.threads = threads
    liveUnits = (0..<columns.units).filter { columns.isLive($0) }
    // A replicate is one 32-bit word of the counter.
    let resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    isExhaustive = mayEnumerate && liveUnits.count < 32 && 1 << liveUnits.count <= resamples + 1
    if usesSubgroup, !isExhaustive {
      let group = SignSubgroup(units: columns.units, resamples: resamples, generator: generator)
      subgroup = group
      rows = group.size
      byColumn = columns.byColumn
      tiles = ColumnTiles(units: 0, columns: 0, grid: [])
      return
    }
    subgroup = nil
    byColumn = []
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
  /// - Complexity: O(rows · columns · units / 8) time, for a group O(columns · (units + rows · log rows)); O(units · columns +
  ///   rows · statistics) memory.
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let statistics = max(0, statistics)
    let values = try await ReplicateBlocks.run(
      rows: rows, statistics: statistics, blockRows: blockRows, threads: threads
    ) { range, values in
      var row = 0
      forEachRow(of: range) { sums in
        evaluate(sums, UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
        row += 1
      }
    }
    return Replicates(
      statistics: statistics, rows: rows, values: values, isExhaustive: isExhaustive, liveUnits: liveUnits.count,
      isSubgroup: isSubgroup)
  }

  /// Calls `body` with the column sums of every row of a block, in order.
  func forEachRow(of range: Range<Int>, _ body: (UnsafeBufferPointer<Double>) -> Void) {
    if let subgroup { return forEachElement(of: subgroup, range, body) }
    let width = ColumnTiles.width
    let count = range.count
    var sums = [Double](repeating: 0, count: tiles.tiles * count * width)
    addSignedSums(of: range, to: &sums)
    var row = [Double](repeating: 0, count: tiles.tiles * width)
    let steps = steps + [Double](repeating: 1, count: row.count - columns)
    row.withUnsafeMutableBufferPointer { row in
      steps.withUnsafeBufferPointer { steps in
        sums.withUnsafeBufferPointer { sums in
          for replicate in 0..<count {
            for tile in 0..<tiles.tiles {
              let from = (tile * count + replicate) * width
              for k in 0..<width { row[tile * width + k] = sums[from + k] * steps[tile * width + k] }
            }
            body(UnsafeBufferPointer(rebasing: row[..<columns]))
          }
        }
      }
    }
  }

  /// As ``forEachRow(of:_:)`` for a group; `range` is one of its blocks.
  private func forEachElement(
    of group: SignSubgroup, _ range: Range<Int>, _ body: (UnsafeBufferPointer<Double>) -> Void
  ) {
    let count = columns
    var sums = [Double](repeating: 0, count: count * group.blockRows)
    // Rows are gathered 16 at a time: two cache lines of every column.
    let together = min(16, group.blockRows)
    var rows = [Double](repeating: 0, count: count * together)
    sums.withUnsafeMutableBufferPointer { sums in
      byColumn.withUnsafeBufferPointer { grid in
        rows.withUnsafeMutableBufferPointer { rows in
          guard let sums = sums.baseAddress, let grid = grid.baseAddress else {
            for _ in range { body(UnsafeBufferPointer(rebasing: rows[0..<count])) }
            return
          }
          for column in 0..<count {
            group.sums(of: grid + column * units, from: range.lowerBound, into: sums + column * group.blockRows)
          }
          for first in stride(from: 0, to: range.count, by: together) {
            for column in 0..<count {
              let step = steps[column]
              let source = sums + column * group.blockRows + first
              for row in 0..<together { rows[row * count + column] = source[row] * step }
            }
            for row in 0..<together { body(UnsafeBufferPointer(rebasing: rows[row * count..<(row + 1) * count])) }
          }
        }
      }
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
