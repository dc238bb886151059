import ArgumentParser
import Comparison
import Reports
import Results

extension UnitChoice: ExpressibleByArgument {}

/// What a comparison of two models needs.
struct ComparisonArguments: ParsableArguments {
  @Option(help: ArgumentHelp("moments, all, or a comma-separated list of metrics.", valueName: "list"))
  var metrics = "all"

  @Option(help: ArgumentHelp("Pair tensor A with tensor B by hand. Repeatable.", valueName: "a=b"))
  var map: [String] = []

  @Option(help: "What counts as one unit.")
  var unit: UnitChoice = .auto

  @Flag(name: .customLong("no-verify"), help: "Don't check checksums of the bytes that are used.")
  var skipsVerification = false

  @Flag(help: "Exit with status 0 although damaged tensors were left out.")
  var keepGoing = false

  @Option(help: ArgumentHelp("Tags of the graph in a SavedModel, comma-separated.", valueName: "tags"))
  var tag: String?

  @Option(
    help: ArgumentHelp(
      "Exit with status 1 if a condition on the JSON document's names holds, such as 'layers.p_adjusted < 0.01 && effect > 0.1'.",
      valueName: "condition"))
  var failOn: String?

  func validate() throws {
    _ = try metricSet()
    _ = try pairs()
    _ = try condition()
  }

  /// The condition of `--fail-on`, without its names looked at.
  func condition() throws -> Condition? {
    do { return try failOn.map { try Condition($0) } } catch {
      throw ValidationError("--fail-on: \(error)")
    }
  }

  /// Refuses names that no document of the command has, before the work.
  func checkCondition(against specimen: some Encodable) throws {
    do { try condition()?.check(against: specimen) } catch {
      throw ValidationError("--fail-on: \(error)")
    }
  }

  /// Asks for what can't be had from the unit sums of an exported file.
  var needsTensors: Bool { metrics != "all" || !map.isEmpty || unit != .auto }

  func options(_ selection: SelectionOptions, threads: Int, command: String) throws -> ComparisonOptions {
    var options = ComparisonOptions()
    options.roles = try selection.roles(default: options.roles)
    options.include = selection.include
    options.exclude = selection.exclude
    options.metrics = try metricSet()
    options.unit = unit
    options.map = try pairs()
    options.verifies = !skipsVerification
    options.threads = threads
    options.arguments = [command] + selection.normalized + normalized
    return options
  }

  private func metricSet() throws -> Set<Metric> {
    switch metrics {
    case "all": return Set(Metric.allCases)
    case "moments": return Set(Metric.moments)
    default:
      return Set(
        try items(metrics).map { item in
          guard let metric = Metric(rawValue: item) else {
            throw ValidationError(
              "--metrics: no metric '\(item)'\(suggestion(for: item, among: Metric.allCases.map(\.rawValue))); there are \(Metric.allCases.map(\.rawValue).joined(separator: ", "))."
            )
          }
          return metric
        })
    }
  }

  private func pairs() throws -> [(a: String, b: String)] {
    try map.map { text in
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex, text.index(after: equals) != text.endIndex
      else { throw ValidationError("--map takes A=B, not '\(text)'.") }
      return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
  }

  private var normalized: [String] {
    var result: [String] = []
    if metrics != "all" { result += ["--metrics", items(metrics).sorted().joined(separator: ",")] }
    for pair in map { result += ["--map", pair] }
    if unit != .auto { result += ["--unit", unit.rawValue] }
    if skipsVerification { result.append("--no-verify") }
    if let tag { result += ["--tag", tag] }
    return result
  }
}
