/// What is wrong with a condition, and where in its text.
public struct ConditionError: Error, CustomStringConvertible, Equatable {
  public let message: String
  /// Characters before the place.
  public let position: Int
  public let source: String

  /// The message, and below it the condition with a mark under the place.
  public var description: String {
    "\(message)\n  \(source)\n  \(String(repeating: " ", count: position))^"
  }
}
