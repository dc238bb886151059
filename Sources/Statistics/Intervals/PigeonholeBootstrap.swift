/// The pigeonhole bootstrap of a two-way array: rows and columns are drawn independently, and a cell's weight is the product of
/// theirs.
///
/// A kernel's weights depend on one another along both axes; drawing units alone takes the inputs as given. Conservative:
/// where .95 is wanted it covers .975 to .998.
///
/// ## Source
/// Owen (2007), doi:10.1214/07-AOAS122
public struct PigeonholeBootstrap: Sendable {
  public let rows: Int, columns: Int
  public let resamples: Int
  public let generator: Philox
  public let threads: Int
  private let fields: [[Double]]

  /// - Parameters:
  ///   - fields: Quantities that are summed over cells, each of shape `[rows, columns]`, row-major, finite.
  ///   - resamples: Bootstrap samples; taken as 1 if less.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``.
  public init(
    rows: Int, columns: Int, fields: [[Double]], resamples: Int, generator: Philox, threads: Int = 1
  ) throws(SampleError) {
    guard rows >= 1, columns >= 1 else { throw .tooFewUnits(count: min(rows, columns), required: 1) }
    for field in fields {
      guard field.count == rows * columns else {
        throw .shapeMismatch(expected: rows * columns, actual: field.count)
      }
      try SampleError.checkFinite(field)
    }
    self.rows = rows
    self.columns = columns
    self.fields = fields
    self.resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    self.generator = generator
    self.threads = threads
  }

  /// Evaluates statistics of the weighted sums.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets Σ_ij v_i w_j x_ij, one a field, and writes the statistics. Called from several threads.
  /// - Returns: `resamples` + 1 rows, row 0 the original sample.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(resamples · rows · columns · fields).
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let values = try await ReplicateBlocks.run(
      rows: resamples + 1, statistics: statistics, blockRows: 64, threads: threads
    ) { range, values in
      var rowWeights = [Double](repeating: 1, count: rows)
      var columnWeights = [Double](repeating: 1, count: columns)
      var sums = [Double](repeating: 0, count: fields.count)
      for replicate in range {
        if replicate > 0 {
          // Rows first, then columns, from one sequence.
          var words = PhiloxSequence(generator, .bootstrap, replicate: UInt32(truncatingIfNeeded: replicate))
          PigeonholeBootstrap.draw(&rowWeights, &words)
          PigeonholeBootstrap.draw(&columnWeights, &words)
        }
        for (k, field) in fields.enumerated() {
          var sum = 0.0
          for i in 0..<rows where rowWeights[i] != 0 {
            var row = 0.0
            for j in 0..<columns { row += columnWeights[j] * field[i * columns + j] }
            sum += rowWeights[i] * row
          }
          sums[k] = sum
        }
        let row = replicate - range.lowerBound
        sums.withUnsafeBufferPointer {
          evaluate($0, UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
        }
      }
    }
    return Replicates(statistics: statistics, rows: resamples + 1, values: values, isExhaustive: false, liveUnits: 0)
  }

  private static func draw(_ weights: inout [Double], _ words: inout PhiloxSequence) {
    for i in weights.indices { weights[i] = 0 }
    for _ in weights.indices { weights[words.index(below: UInt32(truncatingIfNeeded: weights.count))] += 1 }
  }
}
