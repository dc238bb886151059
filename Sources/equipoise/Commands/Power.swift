import ArgumentParser
import Comparison
import Reports
import Results
import Statistics

extension PowerOptions.Level: ExpressibleByArgument {}

struct Power: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "power", abstract: "How many runs per recipe are needed to see an effect of a given size.",
    discussion: """
        equipoise power --effect 1.5
        equipoise power --omega-squared 0.3 --layers 12
        equipoise power --level unit --effect 0.4
      """)

  @Option(help: "run: runs of two recipes (recipe); unit: units of two models (drift, scale).")
  var level: PowerOptions.Level = .run

  @Option(
    help: ArgumentHelp(
      "Effect d: distance between the recipes over the spread of their runs; at unit level d_z.", valueName: "d"))
  var effect: Double?

  @Option(help: ArgumentHelp("The effect as a share of the variance between runs.", valueName: "share"))
  var omegaSquared: Double?

  @Option(help: ArgumentHelp("Level of the test.", valueName: "p"))
  var alpha = 0.05

  @Option(help: ArgumentHelp("Power to be reached.", valueName: "p"))
  var power = 0.8

  @Option(help: ArgumentHelp("Layers over which p is adjusted.", valueName: "n"))
  var layers = 1

  @Option(help: ArgumentHelp("Independent directions in which runs scatter; 1 is the hardest case.", valueName: "n"))
  var dimensions = 1

  @Option(help: ArgumentHelp("Runs per recipe to look at, at the most.", valueName: "n"))
  var maxRuns = 20

  @Option(help: ArgumentHelp("Simulated experiments for each size.", valueName: "n"))
  var simulations = 2_000

  @Option(help: ArgumentHelp("Labellings looked at in each, at the most.", valueName: "n"))
  var resamples = 999

  @Option(help: ArgumentHelp("Seed of the simulation.", valueName: "n"))
  var seed: UInt64 = 0

  @Flag(help: "Say in words what the numbers mean.")
  var explain = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    switch (effect, omegaSquared) {
    case (nil, nil): throw ValidationError("Give the effect to be seen: --effect 1.5, or --omega-squared 0.36.")
    case (.some, .some): throw ValidationError("Give --effect or --omega-squared, not both.")
    case (let effect?, nil):
      guard effect > 0, effect <= 1_000 else { throw ValidationError("--effect must lie between 0 and 1000.") }
    case (nil, let share?):
      guard share > 0, share < 1 else { throw ValidationError("--omega-squared must lie between 0 and 1.") }
      guard level == .run else { throw ValidationError("--omega-squared is of runs; units take --effect.") }
    }
    guard level == .run || (layers == 1 && dimensions == 1) else {
      throw ValidationError("--layers and --dimensions are of runs.")
    }
    guard alpha > 0, alpha < 1 else { throw ValidationError("--alpha must lie between 0 and 1.") }
    guard power > 0, power < 1 else { throw ValidationError("--power must lie between 0 and 1.") }
    guard (1...1_000).contains(layers) else { throw ValidationError("--layers must be 1 to 1000.") }
    guard (1...1_000).contains(dimensions) else { throw ValidationError("--dimensions must be 1 to 1000.") }
    guard (2...100).contains(maxRuns) else { throw ValidationError("--max-runs must be 2 to 100.") }
    guard (100...1_000_000).contains(simulations) else {
      throw ValidationError("--simulations must be 100 to 1000000.")
    }
    guard (99...100_000).contains(resamples) else { throw ValidationError("--resamples must be 99 to 100000.") }
    guard !explain || output.format == .table else {
      throw ValidationError("--explain goes with --format table; JSON has the assumptions.")
    }
  }

  func run() async throws {
    var options = PowerOptions()
    options.level = level
    options.effect = effect ?? omegaSquared.map { RecipePower.effect(omegaSquared: $0) } ?? options.effect
    options.isOmegaSquared = omegaSquared != nil
    options.alpha = alpha
    options.power = power
    options.layers = layers
    options.dimensions = dimensions
    options.mostRuns = maxRuns
    options.simulations = simulations
    options.resamples = resamples
    options.seed = seed
    options.threads = output.threads
    options.arguments = normalized
    let plan = try await planPower(options)
    let width = output.width
    try await output.write(warnings: plan.warnings) { format, color in
      switch format {
      case .table: table(plan, color: color, width: width) + (explain ? explanation(plan) : "")
      case .json: try json(plan)
      case .csv: csv(plan)
      case .markdown: markdown(plan)
      }
    }
  }

  private var normalized: [String] {
    var result = ["power", "--level", level.rawValue]
    if let effect { result += ["--effect", "\(effect)"] }
    if let omegaSquared { result += ["--omega-squared", "\(omegaSquared)"] }
    result += ["--alpha", "\(alpha)", "--power", "\(power)", "--simulations", "\(simulations)"]
    if level == .run {
      result += ["--layers", "\(layers)", "--dimensions", "\(dimensions)", "--max-runs", "\(maxRuns)"]
    }
    return result
  }
}
