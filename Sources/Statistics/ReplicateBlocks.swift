/// Runs fixed blocks of replicates, at most `threads` at a time, and puts their results in order.
///
/// The blocks are fixed by the number of rows alone, so the result never depends on the number of threads.
enum ReplicateBlocks {
  /// - Parameter body: Fills the statistics of rows `range`, shape `[range.count, statistics]`.
  /// - Throws: `CancellationError` when the task is cancelled; looked at once a block.
  static func run(
    rows: Int, statistics: Int, blockRows: Int, threads: Int,
    _ body: @escaping @Sendable (_ range: Range<Int>, _ values: UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> [Double] {
    let blocks = (rows + blockRows - 1) / blockRows
    let compute: @Sendable (Int) throws -> (Int, [Double]) = { block in
      try Task.checkCancellation()
      let range = block * blockRows..<min(rows, (block + 1) * blockRows)
      var values = [Double](repeating: 0, count: range.count * statistics)
      values.withUnsafeMutableBufferPointer { body(range, $0) }
      return (block, values)
    }
    return try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
      var results = [Double](repeating: 0, count: rows * statistics)
      var started = 0
      while started < min(max(1, threads), blocks) {
        let block = started
        group.addTask { try compute(block) }
        started += 1
      }
      while let (block, values) = try await group.next() {
        let first = block * blockRows * statistics
        results.replaceSubrange(first..<first + values.count, with: values)
        guard started < blocks else { continue }
        let next = started
        group.addTask { try compute(next) }
        started += 1
      }
      return results
    }
  }
}
