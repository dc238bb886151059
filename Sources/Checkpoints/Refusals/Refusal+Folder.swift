import Tensors

extension Refusal {
  /// Says what a folder holds that is no model itself.
  static func folder(_ path: String) -> CheckpointError {
    let names: [String]
    do { names = try Paths.readable(path) } catch { return error }
    guard !names.isEmpty else { return .notFound(file: path, reason: "the folder is empty; \(advice)") }
    let models = models(in: path, names)
    if models.count == 1 { return .notFound(file: path, reason: "the model is deeper: pass '\(models[0])'") }
    if !models.isEmpty {
      let shown = models.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      let more = models.count > 10 ? " and \(models.count - 10) more" : ""
      return .notFound(file: path, reason: "holds \(models.count) models; pass one of them: \(shown)\(more)")
    }
    if let shard = names.first(where: { $0.contains(".data-") && $0.contains("-of-") }) {
      return .notFound(
        file: path, reason: "holds '\(shard)' without its index; copy the file of the same name that ends in .index")
    }
    let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
    return .notFound(
      file: path, reason: "no model is in this folder (\(names.count) entries, among them \(shown)); \(advice)")
  }

  /// Paths of what looks like a model in a folder and its folders.
  private static func models(in folder: String, _ names: [String]) -> [String] {
    var result = TensorBundleFormat.prefixes(in: folder)
    for name in names {
      let path = Paths.join(folder, name)
      if FileStatus.isDirectory(path) {
        let inner = Paths.names(in: path)
        if inner.contains(where: { $0.hasPrefix("saved_model.") }) || inner.contains(CheckpointState.name) {
          result.append(path)
        } else {
          result += TensorBundleFormat.prefixes(in: path)
        }
      } else if name.contains("-00000-of-"), TensorSliceFormat.recognizes(path) {
        result.append(path)
      } else if [".keras", ".h5", ".safetensors", ".npz", ".onnx", ".pb"].contains(where: name.hasSuffix) {
        result.append(path)
      }
    }
    return result.sorted()
  }

  /// Says where a path stops to exist, and what is there that has a similar name.
  static func missing(_ path: String) -> CheckpointError {
    guard !path.isEmpty else { return .notFound(file: path, reason: "the path is empty; \(advice)") }
    var parent = Paths.folder(path)
    var name = Paths.name(path)
    while FileStatus.find(parent) == nil, parent != Paths.folder(parent) {
      name = Paths.name(parent)
      parent = Paths.folder(parent)
    }
    guard FileStatus.isDirectory(parent) else {
      return .notFound(file: path, reason: "no such file or folder; '\(parent)' is a file")
    }
    let candidates = Set(
      Paths.names(in: parent).map { $0.hasSuffix(".index") ? String($0.dropLast(6)) : $0 })
    let similar = candidates.map { (distance(Array($0.utf8), Array(name.utf8)), $0) }
      .filter { $0.0 <= max(2, name.utf8.count / 4) || $0.1.hasPrefix(name) || (!$0.1.isEmpty && name.hasPrefix($0.1)) }
      .sorted { $0 < $1 }.prefix(5)
    let shown = similar.map { "'\(Paths.join(parent, $0.1))'" }.joined(separator: ", ")
    return .notFound(
      file: path,
      reason: "no such file or folder: '\(parent)' has no '\(name)'"
        + (shown.isEmpty ? "" : "; did you mean \(shown)?"))
  }

  /// Insertions, deletions and replacements that make one name the other.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    // File names end at 255 bytes, paths at 4096; more is no misspelling.
    guard a.count <= 512, b.count <= 512 else { return Int.max }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substitution = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
