import Tensors

/// Which label each class number stands for, as files beside models say it.
///
/// ## Source
/// TensorFlow Models, `research/object_detection/protos/string_int_label_map.proto`; Keras,
/// `applications/imagenet_utils.py` (`imagenet_class_index.json`); lists of one label a line, with or without numbers.
package struct LabelMap: Equatable, Sendable {
  /// By number.
  package let labels: [Int: String]

  /// Reads a label map.
  ///
  /// - Parameter path: Its ending tells the format. Lines and JSON are labels only where the name says so, for
  ///   vocabularies are written alike; a list of items is one whatever its name.
  /// - Returns: `nil` for what is no label map.
  /// - Complexity: O(contents).
  package init?(path: String, contents: [UInt8]) {
    let name = Paths.name(path).lowercased()
    let found: [Int: String]?
    if name.hasSuffix(".pbtxt") || name.hasSuffix(".prototxt") {
      found = Self.items(contents)
    } else if !Self.isNamed(path) {
      found = nil
    } else if name.hasSuffix(".json") {
      found = (try? ParsedJSON(contents)).flatMap { Self.tree($0.value) }
    } else {
      found = Self.lines(contents)
    }
    guard let found, !found.isEmpty else { return nil }
    labels = found
  }

  /// Whether a file's name says that labels are in it.
  package static func isNamed(_ path: String) -> Bool {
    let name = Paths.name(path).lowercased()
    let isText = [".txt", ".pbtxt", ".prototxt", ".json", ".csv", ".tsv", ".names"].contains { name.hasSuffix($0) }
    return isText
      && ["label", "classes", "class_names", "class_index", "class_indices", "synset"].contains { name.contains($0) }
  }

  private static let schema = TextSchema(
    messages: """
      Map: item 1 Item
      Item: name 1 bytes, id 2 int, display_name 3 bytes
      """, enumerations: "")

  private static func items(_ contents: [UInt8]) -> [Int: String]? {
    guard let message = try? contents.withUnsafeBytes({ try TextMessage.encode($0, as: "Map", schema) }) else {
      return nil
    }
    return try? message.withUnsafeBytes { bytes in
      var result: [Int: String] = [:]
      var reader = WireReader(bytes)
      while let field = try reader.next() {
        guard let part = field.range else { continue }
        var id = 0
        var name: String?
        var displayed: String?
        var item = WireReader(bytes, part)
        while let field = try item.next() {
          if field.number == 1, let text = field.range { name = item.text(text) }
          if field.number == 2 { id = field.int ?? 0 }
          if field.number == 3, let text = field.range { displayed = item.text(text) }
        }
        if let label = displayed ?? name { result[id] = label }
      }
      return result
    }
  }

  /// One label a line; its number is what all lines begin with, or its place.
  private static func lines(_ contents: [UInt8]) -> [Int: String]? {
    guard !contents.contains(0), let text = String(validating: contents, as: UTF8.self) else { return nil }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.last?.isEmpty == true { lines.removeLast() }
    var numbered: [Int: String] = [:]
    for line in lines {
      guard let (number, label) = split(line), numbered.updateValue(label, forKey: number) == nil else {
        return Dictionary(uniqueKeysWithValues: lines.map(String.init).enumerated().map { ($0, $1) })
      }
    }
    return numbered
  }

  /// `3 cat`, `3: cat`, `3,cat`.
  private static func split(_ line: Substring) -> (Int, String)? {
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    let rest = line[digits.endIndex...]
    guard let number = Int(digits), let separator = rest.first, " \t:,;".contains(separator) else { return nil }
    let label = rest.drop { " \t:,;".contains($0) }
    return label.isEmpty ? nil : (number, String(label))
  }

  /// A list, labels by number (of several names the last is for people), numbers by label, or one of these in a member.
  private static func tree(_ value: JSONValue) -> [Int: String]? {
    func text(_ value: JSONValue) -> String? {
      switch value {
      case .string(let text): text
      case .array(let names): names.last.flatMap { if case .string(let text) = $0 { text } else { nil } }
      default: nil
      }
    }
    switch value {
    case .array(let values):
      let labels = values.compactMap(text)
      return labels.count == values.count ? Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($0, $1) }) : nil
    case .object(let members):
      for name in ["id2label", "labels", "classes"] {
        if let inner = members[name], let found = tree(inner) { return found }
      }
      var result: [Int: String] = [:]
      for (key, value) in members {
        if let number = Int(key), let label = text(value) {
          result[number] = label
        } else if case .integer(let number) = value {
          result[number] = key
        } else {
          return nil
        }
      }
      return result.count == members.count ? result : nil
    default: return nil
    }
  }
}
