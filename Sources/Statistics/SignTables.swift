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
    let width = SignTables.width
    tables.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      tiles.values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        SignTables.tabulate(base, values + (tile * tiles.units + first) * width, units: min(32, tiles.units - first))
      }
      let table = UnsafePointer(base)
      var row = sums
      var word = words
      for _ in 0..<count {
        let bits = Int(word.pointee)
        let t0 = table + (bits & 255) * width
        let t1 = table + (256 + ((bits >> 8) & 255)) * width
        let t2 = table + (512 + ((bits >> 16) & 255)) * width
        let t3 = table + (768 + ((bits >> 24) & 255)) * width
        for lane in 0..<16 { row[lane] += (t0[lane] + t1[lane]) + (t2[lane] + t3[lane]) }
        row += width
        word += stride
      }
    }
  }

  private static func tabulate(_ tables: UnsafeMutablePointer<Double>, _ values: UnsafePointer<Double>, units: Int) {
    for group in 0..<4 {
      let table = tables + group * entries * width
      let members = max(0, min(8, units - group * 8))
      let first = values + group * 8 * width
      for lane in 0..<16 {
        var sum = 0.0
        for unit in 0..<members { sum += first[unit * width + lane] }
        table[lane] = sum
      }
      // Entry m differs from m without its highest bit by that unit's sign.
      for unit in 0..<8 {
        let half = 1 << unit
        let value = first + unit * width
        for entry in 0..<half {
          let from = table + entry * width
          let to = table + (half + entry) * width
          if unit < members {
            for lane in 0..<16 { to[lane] = from[lane] - 2 * value[lane] }
          } else {
            for lane in 0..<16 { to[lane] = from[lane] }
          }
        }
      }
    }
  }
}
