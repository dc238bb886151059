import Foundation

struct ChartLine {
  enum Colour: String {
    case own = "#1f5fa8"
    case rival = "#c2500a"
  }
  let name: String
  let colour: Colour
  let dashed: Bool
  let x: [Double], y: [Double]
}

struct ChartPanel {
  let title: String
  let axis: String
  let lines: [ChartLine]
}

/// Returns panels in two columns as SVG, all with shares from 0 to 1 upwards and a mark at .05.
///
/// - Parameter label: What the shares are of.
func chart(_ panels: [ChartPanel], label: String) -> String {
  let (width, height, left, above, gap) = (320.0, 190.0, 56.0, 34.0, 64.0)
  let legend = Double(panels.map(\.lines.count).max() ?? 0) * 16
  let (columns, band) = (2, above + height + 58 + legend)
  let rows = (panels.count + columns - 1) / columns
  let total = (left + Double(columns) * (width + gap) - gap + 30, Double(rows) * band)
  var svg = [
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(total.0)) \(number(total.1))\" "
      + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\" role=\"img\" aria-label=\"\(escaped(label))\">",
    "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
  ]
  for (i, panel) in panels.enumerated() {
    let origin = left + Double(i % columns) * (width + gap)
    let top = above + Double(i / columns) * band
    let most = panel.lines.flatMap(\.x).max() ?? 1
    func x(_ value: Double) -> String { number(origin + value / most * width) }
    func y(_ value: Double) -> String { number(top + (1 - value) * height) }
    if i % columns == 0 {
      svg.append(
        "<text transform=\"translate(14 \(number(top + height / 2))) rotate(-90)\" text-anchor=\"middle\" fill=\"#333\">"
          + "\(escaped(label))</text>")
    }
    svg.append(
      "<text x=\"\(number(origin))\" y=\"\(number(top - 14))\" font-size=\"13\" font-weight=\"bold\" fill=\"#222\">"
        + "\(escaped(panel.title))</text>")
    for tick in [0, 0.25, 0.5, 0.75, 1] {
      svg.append(
        "<line x1=\"\(x(0))\" x2=\"\(x(most))\" y1=\"\(y(tick))\" y2=\"\(y(tick))\" stroke=\"#e3e3e3\"/>"
          + "<text x=\"\(number(origin - 6))\" y=\"\(number(top + (1 - tick) * height + 4))\" text-anchor=\"end\" "
          + "fill=\"#555\">\(tick == 0 || tick == 1 ? String(Int(tick)) : share(tick, digits: 2))</text>")
    }
    svg.append(
      "<line x1=\"\(x(0))\" x2=\"\(x(most))\" y1=\"\(y(0.05))\" y2=\"\(y(0.05))\" stroke=\"#888\" stroke-width=\"1\" "
        + "stroke-dasharray=\"1 3\"/>"
        + "<text x=\"\(number(origin + width + 3))\" y=\"\(number(top + 0.95 * height + 4))\" fill=\"#777\">.05</text>")
    for value in ticks(upTo: most) {
      svg.append(
        "<text x=\"\(x(value))\" y=\"\(number(top + height + 16))\" text-anchor=\"middle\" fill=\"#555\">"
          + "\(value == 0 ? "0" : share(value, digits: 2))</text>")
    }
    svg.append(
      "<text x=\"\(number(origin + width / 2))\" y=\"\(number(top + height + 34))\" text-anchor=\"middle\" "
        + "fill=\"#333\">\(escaped(panel.axis))</text>")
    for (j, line) in panel.lines.enumerated() {
      let stroke =
        "fill=\"none\" stroke=\"\(line.colour.rawValue)\" stroke-width=\"2\""
        + (line.dashed ? " stroke-dasharray=\"5 4\"" : "")
      let points = zip(line.x, line.y).map { "\(x($0)),\(y($1))" }.joined(separator: " ")
      svg.append("<polyline points=\"\(points)\" \(stroke)/>")
      let entry = top + height + 54 + Double(j) * 16
      svg.append(
        "<line x1=\"\(number(origin))\" x2=\"\(number(origin + 26))\" y1=\"\(number(entry - 4))\" y2=\"\(number(entry - 4))\" "
          + "\(stroke)/><text x=\"\(number(origin + 32))\" y=\"\(number(entry))\" fill=\"#333\">\(escaped(line.name))</text>"
      )
    }
  }
  return (svg + ["</svg>"]).joined(separator: "\n") + "\n"
}

private func number(_ value: Double) -> String {
  let text = String(format: "%.1f", value)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// From 0 in steps of 1, 2 or 5 hundredths or more, at most four of them.
private func ticks(upTo most: Double) -> [Double] {
  let step = [0.01, 0.02, 0.05, 0.1, 0.2].first { most / $0 <= 4.001 } ?? 0.25
  return (0...Int((most / step + 0.001).rounded(.down))).map { Double($0) * step }
}

private func escaped(_ text: String) -> String {
  text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
}
