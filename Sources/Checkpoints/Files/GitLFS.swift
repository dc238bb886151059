import Tensors

/// The small text that Git leaves where a large file was not fetched.
enum GitLFS {
  private static let beginning = Array("version https://git-lfs.github.com/spec/".utf8)

  static func isPointer(_ head: UnsafeRawBufferPointer) -> Bool {
    head.count >= beginning.count && head.prefix(beginning.count).elementsEqual(beginning)
  }

  /// Throws when `file` is a pointer instead of what it stands for.
  static func refusePointer(_ file: RandomAccessFile) throws(CheckpointError) {
    // A pointer has some 130 bytes.
    guard file.size <= 1024 else { return }
    let contents = try file.bytes(at: 0, count: file.size)
    guard contents.withBytes(isPointer) else { return }
    throw .notFound(
      file: file.path, reason: "a Git LFS pointer is here, not the data it stands for; fetch them with `git lfs pull`")
  }
}
