import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A temporary file that nobody else can open and that is gone with its owner, however the process ends.
///
/// It lies in a folder of its own that only the user may enter (`TMPDIR`, else `/tmp`), until ``removeName()`` leaves
/// it to those who have it open.
final class ScratchFile: Sendable {
  let path: String
  private let folder: String
  private let descriptor: Int32

  /// - Parameter keepsName: Whether the file stays to be opened by its path, until ``removeName()``.
  init(keepsName: Bool = false) throws(CheckpointError) {
    let parent = getenv("TMPDIR").map { Paths.trimmed(String(cString: $0)) } ?? "/tmp"
    var template = Array(Paths.join(parent.isEmpty ? "/tmp" : parent, "equipoise-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .io(
        file: parent, operation: "make a temporary folder in",
        reason: "\(String(cString: strerror(errno))); set TMPDIR to a folder with room")
    }
    folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    path = Paths.join(folder, "content")
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      rmdir(folder)
      throw .io(file: path, operation: "create", reason: reason)
    }
    if !keepsName { removeName() }
  }

  deinit {
    removeName()
    close(descriptor)
  }

  /// Removes the file from its folder, and the folder; whoever has it open goes on.
  func removeName() {
    unlink(path)
    rmdir(folder)
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CheckpointError) {
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let put = pwrite(descriptor, start + done, bytes.count - done, off_t(offset + done))
      if put > 0 {
        done += put
      } else if errno != EINTR {
        throw .io(
          file: path, operation: "write",
          reason: "\(String(cString: strerror(errno))); set TMPDIR to a folder with room")
      }
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    guard let start = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw .truncated(file: path, offset: offset, expected: buffer.count, found: done)
      } else if errno != EINTR {
        throw .io(file: path, operation: "read", reason: String(cString: strerror(errno)))
      }
    }
  }
}
