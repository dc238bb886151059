import ArgumentParser

/// The value of an option, and whether it was asked for: a file that export wrote is tested again only where it was.
struct Setting<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
  let value: Value
  let isGiven: Bool

  init(_ standard: Value) {
    value = standard
    isGiven = false
  }

  init?(argument: String) {
    guard let value = Value(argument: argument) else { return nil }
    self.value = value
    isGiven = true
  }

  var defaultValueDescription: String { value.defaultValueDescription }
  static var allValueStrings: [String] { Value.allValueStrings }
  static var allValueDescriptions: [String: String] { Value.allValueDescriptions }
  static var defaultCompletionKind: CompletionKind { Value.defaultCompletionKind }
}
