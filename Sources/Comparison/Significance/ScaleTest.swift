import CKernels
import Statistics

/// "Did norms grow or shrink?" Sign flip of ‖b_u‖ − ‖a_u‖, and of its signed ranks.
struct ScaleTest: SwapTest {
  static let id = "scale"
  let statistics = ["mean_norm_difference", "signed_rank"]
  let columns: [[Double]]
  let isDirectional = true

  private let alternative: Alternative

  init(_ sample: UnitSample, alternative: Alternative) {
    self.alternative = alternative
    let differences = zip(sample.sums.normB, sample.sums.normA).map { $0 - $1 }
    columns = [differences, signedRanks(differences)]
  }

  func evaluate(_ sums: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    output[0] = directed(sums[0], alternative)
    output[1] = directed(sums[1], alternative)
  }

  func linearDifferences(_ statistic: Int) -> [Double]? { columns[statistic] }

  func value(_ statistic: Int) -> Double? {
    let sum = pairwiseSum(columns[statistic][...])
    return statistic == 0 ? (columns[0].isEmpty ? nil : sum / Double(columns[0].count)) : sum
  }
}
