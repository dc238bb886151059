import Checkpoints
import Comparison
import Foundation

/// What `recipe` says of groups of trained models, and of groups that were put together at random.
struct RecipeStudy {
  static let runs = 5, splits = 400

  /// Layer p-values of 5 seeds of one penalty against 5 of the other, by architecture.
  private(set) var bundled: [(architecture: String, layers: [String: Double], smallest: Double)] = []
  /// Random splits of ten seeds of one recipe.
  private(set) var splits: [(recipe: String, seeds: Int, counts: [String: Int])] = []

  /// - Parameter seeds: What `Calibration/train_seeds.py` wrote; without it the bundled models only.
  init(data: String, seeds: String?, threads: Int) async throws {
    var options = testsOnly([], resamples: 9_999)
    options.threads = threads
    for architecture in architectures {
      let groups = try penalties.map { penalty in
        try (0..<Self.runs).map { try openCheckpoint(at: "\(data)/\(architecture)-l2-\(penalty)-seed\($0)") }
      }
      let result = try await compareRuns(groups[0], groups[1], options: options)
      var layers: [String: Double] = [:]
      for layer in result.layers { layers[layer.layer] = layer.pValue }
      bundled.append((architecture, layers, result.design.smallestPValue))
    }
    guard let seeds else { return }
    options.threads = 1
    let (alone, names) = (options, try FileManager.default.contentsOfDirectory(atPath: seeds))
    var study: UInt32 = 3_000
    for architecture in architectures {
      for penalty in penalties {
        let recipe = "\(architecture)-l2-\(penalty)"
        let paths = names.filter { $0.hasPrefix("\(recipe)-seed") && Int($0.dropFirst(recipe.count + 5)) != nil }
          .sorted().map { "\(seeds)/\($0)/weights" }
        guard paths.count >= SeedsStudy.fewest else { continue }
        let number = study
        let found = try await map(Self.splits, threads: threads) { split in
          var draws = Draws(study: number, pair: split)
          var order = paths
          draws.shuffle(&order)
          let runs = try order.prefix(2 * Self.runs).map { try openCheckpoint(at: $0) }
          let result = try await compareRuns(
            Array(runs[..<Self.runs]), Array(runs[Self.runs...]), options: alone)
          return result.layers.filter { ($0.pValue ?? 1) <= 0.05 }.map(\.layer)
        }
        var counts: [String: Int] = [:]
        for layer in found.joined() { counts[layer, default: 0] += 1 }
        splits.append((recipe, paths.count, counts))
        study += 1
      }
    }
  }

  var bundledTable: String {
    markdown(
      ["5 + 5 bundled seeds, L2 1e-5 against 1e-2", "p", "smallest possible p"],
      bundled.flatMap { architecture, layers, smallest in
        (layersOf[architecture] ?? []).map { layer in
          [title(architecture, layer), layers[layer].map { share($0, digits: 4) } ?? "–", share(smallest, digits: 4)]
        }
      })
  }

  var splitTable: String {
    markdown(
      ["one recipe, split at random into 5 + 5", "seeds to draw from", "share of p ≤ .05 in each layer"],
      splits.map { recipe, seeds, counts in
        let architecture = String(recipe.prefix { $0 != "-" })
        let shares = (layersOf[architecture] ?? []).map { layer in
          "\(layer) \(share(Double(counts[layer] ?? 0) / Double(Self.splits)))"
        }
        return [recipe, String(seeds), shares.joined(separator: ", ")]
      })
  }
}
