import CKernels
import Statistics

/// A pair as a two-way array of cells, inputs by units, with the sums of every cell: what the pigeonhole bootstrap draws from.
struct PairGrid {
  /// Cells that are held at most.
  static let limit = 1 << 20
  private let inputs: Int, units: Int
  private let fields: [[Double]]

  /// - Returns: `nil` for tensors above ``limit`` elements or without two axes.
  init?(_ source: UnitSource, _ formula: IntervalFormula) throws {
    let pass = source.pass
    let count = pass.ranges.last?.upperBound ?? 0
    units = pass.view.units
    inputs = units > 0 ? count / units : 0
    guard count > 0, count <= Self.limit, inputs > 1, units > 1, !pass.folds else { return nil }
    let inner = count / units == 0 ? 1 : pass.view.inner * pass.a.tensor.elementType.components
    let rows = inputs
    let columns = units
    var fields = Array(
      repeating: [Double](repeating: 0, count: count), count: IntervalFormula.fields.count + 2)
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var (crcA, crcB, identical): (UInt32, UInt32, Bool) = (0, 0, false)
    for range in pass.ranges {
      try pass.stream(range, crcA: &crcA, crcB: &crcB, identical: &identical) { start, x, y, d, n in
        for i in 0..<n where x[i].isFinite && y[i].isFinite {
          let position = start + i
          let unit = position / inner % columns
          let input = position / (inner * columns) * inner + position % inner
          guard input < rows else { continue }
          let cell = input * columns + unit
          let (a, b) = (x[i], y[i])
          let (ca, cb) = (a - formula.shift, b - formula.shift)
          // In the order of `IntervalFormula.fields`.
          for (k, value) in [1, a, b, ca * ca, cb * cb, a * a, b * b, a * b, d[i], d[i] * d[i]].enumerated() {
            fields[k][cell] = value
          }
        }
      }
    }
    self.fields = fields
  }

  /// Norms of units are no sums over cells, so the quantity that needs them is not to be had this way: it stays undefined.
  func bootstrap(resamples: Int, generator: Philox, threads: Int) throws -> PigeonholeBootstrap {
    try PigeonholeBootstrap(
      rows: inputs, columns: units, fields: fields, resamples: resamples, generator: generator, threads: threads)
  }
}
