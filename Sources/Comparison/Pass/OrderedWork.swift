/// Runs `body` for 0 ..< count on up to `width` tasks and hands the results over in order, so that
/// whatever is summed from them does not depend on which came first.
///
/// At most `width` results are computed or waiting at a time. Stops at the first error; cancellation is
/// seen between items.
package func inOrder<Output: Sendable>(
  count: Int, width: Int, _ body: @escaping @Sendable (Int) async throws -> Output,
  consume: (Int, Output) throws -> Void
) async throws {
  if width <= 1 || count <= 1 {
    for i in 0..<count {
      try Task.checkCancellation()
      try consume(i, try await body(i))
    }
    return
  }
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var started = 0
    var next = 0
    var waiting: [Int: Output] = [:]
    while started < min(width, count) {
      let i = started
      group.addTask { (i, try await body(i)) }
      started += 1
    }
    while let (i, output) = try await group.next() {
      try Task.checkCancellation()
      waiting[i] = output
      while let output = waiting.removeValue(forKey: next) {
        try consume(next, output)
        next += 1
      }
      while started < count, started < next + width {
        let i = started
        group.addTask { (i, try await body(i)) }
        started += 1
      }
    }
  }
}
