import Results
import Statistics
import Threads

/// What is to be planned.
public struct PowerOptions: Sendable {
  public enum Level: String, Sendable, CaseIterable { case run, unit }

  public var level = Level.run
  /// d at run level, d_z at unit level.
  public var effect = 1.0
  /// Whether the effect was given as ω².
  public var isOmegaSquared = false
  public var alpha = 0.05
  public var power = 0.8
  public var layers = 1
  public var dimensions = 1
  /// Runs per recipe looked at, at the most.
  public var mostRuns = 20
  public var simulations = 2_000
  public var resamples = 999
  public var seed: UInt64 = 0
  public var threads = 2
  public var arguments: [String] = []

  public init() {}
}

/// How many runs per recipe, or units, see an effect with the power that is asked for.
///
/// - Throws: ``SampleError`` for parameters out of range, `CancellationError`.
/// - Complexity: That of the simulations, up to the first size that reaches the power and one more.
public func planPower(_ options: PowerOptions) async throws -> PowerPlan {
  let isRuns = options.level == .run
  let sizes =
    isRuns
    ? Array(2...max(2, options.mostRuns)) : [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024]
  var rows: [PowerPlan.Row] = []
  var needed: Int?
  for size in sizes {
    rows.append(try await row(size, options))
    if needed != nil { break }
    if rows[rows.count - 1].power >= options.power { needed = size }
  }
  let d = Effect(name: isRuns ? "d" : "d_z", value: options.effect)
  let omega = Effect(name: "omega_squared", value: RecipePower.omegaSquared(effect: options.effect))
  return PowerPlan(
    provenance: Provenance(
      version: equipoiseVersion, arguments: options.arguments, seed: options.seed, generator: "Philox4x32-10",
      resamples: isRuns ? options.resamples : nil, libraries: ["gsl": gslVersion]),
    warnings: warnings(options, needed: needed, largest: sizes.last ?? 0), level: options.level.rawValue,
    test: isRuns ? RecipeTest.id : DriftTest.id, effect: isRuns && options.isOmegaSquared ? omega : d,
    equivalent: isRuns ? (options.isOmegaSquared ? d : omega) : nil, alpha: options.alpha, targetPower: options.power,
    layers: isRuns ? options.layers : 1, dimensions: isRuns ? options.dimensions : 1,
    simulations: options.simulations, seed: options.seed, assumptions: assumptions(options), rows: rows, needed: needed)
}

private func row(_ size: Int, _ options: PowerOptions) async throws -> PowerPlan.Row {
  let rejections: @Sendable (Range<Int>) throws -> Int
  let smallest: Double
  let arrangements: Double
  switch options.level {
  case .run:
    let power = try RecipePower(
      runs: size, effect: options.effect, dimensions: options.dimensions, layers: options.layers,
      alpha: options.alpha, resamples: options.resamples, seed: options.seed)
    (smallest, arrangements) = (power.smallestPValue, power.labellings.total)
    rejections = { try power.rejections($0) }
  case .unit:
    let power = try UnitPower(units: size, effect: options.effect, alpha: options.alpha, seed: options.seed)
    (smallest, arrangements) = (power.smallestPValue, 2 / power.smallestPValue)
    rejections = { try power.rejections($0) }
  }
  guard smallest <= options.alpha else {
    return PowerPlan.Row(
      size: size, arrangements: arrangements, smallestPValue: smallest, canReject: false, power: 0, interval: nil)
  }
  // Blocks of experiments side by side; what each gives does not depend on the others.
  let block = 50
  let blocks = (options.simulations + block - 1) / block
  var count = 0
  try await inOrder(count: blocks, width: options.threads) {
    try rejections($0 * block..<min(($0 + 1) * block, options.simulations))
  } consume: { _, found in
    count += found
  }
  let interval = try clopperPearson(successes: count, trials: options.simulations, confidence: 0.95)
  return PowerPlan.Row(
    size: size, arrangements: arrangements, smallestPValue: smallest, canReject: true,
    power: Double(count) / Double(options.simulations), interval: [interval.lowerBound, interval.upperBound])
}

private func warnings(_ options: PowerOptions, needed: Int?, largest: Int) -> [String] {
  guard needed == nil else { return [] }
  return [
    "power \(options.power) is not reached with \(largest) \(options.level == .run ? "runs per recipe" : "units")"
      + (options.level == .run ? "; --max-runs looks further" : "")
  ]
}

private func assumptions(_ options: PowerOptions) -> [String] {
  switch options.level {
  case .run:
    var result = [
      "runs are trained independently and scatter normally and alike in both recipes, in \(options.dimensions) independent "
        + (options.dimensions == 1 ? "direction: the hardest case, more directions need fewer runs" : "directions"),
      "the effect d is the distance between the recipes' centres over the root mean square distance of a run from its "
        + "recipe's centre; ω² = d²/(d² + 4)",
      "equally many runs of each recipe",
    ]
    if options.layers > 1 {
      result.append("one of \(options.layers) independent layers differs, and p is adjusted over all (step-down maxT)")
    }
    return result
  case .unit:
    return [
      "differences of units are independent and normal with standardised mean d_z; units share nothing but the effect",
      "for one layer of one pair of models: replicates are needed to speak of the recipe",
    ]
  }
}
