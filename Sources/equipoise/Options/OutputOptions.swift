import ArgumentParser

enum Format: String, ExpressibleByArgument, CaseIterable {
  case table, json, csv, markdown
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

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
