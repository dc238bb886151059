import Comparison
import Synchronization
import Threads

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One line on standard error that long work overwrites as it goes on; only on a terminal, and gone at the end.
final class ProgressLine: Sendable {
  /// A short run shows nothing, and the line changes at most so often.
  private static let delay = Duration.milliseconds(500), pause = Duration.milliseconds(100)

  static let erasure: StaticString = "\r\u{1b}[K"
  /// For the handler of signals, which leaves the terminal clean.
  static let isShown = Atomic(false)

  private struct State {
    var amounts = Array(repeating: ProgressAmount(), count: WorkProgress.Work.allCases.count)
    var nextLook: ContinuousClock.Instant
  }

  private let state: Locked<State>

  private init() {
    state = Locked(State(nextLook: .now + Self.delay))
  }

  /// Runs `body` with what shows its progress.
  static func follow<Result>(
    quiet: Bool, _ body: (WorkProgress) async throws -> Result
  ) async rethrows -> Result {
    guard !quiet, Terminal.hasProgress else { return try await body(.ignored) }
    let line = ProgressLine()
    defer { line.erase() }
    return try await body(WorkProgress { line.add($0, done: $1, ahead: $2) })
  }

  private func add(_ work: WorkProgress.Work, done: Int, ahead: Int) {
    let now = ContinuousClock.now
    state.withLock { state in
      state.amounts[work.rawValue].add(done: done, ahead: ahead, at: now)
      guard now >= state.nextLook else { return }
      state.nextLook = now + Self.pause
      guard let text = Self.text(state.amounts, at: now) else { return }
      Self.isShown.store(true, ordering: .relaxed)
      Terminal.write("\(Self.erasure)\(text)")
    }
  }

  private func erase() {
    state.withLock { state in
      if Self.isShown.exchange(false, ordering: .relaxed) { Terminal.write("\(Self.erasure)") }
      // A straggler's report shows nothing any more.
      state.nextLook = .now + .seconds(1 << 30)
    }
  }

  /// The latest kind of work that is under way; reading goes on beside testing and tells more.
  private static func text(_ amounts: [ProgressAmount], at now: ContinuousClock.Instant) -> String? {
    let order: [WorkProgress.Work] = [.writing, .running, .reading, .testing]
    return order.first { amounts[$0.rawValue].isUnderWay }.map { amounts[$0.rawValue].text($0, at: now) }
  }
}

/// How much of one kind of work is done, and since when.
struct ProgressAmount {
  private(set) var done = 0, expected = 0
  private var start: ContinuousClock.Instant?

  var isUnderWay: Bool { done < expected }

  mutating func add(done: Int, ahead: Int, at now: ContinuousClock.Instant) {
    self.done += done
    expected += ahead
    start = start ?? now
  }

  func text(_ work: WorkProgress.Work, at now: ContinuousClock.Instant) -> String {
    let elapsed = start.map { $0.duration(to: now) / .seconds(1) } ?? 0
    var parts: [String]
    switch work {
    case .reading, .writing:
      parts = ["\(work == .reading ? "reading" : "writing") \(amount(done)) of \(amount(expected))"]
      if elapsed > 0, done > 0 { parts.append("\(amount(Int(Double(done) / elapsed)))/s") }
    case .testing: parts = ["testing \(done) of \(expected) layers"]
    case .running: parts = ["predicting \(done) of \(expected) examples"]
    }
    if done > 0 { parts.append("\(time(elapsed * Double(expected - done) / Double(done))) left") }
    return parts.joined(separator: ", ")
  }

  /// Decimal units, one decimal place.
  private func amount(_ bytes: Int) -> String {
    let (scale, unit) = bytes < 999_950_000 ? (1_000_000, "MB") : (1_000_000_000, "GB")
    let tenths = (bytes + scale / 20) / (scale / 10)
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }

  private func time(_ seconds: Double) -> String {
    guard seconds < 1e6 else { return "days" }
    let whole = max(1, Int(seconds.rounded(.up)))
    if whole < 100 { return "\(whole) s" }
    let minutes = (whole + 59) / 60
    return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
