import Results
import Statistics

/// Measures of both sides with bootstrap intervals over examples, the same examples drawn for both.
struct MeasureIntervals {
  /// Below this many examples intervals are Student's t.
  static let smallestBootstrap = 64
  /// Below this many examples the calibration error has no interval.
  static let smallestCalibration = 256

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

  /// The calibration error of both sides, with a conservative interval of the difference.
  ///
  /// A sum of absolute values is biased upwards wherever a bin is nearly right, by more in the one model than in the other, and
  /// no usual bootstrap interval of the difference holds its level. But the error can't be farther from its estimate than the
  /// bins' mean residuals are from theirs, in sum of absolute values, and those are means: the bootstrap's quantile of that
  /// distance, both models drawn together, is a half-width that covers at least as often as it says. The quantile is that
  /// of half the error allowed, for bins of few examples.
  ///
  /// - Throws: `CancellationError`.
  /// - Complexity: O(resamples · bins · min(examples, 512)).
  func calibrationError(
    _ a: CalibrationColumns, _ b: CalibrationColumns, bins: Int
  ) async throws -> BehaviorMeasure {
    let (left, right) = (a.means(bins: bins), b.means(bins: bins))
    let (x, y) = (sumOfMagnitudes(left), sumOfMagnitudes(right))
    var difference = Effect(name: "calibration_error_difference", value: y - x)
    if count >= MeasureIntervals.smallestCalibration {
      let half = a == b ? 0 : try await distanceQuantile(a, b, estimate: left + right, bins: bins)
      difference.interval = [max(-1, y - x - half), min(1, y - x + half)]
      difference.intervalMethod = "conservative_bootstrap"
    }
    return BehaviorMeasure(
      name: "calibration_error", a: x, b: y, higherIsBetter: false, intervalA: nil, intervalB: nil,
      difference: difference)
  }

  /// Quantile of Σ abs(mean residual of a bin in a sample − `estimate`) over the bins of A and then of B.
  private func distanceQuantile(
    _ a: CalibrationColumns, _ b: CalibrationColumns, estimate: [Double], bins: Int
  ) async throws -> Double {
    let width = 1 + 2 * bins
    var values = [Double](repeating: 0, count: count * width)
    for example in 0..<count {
      let row = example * width
      values[row] = 1
      values[row + 1 + a.bin[example]] = a.residual[example]
      values[row + 1 + bins + b.bin[example]] = b.residual[example]
    }
    let bootstrap = UnitBootstrap(
      columns: try UnitColumns(units: count, columns: width, values: values), resamples: options.intervalResamples,
      generator: options.generator, threads: options.threads)
    let distances = try await bootstrap.replicates(statistics: 1) { sums, out in
      var distance = 0.0
      for (i, mean) in estimate.enumerated() { distance += abs(sums[1 + i] / sums[0] - mean) }
      out[0] = distance
    }
    // The upper limit of a two-sided interval is the quantile of half the error.
    return percentileInterval(distances.column(0), confidence: options.confidence)?.upper ?? 1
  }
}

/// Bins of the predicted class's probability, and what each example adds to its bin.
///
/// ## Source
/// Guo, Pleiss, Sun & Weinberger (2017), arXiv:1706.04599
struct CalibrationColumns: Sendable, Equatable {
  var bin: [Int]
  /// Confidence less correctness.
  var residual: [Double]

  /// - Parameter bins: Of equal width, closed on the right.
  init(_ scores: ExampleScores, bins: Int) {
    bin = scores.confidence.map { min(bins - 1, max(0, Int(($0 * Double(bins)).rounded(.up)) - 1)) }
    residual = zip(scores.confidence, scores.correct).map { $0 - $1 }
  }

  /// Sum of each bin's residuals over the number of all examples.
  func means(bins: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: bins)
    for (bin, residual) in zip(bin, residual) { sums[bin] += residual }
    return sums.map { $0 / Double(max(1, residual.count)) }
  }
}

private func sumOfMagnitudes(_ values: [Double]) -> Double { values.reduce(0) { $0 + abs($1) } }

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
