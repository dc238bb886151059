import ArgumentParser
import Results

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

  @Option(
    help: ArgumentHelp(
      "Options from FILE instead of equipoise.json in the working directory; none for neither.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  func validate() throws { _ = try roles(default: []) }

  func roles(default standard: Set<Role>) throws -> Set<Role> {
    guard let roles else { return standard }
    return Set(
      try items(roles).map { item in
        guard let role = Role(rawValue: item) else {
          throw ValidationError(
            "--roles: no role '\(item)'\(suggestion(for: item, among: Role.allCases.map(\.rawValue))); there are \(Role.allCases.map(\.rawValue).joined(separator: ", "))."
          )
        }
        return role
      })
  }

  /// Whether other tensors are asked for than there are.
  var isGiven: Bool { !include.isEmpty || !exclude.isEmpty || roles != nil }

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
