import Tensors

/// TensorFlow's V1 checkpoints: a table in a file of its own, or in several, `x-00000-of-00003`.
public enum TensorSliceFormat: CheckpointFormat {
  public static let name = "V1 checkpoint"

  public static func recognizes(_ path: String) -> Bool {
    guard let first = (try? files(of: path))?.first, let file = try? RandomAccessFile(path: first) else { return false }
    return (try? isFirstVersion(file)) ?? false
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag {
      throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel; a checkpoint has none")
    }
    return try TensorSliceCheckpoint(files: try files(of: path), path: path)
  }

  /// Every file of the checkpoint that `path` is, is one file of, or is the pattern of.
  static func files(of path: String) throws(CheckpointError) -> [String] {
    // The graph beside a checkpoint.
    let path = path.hasSuffix(".meta") ? String(path.dropLast(5)) : path
    let name = Paths.name(path)
    let folder = Paths.folder(path)
    if FileStatus.isFile(path), shard(name) == nil { return [path] }
    let prefix = shard(name)?.prefix ?? name
    let shards = Paths.names(in: folder).compactMap { file in shard(file).map { (file, $0) } }
      .filter { $0.1.prefix == prefix && $0.1.number != nil }
    guard let count = shards.first?.1.count else {
      throw .notFound(file: path, reason: "no file of a V1 checkpoint has this name")
    }
    let present = shards.filter { $0.1.count == count }.map(\.0)
    guard present.count == count else {
      throw .notFound(
        file: path,
        reason: "\(present.count) of the checkpoint's \(count) files are here; copy all that begin with "
          + "'\(prefix)-'")
    }
    return present.map { Paths.join(folder, $0) }
  }

  /// What the names of a checkpoint's files begin with, by one of them.
  static func prefix(of file: String) -> String {
    Paths.join(Paths.folder(file), shard(Paths.name(file))?.prefix ?? Paths.name(file))
  }

  /// Takes `x-00001-of-00003` or `x-?????-of-00003` apart.
  private static func shard(_ name: String) -> (prefix: String, number: Int?, count: Int?)? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of", parts[parts.count - 1].count == 5,
      parts[parts.count - 3].count == 5
    else { return nil }
    let number = parts[parts.count - 3]
    let count = parts[parts.count - 1]
    guard number == "?????" || Int(number) != nil, count == "?????" || Int(count) != nil else { return nil }
    let prefix = parts.dropLast(3).joined(separator: "-")
    // `x.data-00000-of-00001` is a shard of a V2 checkpoint.
    return prefix.isEmpty || prefix.hasSuffix(".data") ? nil : (prefix, Int(number), Int(count))
  }

  /// Whether the file is a table whose first entry is a list of slices.
  static func isFirstVersion(_ file: RandomAccessFile) throws(CheckpointError) -> Bool {
    guard try Table.isTable(file), let first = try Table(file: file).blocks.first else { return false }
    var key = TableKey()
    var result: Bool?
    try Table.block(first, of: file).forEachEntry(after: &key) { (key, value, _) throws(CheckpointError) in
      // Field 1 is a message here, and a number in the header of a V2 index.
      if result == nil { result = key.isEmpty && value.first == 0x0a }
    }
    return result ?? false
  }
}
