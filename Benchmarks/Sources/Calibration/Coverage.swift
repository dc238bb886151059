import Comparison
import Foundation
import Results

/// How often intervals hold the value of the population that the units are drawn from.
struct CoverageStudy {
  static let pairs = 1_000, inputs = 32
  static let counts = [16, 48, 128]

  private var names: [String] = []
  private var covered: [Int: [String: Int]] = [:]

  init(threads: Int) async throws {
    let truth = try await Self.population(threads: threads)
    for units in Self.counts {
      let results = try await map(Self.pairs, threads: threads) { pair in
        var draws = Draws(study: UInt32(1_000 + units), pair: pair)
        return try await Self.effects(units: units, resamples: 999, &draws).compactMapValues(\.interval)
      }
      for intervals in results {
        for (name, interval) in intervals {
          guard let value = truth[name] else { continue }
          if interval[0] <= value, value <= interval[1] { covered[units, default: [:]][name, default: 0] += 1 }
        }
      }
    }
    names = Self.order.filter { name in covered.values.contains { $0[name] != nil } }
  }

  private static let order = [
    "mean_shift_per_sd", "mean_unit_norm_ratio", "norm_ratio", "relative_l2", "cosine_similarity",
    "mean_squared_difference", "wasserstein1_per_sd", "wasserstein1", "jensen_shannon", "kl_ab", "kl_ba",
  ]

  /// Units that differ in shift, growth and noise: b = r·a + s + e.
  private static func effects(units: Int, resamples: Int, _ draws: inout Draws) async throws -> [String: Effect] {
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
    var options = ComparisonOptions()
    options.include = ["first"]
    options.threads = 1
    options.metrics.remove(.ks)
    options.significance = SignificanceOptions()
    options.significance?.tests = ["drift", "scale", "shape"]
    options.significance?.resamples = 1
    options.significance?.intervalResamples = resamples
    let result = try await compare(model(a, shape), model(b, shape), options: options).result
    guard let pair = result.pairs.first(where: { $0.name == "first/kernel" }) else { throw Trouble("no kernel") }
    var effects = pair.intervals ?? [:]
    for row in pair.tests ?? [] { if let effect = row.effect { effects[effect.name] = effect } }
    return effects
  }

  /// The estimates of four pairs of 16,384 units each, which are wrong by a hundredth of a sample's spread at most.
  private static func population(threads: Int) async throws -> [String: Double] {
    let large = try await map(4, threads: threads) { pair in
      var draws = Draws(study: 1_000, pair: pair)
      return try await effects(units: 16_384, resamples: 99, &draws).compactMapValues(\.value)
    }
    var means: [String: Double] = [:]
    for values in large { for (name, value) in values { means[name, default: 0] += value / Double(large.count) } }
    return means
  }

  var table: String {
    markdown(
      ["nominal .95"] + Self.counts.map { "\($0) units" },
      names.map { name in
        [name.replacingOccurrences(of: "_", with: " ")]
          + Self.counts.map { units in
            covered[units]?[name].map { share(Double($0) / Double(Self.pairs)) } ?? "–"
          }
      })
  }
}
