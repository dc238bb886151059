/// Why predictions, labels or inputs can't be used: the file, what is wrong with it, and what to do.
public struct BehaviorError: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  public let reason: String

  public init(_ file: String, _ reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}

/// Names in a sentence, the first few of many.
func listed(_ names: [String], limit: Int = 8) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}

/// A shape as people write it: `[450, 10]`.
func words(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }
