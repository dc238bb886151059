import CKernels

/// Unit columns laid out for signed and weighted sums: tiles of 16 columns, each contiguous over units, padded with zeros.
struct ColumnTiles: Sendable {
  static let width = 16

  let units: Int
  let columns: Int
  let tiles: Int
  /// Shape `[tiles, units, 16]`.
  let values: [Double]

  /// - Parameter rows: The units to take, in order; all of them by default.
  init(_ source: UnitColumns, rows: [Int]? = nil) {
    self.init(units: rows?.count ?? source.units, columns: source.columns, grid: source.grid, rows: rows)
  }

  init(units: Int, columns: Int, grid: [Double], rows: [Int]? = nil) {
    self.units = units
    self.columns = columns
    let width = ColumnTiles.width
    tiles = (columns + width - 1) / width
    var tiled = [Double](repeating: 0, count: tiles * units * width)
    for unit in 0..<units {
      let row = (rows?[unit] ?? unit) * columns
      for column in 0..<columns {
        tiled[((column / width) * units + unit) * width + column % width] = grid[row + column]
      }
    }
    values = tiled
  }
}

/// The sums of all columns under many sign vectors, by the method of the four Russians: the 256 signed sums of eight units
/// are tabulated once, so a sign vector costs one table row for eight units.
///
/// Four tables at a time (32 units, one random word) of 16 columns: 128 KiB, which a core's second-level cache holds.
/// Every partial sum is an integer below 2⁵², so the order of additions does not matter.
struct SignTables {
  private static let width = ColumnTiles.width
  private static let entries = 256
  private var tables = [Double](repeating: 0, count: 4 * SignTables.entries * SignTables.width)

  /// Adds the signed sums of 32 units (or fewer, at the end) of one tile.
  ///
  /// - Parameters:
  ///   - sums: Shape `[count, 16]`, added to.
  ///   - words: One word a sign vector, `stride` apart; bit k set means that unit `first + k` changes sign.
  mutating func add(
    to sums: UnsafeMutablePointer<Double>, count: Int, words: UnsafePointer<UInt32>, stride: Int,
    tiles: ColumnTiles, tile: Int, first: Int
  ) {
    tables.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      tiles.values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        eqp_tabulate_signs(
          values + (tile * tiles.units + first) * SignTables.width, min(32, tiles.units - first), base)
      }
      eqp_add_signed_sums(base, words, stride, count, sums)
    }
  }
}
