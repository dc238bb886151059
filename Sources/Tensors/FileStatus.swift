#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is found at a path, symbolic links followed.
public struct FileStatus: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case regular, directory
    /// A pipe, a socket or a device, in words.
    case other(String)
  }

  public var kind: Kind
  /// Size in bytes; of a directory, whatever the system says.
  public var size: Int

  /// What tells the file from all others on the machine.
  public var identity: [UInt64] = []

  /// Looks without opening anything.
  ///
  /// - Throws: ``FileError/notFound(path:)``, ``FileError/noPermission(path:operation:)`` or another ``FileError``.
  public init(path: String) throws(FileError) {
    // A C string would silently end at the first zero byte and name another file.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(path: path) }
    var information = stat()
    guard stat(path, &information) == 0 else { throw FileError(path: path, operation: "look at", code: errno) }
    self.init(information)
  }

  init(_ information: stat) {
    size = max(0, Int(information.st_size))
    identity = [UInt64(truncatingIfNeeded: information.st_dev), UInt64(truncatingIfNeeded: information.st_ino)]
    switch information.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFIFO: kind = .other("a pipe")
    case S_IFSOCK: kind = .other("a socket")
    default: kind = .other("a device")
    }
  }
}
