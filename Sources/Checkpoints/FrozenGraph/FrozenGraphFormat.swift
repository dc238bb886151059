import Tensors

/// TensorFlow graphs whose weights are constants: a bare `GraphDef` in a `.pb` file, or as text in a `.pbtxt`.
public enum FrozenGraphFormat: CheckpointFormat {
  public static let name = "frozen graph"

  public static func recognizes(_ path: String) -> Bool {
    // Text has no beginning that tells what it is: reading says what is wrong with it.
    if path.hasSuffix(".pbtxt") { return FileStatus.isFile(path) }
    guard path.hasSuffix(".pb"), ![SavedModel.fingerprintName, SavedModel.metadataName].contains(Paths.name(path)),
      let file = try? RandomAccessFile(path: path), file.size > 1,
      let first = try? file.bytes(at: 0, count: 1).withBytes({ $0[0] })
    else { return false }
    // Nodes, functions, versions: a graph begins with one of these fields.
    return [0x0a, 0x12, 0x18, 0x22].contains(first)
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag {
      throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel; this is a single graph")
    }
    return try FrozenGraph(path: path)
  }
}
