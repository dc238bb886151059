import Tensors

/// Says what was found at a path that is no model that can be read, and what to pass instead.
enum Refusal {
  /// What is read, as advice.
  static let advice = "pass a SavedModel's folder, a checkpoint's prefix, or a file of another format that is read"

  /// Explains why nothing recognises `path`.
  ///
  /// - Complexity: O(names in the folder); no file is read beyond its first and last bytes.
  static func explain(_ path: String) -> CheckpointError {
    let status: FileStatus
    do { status = try FileStatus(path: path) } catch {
      if case .notFound = error { return missing(path) }
      return CheckpointError(error)
    }
    switch status.kind {
    case .directory: return folder(path)
    case .other(let kind): return CheckpointError(.notRegular(path: path, kind: kind))
    case .regular:
      do { return try file(RandomAccessFile.opened(path)) } catch { return error }
    }
  }

  static func notYet(_ path: String, _ kind: String) -> CheckpointError {
    .unsupported(
      file: path, reason: "\(kind), which is not read yet; save the model as a SavedModel or as a TensorFlow checkpoint"
    )
  }

  /// Names a file by its beginning, its end and its name.
  private static func file(_ file: RandomAccessFile) throws(CheckpointError) -> CheckpointError {
    let path = file.path
    guard file.size > 0 else {
      return .truncated(file: path, offset: 0, expected: 1, found: 0)
    }
    try GitLFS.refusePointer(file)
    let head = try file.bytes(at: 0, count: min(16, file.size)).withBytes { Array($0) }
    if let kind = kind(path, head) { return notYet(path, kind) }
    if try Table.isTable(file) {
      // Damage is what stands in the way of a V1 checkpoint; nothing else of it is refused.
      _ = try TensorSliceFormat.isFirstVersion(file)
      return .unsupported(
        file: file.path,
        reason: "the index of a V2 checkpoint, and its name does not end in '.index'; "
          + "give it the name of its data files")
    }
    let name = Paths.name(path)
    switch true {
    case name == SavedModel.fingerprintName || name == SavedModel.metadataName:
      return .unsupported(file: path, reason: "this lies beside a SavedModel; pass the folder instead")
    case path.hasSuffix(".pb"):
      return .unsupported(
        file: path, reason: "a message that is neither a graph nor a SavedModel by its name; \(advice)")
    case path.hasSuffix(".meta"):
      return .notFound(
        file: path,
        reason: "this is the graph of a checkpoint whose index is missing; copy the files of the same name "
          + "that end in .index and .data-…")
    case path.hasSuffix(".index"): return .corrupt(file: path, offset: 0, reason: "no index of a checkpoint")
    default:
      let shown = head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
      return .unsupported(
        file: path, reason: "no model that is known here (\(file.size) bytes, beginning with \(shown)); \(advice)")
    }
  }

  /// What a file is by its magic bytes, or by its name where the format has none.
  private static func kind(_ path: String, _ head: [UInt8]) -> String? {
    let lower = path.lowercased()
    if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06]) {
      switch true {
      case lower.hasSuffix(".pt"), lower.hasSuffix(".pth"), lower.hasSuffix(".bin"): return "a PyTorch file"
      default: return "a zip archive"
      }
    }
    if head.count >= 8, head[4...7].elementsEqual("TFL3".utf8) { return "a TensorFlow Lite model" }
    if head.starts(with: "GGUF".utf8) { return "a GGUF file" }
    if head.starts(with: [0x80]), head.count > 1, head[1] <= 5 { return "a Python pickle" }
    if head.starts(with: Array("riegeli/".utf8)) || head.starts(with: [0x83, 0xaf, 0x70, 0xd1]) {
      return "Riegeli records (a SavedModel split into chunks)"
    }
    if lower.hasSuffix(".onnx") { return "an ONNX model" }
    if lower.hasSuffix(".json") { return "a JSON file" }
    return nil
  }

  private static func endsAsTable(_ file: RandomAccessFile) throws(CheckpointError) -> Bool {
    guard file.size >= Table.footerSize else { return false }
    return try file.bytes(at: file.size - 8, count: 8).withBytes { $0.littleEndian(at: 0) == Table.magic }
  }
}
