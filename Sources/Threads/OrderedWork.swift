/// Runs `body` for 0 ..< count on up to `width` tasks, and more where threads are to spare, and hands the results over in
/// order, so that whatever is summed from them does not depend on which came first.
///
/// At most `ahead` results, by default one more than there are tasks, are computed or waiting at a time. Stops at the first error;
/// cancellation is seen between items.
public func inOrder<Output: Sendable>(
  count: Int, width: Int, ahead: Int = 0, _ body: @escaping @Sendable (Int) async throws -> Output,
  consume: (Int, Output) throws -> Void
) async throws {
  let spare = SpareThreads.current
  if count <= 1 || (width <= 1 && spare == nil) {
    for i in 0..<count {
      try Task.checkCancellation()
      try consume(i, try await body(i))
    }
    return
  }
  var borrowed = 0
  defer { spare?.give(borrowed) }
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var started = 0
    var next = 0
    var running = 0
    var waiting: [Int: Output] = [:]
    while next < count {
      while started < count, started < next + max(ahead, max(1, width) + borrowed + 1) {
        if running >= max(1, width) + borrowed {
          guard spare?.borrow() == true else { break }
          borrowed += 1
        }
        let i = started
        group.addTask { (i, try await body(i)) }
        started += 1
        running += 1
      }
      guard let (i, output) = try await group.next() else { break }
      running -= 1
      try Task.checkCancellation()
      waiting[i] = output
      while let output = waiting.removeValue(forKey: next) {
        try consume(next, output)
        next += 1
      }
    }
  }
}

/// Items one after the other on all `threads`, each in two stages: what `first` of an item leaves idle goes to `second` of the
/// one before it. Both are told how many threads they start with; on one thread everything is done in turn.
public func pipelined<Middle: Sendable, Output: Sendable>(
  count: Int, threads: Int, _ first: @escaping @Sendable (_ item: Int, _ threads: Int) async throws -> Middle,
  then second: @escaping @Sendable (_ item: Int, Middle, _ threads: Int) async throws -> Output,
  consume: (Int, Output) throws -> Void
) async throws {
  guard count > 0 else { return }
  var middle = try await first(0, threads)
  for i in 0..<count {
    try Task.checkCancellation()
    let own = middle
    if i + 1 == count { return try consume(i, try await second(i, own, threads)) }
    let (output, next) = try await SpareThreads.both(threads: threads) {
      try await second(i, own, $0)
    } _: {
      try await first(i + 1, $0)
    }
    try consume(i, output)
    middle = next
  }
}

/// ``inOrder(count:width:ahead:_:consume:)`` for items that may differ much in cost and use `each` threads of their own: a few
/// more of them are begun while one keeps the others waiting, and what the last ones leave free is lent to those that still run.
public func sideBySide<Output: Sendable>(
  count: Int, width: Int, each: Int, _ body: @escaping @Sendable (Int) async throws -> Output,
  consume: (Int, Output) throws -> Void
) async throws {
  let spare = SpareThreads()
  let left = Locked(count)
  // Outside of the items, so that they alone can borrow.
  try await inOrder(count: count, width: width, ahead: width > 1 ? 4 * width : 1) { i in
    defer {
      let remaining = left.withLock {
        $0 -= 1
        return $0
      }
      // There are no more items than could run: its threads are free.
      if remaining < width { spare.give(each) }
    }
    return try await SpareThreads.$current.withValue(spare) { try await body(i) }
  } consume: { i, output in
    try consume(i, output)
  }
}
