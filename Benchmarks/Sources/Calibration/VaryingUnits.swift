import Comparison
import Foundation
import Results

/// Pairs whose units differ in shift, growth and noise: b = r·a + s + e.
enum VaryingUnits {
  static let inputs = 32
  static let counts = [16, 48, 128]

  /// The kernel's pair of one simulated model, its metrics and tests as `options` ask for them.
  static func pair(units: Int, _ options: ComparisonOptions, _ draws: inout Draws) async throws -> PairResult {
    var (a, b) = (Array(repeating: 0.0, count: inputs * units), Array(repeating: 0.0, count: inputs * units))
    for u in 0..<units {
      let scale = exp(0.2 * draws.normal())
      let ratio = exp(0.1 * draws.normal() - 0.1)
      let shift = 0.02 + 0.03 * draws.normal()
      let noise = 0.3 * exp(0.3 * draws.normal())
      for i in 0..<inputs {
        let value = scale * draws.normal()
        a[i * units + u] = value
        b[i * units + u] = ratio * value + shift + noise * draws.normal()
      }
    }
    let shape = KernelShape(inputs: inputs, units: units)
    var options = options
    options.include = ["first"]
    options.threads = 1
    let result = try await compare(model(a, shape), model(b, shape), options: options).result
    guard let pair = result.pairs.first(where: { $0.name == "first/kernel" }) else { throw Trouble("no kernel") }
    return pair
  }

  /// Every effect of a pair with its interval, by name.
  static func effects(units: Int, resamples: Int, _ draws: inout Draws) async throws -> [String: Effect] {
    var options = ComparisonOptions()
    options.metrics.remove(.ks)
    options.significance = SignificanceOptions()
    options.significance?.tests = ["drift", "scale", "shape"]
    options.significance?.resamples = 1
    options.significance?.intervalResamples = resamples
    let pair = try await pair(units: units, options, &draws)
    var effects = pair.intervals ?? [:]
    for row in pair.tests ?? [] { if let effect = row.effect { effects[effect.name] = effect } }
    return effects
  }

  /// The values of the population: estimates of four pairs of 16,384 units each, which are wrong by a hundredth of a sample's
  /// spread at most.
  static func population(threads: Int) async throws -> [String: Double] {
    let large = try await map(4, threads: threads) { pair in
      var draws = Draws(study: 1_000, pair: pair)
      return try await effects(units: 16_384, resamples: 99, &draws).compactMapValues(\.value)
    }
    var means: [String: Double] = [:]
    for values in large { for (name, value) in values { means[name, default: 0] += value / Double(large.count) } }
    return means
  }
}
