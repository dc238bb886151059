import ArgumentParser
import Comparison
import HDF5Store
import Reports
import Results
import Statistics

var versionText: String { "equipoise \(equipoiseVersion) (GSL \(gslVersion), HDF5 \(hdf5Version))" }

enum Format: String, ExpressibleByArgument, CaseIterable {
  case table, json, csv, markdown
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

extension UnitChoice: ExpressibleByArgument {}
extension RowKind: ExpressibleByArgument {}
extension Alternative: ExpressibleByArgument {}
extension Adjustment: ExpressibleByArgument {}

/// How results are written; none of it is part of a result.
struct OutputOptions: ParsableArguments {
  @Option(help: "How to write the result.")
  var format: Format = .table

  @Option(name: [.short, .long], help: ArgumentHelp("Write to FILE instead of standard output.", valueName: "file"))
  var output: String?

  @Option(help: "Colour in tables; NO_COLOR turns it off too.")
  var color: ColorChoice = .auto

  @Option(help: ArgumentHelp("Threads to use; never alters a result.", valueName: "n"))
  var threads: Int = Terminal.processors

  @Flag(help: "No warnings and no progress.")
  var quiet = false

  @Flag(name: .short, help: "Say more on standard error.")
  var verbose = false

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
  }
}

/// Which tensors are looked at.
struct SelectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only tensors whose name or layer matches; * and ? as in a shell. Repeatable.", valueName: "pattern"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out tensors whose name or layer matches. Repeatable.", valueName: "pattern"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Comma-separated: weight, state, optimizer, counter, metric, table, constant, graph.", valueName: "list"))
  var roles: String?

  func validate() throws { _ = try roles(default: []) }

  func roles(default standard: Set<Role>) throws -> Set<Role> {
    guard let roles else { return standard }
    return Set(
      try items(roles).map { item in
        guard let role = Role(rawValue: item) else {
          throw ValidationError(
            "--roles: no role '\(item)'; there are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return role
      })
  }

  /// The part of the provenance's arguments.
  var normalized: [String] {
    var result: [String] = []
    for pattern in include.sorted() { result += ["--include", pattern] }
    for pattern in exclude.sorted() { result += ["--exclude", pattern] }
    if let roles { result += ["--roles", items(roles).sorted().joined(separator: ",")] }
    return result
  }
}

func items(_ list: String) -> [String] { list.split(separator: ",").map { String($0).trimmed } }

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

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

/// What the tests need.
struct TestArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Comma-separated: \(SignificanceOptions.available.joined(separator: ", ")).", valueName: "list"))
  var tests: String?

  @Option(help: ArgumentHelp("Swaps of units per layer.", valueName: "n"))
  var resamples = 9_999

  @Option(help: ArgumentHelp("Bootstrap samples of the units behind each interval.", valueName: "n"))
  var intervalResamples = 1_999

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: "Direction of drift and scale; greater means B is greater.")
  var alternative: Alternative = .twoSided

  @Option(help: ArgumentHelp("Level at which a layer is said to differ.", valueName: "p"))
  var alpha = 0.05

  @Option(help: "How p-values are adjusted for the number of layers.")
  var adjust: Adjustment = .bh

  @Option(help: ArgumentHelp("Confidence level of the intervals.", valueName: "p"))
  var confidence = 0.95

  @Option(help: ArgumentHelp("Not in this version: the margin of equivalence.", visibility: .hidden))
  var margin: Double?

  /// Tests of the catalogue that are not here yet.
  private static let later: Set = [
    "equivalence", "population", "lineage", "recipe", "noise-floor", "fit", "flips", "bins",
  ]

  func validate() throws {
    let known = Set(SignificanceOptions.available)
    for item in items(tests ?? "") where !known.contains(item) && !Self.later.contains(item) {
      throw ValidationError(
        "--tests: no test '\(item)'; there are \(SignificanceOptions.available.joined(separator: ", ")).")
    }
    guard (1...10_000_000).contains(resamples) else { throw ValidationError("--resamples must be 1 to 10000000.") }
    guard (99...1_000_000).contains(intervalResamples) else {
      throw ValidationError("--interval-resamples must be 99 to 1000000.")
    }
    guard alpha > 0, alpha < 1 else { throw ValidationError("--alpha must lie between 0 and 1.") }
    guard confidence > 0, confidence < 1 else { throw ValidationError("--confidence must lie between 0 and 1.") }
  }

  func options() throws -> SignificanceOptions {
    var options = SignificanceOptions()
    if let tests {
      options.tests = Set(items(tests))
      for item in items(tests) where Self.later.contains(item) {
        throw Unsupported("the test '\(item)' is not in this version yet")
      }
    }
    if margin != nil { throw Unsupported("--margin: the test of equivalence is not in this version yet") }
    options.resamples = resamples
    options.intervalResamples = intervalResamples
    options.seed = seed
    options.alternative = alternative
    options.alpha = alpha
    options.adjustment = adjust
    options.confidence = confidence
    return options
  }

  var normalized: [String] {
    let standard = SignificanceOptions()
    var result: [String] = []
    if let tests { result += ["--tests", items(tests).sorted().joined(separator: ",")] }
    if alternative != standard.alternative { result += ["--alternative", alternative.rawValue] }
    if intervalResamples != standard.intervalResamples { result += ["--interval-resamples", "\(intervalResamples)"] }
    if alpha != standard.alpha { result += ["--alpha", "\(alpha)"] }
    if adjust != standard.adjustment { result += ["--adjust", adjust.rawValue] }
    if confidence != standard.confidence { result += ["--confidence", "\(confidence)"] }
    return result
  }
}

/// Something that is planned or asked for and not there, said plainly; ends with status 2.
struct Unsupported: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
