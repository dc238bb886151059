import Foundation

/// A drawing that is put together mark by mark; colours and fonts are the page's.
struct SVG {
  let width: Double, height: Double
  private var marks = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Adds an element; `attributes` are put in as they are.
  mutating func add(_ element: String, _ attributes: String, _ content: String? = nil) {
    marks += "<\(element) \(attributes)" + (content.map { ">\(escaped($0))</\(element)>" } ?? "/>")
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    add("path", "class=\"\(style)\" d=\"M\(place(x1)) \(place(y1))L\(place(x2)) \(place(y2))\"")
  }

  mutating func text(_ x: Double, _ y: Double, _ content: String, _ style: String = "") {
    add("text", "x=\"\(place(x))\" y=\"\(place(y))\"" + (style.isEmpty ? "" : " class=\"\(style)\""), content)
  }

  /// The whole drawing with a name and a description for those who don't see it.
  func element(id: String, title: String, description: String) -> String {
    "<svg id=\"\(id)\" role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\" viewBox=\"0 0 \(place(width)) \(place(height))\" "
      + "width=\"\(place(width))\" height=\"\(place(height))\"><title id=\"\(id)-t\">\(escaped(title))</title>"
      + "<desc id=\"\(id)-d\">\(escaped(description))</desc>\(marks)</svg>"
  }
}

/// A coordinate to a tenth of a pixel.
func place(_ x: Double) -> String {
  let tenths = Int((x * 10).rounded())
  return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

/// Text as HTML shows it, in elements and quoted attributes.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text.unicodeScalars {
    switch character {
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// A linear scale from data to pixels.
struct Axis {
  let low: Double, high: Double
  let from: Double, to: Double

  func callAsFunction(_ x: Double) -> Double { from + (x - low) / (high - low) * (to - from) }

  /// Round values within the axis, about `count` of them.
  func ticks(_ count: Int) -> [Double] {
    guard let step = step(count) else { return [] }
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = Int((high / step + 1e-9).rounded(.down))
    return first <= last ? (first...last).map { Double($0) * step } : []
  }

  /// The same with their labels, all of as many decimals as the steps need.
  func labels(_ count: Int) -> [(value: Double, text: String)] {
    guard let step = step(count) else { return [] }
    var decimals = 0
    while decimals < 6, step * pow(10, Double(decimals)) < 0.999 { decimals += 1 }
    return ticks(count).map { ($0, Numbers.decimals($0, decimals)) }
  }

  private func step(_ count: Int) -> Double? {
    let rough = (high - low) / Double(max(count, 1))
    guard rough > 0, rough.isFinite else { return nil }
    let power = powerOfTen(below: rough)
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
  }
}

private func powerOfTen(below x: Double) -> Double {
  var power = 1.0
  while power > x { power /= 10 }
  while power * 10 <= x { power *= 10 }
  return power
}
