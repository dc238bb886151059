import Tensors

/// NumPy's arrays: one in a `.npy`, several in a `.npz` archive.
public enum NumPyFormat: CheckpointFormat {
  public static let name = "NumPy arrays"
  private static let ending = ".npy"

  public static func recognizes(_ path: String) -> Bool {
    let lower = path.lowercased()
    guard FileStatus.find(path).map({ $0.kind != .directory }) == true else { return false }
    if lower.hasSuffix(ending) || lower.hasSuffix(".npz") { return true }
    guard let file = try? RandomAccessFile(path: path), file.size >= 10 else { return false }
    return (try? file.bytes(at: 0, count: 6).withBytes { $0.elementsEqual(NumPyHeader.magic) }) == true
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag { throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel") }
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    guard file.size > 0 else { throw .truncated(file: path, offset: 0, expected: 1, found: 0) }
    var model = ModelDescription(path: path, format: name)
    model.folder = Paths.folder(path)
    model.files = [Paths.name(path): file.size]
    let head = try file.bytes(at: 0, count: min(NumPyHeader.largest, file.size)).withBytes { Array($0) }
    let isArchive = head.starts(with: [0x50, 0x4b]) || path.lowercased().hasSuffix(".npz")
    guard isArchive, !head.starts(with: NumPyHeader.magic) else {
      let key = path.lowercased().hasSuffix(ending) ? String(Paths.name(path).dropLast(ending.count)) : Paths.name(path)
      let header = try NumPyHeader(head, file: path, offset: 0, name: key)
      let array = try header.array(named: key, size: file.size, file: path, offset: 0) { .file(0, offset: $0) }
      return ArrayCheckpoint(model: model, arrays: [array], files: [file])
    }
    return try archive(file, model)
  }

  private static func archive(
    _ file: RandomAccessFile, _ model: ModelDescription
  ) throws(CheckpointError) -> any Checkpoint {
    let archive = try ZipArchive(file)
    var model = model
    var arrays: [StoredArray] = []
    var others: [String] = []
    for member in archive.members {
      guard member.name.hasSuffix(ending) else {
        others.append(member.name)
        continue
      }
      let key = String(member.name.dropLast(ending.count))
      let head = try archive.beginning(of: member, count: NumPyHeader.largest)
      let header = try NumPyHeader(head, file: file.path, offset: member.start, name: key)
      arrays.append(
        try header.array(named: key, size: member.size, file: file.path, offset: member.start) {
          member.isDeflated ? .member(member, offset: $0) : .file(0, offset: member.start + $0)
        })
    }
    if !others.isEmpty {
      let shown = others.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      model.warnings.append("The archive also holds \(others.count) files that are no arrays: \(shown).")
    }
    return ArrayCheckpoint(model: model, arrays: arrays, files: [file], archive: archive)
  }
}
