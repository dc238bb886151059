import Checkpoints
import Comparison

/// What `lineage` says of kernels that were drawn independently, of kernels that share a part of what they are, and of trained ones.
struct LineageStudy {
  static let pairs = 2_000
  /// How much of a kernel the other keeps, as a correlation of its weights.
  static let shared = [0.01, 0.02, 0.03, 0.05]

  private var independent: [Setting: Rejections] = [:]
  private var related: [(correlation: Double, counts: Rejections)] = []
  private var trained: [(name: String, pairs: Int, layers: [String: Int])] = []

  init(data: String, threads: Int) async throws {
    let shape = KernelShape()
    let options = testsOnly(["lineage"])
    for (number, setting) in Setting.allCases.enumerated() {
      independent[setting] = Rejections(
        try await map(Self.pairs, threads: threads) { pair in
          var draws = Draws(study: UInt32(4_000 + number), pair: pair)
          let a = kernel(shape, setting, &draws)
          return try await pValues(a, kernel(shape, setting, &draws), shape, options)
        })
    }
    for (number, correlation) in Self.shared.enumerated() {
      let found = try await map(Self.pairs / 4, threads: threads) { pair in
        var draws = Draws(study: UInt32(4_010 + number), pair: pair)
        let a = kernel(shape, .independent, &draws)
        let own = kernel(shape, .independent, &draws)
        let b = zip(a, own).map { correlation * $0 + (1 - correlation * correlation).squareRoot() * $1 }
        return try await pValues(a, b, shape, options)
      }
      related.append((correlation, Rejections(found)))
    }
    let base = "dense-l2-1e-5-seed0"
    for architecture in architectures {
      let seeds = penalties.flatMap { penalty in
        (0..<5).flatMap { i in
          (i + 1..<5).map { ("\(architecture)-l2-\(penalty)-seed\(i)", "\(architecture)-l2-\(penalty)-seed\($0)") }
        }
      }
      trained.append(
        try await Self.trained("two seeds of one recipe (\(architecture))", seeds, data, architecture, threads))
    }
    trained.append(
      try await Self.trained("a model and its fine-tuned copy", [(base, "\(base)-finetuned")], data, "dense", threads))
  }

  private static func trained(
    _ name: String, _ pairs: [(String, String)], _ data: String, _ architecture: String, _ threads: Int
  ) async throws -> (String, Int, [String: Int]) {
    var options = testsOnly(["lineage"], resamples: 9_999)
    options.verifies = false
    let chosen = options
    let found = try await map(pairs.count, threads: threads) { pair in
      try await ModelPair(
        openCheckpoint(at: "\(data)/\(pairs[pair].0)"), openCheckpoint(at: "\(data)/\(pairs[pair].1)"),
        architecture: architecture, options: chosen)
    }
    let rejections = LayerRejections(architecture: architecture, pairs: found)
    var counts: [String: Int] = [:]
    for layer in layersOf[architecture] ?? [] {
      counts[layer] = rejections.tensor("\(layer)/kernel", Self.name)
    }
    return (name, pairs.count, counts)
  }

  private static let name = "lineage, matched cosine"
  private static let wanted = 0.035...0.065

  var failures: [String] {
    Setting.allCases.compactMap { setting in
      guard let counts = independent[setting] else { return nil }
      let found = counts.share(Self.name, 0.05)
      return Self.wanted.contains(found) ? nil : "lineage, \(setting.title): \(share(found))"
    }
  }

  var table: String {
    let rows =
      Setting.allCases.map { setting -> [String] in
        ["drawn independently, \(setting.title)", grouped(Self.pairs)] + shares(independent[setting])
      }
      + related.map { correlation, counts in
        ["correlation \(share(correlation, digits: 2)) with the other's", grouped(Self.pairs / 4)] + shares(counts)
      }
    return markdown(["128 × 64 weights", "pairs", "share of p ≤ .01", "share of p ≤ .05"], rows)
  }

  private func shares(_ counts: Rejections?) -> [String] {
    Rejections.levels.map { level in counts.map { share($0.share(Self.name, level)) } ?? "–" }
  }

  var trainedTable: String {
    markdown(
      ["bundled models", "pairs", "pairs with p ≤ .05, by kernel"],
      trained.map { name, pairs, layers in
        [
          name, String(pairs),
          layers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
        ]
      })
  }
}
