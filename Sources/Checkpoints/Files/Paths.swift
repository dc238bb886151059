import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Paths as text, and what lies in a folder.
enum Paths {
  /// `path` without trailing slashes.
  static func trimmed(_ path: String) -> String {
    var result = Substring(path)
    while result.utf8.count > 1, result.hasSuffix("/") { result.removeLast() }
    return String(result)
  }

  /// What follows the last slash.
  static func name(_ path: String) -> String {
    String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  /// The folder that holds `path`, as it can be opened: `.` for a bare name.
  static func folder(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func join(_ folder: String, _ name: String) -> String {
    if folder == "." { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Names in a folder, sorted; none where it can't be read.
  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// Names in a folder, sorted, or why it can't be read.
  static func readable(_ folder: String) throws(CheckpointError) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw .io(file: folder, operation: "list", reason: "permission denied, or not a folder any more")
    }
  }

  /// Sizes of the regular files under `folder`, by path relative to it.
  static func sizes(under folder: String, depth: Int = 4) -> [String: Int] {
    var result: [String: Int] = [:]
    for name in names(in: folder) {
      let path = join(folder, name)
      guard let status = FileStatus.find(path) else { continue }
      switch status.kind {
      case .regular: result[name] = status.size
      case .directory where depth > 1:
        for (inner, size) in sizes(under: path, depth: depth - 1) { result["\(name)/\(inner)"] = size }
      default: break
      }
    }
    return result
  }
}
