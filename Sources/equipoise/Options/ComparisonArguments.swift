import ArgumentParser
import Comparison
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

  @Option(help: ArgumentHelp("Not in this version: a condition on the results.", visibility: .hidden))
  var failOn: String?

  func validate() throws {
    _ = try metricSet()
    _ = try pairs()
  }

  /// Asks for what can't be had from the unit sums of an exported file.
  var needsTensors: Bool { metrics != "all" || !map.isEmpty || unit != .auto }

  func options(_ selection: SelectionOptions, threads: Int, command: String) throws -> ComparisonOptions {
    if failOn != nil { throw Unsupported("--fail-on is not in this version yet; --exit-code is") }
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
              "--metrics: no metric '\(item)'; there are \(Metric.allCases.map(\.rawValue).joined(separator: ", ")).")
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
