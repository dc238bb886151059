import CKernels
import Statistics

/// "Same distribution of weights?" Unit histograms, swapped between the two tensors.
///
/// Under signs ε the swapped histograms are ½ Σ (h_a + h_b) ∓ ½ Σ ε (h_b − h_a): linear in ε. The headline
/// is the Wasserstein distance; Kolmogorov-Smirnov and Jensen-Shannon stand beside it, and react to
/// effects of single rows and of bins near zero.
struct ShapeTest: SwapTest {
  static let id = "shape"
  let statistics = ["wasserstein1", "ks", "jensen_shannon"]
  /// Computed, for it is as large as the histograms.
  var columns: [[Double]] {
    let bins = sums.bins + 2
    return sums.histogramA.withUnsafeBufferPointer { a in
      sums.histogramB.withUnsafeBufferPointer { b in
        occupied.places.map { j in
          [Double](unsafeUninitializedCapacity: sums.units) { column, count in
            for u in 0..<sums.units { column[u] = a.isEmpty ? 0 : Double(b[u * bins + j]) - Double(a[u * bins + j]) }
            count = sums.units
          }
        }
      }
    }
  }
  /// Those whose two histograms differ, without the columns.
  var liveUnits: Int {
    let bins = sums.bins + 2
    return (0..<sums.histogramA.count / bins).count { u in
      let row = u * bins..<(u + 1) * bins
      return !sums.histogramA[row].elementsEqual(sums.histogramB[row])
    }
  }
  var sides: (a: [[Double]], b: [[Double]]) { (byBin(sums.histogramA), byBin(sums.histogramB)) }
  let refusal: String?

  private let sums: UnitSums
  private let occupied: OccupiedBins
  /// Of A and B, in the occupied bins.
  private let totalsA: [Double], totalsB: [Double]
  /// `nil` where a swap can change how many counts a side has, or where there are too many of them.
  private let swapped: SwappedDistances?
  private let width: Double
  private let span: Double

  init(_ sample: UnitSample) {
    let sums = sample.sums
    self.sums = sums
    let occupied = sums.occupiedBins()
    self.occupied = occupied
    totalsA = occupied.places.map { sums.histogramA.isEmpty ? 0 : sums.wholeA[$0] }
    totalsB = occupied.places.map { sums.histogramB.isEmpty ? 0 : sums.wholeB[$0] }
    swapped = Self.isBalanced(sums) ? SwappedDistances(together: zip(totalsA, totalsB).map(+), occupied: occupied) : nil
    width = sums.width
    span = Double(sums.bins) * sums.width
    refusal = Self.refusal(sample.pair)
  }

  /// Whether every unit of either side has as many counts, few enough to look distances up by them.
  private static func isBalanced(_ sums: UnitSums) -> Bool {
    let bins = sums.bins + 2
    let units = sums.histogramA.count / bins
    guard units > 0, sums.total(eqp_count) <= Double(SwappedDistances.mostCounts) else { return false }
    func counts(_ histogram: [UInt32], _ unit: Int) -> UInt32 {
      histogram[unit * bins..<(unit + 1) * bins].reduce(0, &+)
    }
    let most = counts(sums.histogramA, 0)
    return (0..<units).allSatisfy { counts(sums.histogramA, $0) == most && counts(sums.histogramB, $0) == most }
  }

  private func byBin(_ histogram: [UInt32]) -> [[Double]] {
    let bins = sums.bins + 2
    return occupied.places.map { j in (0..<histogram.count / bins).map { Double(histogram[$0 * bins + j]) } }
  }

  /// Why distributions of the two sides can't be compared: one is the other's grid.
  static func refusal(_ pair: PairSums) -> String? {
    if pair.pilot.isGridA != pair.pilot.isGridB {
      return
        "one side has few distinct values, as quantisation leaves: its ties alone would pass for a difference in shape"
    }
    return pair.pilot.differsInType
      ? "stored as different types: rounding alone would pass for a difference in shape" : nil
  }

  func evaluate(_ sums: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    if let swapped {
      let distances = swapped.distances(sums)
      output[0] = distances.wassersteinInBins * width
      output[1] = distances.kolmogorovSmirnov
      output[2] = distances.jensenShannon
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * totalsA.count) { swapped in
      let a = UnsafeMutableBufferPointer(rebasing: swapped[..<totalsA.count])
      let b = UnsafeMutableBufferPointer(rebasing: swapped[totalsA.count...])
      for j in totalsA.indices {
        let total = totalsA[j] + totalsB[j]
        a[j] = 0.5 * (total - sums[j])
        b[j] = 0.5 * (total + sums[j])
      }
      let distances = BinnedDistances(UnsafeBufferPointer(a), UnsafeBufferPointer(b), occupied: occupied)
      output[0] = (distances?.wassersteinInBins ?? 0) * width
      output[1] = distances?.kolmogorovSmirnov ?? 0
      output[2] = distances?.jensenShannon ?? 0
    }
  }

  /// Differences of distribution functions, which lie in [−1, 1], are summed over the edges.
  func scale(_ statistic: Int) -> Double { statistic == 0 ? span : 1 }

  func value(_ statistic: Int) -> Double? {
    let observed = zip(totalsB, totalsA).map { $0 - $1 }
    var result = [Double](repeating: 0, count: statistics.count)
    result.withUnsafeMutableBufferPointer { output in observed.withUnsafeBufferPointer { evaluate($0, output) } }
    return result[statistic]
  }
}
