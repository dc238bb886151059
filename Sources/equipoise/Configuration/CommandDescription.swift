import Foundation

/// The commands and their options as the argument parser knows them: what help, completions, the man page and the
/// configuration file all come from.
struct CommandDescription: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    /// `positional`, `option` or `flag`.
    var kind: String
    var shouldDisplay: Bool
    var isOptional: Bool
    var isRepeating: Bool
    var parsingStrategy: String
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var allValues: [String]?
    var abstract: String?
    var discussion: String?

    var longName: String? { names?.first { $0.kind == "long" }?.name }
  }

  var commandName: String
  var abstract: String?
  var discussion: String?
  var shouldDisplay: Bool?
  var arguments: [Argument]?
  var subcommands: [CommandDescription]?

  /// Commands that a person may give.
  var visibleCommands: [CommandDescription] { (subcommands ?? []).filter { $0.shouldDisplay ?? true } }

  static let root: CommandDescription? = {
    struct Tool: Decodable { var command: CommandDescription }
    return try? JSONDecoder().decode(Tool.self, from: Data(Equipoise._dumpHelp().utf8)).command
  }()
}
