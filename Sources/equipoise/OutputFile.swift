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
    removeAbandoned(in: folder, prefix: (slash.map { String(path[path.index(after: $0)...]) } ?? path) + ".part-")
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
      // Tells others that the file has its writer; HDF5 does the same.
      flock(fileno(file), LOCK_EX | LOCK_NB)
      let bytes = Array(text.utf8)
      let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
      let reason = String(cString: strerror(errno))
      guard fclose(file) == 0, isWritten else { throw OutputError("\(path): \(reason)") }
    }
  }
}

/// Removes what writers of the same file left behind that were ended without notice, by `kill -9` or a power cut.
///
/// A file is theirs if the process of its name is gone and no one, on whichever machine, holds the lock that a writer has.
private func removeAbandoned(in folder: String, prefix: String) {
  guard let directory = opendir(folder) else { return }
  defer { closedir(directory) }
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
    }
    guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count)), process > 0,
      kill(process, 0) != 0, errno == ESRCH
    else { continue }
    let path = "\(folder)/\(name)"
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { continue }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      flock(descriptor, LOCK_EX | LOCK_NB) == 0
    else { continue }
    unlink(path)
  }
}

struct OutputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
