/// Why a model can't be run.
public enum TensorFlowError: Error, Sendable, Equatable {
  /// The library is on none of the usual places.
  case notFound(looked: [String])
  /// What was named is no library of TensorFlow's, or one that can't be loaded.
  case unusable(path: String, reason: String)
  /// TensorFlow refused; its code and its words.
  case failed(doing: String, code: Int32, message: String)
}

extension TensorFlowError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let looked):
      "running a model needs TensorFlow's C library, and none was found. `pip install tensorflow-cpu` for a python3 on PATH "
        + "brings it, or name a library, a virtual environment or a folder by --tensorflow or EQUIPOISE_TENSORFLOW. "
        + "Predictions from files need no TensorFlow: --predictions-a, --predictions-b. Looked in "
        + (looked.isEmpty ? "no place" : looked.joined(separator: ", "))
    case .unusable(let path, let reason): "\(path): \(reason)"
    case .failed(let doing, let code, let message):
      "TensorFlow can't \(doing): \(message.split(separator: "\n").first ?? "no reason given") (code \(code))"
    }
  }
}
