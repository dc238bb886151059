import ArgumentParser

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Not in this version yet.", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []

  func run() throws {
    throw Unsupported(
      "report: the HTML page is not in this version yet; `equipoise significance` prints the same results")
  }
}
