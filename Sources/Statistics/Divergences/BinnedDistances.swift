import CKernels

/// Distances of two histograms over the same bins of equal width, the first and the last of which lie outside the edges.
///
/// All of them in one go, vectorised: what every bootstrap sample is measured by, and swaps where ``SwappedDistances`` can't.
public struct BinnedDistances: Sendable, Equatable {
  /// As ``wassersteinDistance(_:_:edges:)``, in widths of a bin.
  public let wassersteinInBins: Double
  /// As ``kolmogorovSmirnovStatistic(_:_:)``.
  public let kolmogorovSmirnov: Double
  /// As ``jensenShannonDivergence(_:_:unit:)``, in bits.
  public let jensenShannon: Double
  /// As ``klDivergence(_:_:smoothing:)``, in nats; 0 unless `smoothing` was given.
  public let klAB: Double, klBA: Double

  /// - Parameters:
  ///   - a, b: Counts, none negative, shape `[bins]`, at least 3 bins.
  ///   - smoothing: Positive; `nil` leaves Kullback-Leibler out.
  ///   - occupied: Which bins of a larger histogram these are; `nil` for all of them.
  /// - Returns: `nil` when the numbers of bins differ, or a total is not positive and finite.
  /// - Complexity: O(bins).
  @inline(__always)
  public init?(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, smoothing: Double? = nil,
    occupied: OccupiedBins? = nil
  ) {
    guard a.count == b.count, a.count >= 3, a.count == occupied?.count ?? a.count, let first = a.baseAddress,
      let second = b.baseAddress,
      smoothing.map({ $0 > 0 }) ?? true
    else { return nil }
    var distances = eqp_distances()
    if let occupied {
      occupied.leftOut.withUnsafeBufferPointer {
        eqp_histogram_distances(
          first, second, $0.baseAddress, a.count, smoothing ?? 1, smoothing == nil ? 0 : 1, &distances)
      }
    } else {
      eqp_histogram_distances(first, second, nil, a.count, smoothing ?? 1, smoothing == nil ? 0 : 1, &distances)
    }
    // Not so with a total that is 0, NaN or infinite.
    guard distances.area.isFinite, distances.jensen_shannon.isFinite else { return nil }
    wassersteinInBins = distances.area
    kolmogorovSmirnov = min(distances.ks, 1)
    jensenShannon = Self.bits(distances.jensen_shannon)
    klAB = max(0, distances.kl_ab)
    klBA = max(0, distances.kl_ba)
  }

  /// A Jensen-Shannon divergence in nats, rounding errors cut off, in bits.
  static func bits(_ nats: Double) -> Double {
    min(max(0, nats), SignFlipProblem.ln2) * InformationUnit.bits.perNat
  }
}
