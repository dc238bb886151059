import Results
import Statistics

/// Measures of both sides with bootstrap intervals over examples, the same examples drawn for both.
struct MeasureIntervals {
  /// Below this many examples intervals are Student's t.
  static let smallestBootstrap = 64

  /// A measure that is a mean over examples.
  struct Mean {
    var name: String
    var higherIsBetter = false
    var a: [Double]
    var b: [Double]
  }

  let options: BehaviorOptions
  let count: Int

  /// - Complexity: O(resamples · measures · min(examples, 512)).
  func measures(_ means: [Mean]) async throws -> [BehaviorMeasure] {
    // Columns: ones, then each mean of A and of B.
    let width = 1 + 2 * means.count
    var values = [Double](repeating: 0, count: count * width)
    for example in 0..<count {
      let row = example * width
      values[row] = 1
      for (i, mean) in means.enumerated() {
        values[row + 1 + 2 * i] = mean.a[example]
        values[row + 2 + 2 * i] = mean.b[example]
      }
    }
    let meanCount = means.count
    let bootstrap = UnitBootstrap(
      columns: try UnitColumns(units: count, columns: width, values: values), resamples: options.intervalResamples,
      generator: options.generator, threads: options.threads)
    let replicates = try await bootstrap.replicates(statistics: 3 * meanCount) { sums, out in
      for i in 0..<meanCount {
        out[3 * i] = sums[1 + 2 * i] / sums[0]
        out[3 * i + 1] = sums[2 + 2 * i] / sums[0]
        out[3 * i + 2] = (sums[2 + 2 * i] - sums[1 + 2 * i]) / sums[0]
      }
    }
    return means.enumerated().map { i, mean in measure(mean, replicates, first: 3 * i) }
  }

  private func measure(_ mean: Mean, _ replicates: Replicates, first: Int) -> BehaviorMeasure {
    let differences = zip(mean.a, mean.b).map { $1 - $0 }
    let intervals = [mean.a, mean.b, differences].enumerated().map { i, values in
      interval(values, replicates.column(first + i))
    }
    let value = average(differences)
    let spread = (differences.reduce(0) { $0 + ($1 - value) * ($1 - value) } / Double(count)).squareRoot()
    return BehaviorMeasure(
      name: mean.name, a: average(mean.a), b: average(mean.b), higherIsBetter: mean.higherIsBetter,
      intervalA: intervals[0]?.limits, intervalB: intervals[1]?.limits,
      difference: Effect(
        name: "\(mean.name)_difference", value: value, interval: intervals[2]?.limits,
        intervalMethod: intervals[2]?.method, dz: spread > 0 ? value / spread : nil))
  }

  private func interval(_ values: [Double], _ replicates: [Double]) -> ConfidenceInterval? {
    meanInterval(values, replicates, confidence: options.confidence)
  }

  /// The calibration error has no interval: a sum of absolute values is biased upwards wherever a bin is nearly right, by
  /// more in the one model than in the other, and no bootstrap interval of the difference holds its level.
  static func calibrationError(_ a: CalibrationColumns, _ b: CalibrationColumns, bins: Int) -> BehaviorMeasure {
    let (x, y) = (a.error(bins: bins), b.error(bins: bins))
    return BehaviorMeasure(
      name: "calibration_error", a: x, b: y, higherIsBetter: false, intervalA: nil, intervalB: nil,
      difference: Effect(name: "calibration_error_difference", value: y - x))
  }
}

/// Bins of the predicted class's probability, and what each example adds to its bin.
///
/// ## Source
/// Guo, Pleiss, Sun & Weinberger (2017), arXiv:1706.04599
struct CalibrationColumns: Sendable {
  var bin: [Int]
  /// Confidence less correctness.
  var residual: [Double]

  /// - Parameter bins: Of equal width, closed on the right.
  init(_ scores: ExampleScores, bins: Int) {
    bin = scores.confidence.map { min(bins - 1, max(0, Int(($0 * Double(bins)).rounded(.up)) - 1)) }
    residual = zip(scores.confidence, scores.correct).map { $0 - $1 }
  }

  func error(bins: Int) -> Double {
    var sums = [Double](repeating: 0, count: bins)
    for (bin, residual) in zip(bin, residual) { sums[bin] += residual }
    return sums.reduce(0) { $0 + abs($1) } / Double(max(1, residual.count))
  }
}

extension ConfidenceInterval {
  var limits: [Double] { [lower, upper] }
}

func average(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  // Compensated: the order of magnitude of examples differs widely.
  var sum = 0.0
  var rest = 0.0
  for value in values {
    let next = sum + value
    rest += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
    sum = next
  }
  return (sum + rest) / Double(values.count)
}

/// The interval of a mean over examples: by the bootstrap, for few examples by Student's t.
func meanInterval(_ values: [Double], _ replicates: [Double], confidence: Double) -> ConfidenceInterval? {
  guard values.count < MeasureIntervals.smallestBootstrap else {
    return percentileInterval(replicates, confidence: confidence)
  }
  let mean = average(values)
  return influenceInterval(estimate: mean, influence: values.map { $0 - mean }, confidence: confidence)
}
