import Statistics

/// "Same distribution of weights?" Unit histograms, swapped between the two tensors.
///
/// Under signs ε the swapped histograms are ½ Σ (h_a + h_b) ∓ ½ Σ ε (h_b − h_a): linear in ε. The headline
/// is the Wasserstein distance; Kolmogorov-Smirnov and Jensen-Shannon stand beside it, and react to
/// effects of single rows and of bins near zero.
struct ShapeTest: SwapTest {
  static let id = "shape"
  let statistics = ["wasserstein1", "ks", "jensen_shannon"]
  let columns: [[Double]]
  var sides: (a: [[Double]], b: [[Double]]) { (byBin(sums.histogramA), byBin(sums.histogramB)) }
  let refusal: String?

  private let sums: UnitSums
  private let occupied: OccupiedBins

  private let totals: [Double]
  private let width: Double
  private let span: Double

  init(_ sample: UnitSample) {
    let sums = sample.sums
    self.sums = sums
    let bins = sums.bins + 2
    let occupied = sums.occupiedBins()
    self.occupied = occupied
    var totals = [Double](repeating: 0, count: occupied.count)
    let isEmpty = sums.histogramA.isEmpty
    columns = sums.histogramA.withUnsafeBufferPointer { a in
      sums.histogramB.withUnsafeBufferPointer { b in
        occupied.places.enumerated().map { i, j in
          [Double](unsafeUninitializedCapacity: sums.units) { column, count in
            var total = 0.0
            for u in 0..<sums.units {
              let left = isEmpty ? 0 : Double(a[u * bins + j])
              let right = isEmpty ? 0 : Double(b[u * bins + j])
              column[u] = right - left
              total += left + right
            }
            totals[i] = total
            count = sums.units
          }
        }
      }
    }
    self.totals = totals
    width = sums.width
    span = Double(sums.bins) * sums.width
    refusal = Self.refusal(sample.pair)
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
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * totals.count) { swapped in
      let a = UnsafeMutableBufferPointer(rebasing: swapped[..<totals.count])
      let b = UnsafeMutableBufferPointer(rebasing: swapped[totals.count...])
      for j in totals.indices {
        a[j] = 0.5 * (totals[j] - sums[j])
        b[j] = 0.5 * (totals[j] + sums[j])
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
    let observed = columns.map { pairwiseSum($0[...]) }
    var result = [Double](repeating: 0, count: statistics.count)
    result.withUnsafeMutableBufferPointer { output in observed.withUnsafeBufferPointer { evaluate($0, output) } }
    return result[statistic]
  }
}
