import Foundation
import Tensors

extension Difference {
  /// Either side as a person reads it; "–" where there is nothing.
  public var textA: String { a.map(\.shortText) ?? "–" }
  public var textB: String { b.map(\.shortText) ?? "–" }
}

extension JSONValue {
  /// A value of metadata in a few words.
  public var shortText: String {
    switch self {
    case .null: return "none"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return "\(value)"
    case .number(let value): return shortest(value)
    case .string(let value):
      // One line, whatever a model holds.
      let line = value.prefix(60).map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? " " : $0 }
      return value.isEmpty ? "\"\"" : String(line) + (value.count > 60 ? "…" : "")
    case .array(let values):
      return "[" + values.prefix(4).map(\.shortText).joined(separator: ", ") + (values.count > 4 ? ", …]" : "]")
    case .object(let members):
      // Python's tuples, as Keras writes them.
      if case .string("__tuple__")? = members["class_name"], let items = members["items"] { return items.shortText }
      if case .string(let name)? = members["class_name"] { return name }
      if let type = members["dtype"], let shape = members["shape"] { return "\(type.shortText) \(shape.shortText)" }
      if let mean = members["mean"], let low = members["min"], let high = members["max"] {
        return "mean \(mean.fourDigits), \(low.fourDigits) to \(high.fourDigits)"
      }
      let texts = members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.shortText)" }
      let isShort = members.count <= 3 && members.values.allSatisfy(\.isScalar) && texts.joined().count <= 40
      return isShort && !members.isEmpty ? texts.joined(separator: ", ") : "{\(members.count) entries}"
    }
  }
}

extension JSONValue {
  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// A number of a summary, without digits that nobody reads.
  fileprivate var fourDigits: String {
    guard case .number(let value) = self, value.isFinite else { return shortText }
    return String(format: "%.4g", value)
  }
}

/// Metadata written from float32 carries its noise (9.999999747378752e-06): shown as that float32 reads.
private func shortest(_ value: Double) -> String {
  let single = Float(value)
  return Double(single) == value ? "\(single)" : "\(value)"
}
