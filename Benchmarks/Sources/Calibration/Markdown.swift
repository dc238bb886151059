import Foundation

/// Returns a table; the first column is text, the others are centred on their numbers' right edge.
func markdown(_ header: [String], _ rows: [[String]]) -> String {
  let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
  return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}

/// A probability without its leading zero: `.050`, `1.000`.
func share(_ value: Double, digits: Int = 3) -> String {
  let text = String(format: "%.\(digits)f", value)
  return text.hasPrefix("0.") ? String(text.dropFirst()) : text.replacingOccurrences(of: "-0.", with: "-.")
}

func grouped(_ number: Int) -> String {
  var digits = String(number)
  var parts: [String] = []
  while digits.count > 3 {
    parts.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return ([digits] + parts).joined(separator: ",")
}

/// Replaces what stands between `<!-- calibration:NAME -->` and `<!-- /calibration:NAME -->` in every document that has
/// these marks.
struct Documents {
  let paths: [String]

  func fill(_ name: String, _ text: String) throws {
    let (open, close) = ("<!-- calibration:\(name) -->", "<!-- /calibration:\(name) -->")
    var found = false
    for path in paths {
      var document = try String(contentsOfFile: path, encoding: .utf8)
      guard let start = document.range(of: open), let end = document.range(of: close),
        start.upperBound <= end.lowerBound
      else { continue }
      found = true
      document.replaceSubrange(start.upperBound..<end.lowerBound, with: "\n\(text)\n")
      try document.write(toFile: path, atomically: true, encoding: .utf8)
    }
    if !found { throw Trouble("no document has the marks of \(name)") }
  }
}

struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
