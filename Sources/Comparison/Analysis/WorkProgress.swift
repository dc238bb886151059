/// How far long work has come; never part of a result.
///
/// Amounts are reported as increments, from several tasks at once, about every megabyte.
public struct WorkProgress: Sendable {
  public enum Work: Int, Sendable, CaseIterable {
    /// Bytes of both models that are compared, or of one that is inspected.
    case reading
    /// Layers that are tested.
    case testing
    /// Bytes of both models that are exported.
    case writing
    /// Examples that models predict.
    case running
  }

  /// Progress that nobody follows.
  public static let ignored = WorkProgress { _, _, _ in }

  private let report: @Sendable (Work, Int, Int) -> Void

  /// - Parameter report: Called with what was done since the last call, and what was found out to be ahead since then;
  ///   the latter may be negative.
  public init(_ report: @escaping @Sendable (_ work: Work, _ done: Int, _ ahead: Int) -> Void) {
    self.report = report
  }

  /// Says that so much more is to be done.
  public func expect(_ work: Work, _ amount: Int) { report(work, 0, amount) }

  /// Says that so much was done.
  public func advance(_ work: Work, by amount: Int) { report(work, amount, 0) }
}
