import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON as Python writes it, which allows NaN and Infinity.
package struct ParsedJSON {
  package struct Failure: Error {}

  package let value: JSONValue
  /// Whether a number was NaN or infinite; such numbers are kept as text.
  package let hasNonFinite: Bool

  package init(_ text: [UInt8]) throws(Failure) {
    // Strict first: almost every text is.
    if let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text)) {
      self.value = value
      hasNonFinite = false
      return
    }
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(Self.quoted(text))) else { throw Failure() }
    self.value = value
    hasNonFinite = true
  }

  /// Puts quotation marks around `NaN`, `Infinity` and `-Infinity` outside strings.
  private static func quoted(_ text: [UInt8]) -> [UInt8] {
    let words = ["NaN", "Infinity", "-Infinity"].map { Array($0.utf8) }
    let quote = UInt8(ascii: "\"")
    var result: [UInt8] = []
    var isString = false
    var position = 0
    while position < text.count {
      let byte = text[position]
      if isString {
        if byte == UInt8(ascii: "\\"), position + 1 < text.count {
          result += text[position...position + 1]
          position += 2
          continue
        }
        if byte == quote { isString = false }
      } else if byte == quote {
        isString = true
      } else if let word = words.first(where: { text[position...].starts(with: $0) }) {
        result += [quote] + word + [quote]
        position += word.count
        continue
      }
      result.append(byte)
      position += 1
    }
    return result
  }
}
