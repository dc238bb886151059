import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is read by position, from any number of threads at once.
///
/// Nothing is kept, and nothing mapped unless ``allowMapping()`` was called: a file that shrinks while it is read gives
/// ``FileError/short(path:offset:expected:found:)`` instead of a signal.
public final class RandomAccessFile: Sendable {
  public let path: String
  /// Size in bytes when the file was opened.
  public let size: Int
  let descriptor: Int32
  /// The mapping's address; 0 where none was asked for, 1 where there can be none.
  let mapping = Atomic<UInt>(0)

  /// Opens a regular file for reading.
  ///
  /// - Throws: ``FileError`` when it is absent, a directory, something else than a regular file (a pipe is not waited
  ///   for) or not readable.
  public init(path: String) throws(FileError) {
    let status = try FileStatus(path: path)
    switch status.kind {
    case .regular: break
    case .directory: throw .isDirectory(path: path)
    case .other(let name): throw .notRegular(path: path, kind: name)
    }
    // Non-blocking, in case a pipe took the file's place since.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    var opened = open(path, flags)
    while opened < 0, errno == EINTR { opened = open(path, flags) }
    guard opened >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
    var information = stat()
    guard fstat(opened, &information) == 0 else {
      let code = errno
      close(opened)
      throw FileError(path: path, operation: "inspect", code: code)
    }
    guard FileStatus(information).kind == .regular else {
      close(opened)
      throw .notRegular(path: path, kind: "another kind of file")
    }
    self.path = path
    size = max(0, Int(information.st_size))
    descriptor = opened
  }

  deinit {
    unmap()
    close(descriptor)
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: ``FileError/short(path:offset:expected:found:)`` when the file ends before the buffer is full.
  /// - Complexity: O(buffer.count), without allocation.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    let count = buffer.count
    guard count > 0, let start = buffer.baseAddress else { return }
    guard offset >= 0, offset <= Int.max - count else {
      throw .short(path: path, offset: offset, expected: count, found: 0)
    }
    var done = 0
    while done < count {
      let got = pread(descriptor, start + done, count - done, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw .short(path: path, offset: offset, expected: count, found: done)
      } else if errno != EINTR {
        throw FileError(path: path, operation: "read", code: errno)
      }
    }
  }
}
