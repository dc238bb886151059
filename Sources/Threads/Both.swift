import Dispatch

/// Calls both, each on a thread of its own where the system has one to spare, and waits for them.
///
/// - Throws: The error of `first`, else that of `second`.
public func both<First, Second, Failure: Error>(
  _ first: @Sendable () throws(Failure) -> First, _ second: @Sendable () throws(Failure) -> Second
) throws(Failure) -> (First, Second) {
  let results = Locked<(first: Result<First, Failure>?, second: Result<Second, Failure>?)>((nil, nil))
  DispatchQueue.concurrentPerform(iterations: 2) { index in
    if index == 0 {
      let result = Result(catching: first)
      results.withLock { $0.first = result }
    } else {
      let result = Result(catching: second)
      results.withLock { $0.second = result }
    }
  }
  guard let first = results.withLock({ $0.first }), let second = results.withLock({ $0.second }) else {
    preconditionFailure("each iteration was run")
  }
  return (try first.get(), try second.get())
}
