import Foundation

/// How numbers are written for people.
enum Numbers {
  /// A whole number with thin groups of three: `17 226`.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    if digits.utf8.count <= 3 { return String(value) }
    var result = ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { result += " " }
      result.append(digit)
    }
    return (value < 0 ? "-" : "") + result
  }

  /// Lengths of axes: `[64, 10]`.
  static func shape(_ shape: [Int]) -> String {
    var result = "["
    for (axis, length) in shape.enumerated() {
      if axis > 0 { result += ", " }
      result += String(length)
    }
    return result + "]"
  }

  /// Three or four significant digits, without noise; `–` for nothing.
  static func short(_ value: Double?, digits: Int = 3) -> String {
    guard let value else { return "–" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 1e5 || size < 1e-3 { return String(format: "%.\(max(digits - 2, 1))e", value) }
    let decimals = max(0, digits - 1 - Int(floor(log10(size))))
    return String(format: "%.\(min(decimals, 6))f", value)
  }

  /// Fixed decimals, for columns that are compared by eye.
  static func fixed(_ value: Double?, _ decimals: Int) -> String {
    guard let value else { return "–" }
    if value != 0, abs(value) < 0.5 * pow(10, Double(-decimals)) { return String(format: "%.0e", value) }
    return String(format: "%.\(decimals)f", value)
  }

  /// So many decimals, and no minus before nothing: labels of an axis.
  static func decimals(_ value: Double, _ decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) } ? String(text.dropFirst()) : text
  }

  /// A probability: never shown as 0.
  static func probability(_ p: Double?) -> String {
    guard let p else { return "–" }
    if p >= 0.0001 { return String(format: p > 0.9995 ? "%.0f" : "%.4f", p) }
    return String(format: "%.1e", p)
  }

  /// Full precision, for CSV; empty for nothing.
  static func exact(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
