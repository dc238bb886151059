import Checkpoints
import Results
import Tensors

/// A file that was saved with a model: a vocabulary, a label map, anything else.
struct Asset {
  let folder: String
  let path: String
  let size: Int

  private static let largest = 64 << 20

  private var fullPath: String { folder.isEmpty ? path : "\(folder)/\(path)" }

  private enum Content {
    case lines([String])
    case tree(JSONValue)
    /// Something else, too large, or gone.
    case other
  }

  private var bytes: [UInt8]? {
    guard size <= Self.largest, let file = try? RandomAccessFile(path: fullPath), file.size <= Self.largest
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: file.size)
    return (try? bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }) == nil ? nil : bytes
  }

  /// The labels that the file holds; `nil` for anything else.
  var labelMap: LabelMap? {
    guard LabelMap.isNamed(path) || path.hasSuffix(".pbtxt") else { return nil }
    return bytes.flatMap { LabelMap(path: path, contents: $0) }
  }

  private var content: Content {
    guard let bytes, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { return .other }
    if path.hasSuffix(".json"), let value = try? ParsedJSON(bytes).value { return .tree(value) }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
    }
    if lines.last == "" { lines.removeLast() }
    return .lines(lines)
  }

  var json: JSONValue {
    var result: [String: JSONValue] = ["bytes": .integer(size)]
    switch content {
    case .lines(let lines):
      result["lines"] = .integer(lines.count)
      result["first"] = .array(lines.prefix(LookupTable.shown).map { .string($0) })
    case .tree(let value): if value.isSmall { result["content"] = value }
    case .other: break
    }
    return .object(result)
  }

  /// Text is compared line by line, as a set and in order; JSON as a tree; anything else by its bytes.
  func differences(from other: Asset, path: String) -> [Difference] {
    if size == other.size, hasSameBytes(fullPath, other.fullPath) { return [] }
    switch (content, other.content) {
    case (.lines(let a), .lines(let b)):
      return Comparison.differences(LookupTable(keys: a), LookupTable(keys: b), path: path)
    case (.tree(let a), .tree(let b)): return Comparison.differences(a, b, path: path)
    default: return [Difference(path: path, a: json, b: other.json, note: "the bytes differ")]
    }
  }
}

extension JSONValue {
  fileprivate var isSmall: Bool {
    switch self {
    case .array(let values): values.count <= 64
    case .object(let members): members.count <= 64
    default: true
    }
  }
}
