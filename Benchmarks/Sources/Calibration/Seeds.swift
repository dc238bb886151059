import Checkpoints
import Comparison
import Foundation

/// What is rejected between many separately trained seeds, in pairs that share no model.
struct SeedsStudy {
  private var same: [(penalty: String, counts: LayerRejections)] = []
  private var different: [LayerRejections] = []
  private var continued: LayerRejections?
  private var norms: [(name: String, norms: RunNorms)] = []

  /// A recipe with fewer seeds is left out.
  static let fewest = 20

  /// - Parameter folder: What `Calibration/train_seeds.py` wrote.
  init(folder: String, threads: Int) async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let options = testsOnly(["drift", "scale", "shape"], resamples: 1_999)
    @Sendable func path(_ name: String) -> String { "\(folder)/\(name)/weights" }
    func run(_ pairs: [(String, String)], _ architecture: String) async throws -> LayerRejections {
      let found = try await map(pairs.count, threads: threads) {
        try await ModelPair(
          openCheckpoint(at: path(pairs[$0].0)), openCheckpoint(at: path(pairs[$0].1)), architecture: architecture,
          options: options)
      }
      return LayerRejections(architecture: architecture, pairs: found)
    }
    for architecture in architectures {
      var recipes: [[String]] = []
      for penalty in penalties {
        let prefix = "\(architecture)-l2-\(penalty)-seed"
        let seeds = names.compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }.sorted()
        if seeds.count < Self.fewest { print("\(prefix)…: \(seeds.count) models in \(folder), left out") }
        recipes.append(seeds.map { "\(prefix)\($0)" })
      }
      for (penalty, recipe) in zip(penalties, recipes) where recipe.count >= Self.fewest {
        let pairs = (0..<recipe.count / 2).map { (recipe[2 * $0], recipe[2 * $0 + 1]) }
        same.append((penalty, try await run(pairs, architecture)))
        let models = try recipe.map { try openCheckpoint(at: path($0)) }
        for layer in layersOf[architecture] ?? [] {
          let norms = try models.map { try RunNorms.norms($0, layer: layer) }
          self.norms.append(("\(title(architecture, layer)), L2 \(penalty)", RunNorms(norms)))
        }
      }
      let count = min(recipes[0].count, recipes[1].count)
      // A seed starts both recipes from the same weights, so each meets its neighbour.
      guard count >= Self.fewest else { continue }
      let pairs = (0..<count / 2 * 2).map { (recipes[0][$0], recipes[1][$0 ^ 1]) }
      different.append(try await run(pairs, architecture))
    }
    let bases = names.filter { $0.hasPrefix("dense-l2-1e-5-seed") && $0.hasSuffix("-a") }.sorted().map {
      $0.dropLast(2)
    }
    if !bases.isEmpty { continued = try await run(bases.map { ("\($0)-a", "\($0)-b") }, "dense") }
  }

  private static let columns: [(name: String, count: @Sendable (LayerRejections, String) -> Int)] = [
    ("layer", { $0.layer($1) }),
    ("drift", { $0.tensor("\($1)/kernel", "drift, mean difference") }),
    ("scale", { $0.tensor("\($1)/kernel", "scale, mean norm difference") }),
    ("shape", { $0.tensor("\($1)/kernel", "shape, wasserstein1") }),
    ("`ks_2samp`", { $0.raw($1, .ks) }), ("t-test", { $0.raw($1, .t) }), ("Levene", { $0.raw($1, .levene) }),
  ]

  private func rows(_ counts: LayerRejections, _ label: (String) -> String) -> [[String]] {
    (layersOf[counts.architecture] ?? []).map { layer in
      [label(layer), String(counts.pairs.count)]
        + Self.columns.map { share(Double($0.count(counts, layer)) / Double(counts.pairs.count), digits: 2) }
    }
  }

  var sameTable: String {
    markdown(
      ["same recipe", "pairs"] + Self.columns.map(\.name),
      same.flatMap { penalty, counts in rows(counts) { "\(title(counts.architecture, $0)), L2 \(penalty)" } })
  }

  var differentTable: String {
    markdown(
      ["L2 1e-5 against 1e-2", "pairs"] + Self.columns.map(\.name),
      different.flatMap { counts in rows(counts) { title(counts.architecture, $0) } })
  }

  var continuedTable: String? {
    continued.map { counts in
      markdown(["two continuations of one model", "pairs"] + Self.columns.map(\.name), rows(counts) { $0 })
    }
  }

  var normTable: String {
    markdown(
      ["norms of units", "runs", "mean", "SD of the runs' means", "if units had nothing in common", "F"],
      norms.map { name, norms in
        [
          name, String(norms.runs), share(norms.mean), share(norms.deviation, digits: 4),
          share(norms.expected, digits: 4), share(norms.f, digits: 2),
        ]
      })
  }

  /// Every tensor and test, for those who look for the cause of a rejection.
  var details: String {
    var lines: [String] = []
    for (penalty, counts) in same {
      let tensors = Set(counts.pairs.flatMap { $0.tensors.keys }).sorted()
      for layer in Set(counts.pairs.flatMap { $0.layers.keys }).sorted() {
        let found = "\(counts.layer(layer)) of \(counts.pairs.count)"
        lines.append("\(counts.architecture) \(penalty) layer \(layer): \(found)")
      }
      for tensor in tensors {
        let tests = counts.pairs.first?.tensors[tensor]?.names ?? []
        let found = tests.map { "\($0) \(counts.tensor(tensor, $0))" }.joined(separator: "; ")
        if !tests.isEmpty { lines.append("\(counts.architecture) \(penalty) \(tensor): \(found)") }
      }
    }
    return lines.joined(separator: "\n")
  }
}
