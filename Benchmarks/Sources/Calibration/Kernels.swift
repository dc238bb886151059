import Comparison
import Foundation
import Results
import Statistics

/// How the weights of a simulated kernel depend on one another.
enum Setting: String, CaseIterable, Sendable {
  case independent
  /// Weights of a unit share something: correlation .02.
  case correlated
  /// Units differ in scale: lognormal, σ = .3.
  case lognormal

  var title: String {
    switch self {
    case .independent: "independent weights"
    case .correlated: "correlation .02 within units"
    case .lognormal: "lognormal scale of units, σ = .3"
    }
  }
}

/// What is done to the weights of B beside drawing them anew.
struct Change: Sendable {
  /// Added to every weight, in standard deviations.
  var shift = 0.0
  /// Every weight is multiplied by its exponential.
  var logScale = 0.0
  /// Share of the weights that are pruned to a hundredth; the others grow so that the variance stays.
  var pruned = 0.0
}

/// A kernel [inputs, units], row-major as TensorFlow keeps it.
struct KernelShape: Sendable {
  var inputs = 128
  var units = 64
}

/// Draws a kernel whose weights have standard deviation .1.
func kernel(_ shape: KernelShape, _ setting: Setting, effect: Change = Change(), _ draws: inout Draws) -> [Double] {
  let share = setting == .correlated ? 0.02 : 0
  let common = (0..<shape.units).map { _ in share > 0 ? share.squareRoot() * draws.normal() : 0 }
  // The mean square of a unit's scale is 1.
  let scales = (0..<shape.units).map { _ in setting == .lognormal ? exp(0.3 * draws.normal() - 0.09) : 1 }
  let own = (1 - share).squareRoot()
  let kept = ((1 - effect.pruned) + effect.pruned * 1e-4).squareRoot()
  return (0..<shape.inputs * shape.units).map { i in
    let unit = i % shape.units
    var weight = scales[unit] * (common[unit] + own * draws.normal())
    if effect.pruned > 0 { weight *= (draws.uniform() < effect.pruned ? 0.01 : 1) / kept }
    return 0.1 * (exp(effect.logScale) * weight + effect.shift)
  }
}

/// A model of one hidden layer, and a last one that keeps the hidden layer hidden.
func model(_ kernel: [Double], _ shape: KernelShape) -> MemoryCheckpoint {
  MemoryCheckpoint([
    .float32("first/kernel", [shape.inputs, shape.units], kernel),
    .float32("second/kernel", [shape.units, 1], Array(repeating: 0.5, count: shape.units)),
  ])
}

/// Options of a run in which only p-values matter.
func testsOnly(_ tests: Set<String>, resamples: Int = 999) -> ComparisonOptions {
  var options = ComparisonOptions()
  options.metrics = []
  options.threads = 1
  options.significance = SignificanceOptions()
  options.significance?.tests = tests
  options.significance?.resamples = resamples
  options.significance?.intervalResamples = 1
  return options
}

/// Every p-value of a pair of kernels, through the same call as the program's.
func pValues(
  _ a: [Double], _ b: [Double], _ shape: KernelShape, _ options: ComparisonOptions
) async throws -> PValues {
  var options = options
  options.include = ["first"]
  let result = try await compare(model(a, shape), model(b, shape), options: options).result
  var values = PValues(rows: result.pairs.first { $0.name == "first/kernel" }?.tests ?? [])
  if let p = result.layers?.first(where: { $0.layer == "first" })?.pValue { values["layer"] = p }
  return values
}

/// p-values by the name of the test, in order.
struct PValues: Sendable {
  private(set) var names: [String] = []
  private var values: [String: Double] = [:]

  init() {}

  init(rows: [TestResult]) {
    for row in rows {
      // `divergence` shows the p-value of `shape`.
      guard row.id != "divergence", let p = row.pValue else { continue }
      self["\(row.id), \(row.statistic.replacingOccurrences(of: "_", with: " "))"] = p
    }
  }

  subscript(name: String) -> Double? {
    get { values[name] }
    set {
      if values[name] == nil, newValue != nil { names.append(name) }
      values[name] = newValue
    }
  }
}

/// How often tests rejected.
struct Rejections: Sendable {
  private(set) var names: [String] = []
  private var counts: [String: [Double: Int]] = [:]
  private var trials: [String: Int] = [:]
  static let levels = [0.01, 0.05]

  init(_ pairs: [PValues] = []) { for pair in pairs { add(pair) } }

  mutating func add(_ pair: PValues) {
    for name in pair.names {
      guard let p = pair[name] else { continue }
      if trials[name] == nil { names.append(name) }
      trials[name, default: 0] += 1
      for level in Self.levels where p <= level { counts[name, default: [:]][level, default: 0] += 1 }
    }
  }

  func trials(_ name: String) -> Int { trials[name] ?? 0 }
  func count(_ name: String, _ level: Double) -> Int { counts[name]?[level] ?? 0 }
  func share(_ name: String, _ level: Double) -> Double { Double(count(name, level)) / Double(max(1, trials(name))) }
}
