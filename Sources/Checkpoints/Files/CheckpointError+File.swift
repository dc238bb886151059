import Dispatch
import Tensors
import Threads

extension CheckpointError {
  /// Puts a file's refusal into the words of this module.
  init(_ error: FileError) {
    switch error {
    case .notFound(let path):
      self = .notFound(file: path, reason: "no such file")
    case .isDirectory(let path):
      self = .io(file: path, operation: "read", reason: "a directory is here where a file is needed")
    case .notRegular(let path, let kind):
      self = .io(file: path, operation: "read", reason: "this is \(kind); copy its content into a file first")
    case .noPermission(let path, let operation):
      self = .io(file: path, operation: operation, reason: "permission denied; check `ls -l` and the folders above")
    case .short(let path, let offset, let expected, let found):
      self = .truncated(file: path, offset: offset, expected: expected, found: found)
    case .system(let path, let operation, let reason):
      self = .io(file: path, operation: operation, reason: reason)
    }
  }
}

extension RandomAccessFile {
  static func opened(_ path: String) throws(CheckpointError) -> RandomAccessFile {
    do { return try RandomAccessFile(path: path) } catch { throw CheckpointError(error) }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    do { try read(at: offset, into: buffer) } catch { throw CheckpointError(error) }
  }

  /// Reads `count` bytes that start at `offset` into memory, after checking that the file holds them.
  func bytes(at offset: Int, count: Int) throws(CheckpointError) -> OwnedBytes {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      let found = offset >= 0 && offset <= size ? size - offset : 0
      throw .truncated(file: path, offset: offset, expected: count, found: found)
    }
    return try OwnedBytes(count: count, file: path) { (buffer) throws(CheckpointError) in
      try fillInParts(buffer, at: offset)
    }
  }

  /// As ``fill(_:at:)``, on all processors where it is much: the system clears new memory page by page while it is filled, which
  /// can take longer than reading.
  private func fillInParts(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    let size = 8 << 20
    guard buffer.count > 2 * size else { return try fill(buffer, at: offset) }
    // Each part is one thread's.
    nonisolated(unsafe) let all = buffer
    let hasFailed = Locked(false)
    DispatchQueue.concurrentPerform(iterations: (all.count + size - 1) / size) { index in
      let first = index * size
      let part = UnsafeMutableRawBufferPointer(rebasing: all[first..<min(first + size, all.count)])
      do { try fill(part, at: offset + first) } catch { hasFailed.withLock { $0 = true } }
    }
    // Once more, for an error that speaks of the whole.
    if hasFailed.withLock({ $0 }) { try fill(buffer, at: offset) }
  }

  /// Reads the whole file, unless it is larger than a file of its kind can be.
  func contents(limit: Int = OwnedBytes.largestMessage) throws(CheckpointError) -> OwnedBytes {
    try checkSize(limit)
    return try bytes(at: 0, count: size)
  }

  private func checkSize(_ limit: Int) throws(CheckpointError) {
    guard size <= limit else {
      throw .unsupported(file: path, reason: "\(size) bytes, and a file of this kind holds at most \(limit)")
    }
  }

  /// Lends the whole file to `body`: where the system keeps it, in a process that maps files, else in memory.
  ///
  /// Others may write to a mapped file at any time. So `body` bears that bytes are not the same at a second look, and copies
  /// what it keeps.
  ///
  /// - Throws: What `body` throws; ``CheckpointError/truncated(file:offset:expected:found:)`` where the file shrank meanwhile.
  func withContents<Result>(
    limit: Int = OwnedBytes.largestMessage, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    try checkSize(limit)
    guard let start = mapped() else { return try contents(limit: limit).withBytes(body) }
    let outcome: Swift.Result<Result, CheckpointError>
    do { outcome = .success(try body(UnsafeRawBufferPointer(start: start, count: size))) } catch {
      outcome = .failure(error)
    }
    letGo(0..<size, last: true)
    // Before what `body` says: it may have seen zeros in place of the file.
    do { try checkMapped(0..<size) } catch { throw CheckpointError(error) }
    return try outcome.get()
  }
}

extension FileStatus {
  /// What is at `path`; `nil` where nothing can be seen.
  static func find(_ path: String) -> FileStatus? { try? FileStatus(path: path) }

  static func isFile(_ path: String) -> Bool { find(path)?.kind == .regular }
  static func isDirectory(_ path: String) -> Bool { find(path)?.kind == .directory }

  /// Whether both paths lead to one file or folder.
  static func isSame(_ a: String, _ b: String) -> Bool {
    guard let first = find(a), let second = find(b) else { return false }
    return first.identity == second.identity
  }
}
