import Foundation
import Results

/// Evidence against effect: one point a layer, its norm ratio across and its adjusted p upwards.
struct VolcanoPlot {
  private struct Point {
    let layer: PageLayer
    let x: Double
    let y: Double
  }

  private let points: [Point]
  /// Layers that have no place in the plot.
  let leftOut: [PageLayer]
  let alpha: Double

  init(_ layers: [PageLayer], alpha: Double) {
    var points: [Point] = []
    var leftOut: [PageLayer] = []
    for layer in layers {
      if let ratio = layer.result.effect?.value, ratio > 0, let p = layer.evidence, p > 0 {
        points.append(Point(layer: layer, x: log2(ratio), y: -log10(p)))
      } else {
        leftOut.append(layer)
      }
    }
    self.points = points
    self.leftOut = leftOut
    self.alpha = alpha
  }

  /// `nil` without points.
  func svg() -> String? {
    guard !points.isEmpty else { return nil }
    var svg = SVG(width: 920, height: 400)
    let reach = max(0.25, (points.map { abs($0.x) }.max() ?? 0) * 1.12)
    let top = max(2, -log10(alpha) + 0.4, (points.map(\.y).max() ?? 0) * 1.08)
    let x = Axis(low: -reach, high: reach, from: 62, to: 906)
    let y = Axis(low: 0, high: top, from: 350, to: 14)
    for tick in x.ticks(6) {
      svg.line(x(tick), y.from, x(tick), y.to, "grid")
      svg.text(x(tick), y.from + 18, String(format: "%.2g", exp2(tick)), "middle")
    }
    for tick in y.ticks(6) where tick == tick.rounded() {
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x.from - 8, y(tick) + 4, powerText(tick), "end")
    }
    svg.line(x.from, y.from, x.to, y.from, "axis")
    svg.line(x(0), y.from, x(0), y.to, "axis")
    let limit = -log10(alpha)
    svg.line(x.from, y(limit), x.to, y(limit), "guide")
    svg.text(x.to, y(limit) - 5, "α = \(Numbers.short(alpha, digits: 1))", "end")
    svg.text((x.from + x.to) / 2, 392, "norm of B over norm of A", "middle")
    svg.add("text", "transform=\"translate(14 182) rotate(-90)\" class=\"middle\"", "adjusted p, smaller upwards")
    for point in points.sorted(by: { $0.y < $1.y }) {
      let (px, py) = (x(point.x), y(point.y))
      let attributes =
        "data-layer=\"\(point.layer.index)\" class=\"point \(point.layer.state)\" "
      if point.layer.result.significant {
        svg.add("path", attributes + "d=\"M\(place(px)) \(place(py - 6.5))l6.5 6.5-6.5 6.5-6.5-6.5z\"")
      } else {
        svg.add("circle", attributes + "cx=\"\(place(px))\" cy=\"\(place(py))\" r=\"5\"")
      }
    }
    label(&svg, x, y)
    let differing = points.count { $0.layer.result.significant }
    return svg.element(
      id: "volcano", title: "Evidence against effect",
      description:
        "\(points.count) layers by the ratio of their norms and their adjusted p; \(differing) of them differ. "
        + "The table of layers has the same numbers.")
  }

  /// Names beside the strongest points, as far as they don't lie on one another.
  private func label(_ svg: inout SVG, _ x: Axis, _ y: Axis) {
    var taken: [(x: ClosedRange<Double>, y: Double)] = []
    let strongest = points.filter(\.layer.result.significant).sorted {
      ($0.y, abs($0.x)) > ($1.y, abs($1.x))
    }
    for point in strongest.prefix(12) {
      let name = shortened(point.layer.name, to: 22)
      let width = Double(name.count) * 6.8
      let height = y(point.y) + 4
      let centre = x(point.x)
      let places = [(centre + 11, ""), (centre - 11 - width, " end")]
      guard
        let (start, style) = places.first(where: { start, _ in
          let range = start...(start + width)
          return start > x.from && start + width < x.to
            && !taken.contains { abs($0.y - height) < 14 && $0.x.overlaps(range) }
            && !points.contains { abs(y($0.y) + 4 - height) < 14 && range.contains(x($0.x)) && x($0.x) != centre }
        })
      else { continue }
      taken.append((start...(start + width), height))
      svg.text(style.isEmpty ? start : centre - 11, height, name, "strong\(style)")
    }
  }
}

/// 10⁻ⁿ as a person reads it.
private func powerText(_ tick: Double) -> String {
  switch tick {
  case 0: "1"
  case 1: "0.1"
  case 2: "0.01"
  case 3: "0.001"
  default: "1e-\(Int(tick))"
  }
}

/// A name with its middle left out, so that start and end tell it from others.
func shortened(_ name: String, to length: Int) -> String {
  guard name.count > length, length > 2 else { return name }
  let tail = (length - 1) * 3 / 5
  return "\(name.prefix(length - 1 - tail))…\(name.suffix(tail))"
}
