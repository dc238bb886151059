import Testing
import Threads

@Suite("Work in order")
struct OrderedWorkTests {
  /// How many work at a time, and the most that ever did.
  private final class Count: Sendable {
    let state = Locked((now: 0, most: 0, begun: 0))

    func during<Output>(_ body: () async throws -> Output) async rethrows -> Output {
      state.withLock {
        $0.now += 1
        $0.begun += 1
        $0.most = max($0.most, $0.now)
      }
      defer { state.withLock { $0.now -= 1 } }
      return try await body()
    }
  }

  @Test(arguments: [1, 2, 3, 8], [0, 1, 5, 40])
  func handsResultsOverInOrder(width: Int, count: Int) async throws {
    let working = Count()
    var seen: [Int] = []
    try await inOrder(count: count, width: width) { i in
      await working.during { for _ in 0..<(i * 7919) % 5 { await Task.yield() } }
      return i
    } consume: { i, output in
      #expect(i == output)
      seen.append(output)
    }
    #expect(seen == Array(0..<count))
    #expect(working.state.withLock { $0.most } <= width)
  }

  @Test func beginsNoMoreThanAhead() async throws {
    let working = Count()
    var consumed = 0
    try await inOrder(count: 40, width: 2, ahead: 6) { i in
      // The first one keeps the others waiting.
      await working.during { if i == 0 { for _ in 0..<500 { await Task.yield() } } }
      return i
    } consume: { _, _ in
      #expect(working.state.withLock { $0.begun } <= consumed + 6)
      consumed += 1
    }
    #expect(consumed == 40)
  }

  @Test func stopsAtTheFirstError() async {
    struct Failure: Error {}
    let working = Count()
    await #expect(throws: Failure.self) {
      try await inOrder(count: 1_000, width: 2) { i in
        try await working.during { if i == 3 { throw Failure() } }
      } consume: { _, _ in
      }
    }
    #expect(working.state.withLock { $0.begun } < 20)
  }

  @Test func lendsThreadsOfWhatHasEnded() async throws {
    let working = Count()
    // Two items on two threads: the short one ends, and its thread goes to the blocks of the long one.
    try await sideBySide(count: 2, width: 2, each: 1) { item in
      guard item == 1 else { return }
      try await inOrder(count: 200, width: 1) { _ in
        await working.during {
          // Until another works beside it.
          for _ in 0..<1_000 where working.state.withLock({ $0.most }) < 2 { await Task.yield() }
        }
      } consume: { _, _ in
      }
    } consume: { _, _ in
    }
    #expect(working.state.withLock { $0.most } == 2)
  }

  @Test(arguments: [1, 2, 5], [0, 1, 2, 9])
  func secondStagesRunBesideTheNextItem(threads: Int, count: Int) async throws {
    let working = Count()
    var seen: [Int] = []
    // Both stages wait until another works beside them, where there is one.
    @Sendable func wait(_ item: Int) async {
      for _ in 0..<1_000 where threads > 1 && item > 0 && working.state.withLock({ $0.most }) < 2 { await Task.yield() }
    }
    try await pipelined(count: count, threads: threads) { item, _ in
      await working.during { await wait(item) }
      return item * 10
    } then: { item, middle, _ in
      #expect(middle == item * 10)
      await working.during { await wait(count - 1 - item) }
      return middle + 1
    } consume: { item, output in
      #expect(output == item * 10 + 1)
      seen.append(item)
    }
    #expect(seen == Array(0..<count))
    #expect(working.state.withLock { $0.most } == (count == 0 ? 0 : threads > 1 && count > 1 ? 2 : 1))
  }

  @Test func borrowedThreadsAreGivenBack() async throws {
    let spare = SpareThreads()
    spare.give(3)
    try await SpareThreads.$current.withValue(spare) {
      try await inOrder(count: 50, width: 1) { _ in
        await Task.yield()
      } consume: { _, _ in
      }
      _ = try await SpareThreads.both(threads: 2) {
        $0
      } _: {
        $0
      }
    }
    for _ in 0..<3 { #expect(spare.borrow()) }
    #expect(!spare.borrow())
  }

  @Test(arguments: [1, 2, 5])
  func sharesThreadsBetweenTwo(threads: Int) async throws {
    let shares = try await SpareThreads.both(threads: threads) {
      $0
    } _: {
      $0
    }
    if threads == 1 {
      #expect(shares == (1, 1))
    } else {
      #expect(shares.0 + shares.1 == threads)
    }
  }

  @Test func oneThreadAtATimeHoldsALock() async {
    let value = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { value.withLock { $0 += 1 } } } }
    }
    #expect(value.withLock { $0 } == 8_000)
  }
}
