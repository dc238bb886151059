import Comparison
import Foundation

/// How often tests reject when nothing but chance parts the two sides.
struct SizeStudy {
  static let pairs = 2_000
  /// Of all bounds of the table together, when every test holds its level.
  static let falseAlarm = 0.01

  private(set) var unitLevel: [Setting: Rejections] = [:]
  private(set) var weightLevel: [Setting: Rejections] = [:]
  /// Runs that share an effect of their own: a shift of .05 standard deviations and a growth of 5 %, both of random size.
  private(set) var commonEffect = Rejections()

  init(threads: Int) async throws {
    let shape = KernelShape()
    let unit = testsOnly(tests(atLevelOfWeights: false))
    let weight = testsOnly(tests(atLevelOfWeights: true))
    for (study, setting) in Setting.allCases.enumerated() {
      let options = weight
      let results = try await map(Self.pairs, threads: threads) { pair in
        var draws = Draws(study: UInt32(1 + study), pair: pair)
        let a = kernel(shape, setting, &draws)
        let b = kernel(shape, setting, &draws)
        var raw = PValues()
        for test in WeightTest.allCases { raw["\(test.rawValue) on weights"] = test.pValue(a, b) }
        if options.significance?.tests.isEmpty == false {
          let own = try await pValues(a, b, shape, options)
          for name in own.names where name != "layer" { raw[name] = own[name] }
        }
        return (try await pValues(a, b, shape, unit), raw)
      }
      unitLevel[setting] = Rejections(results.map(\.0))
      weightLevel[setting] = Rejections(results.map(\.1))
    }
    commonEffect = Rejections(
      try await map(Self.pairs, threads: threads) { pair in
        var draws = Draws(study: 9, pair: pair)
        func run() -> [Double] {
          let effect = Change(shift: 0.05 * draws.normal(), logScale: 0.05 * draws.normal())
          return kernel(shape, .independent, effect: effect, &draws)
        }
        let (a, b) = (run(), run())
        return try await pValues(a, b, shape, unit)
      })
  }

  private var cells: Int { Setting.allCases.reduce(0) { $0 + (unitLevel[$1]?.names.count ?? 0) } * 2 }

  /// The counts between which every test of the table stays, all together, with probability 1 − falseAlarm.
  func bounds(_ level: Double) -> ClosedRange<Int> {
    binomialBounds(Self.pairs, level, outside: Self.falseAlarm / Double(max(1, cells)))
  }

  /// The tests that are outside their bounds, in words.
  var failures: [String] {
    Setting.allCases.flatMap { setting -> [String] in
      guard let counts = unitLevel[setting] else { return [] }
      return counts.names.flatMap { name in
        Rejections.levels.compactMap { level in
          bounds(level).contains(counts.count(name, level))
            ? nil : "\(name), \(setting.title), at \(level): \(counts.count(name, level)) of \(Self.pairs)"
        }
      }
    }
  }

  var unitTable: String { table(unitLevel) }
  var weightTable: String { table(weightLevel) }

  private func table(_ results: [Setting: Rejections]) -> String {
    let names = results[.independent]?.names ?? []
    return markdown(
      [""] + Setting.allCases.map(\.title),
      names.map { name in
        [name]
          + Setting.allCases.map { setting in
            guard let counts = results[setting] else { return "" }
            return Rejections.levels.map { share(counts.share(name, $0)) }.joined(separator: ", ")
          }
      })
  }

  var boundsSentence: String {
    let bounds = Rejections.levels.map { level -> String in
      let range = self.bounds(level)
      let n = Double(Self.pairs)
      return
        "\(share(Double(range.lowerBound) / n)) to \(share(Double(range.upperBound) / n)) at \(share(level, digits: 2))"
    }
    return "Shares of p ≤ .01 and p ≤ .05 among \(grouped(Self.pairs)) pairs of kernels of 128 × 64 weights, "
      + "999 swaps. Bounds: \(bounds.joined(separator: ", ")); if every test holds its level, all \(cells) shares "
      + "lie within them in at least 99 of 100 sets of seeds. "
      + (failures.isEmpty ? "All do." : "**Outside: \(failures.joined(separator: "; ")).**")
  }

  var runTable: String {
    markdown(
      [""] + commonEffect.names, [["share of p ≤ .05"] + commonEffect.names.map { share(commonEffect.share($0, 0.05)) }]
    )
  }
}

/// The tests that are offered, by what they take as random.
func tests(atLevelOfWeights: Bool) -> Set<String> {
  let wanted: Set<String> = atLevelOfWeights ? ["flips", "bins"] : ["drift", "scale", "shape", "population"]
  return wanted.intersection(SignificanceOptions.available)
}

/// Counts k with at most half of `outside` below and half above, for a binomial of n trials.
func binomialBounds(_ n: Int, _ p: Double, outside: Double) -> ClosedRange<Int> {
  func probability(_ k: Int) -> Double {
    let (n, k) = (Double(n), Double(k))
    let logChoose: Double = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(logChoose + k * log(p) + (n - k) * log1p(-p))
  }
  var (low, high) = (0, n)
  var tail = probability(0)
  while tail <= outside / 2 {
    low += 1
    tail += probability(low)
  }
  tail = probability(n)
  while tail <= outside / 2 {
    high -= 1
    tail += probability(high)
  }
  return low...high
}
