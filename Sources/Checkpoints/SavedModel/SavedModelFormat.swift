import Tensors

/// TensorFlow's SavedModel folders.
public enum SavedModelFormat: CheckpointFormat {
  public static let name = "SavedModel"

  public static func recognizes(_ path: String) -> Bool { folder(of: path) != nil }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    guard let folder = folder(of: path) else { throw Refusal.explain(path) }
    do {
      return try SavedModel(folder: folder, path: path, tag: tag)
    } catch {
      // Whoever names the variables can have them, even beside a broken graph; so can anybody where only Brotli lacks.
      var prefix = TensorBundleFormat.prefix(ofFile: path)
      if prefix == nil, GraphFile.find(in: folder) == .chunks, !Brotli.isAvailable, tag == nil {
        prefix = TensorBundleFormat.prefix(ofFile: Paths.join(folder, SavedModel.variablesPrefix))
      }
      guard let prefix else { throw error }
      return try TensorBundle(
        prefix: prefix, path: path, warnings: ["Read without the model around it, which can't be read: \(error)"])
    }
  }

  /// The folder of the SavedModel that `path` is or belongs to.
  static func folder(of path: String) -> String? {
    if isModel(path) { return path }
    let name = Paths.name(path)
    let folder = Paths.folder(path)
    if GraphFile(rawValue: name) != nil, FileStatus.find(path) != nil { return folder }
    if name == "variables", FileStatus.isDirectory(path), isModel(folder) { return folder }
    guard Paths.name(folder) == "variables", name == "variables" || name.hasPrefix("variables.") else { return nil }
    let above = Paths.folder(folder)
    guard isModel(above), TensorBundleFormat.prefix(ofFile: path) != nil else { return nil }
    return above
  }

  private static func isModel(_ folder: String) -> Bool { GraphFile.find(in: folder) != nil }
}
