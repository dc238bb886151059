import Checkpoints
import Comparison

/// What is rejected at .05 between the bundled seeds, in pairs of one recipe and of two.
struct BundledStudy {
  private var same: [LayerRejections] = []
  private var different: [LayerRejections] = []

  init(data: String, threads: Int) async throws {
    let options = testsOnly(["drift", "scale", "shape"], resamples: 9_999)
    for architecture in architectures {
      var models: [[any Checkpoint]] = []
      for penalty in penalties {
        models.append(
          try (0..<5).map { try openCheckpoint(at: "\(data)/\(architecture)-l2-\(penalty)-seed\($0)") })
      }
      // Seed i of one recipe and of the other start from the same weights: such pairs are left out.
      let seeds = (0..<5).flatMap { i in (0..<5).map { (i, $0) } }.filter { $0 != $1 }
      let (first, second) = (models[0], models[1])
      let within = seeds.filter { $0 < $1 }.flatMap { [(first[$0], first[$1]), (second[$0], second[$1])] }
      let between = seeds.map { (first[$0], second[$1]) }
      for (pairs, isSame) in [(within, true), (between, false)] {
        let found = try await map(pairs.count, threads: threads) {
          try await ModelPair(pairs[$0].0, pairs[$0].1, architecture: architecture, options: options)
        }
        let counted = LayerRejections(architecture: architecture, pairs: found)
        if isSame { same.append(counted) } else { different.append(counted) }
      }
    }
  }

  var table: String {
    let columns: [(LayerRejections, String) -> Int] = [
      { $0.layer($1) }, { $0.raw($1, .ks) }, { $0.raw($1, .t) },
    ]
    return markdown(
      [
        "layer", "same recipe: Equipoise", "`ks_2samp`", "t-test", "recipes differ: Equipoise", "`ks_2samp`", "t-test",
      ],
      zip(same, different).flatMap { same, different in
        (layersOf[same.architecture] ?? []).map { layer in
          [title(same.architecture, layer)]
            + [same, different].flatMap { set in columns.map { "\($0(set, layer)) of \(set.pairs.count)" } }
        }
      })
  }
}
