import Comparison
import Foundation

/// How often tests find an effect that is there, beside the weight-level tests that people run for the same question.
struct PowerStudy {
  /// At no effect the share is the size, which has to be known better than a point of a curve.
  static func pairs(at effect: Double) -> Int { effect == 0 ? 2_000 : 300 }

  struct Panel: Sendable {
    let title: String
    let axis: String
    let effects: [Double]
    let make: @Sendable (Double) -> Change
    let test: String
    let rival: WeightTest
    /// The setting beside independent weights.
    let dependent: Setting
  }

  static let panels = [
    Panel(
      title: "drift against the t-test", axis: "shift of every weight / SD",
      effects: [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15], make: { Change(shift: $0) },
      test: "drift, mean difference", rival: .t, dependent: .correlated),
    Panel(
      title: "scale against Levene's test", axis: "growth of every weight, log",
      effects: [0, 0.01, 0.02, 0.04, 0.08, 0.12, 0.16, 0.2], make: { Change(logScale: $0) },
      test: "scale, mean norm difference", rival: .levene, dependent: .lognormal),
    Panel(
      title: "shape against ks_2samp", axis: "share of the weights pruned",
      effects: [0, 0.02, 0.04, 0.06, 0.08, 0.12, 0.16, 0.2], make: { Change(pruned: $0) },
      test: "shape, wasserstein1", rival: .ks, dependent: .lognormal),
  ]

  /// Shares of p ≤ .05 by panel, setting (independent, dependent), and effect.
  private(set) var own: [[[Double]]] = []
  private(set) var rival: [[[Double]]] = []

  init(threads: Int) async throws {
    let shape = KernelShape()
    let options = testsOnly(["drift", "scale", "shape"], resamples: 499)
    for (number, panel) in Self.panels.enumerated() {
      var (ours, theirs): ([[Double]], [[Double]]) = ([], [])
      for (place, setting) in [Setting.independent, panel.dependent].enumerated() {
        var (ownShares, rivalShares): ([Double], [Double]) = ([], [])
        for (step, effect) in panel.effects.enumerated() {
          let study = UInt32(100 + 100 * number + 20 * place + step)
          let results = try await map(Self.pairs(at: effect), threads: threads) { pair in
            var draws = Draws(study: study, pair: pair)
            let a = kernel(shape, setting, &draws)
            let b = kernel(shape, setting, effect: panel.make(effect), &draws)
            let p = try await pValues(a, b, shape, options)[panel.test] ?? 1
            return (p <= 0.05, panel.rival.pValue(a, b) <= 0.05)
          }
          ownShares.append(Double(results.count { $0.0 }) / Double(results.count))
          rivalShares.append(Double(results.count { $0.1 }) / Double(results.count))
        }
        ours.append(ownShares)
        theirs.append(rivalShares)
      }
      own.append(ours)
      rival.append(theirs)
    }
  }

  var tables: String {
    Self.panels.indices.map { i -> String in
      let panel = Self.panels[i]
      let name = String(panel.test.prefix { $0 != "," })
      let rows = [
        ("\(name), \(Setting.independent.title)", own[i][0]),
        ("\(name), \(panel.dependent.title)", own[i][1]),
        ("\(panel.rival.rawValue), \(Setting.independent.title)", rival[i][0]),
        ("\(panel.rival.rawValue), \(panel.dependent.title)", rival[i][1]),
      ]
      return markdown(
        [panel.axis] + panel.effects.map { share($0, digits: 2) },
        rows.map { [$0.0] + $0.1.map { share($0, digits: 2) } })
    }.joined(separator: "\n\n")
  }

  var chartPanels: [ChartPanel] {
    Self.panels.indices.map { i in
      let panel = Self.panels[i]
      let name = String(panel.test.prefix { $0 != "," })
      return ChartPanel(
        title: panel.title, axis: panel.axis,
        lines: [
          ChartLine(name: name, colour: .own, dashed: false, x: panel.effects, y: own[i][0]),
          ChartLine(
            name: "\(name), \(panel.dependent.title)", colour: .own, dashed: true, x: panel.effects, y: own[i][1]),
          ChartLine(name: panel.rival.rawValue, colour: .rival, dashed: false, x: panel.effects, y: rival[i][0]),
          ChartLine(
            name: "\(panel.rival.rawValue), \(panel.dependent.title)", colour: .rival, dashed: true, x: panel.effects,
            y: rival[i][1]),
        ])
    }
  }
}
