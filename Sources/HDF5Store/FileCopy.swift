import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Copies a file, a piece at a time.
///
/// - Throws: ``ExportError/noSpace(path:needed:free:)``, ``ExportError/notCopied(path:reason:)``.
func copyFile(_ source: String, to target: String) throws {
  let input = open(source, O_RDONLY | O_CLOEXEC)
  guard input >= 0 else { throw ExportError.notCopied(path: source, reason: String(cString: strerror(errno))) }
  defer { _ = close(input) }
  var status = stat()
  guard fstat(input, &status) == 0 else {
    throw ExportError.notCopied(path: source, reason: String(cString: strerror(errno)))
  }
  try checkSpace(for: Int(status.st_size), at: target)
  let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard output >= 0 else { throw ExportError.notCopied(path: target, reason: String(cString: strerror(errno))) }
  // As HDF5 does with a file that it writes, to tell others that there is a writer.
  flock(output, LOCK_EX | LOCK_NB)
  var left = Int(status.st_size)
  var failure: Int32 = 0
  let size = 1 << 20
  let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
  defer { buffer.deallocate() }
  while left > 0, failure == 0 {
    let count = read(input, buffer, size)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      failure = count < 0 ? errno : EIO
      break
    }
    var written = 0
    while written < count {
      let done = write(output, buffer + written, count - written)
      if done < 0, errno == EINTR { continue }
      guard done > 0 else {
        failure = errno
        break
      }
      written += done
    }
    left -= written
  }
  if close(output) != 0, failure == 0 { failure = errno }
  if failure != 0 { throw ExportError.notCopied(path: target, reason: String(cString: strerror(failure))) }
}
