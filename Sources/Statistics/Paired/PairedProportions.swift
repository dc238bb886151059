@preconcurrency import CGSL

/// Two proportions measured on the same examples, such as the accuracies of two classifiers.
///
/// Only the discordant examples tell them apart. The score statistic keeps its level where a bootstrap can't: with few
/// discordant examples, or none.
///
/// ## Source
/// Tango (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B
public struct PairedProportions: Sendable, Equatable {
  /// Examples that A alone gets right, that B alone does, and all.
  public let onlyA: Int, onlyB: Int, count: Int

  /// - Throws: ``SampleError/tooFewUnits(count:required:)`` without examples,
  ///   ``SampleError/outOfRange(parameter:value:)`` for counts that do not fit.
  public init(onlyA: Int, onlyB: Int, count: Int) throws(SampleError) {
    guard count > 0 else { throw .tooFewUnits(count: count, required: 1) }
    guard onlyA >= 0, onlyA <= count else { throw .outOfRange(parameter: "onlyA", value: Double(onlyA)) }
    guard onlyB >= 0, onlyB <= count - onlyA else { throw .outOfRange(parameter: "onlyB", value: Double(onlyB)) }
    self.onlyA = onlyA
    self.onlyB = onlyB
    self.count = count
  }

  /// Proportion of B less that of A.
  public var difference: Double { Double(onlyB - onlyA) / Double(count) }

  /// n times the variance of (onlyB − onlyA)/√n when the true difference is δ, the nuisance parameter at its maximum
  /// likelihood.
  private func variance(_ delta: Double) -> Double {
    let (n, x, y) = (Double(count), Double(onlyB), Double(onlyA))
    let a = 2 * n
    let b = -x - y + (2 * n - x + y) * delta
    let c = -y * delta * (1 - delta)
    let root = max(0, b * b - 4 * a * c).squareRoot()
    // Whichever form does not cancel.
    let nuisance = b <= 0 ? (root - b) / (2 * a) : (root + b > 0 ? -2 * c / (root + b) : 0)
    return max(0, n * (2 * nuisance + delta * (1 - delta)))
  }

  /// The score statistic of the hypothesis that the difference is `delta`; infinite where that is impossible.
  func score(_ delta: Double) -> Double {
    let excess = Double(onlyB - onlyA) - Double(count) * delta
    let variance = variance(delta)
    return excess == 0 ? 0 : variance > 0 ? excess / variance.squareRoot() : excess > 0 ? .infinity : -.infinity
  }

  /// Returns Tango's score interval of the difference.
  ///
  /// - Returns: `nil` unless 0 < confidence < 1.
  /// - Complexity: O(1).
  public func interval(confidence: Double = 0.95) -> ConfidenceInterval? {
    guard confidence > 0, confidence < 1, let quantile = try? standardNormalQuantile((1 + confidence) / 2) else {
      return nil
    }
    // At the estimate itself excess and variance may both vanish, which is no limit: the search begins beside it.
    let beside = 1e-12
    func solve(_ sign: Double, from: Double, to: Double) -> Double? {
      from >= to
        ? sign > 0 ? from : to
        : GSL.root(from: from, to: to) { delta in
          Double(onlyB - onlyA) - Double(count) * delta - sign * quantile * variance(delta).squareRoot()
        }
    }
    guard let lower = solve(1, from: -1, to: difference - beside),
      let upper = solve(-1, from: difference + beside, to: 1)
    else { return nil }
    return ConfidenceInterval(lower: lower, upper: upper, confidence: confidence, method: "score")
  }

  /// Returns the p-value of the hypothesis that the difference is `margin` or more either way, by two one-sided score tests.
  ///
  /// A small p says that the proportions are the same within the margin.
  /// - Throws: ``SampleError/outOfRange(parameter:value:)`` unless 0 < margin < 1.
  public func equivalence(margin: Double) throws(SampleError) -> PValue {
    guard margin > 0, margin < 1 else { throw .outOfRange(parameter: "margin", value: margin) }
    let least = min(score(-margin), -score(margin))
    let value = least == .infinity ? 0 : least == -.infinity ? 1 : exp(logNormalUpperTail(least))
    return PValue(
      value: min(1, max(value, .leastNonzeroMagnitude)), method: .score, alternative: .twoSided,
      smallestAttainable: .leastNonzeroMagnitude,
      reason: "two one-sided score tests, which hold their level with few discordant examples too")
  }
}
