import Checkpoints
import Comparison

/// How often `recipe` finds that one recipe's weights are larger, beside Levene's test on all weights of the same runs.
struct RecipePowerStudy {
  static let runs = 5
  static let effects = [0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.12, 0.16]

  /// Shares of p ≤ .05 by effect: runs that differ in nothing of their own, and runs that do.
  private(set) var own: [[Double]] = []
  private(set) var rival: [[Double]] = []

  init(threads: Int) async throws {
    let shape = KernelShape(inputs: 64, units: 32)
    var options = testsOnly([])
    options.include = ["first"]
    let chosen = options
    for place in 0..<2 {
      var (ours, theirs): ([Double], [Double]) = ([], [])
      for (step, effect) in Self.effects.enumerated() {
        let found = try await map(PowerStudy.pairs(at: effect), threads: threads) { experiment in
          var draws = Draws(study: UInt32(5_000 + 20 * place + step), pair: experiment)
          let kernels = (0..<2 * Self.runs).map { run in
            let common = place == 0 ? 0 : Self.growthOfRuns * draws.normal()
            let change = Change(logScale: common + (run < Self.runs ? 0 : effect))
            return kernel(shape, .independent, effect: change, &draws)
          }
          let models = kernels.map { model($0, shape) as any Checkpoint }
          let result = try await compareRuns(
            Array(models[..<Self.runs]), Array(models[Self.runs...]), options: chosen)
          let p = result.layers.first { $0.layer == "first" }?.pValue ?? 1
          let levene = WeightTest.levene.pValue(
            Array(kernels[..<Self.runs].joined()), Array(kernels[Self.runs...].joined()))
          return (p <= 0.05, levene <= 0.05)
        }
        ours.append(Double(found.count { $0.0 }) / Double(found.count))
        theirs.append(Double(found.count { $0.1 }) / Double(found.count))
      }
      own.append(ours)
      rival.append(theirs)
    }
  }

  /// Standard deviation of the logarithm of a run's own growth.
  private static let growthOfRuns = 0.05
  private static let axis = "growth between recipes, log"
  private static let names = ["runs alike", "runs that grow by 5 % of their own"]

  var table: String {
    let rows = [("recipe, 5 + 5", own), ("Levene on all weights", rival)].flatMap { name, shares in
      zip(Self.names, shares).map { ["\(name), \($0)"] + $1.map { share($0, digits: 2) } }
    }
    return markdown([Self.axis] + Self.effects.map { share($0, digits: 2) }, rows)
  }

  var panel: ChartPanel {
    let named = [("recipe, 5 + 5 runs", ChartLine.Colour.own, own), ("Levene", .rival, rival)]
    return ChartPanel(
      title: "recipe against Levene's test", axis: Self.axis,
      lines: named.flatMap { name, colour, shares in
        [
          ChartLine(name: name, colour: colour, dashed: false, x: Self.effects, y: shares[0]),
          ChartLine(name: "\(name), \(Self.names[1])", colour: colour, dashed: true, x: Self.effects, y: shares[1]),
        ]
      })
  }
}
