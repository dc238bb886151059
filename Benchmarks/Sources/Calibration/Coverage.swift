/// How often intervals hold the value of the population that the units are drawn from.
struct CoverageStudy {
  static let pairs = 1_000
  static let counts = VaryingUnits.counts

  private var names: [String] = []
  private var covered: [Int: [String: Int]] = [:]

  init(threads: Int) async throws {
    let truth = try await VaryingUnits.population(threads: threads)
    for units in Self.counts {
      let results = try await map(Self.pairs, threads: threads) { pair in
        var draws = Draws(study: UInt32(1_000 + units), pair: pair)
        return try await VaryingUnits.effects(units: units, resamples: 999, &draws).compactMapValues(\.interval)
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
