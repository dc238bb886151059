import Foundation
import Results

/// `equipoise.json`, whose keys are the long options: each that a command has and that its command line does not give
/// is added to it.
///
/// What the file adds is then an argument like any other, in the provenance too.
struct ConfigurationFile {
  static let standardName = "equipoise.json"
  /// Options that say what is done with arguments, not part of them.
  private static let excluded: Set = ["help", "version", "config"]

  /// The arguments with those of the file after them.
  ///
  /// - Throws: ``ConfigurationError`` for a file that can't be read or has keys that no command knows.
  static func complete(_ arguments: [String]) throws -> [String] {
    let own = arguments.prefix { $0 != "--" }
    guard !own.contains(where: { ["-h", "--version"].contains($0) || $0.hasPrefix("--help") }) else { return arguments }
    let named = value(of: "--config", in: own)
    if named == "none" { return arguments }
    let path = named ?? standardName
    guard named != nil || FileManager.default.fileExists(atPath: path) else { return arguments }
    let root = CommandDescription.root
    guard let name = arguments.first, name != "help",
      let command = root?.visibleCommands.first(where: { $0.commandName == name })
    else { return arguments }
    let known = Set(
      (root?.visibleCommands ?? []).flatMap { $0.arguments ?? [] }.compactMap(\.longName)
    ).subtracting(excluded)
    var added: [String] = []
    for (key, value) in try members(of: path).sorted(by: { $0.key < $1.key }) {
      guard known.contains(key) else {
        let bare = String(key.drop { $0 == "-" }).replacing("_", with: "-")
        let similar = known.contains(bare) ? bare : closest(to: bare, among: known.sorted())
        throw ConfigurationError(
          "\(path): no option is called '\(key)'" + (similar.map { "; did you mean '\($0)'?" } ?? ""))
      }
      guard let option = command.arguments?.first(where: { $0.longName == key }), !isGiven(option, in: own) else {
        continue
      }
      added += try words(key, value, option, path: path)
    }
    return own + added + arguments.dropFirst(own.count)
  }

  private static func members(of path: String) throws -> [String: Any] {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw ConfigurationError("\(path): can't be read: \(error.localizedDescription)")
    }
    let tree: Any
    do { tree = try JSONSerialization.jsonObject(with: data) } catch {
      let place = (error as NSError).userInfo["NSDebugDescription"] as? String
      throw ConfigurationError("\(path): is not JSON" + (place.map { ": \($0)" } ?? ""))
    }
    guard let object = tree as? [String: Any] else {
      throw ConfigurationError("\(path): expected an object whose keys are long options, such as {\"alpha\": 0.01}")
    }
    return object
  }

  private static func value(of option: String, in arguments: ArraySlice<String>) -> String? {
    for (i, argument) in arguments.enumerated() {
      if argument == option, i + 1 < arguments.count { return arguments[arguments.startIndex + i + 1] }
      if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
    }
    return nil
  }

  private static func isGiven(_ option: CommandDescription.Argument, in arguments: ArraySlice<String>) -> Bool {
    (option.names ?? []).contains { name in
      arguments.contains {
        $0 == name.text
          || (name.kind == "long" ? $0.hasPrefix(name.text + "=") : $0.hasPrefix(name.text) && !$0.hasPrefix("--"))
      }
    }
  }

  /// An option and its value as a command line has them.
  private static func words(
    _ key: String, _ value: Any, _ option: CommandDescription.Argument, path: String
  ) throws -> [String] {
    if option.kind == "flag" {
      guard let isOn = boolean(value) else { throw ConfigurationError("\(path): '\(key)' is true or false") }
      return isOn ? ["--\(key)"] : []
    }
    var items: [String] = []
    for item in value as? [Any] ?? [value] {
      guard let text = text(item) else {
        throw ConfigurationError("\(path): '\(key)' needs a number, text or a list of them")
      }
      items.append(text)
    }
    if option.parsingStrategy == "upToNextOption" { return items.isEmpty ? [] : ["--\(key)"] + items }
    // A list for an option that takes one value is that option's comma-separated list.
    if !option.isRepeating { items = items.isEmpty ? [] : [items.joined(separator: ",")] }
    return items.map { "--\(key)=\($0)" }
  }

  private static func boolean(_ value: Any) -> Bool? {
    guard let number = value as? NSNumber, ["c", "B"].contains(String(cString: number.objCType)) else { return nil }
    return number.boolValue
  }

  private static func text(_ value: Any) -> String? {
    if let text = value as? String { return text }
    guard boolean(value) == nil, let number = value as? NSNumber else { return nil }
    return String(cString: number.objCType) == "d" ? "\(number.doubleValue)" : "\(number)"
  }
}

/// A mistake in the configuration file: usage, as one on the command line is.
struct ConfigurationError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
