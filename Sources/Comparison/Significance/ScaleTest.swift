import CKernels
import Statistics

/// "Did norms grow or shrink?" Sign flip of ‖b_u‖ − ‖a_u‖, and of its signed ranks; labels of the norms of all units, and of
/// their ranks, where units are not paired.
struct ScaleTest: SwapTest {
  static let id = "scale"
  let statistics: [String]
  let columns: [[Double]]
  let sides: (a: [[Double]], b: [[Double]])
  let isDirectional = true

  private let alternative: Alternative

  init(_ sample: UnitSample, alternative: Alternative, pairing: UnitPairing) {
    self.alternative = alternative
    statistics = ["mean_norm_difference", pairing == .paired ? "signed_rank" : "rank_sum"]
    let (a, b) = (sample.sums.normA, sample.sums.normB)
    let differences = zip(b, a).map { $0 - $1 }
    columns = [differences, signedRanks(differences)]
    guard pairing == .independent else {
      sides = ([], [])
      return
    }
    let pooled = ranks(a + b)
    sides = ([a, Array(pooled[..<a.count])], [b, Array(pooled[a.count...])])
  }

  func evaluate(_ sums: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    output[0] = directed(sums[0], alternative)
    output[1] = directed(sums[1], alternative)
  }

  func linearDifferences(_ statistic: Int) -> [Double]? { columns[statistic] }

  func value(_ statistic: Int) -> Double? {
    // Wilcoxon's: the ranks of B's units.
    if statistic == 1, sides.b.count > 1 { return pairwiseSum(sides.b[1][...]) }
    let sum = pairwiseSum(columns[statistic][...])
    return statistic == 0 ? (columns[0].isEmpty ? nil : sum / Double(columns[0].count)) : sum
  }
}
