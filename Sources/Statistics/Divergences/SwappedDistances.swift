import CKernels

/// Distances of two histograms that swap units of as many counts: the sum of both stays in every bin, so what a difference
/// of the two adds to the Jensen-Shannon divergence is looked up.
///
/// As ``BinnedDistances`` without Kullback-Leibler, several times as fast.
public struct SwappedDistances: Sendable {
  /// Counts a side above which the table is larger than what it saves.
  public static let mostCounts = 1 << 17

  private let occupied: OccupiedBins
  private let total: Double
  /// Where the bins' losses begin, a 0 at place 0.
  private let first: [UInt32]
  private let losses: [Double]

  /// - Parameters:
  ///   - together: Counts of both histograms, whole numbers, shape `[occupied.count]`.
  ///   - occupied: Which bins of a larger histogram these are.
  /// - Returns: `nil` where the sides can't have as many counts, or have none or more than ``mostCounts``.
  /// - Complexity: O(bins + counts).
  public init?(together: [Double], occupied: OccupiedBins) {
    let all = together.reduce(0, +)
    let total = all / 2
    guard together.count == occupied.count, together.allSatisfy({ $0 >= 0 && $0 == $0.rounded() }), total >= 1,
      total <= Double(Self.mostCounts), total == total.rounded()
    else { return nil }
    self.occupied = occupied
    self.total = total
    var first = [UInt32](repeating: 0, count: (together.count + 7) / 8 * 8)
    var count = 1
    for (j, counts) in together.enumerated() where counts > 0 {
      first[j] = UInt32(count)
      count += Int(counts / 2) + 1
    }
    self.first = first
    losses = [Double](unsafeUninitializedCapacity: count) { losses, initialized in
      losses[0] = 0
      for (j, counts) in together.enumerated() where counts > 0 {
        eqp_swap_losses(counts, total, Int(counts / 2) + 1, losses.baseAddress.map { $0 + Int(first[j]) })
      }
      initialized = count
    }
  }

  /// Distances where one histogram less the other is `differences`, shape `[bins]`: whole numbers that add up to 0, each no
  /// larger than the counts of its bin, and even or odd as they are.
  /// - Complexity: O(bins).
  @inline(__always)
  public func distances(
    _ differences: UnsafeBufferPointer<Double>
  ) -> (wassersteinInBins: Double, kolmogorovSmirnov: Double, jensenShannon: Double) {
    precondition(differences.count >= occupied.count)
    var distances = eqp_distances()
    occupied.leftOut.withUnsafeBufferPointer { leftOut in
      first.withUnsafeBufferPointer { first in
        losses.withUnsafeBufferPointer { losses in
          eqp_swapped_distances(
            differences.baseAddress, leftOut.baseAddress, first.baseAddress, losses.baseAddress, losses.count,
            occupied.count, total, &distances)
        }
      }
    }
    return (distances.area, min(distances.ks, 1), BinnedDistances.bits(distances.jensen_shannon))
  }
}
