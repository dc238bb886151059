#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file can't be opened or read.
public enum FileError: Error, Sendable, Equatable {
  /// Nothing is at the path.
  case notFound(path: String)
  /// A directory stands where a file is needed.
  case isDirectory(path: String)
  /// A pipe, socket or device: it has no positions to read from.
  case notRegular(path: String, kind: String)
  /// The file's or a folder's permissions forbid it.
  case noPermission(path: String, operation: String)
  /// The file ends early; counts in bytes.
  case short(path: String, offset: Int, expected: Int, found: Int)
  /// Any other refusal of the operating system, in its words.
  case system(path: String, operation: String, reason: String)

  init(path: String, operation: String, code: Int32) {
    switch code {
    case ENOENT, ENOTDIR: self = .notFound(path: path)
    case EISDIR: self = .isDirectory(path: path)
    case EACCES, EPERM: self = .noPermission(path: path, operation: operation)
    default: self = .system(path: path, operation: operation, reason: String(cString: strerror(code)))
    }
  }
}
