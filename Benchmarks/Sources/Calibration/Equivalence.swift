import Comparison
import Foundation

/// How often `equivalence` says "the same" of pairs whose population lies on the margin itself, where it has to say so least.
struct EquivalenceStudy {
  static let pairs = 2_000
  private var counts: [Int: Rejections] = [:]

  init(threads: Int) async throws {
    let truth = try await VaryingUnits.population(threads: threads)
    var options = testsOnly(["equivalence"], resamples: 1)
    options.significance?.intervalResamples = 999
    for (measure, value) in Self.margins(truth) {
      if let trouble = options.significance?.margins.add("\(measure.rawValue)=\(value)") { throw Trouble(trouble) }
    }
    let chosen = options
    for units in VaryingUnits.counts {
      counts[units] = Rejections(
        try await map(Self.pairs, threads: threads) { pair in
          var draws = Draws(study: UInt32(2_000 + units), pair: pair)
          return PValues(rows: try await VaryingUnits.pair(units: units, chosen, &draws).tests ?? [])
        })
    }
  }

  private static func margins(_ truth: [String: Double]) -> [(EquivalenceMeasure, Double)] {
    EquivalenceMeasure.allCases.compactMap { measure in
      let value =
        switch measure {
        case .logNormRatio: truth["mean_unit_norm_ratio"].map { log($0) }
        default: truth[measure.rawValue]
        }
      return value.map { (measure, abs($0)) }
    }
  }

  private func names() -> [String] { counts[VaryingUnits.counts.last ?? 0]?.names ?? [] }

  var table: String {
    let cells = VaryingUnits.counts.reduce(0) { $0 + (counts[$1]?.names.count ?? 0) } * Rejections.levels.count
    let outside = SizeStudy.falseAlarm / Double(max(1, cells))
    func bounds(_ level: Double) -> ClosedRange<Int> { binomialBounds(Self.pairs, level, outside: outside) }
    let n = Double(Self.pairs)
    let most = Rejections.levels.map { "\(share(Double(bounds($0).upperBound) / n)) at \(share($0, digits: 2))" }
    let sentence =
      "Shares of p ≤ .01 and p ≤ .05 among \(grouped(Self.pairs)) pairs whose population lies on the margin. A test that holds its "
      + "level says no more often than \(most.joined(separator: ", ")) that they are the same; shares above that are bold."
    let rows = names().map { name in
      [String(name.drop { $0 != " " }.dropFirst())]
        + VaryingUnits.counts.map { units -> String in
          guard let found = counts[units], found.trials(name) > 0 else { return "–" }
          return Rejections.levels.map { level in
            let text = share(found.share(name, level))
            return found.count(name, level) > bounds(level).upperBound ? "**\(text)**" : text
          }.joined(separator: ", ")
        }
    }
    return sentence + "\n\n" + markdown(["on the margin"] + VaryingUnits.counts.map { "\($0) units" }, rows)
  }
}
