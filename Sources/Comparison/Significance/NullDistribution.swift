import Statistics

/// The statistics of one test of a pair under every swap that was taken.
package struct NullDistribution: Sendable {
  package let test: String
  package let statistics: [String]
  /// Shape `[statistics][swaps]`; larger is more extreme. Swap 0 leaves every unit where it is.
  package let values: [[Double]]
  /// Whether the swaps are all there are.
  package let isExhaustive: Bool
  /// Whether the swaps are a random group, not independent of one another.
  package let isSubgroup: Bool

  init(test: String, statistics: [String], from first: Int, of replicates: Replicates) {
    self.test = test
    self.statistics = statistics
    values = statistics.indices.map { replicates.column(first + $0, includingObserved: true) }
    isExhaustive = replicates.isExhaustive
    isSubgroup = replicates.isSubgroup
  }
}
