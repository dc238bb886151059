#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that appears under its name only when it is whole: written beside it, then renamed.
struct OutputFile {
  let path: String
  let temporary: String

  /// - Throws: ``OutputError`` when the folder is not there or `path` is one.
  init(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw OutputError("\(path): is a folder; name a file")
    }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw OutputError("\(path): there is no folder \(folder)")
    }
    self.path = path
    temporary = "\(path).part-\(getpid())"
  }

  /// Runs `body` with the temporary name and gives the file its own when that succeeds; else removes it.
  func write(_ body: (String) async throws -> Void) async throws {
    Signals.setUnfinished(temporary)
    defer { Signals.setUnfinished(nil) }
    do {
      try await body(temporary)
      guard rename(temporary, path) == 0 else { throw OutputError("\(path): \(String(cString: strerror(errno)))") }
    } catch {
      unlink(temporary)
      // The user knows the file by the name that was asked for.
      let text = "\(error)"
      throw text.contains(temporary) ? OutputError(text.replacing(temporary, with: path)) : error
    }
  }

  /// Writes text.
  func write(_ text: String) async throws {
    try await write { name in
      guard let file = fopen(name, "wb") else { throw OutputError("\(name): \(String(cString: strerror(errno)))") }
      let bytes = Array(text.utf8)
      let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
      let reason = String(cString: strerror(errno))
      guard fclose(file) == 0, isWritten else { throw OutputError("\(path): \(reason)") }
    }
  }
}

struct OutputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
