import Threads

/// Runs fixed blocks of replicates, at most `threads` at a time and more where threads are to spare, and puts their results in
/// order.
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
    let spare = SpareThreads.current
    var borrowed = 0
    defer { spare?.give(borrowed) }
    return try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
      var results = [Double](repeating: 0, count: rows * statistics)
      var started = 0
      var finished = 0
      while finished < blocks {
        while started < blocks {
          if started - finished >= max(1, threads) + borrowed {
            guard spare?.borrow() == true else { break }
            borrowed += 1
          }
          let next = started
          group.addTask { try compute(next) }
          started += 1
        }
        guard let (block, values) = try await group.next() else { break }
        finished += 1
        let first = block * blockRows * statistics
        results.replaceSubrange(first..<first + values.count, with: values)
      }
      return results
    }
  }
}
