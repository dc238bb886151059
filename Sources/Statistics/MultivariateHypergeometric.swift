/// The multivariate hypergeometric distribution: how many objects of each kind are among `sample`, drawn without replacement.
///
/// The relabelling of binned weights: `counts` are the bins of both models pooled, and the sample is what falls to model A
/// when every weight is given to A or B at random.
public struct MultivariateHypergeometric: Sendable, Equatable {
  /// Objects of each kind, shape `[kinds]`.
  public let counts: [Int]
  public let sample: Int
  private let total: Int

  /// - Throws: ``SampleError/outOfRange(parameter:value:)`` for a negative number, a sample larger than all there is, or more
  ///   than 2⁵⁰ objects.
  public init(counts: [Int], sample: Int) throws(SampleError) {
    var total = 0
    for count in counts {
      guard count >= 0, count <= 1 << 50 else { throw .outOfRange(parameter: "count", value: Double(count)) }
      total += count
      guard total <= 1 << 50 else { throw .outOfRange(parameter: "Σ counts", value: Double(total)) }
    }
    guard sample >= 0, sample <= total else { throw .outOfRange(parameter: "sample", value: Double(sample)) }
    self.counts = counts
    self.sample = sample
    self.total = total
  }

  /// Draws one sample: each kind given those before it.
  ///
  /// - Parameter drawn: Written, shape `[kinds]`; sums to ``sample``.
  /// - Complexity: O(kinds), whatever the counts: one ``Hypergeometric`` each.
  public func draw(_ words: inout PhiloxSequence, into drawn: UnsafeMutableBufferPointer<Int>) {
    precondition(drawn.count == counts.count, "one number a kind")
    var objects = total
    var needed = sample
    for kind in drawn.indices {
      let count = counts[kind]
      objects -= count
      drawn[kind] = needed == 0 ? 0 : Hypergeometric(unchecked: count, objects, needed).draw(&words)
      needed -= drawn[kind]
    }
  }
}
