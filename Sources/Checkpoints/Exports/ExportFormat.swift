import HDF5
import Tensors

/// The two models of a file that Equipoise exported: `pairs.h5/a` and `pairs.h5/b`.
///
/// No file can lie below a file, so these paths can mean nothing else.
public enum ExportFormat: CheckpointFormat {
  public static let name = "Equipoise export"
  static let sides = ["a", "b"]
  private static let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  public static func recognizes(_ path: String) -> Bool {
    guard sides.contains(Paths.name(path)), path.contains("/"), FileStatus.isFile(Paths.folder(path)),
      let file = try? RandomAccessFile(path: Paths.folder(path)), file.size >= magic.count
    else { return false }
    return (try? file.bytes(at: 0, count: magic.count).withBytes { $0.elementsEqual(magic) }) == true
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag { throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel") }
    return try ExportedModel(file: Paths.folder(path), side: Paths.name(path), path: path)
  }
}
