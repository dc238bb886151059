import ArgumentParser

struct Behavior: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Not in this version yet.", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []

  func run() throws {
    throw Unsupported("behavior: comparing predictions is not in this version yet")
  }
}
