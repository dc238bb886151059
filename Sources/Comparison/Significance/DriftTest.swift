import CKernels
import Statistics

/// "A systematic shift?" Sign flip of the unit sums of b − a.
struct DriftTest: SwapTest {
  static let id = "drift"
  let statistics = ["mean_difference"]
  let columns: [[Double]]
  let sides: (a: [[Double]], b: [[Double]])
  let isDirectional = true

  private let alternative: Alternative
  private let mean: Double?

  init(_ sample: UnitSample, alternative: Alternative) {
    self.alternative = alternative
    columns = [Array(sample.sums.column(eqp_sum_d))]
    sides = ([Array(sample.sums.column(eqp_sum_a))], [Array(sample.sums.column(eqp_sum_b))])
    let count = sample.sums.total(eqp_count)
    mean = count > 0 ? sample.sums.total(eqp_sum_d) / count : nil
  }

  func evaluate(_ sums: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    output[0] = directed(sums[0], alternative)
  }

  func linearDifferences(_ statistic: Int) -> [Double]? { columns[0] }
  func value(_ statistic: Int) -> Double? { mean }
}

/// The statistic whose large values speak for the alternative.
func directed(_ sum: Double, _ alternative: Alternative) -> Double {
  switch alternative {
  case .twoSided: abs(sum)
  case .greater: sum
  case .less: -sum
  }
}
