import Tensors

/// The file `checkpoint`, which names the latest of a folder's checkpoints.
///
/// ## Source
/// TensorFlow, `python/training/checkpoint_state.proto`, written as text by
/// `python/checkpoint/checkpoint_management.py`.
struct CheckpointState {
  static let name = "checkpoint"

  let folder: String
  /// As the file has it: relative to the folder, or absolute on the machine that wrote it.
  let path: String

  init(folder: String) throws(CheckpointError) {
    self.folder = folder
    let statePath = Paths.join(folder, Self.name)
    let file = try RandomAccessFile.opened(statePath)
    let contents = try file.contents(limit: 16 << 20)
    let text = contents.withBytes { Array($0) }
    guard let path = Self.value(of: "model_checkpoint_path", in: text), !path.isEmpty else {
      throw .corrupt(
        file: statePath, offset: 0, reason: "no 'model_checkpoint_path' is in it; pass a checkpoint's prefix instead")
    }
    self.path = path
  }

  /// Whether the named place is another one than the folder.
  var isForeign: Bool { path.hasPrefix("/") && !FileStatus.isSame(Paths.folder(path), folder) }

  enum Target {
    /// The prefix of a V2 checkpoint.
    case bundle(String)
    /// A V1 checkpoint.
    case slices(String)
  }

  /// The named checkpoint.
  ///
  /// The one in this folder wins over an absolute path: folders are copied, and then the path leads elsewhere.
  func target() throws(CheckpointError) -> Target {
    let local = Paths.join(folder, path.hasPrefix("/") ? Paths.name(path) : path)
    for prefix in path.hasPrefix("/") ? [local, path] : [local] {
      if FileStatus.find(prefix + ".index") != nil { return .bundle(prefix) }
      if TensorSliceFormat.recognizes(prefix) { return .slices(prefix) }
    }
    let known = TensorBundleFormat.prefixes(in: folder)
    throw .notFound(
      file: local + ".index",
      reason: "the state file '\(Paths.join(folder, Self.name))' names this checkpoint, and it is missing"
        + (known.isEmpty ? "" : "; there are " + known.map { "'\($0)'" }.joined(separator: ", ")))
  }

  /// The first string of field `name` in a text message.
  static func value(of name: String, in text: [UInt8]) -> String? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let line = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard line.starts(with: name.utf8) else { continue }
      let rest = line.dropFirst(name.utf8.count).drop { $0 == UInt8(ascii: " ") }
      guard rest.first == UInt8(ascii: ":") else { continue }
      let quoted = rest.dropFirst().drop { $0 == UInt8(ascii: " ") }
      guard let quote = quoted.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { continue }
      return unescaped(quoted.dropFirst(), until: quote)
    }
    return nil
  }

  /// Text up to the closing quotation mark, with C's escapes undone.
  private static func unescaped(_ text: ArraySlice<UInt8>, until quote: UInt8) -> String? {
    var result: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == quote { return String(decoding: result, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        result.append(byte)
        continue
      }
      switch escape {
      case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): result.append(UInt8(ascii: "\r"))
      case UInt8(ascii: "t"): result.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        var value = Int(escape - UInt8(ascii: "0"))
        for _ in 0..<2 {
          guard let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { break }
          value = value * 8 + Int(digit - UInt8(ascii: "0"))
          rest.removeFirst()
        }
        result.append(UInt8(truncatingIfNeeded: value))
      default: result.append(escape)
      }
    }
    return nil
  }
}
