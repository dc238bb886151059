import Tensors

/// JSON as Python writes it, which allows NaN and Infinity.
package struct ParsedJSON {
  package struct Failure: Error {}

  package let value: JSONValue
  /// Whether a number was NaN or infinite, or larger than a double can be; such numbers are kept as text.
  package let hasNonFinite: Bool

  /// - Parameter text: In UTF-8, or in UTF-16 with its mark.
  /// - Complexity: O(text).
  package init(_ text: [UInt8]) throws(Failure) {
    var hasNonFinite = false
    let text = Self.withoutMark(text)
    let value = text.withUnsafeBytes { text -> JSONValue? in
      var scanner = JSONScanner(text)
      guard let value = try? scanner.value(&hasNonFinite), (try? scanner.end()) != nil else { return nil }
      return value
    }
    guard let value else { throw Failure() }
    self.value = value
    self.hasNonFinite = hasNonFinite
  }

  private static func withoutMark(_ text: [UInt8]) -> [UInt8] {
    if text.starts(with: [0xef, 0xbb, 0xbf]) { return Array(text.dropFirst(3)) }
    let isLittle = text.starts(with: [0xff, 0xfe])
    guard isLittle || text.starts(with: [0xfe, 0xff]) else { return text }
    let units = stride(from: 2, to: text.count - 1, by: 2).map { place in
      UInt16(text[place + (isLittle ? 1 : 0)]) << 8 | UInt16(text[place + (isLittle ? 0 : 1)])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
