/// Why a model can't be read.
///
/// Every message names the file, the place in it, what was expected, what was found, and what to do.
public enum CheckpointError: Error, Sendable, Equatable {
  /// Bytes contradict the format or their checksum.
  case corrupt(file: String, offset: Int, reason: String)
  /// The file ends before what it promises.
  case truncated(file: String, offset: Int, expected: Int, found: Int)
  /// A sound file of a kind, or with a feature, that is not read.
  case unsupported(file: String, reason: String)
  /// Nothing of the kind is there; `reason` says what was received and what to pass instead.
  case notFound(file: String, reason: String)
  /// The operating system refused.
  case io(file: String, operation: String, reason: String)
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .corrupt(let file, let offset, let reason):
      "\(file): corrupt at byte \(offset): \(reason)\(reason.hasSuffix("again") ? "" : "; fetch the file again")"
    case .truncated(let file, let offset, let expected, let found):
      "\(file): truncated: expected \(expected) bytes at byte \(offset), found \(found); fetch the file again"
    case .unsupported(let file, let reason): "\(file): not supported: \(reason)"
    case .notFound(let file, let reason): "\(file): \(reason)"
    case .io(let file, let operation, let reason): "\(file): can't \(operation): \(reason)"
    }
  }
}
