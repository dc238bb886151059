import Tensors

/// TensorFlow's V2 checkpoints: `prefix.index` and `prefix.data-00000-of-00001`.
public enum TensorBundleFormat: CheckpointFormat {
  public static let name = "V2 checkpoint"

  public static func recognizes(_ path: String) -> Bool {
    if prefix(ofFile: path) != nil { return true }
    guard let folder = stateFolder(path) else { return false }
    return FileStatus.isFile(Paths.join(folder, CheckpointState.name)) || onlyPrefix(in: folder) != nil
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag {
      throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel; a checkpoint has none")
    }
    if let prefix = prefix(ofFile: path) { return try opened(prefix, path) }
    guard let folder = stateFolder(path) else { throw Refusal.explain(path) }
    guard FileStatus.isFile(Paths.join(folder, CheckpointState.name)) else {
      guard let prefix = onlyPrefix(in: folder) else { throw Refusal.explain(path) }
      return try opened(prefix, path)
    }
    let state = try CheckpointState(folder: folder)
    var warnings: [String] = []
    if state.isForeign { warnings.append("The state file names '\(state.path)'; the checkpoint beside it was read.") }
    switch try state.target() {
    case .bundle(let prefix): return try TensorBundle(prefix: prefix, path: path, warnings: warnings)
    case .slices(let model):
      return try TensorSliceCheckpoint(files: try TensorSliceFormat.files(of: model), path: path, warnings: warnings)
    }
  }

  private static func opened(_ prefix: String, _ path: String) throws(CheckpointError) -> TensorBundle {
    guard FileStatus.find(prefix + ".index") != nil else {
      throw .notFound(
        file: prefix + ".index",
        reason: "the index is missing, and without it the data can't be read; "
          + "copy all files that begin with '\(Paths.name(prefix))'")
    }
    return try TensorBundle(prefix: prefix, path: path)
  }

  /// The prefix that `path` is or that a file of a checkpoint begins with; `nil` for anything else.
  static func prefix(ofFile path: String) -> String? {
    if path.hasSuffix(".index"), FileStatus.find(path) != nil { return String(path.dropLast(6)) }
    if let prefix = prefix(ofShard: path) { return prefix }
    if path.hasSuffix(".meta") {
      let prefix = String(path.dropLast(5))
      return FileStatus.find(prefix + ".index") == nil ? nil : prefix
    }
    // A folder of the same name may hold a model of its own.
    if FileStatus.isDirectory(path), !Paths.names(in: path).isEmpty { return nil }
    if FileStatus.find(path + ".index") != nil { return path }
    let beginning = Paths.name(path) + ".data-"
    let hasShard = Paths.names(in: Paths.folder(path)).contains {
      $0.hasPrefix(beginning) && prefix(ofShard: $0) != nil
    }
    return hasShard ? path : nil
  }

  /// `x` of `x.data-00000-of-00002`.
  private static func prefix(ofShard path: String) -> String? {
    guard let marker = path.range(ofText: ".data-") else { return nil }
    let numbers = path[marker.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 3, numbers[1] == "of", numbers[0].count >= 5, numbers[2].count >= 5,
      numbers[0].allSatisfy(\.isASCIIDigit), numbers[2].allSatisfy(\.isASCIIDigit)
    else { return nil }
    return String(path[..<marker.lowerBound])
  }

  /// The folder whose state file is meant.
  private static func stateFolder(_ path: String) -> String? {
    if FileStatus.isDirectory(path) { return path }
    return Paths.name(path) == CheckpointState.name && FileStatus.isFile(path) ? Paths.folder(path) : nil
  }

  /// Prefixes of the checkpoints in a folder.
  static func prefixes(in folder: String) -> [String] {
    Paths.names(in: folder).filter { $0.hasSuffix(".index") && $0.count > 6 }
      .map { Paths.join(folder, String($0.dropLast(6))) }
      .filter { FileStatus.isFile($0 + ".index") }
  }

  private static func onlyPrefix(in folder: String) -> String? {
    let found = prefixes(in: folder)
    return found.count == 1 ? found[0] : nil
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension String {
  /// The last place where `text` occurs.
  fileprivate func range(ofText text: String) -> Range<String.Index>? {
    guard count >= text.count else { return nil }
    var start = index(endIndex, offsetBy: -text.count)
    while true {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      if start == startIndex { return nil }
      start = index(before: start)
    }
  }
}
