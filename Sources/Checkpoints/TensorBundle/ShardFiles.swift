import Tensors
import Threads

/// The data files of a checkpoint, opened when they are first read.
final class ShardFiles: Sendable {
  let prefix: String
  let count: Int
  private let opened = Locked<[Int: RandomAccessFile]>([:])

  /// A model may have thousands of shards, a process as many descriptors.
  private static let mostOpen = 64

  init(prefix: String, count: Int) {
    self.prefix = prefix
    self.count = count
  }

  /// `prefix.data-00000-of-00002`.
  func path(of shard: Int) -> String { "\(prefix).data-\(fiveDigits(shard))-of-\(fiveDigits(count))" }

  func file(of shard: Int) throws(CheckpointError) -> RandomAccessFile {
    if let file = opened.withLock({ $0[shard] }) { return file }
    let path = path(of: shard)
    let file: RandomAccessFile
    do { file = try RandomAccessFile(path: path) } catch {
      if case .notFound = error {
        throw .notFound(
          file: path,
          reason: "shard \(shard + 1) of \(count) is missing; copy all files that begin with "
            + "'\(Paths.name(prefix))'")
      }
      throw CheckpointError(error)
    }
    try GitLFS.refusePointer(file)
    opened.withLock {
      if $0.count >= Self.mostOpen, let some = $0.keys.min() { $0[some] = nil }
      $0[shard] = file
    }
    return file
  }

  /// Opens the shard and checks that it holds `size` bytes from `offset` on.
  func file(of shard: Int, holding size: Int, at offset: Int) throws(CheckpointError) -> RandomAccessFile {
    let file = try file(of: shard)
    guard offset <= file.size, size <= file.size - offset else {
      throw .truncated(file: file.path, offset: offset, expected: size, found: max(0, file.size - offset))
    }
    return file
  }

  private func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
