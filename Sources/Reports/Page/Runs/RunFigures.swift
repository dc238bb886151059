import Foundation
import Results

/// The norms of a layer's runs, a row a layer, on one scale: over the geometric mean of A's runs.
struct RunStrips {
  private static let limit = 60
  private let layers: [RunPageLayer]

  init(_ layers: [RunPageLayer]) {
    self.layers = layers.filter { layer in
      layer.result.points.contains { $0.group == "a" && $0.norm > 0 } && layer.result.points.allSatisfy { $0.norm >= 0 }
    }
  }

  func svg() -> String? {
    guard !layers.isEmpty else { return nil }
    let shown = layers.prefix(Self.limit)
    let ratios = shown.map { layer -> [(point: RunPoint, x: Double)] in
      let own = layer.result.points.filter { $0.group == "a" && $0.norm > 0 }.map { log2($0.norm) }
      let centre = own.reduce(0, +) / Double(own.count)
      return layer.result.points.filter { $0.norm > 0 }.map { ($0, log2($0.norm) - centre) }
    }
    let reach = max(0.1, ratios.flatMap { $0.map { abs($0.x) } }.max() ?? 0) * 1.08
    let row = 34.0
    let left = 190.0
    var svg = SVG(width: 720, height: row * Double(shown.count) + 48)
    let bottom = row * Double(shown.count) + 6
    let x = Axis(low: -reach, high: reach, from: left, to: 706)
    for tick in x.ticks(6) {
      svg.line(x(tick), 4, x(tick), bottom, "grid")
      svg.text(x(tick), bottom + 17, Numbers.short(exp2(tick)), "middle")
    }
    svg.line(x(0), 4, x(0), bottom, "guide")
    svg.text((left + 706) / 2, bottom + 36, "norm over the geometric mean of A's runs", "middle")
    for (i, (layer, points)) in zip(shown, ratios).enumerated() {
      let y = 6 + row * (Double(i) + 0.5)
      svg.text(left - 10, y + 4, shortened(layer.name, to: 26), layer.result.significant ? "strong end" : "end")
      for (point, ratio) in points {
        let tip =
          "\(layer.name)\n\(point.group.uppercased()), run \(point.run + 1)\nnorm \(Numbers.short(point.norm, digits: 4)), \(Numbers.short(exp2(ratio))) of A's mean"
        let attributes = "data-layer=\"\(layer.index)\" data-tip=\"\(escaped(tip))\" "
        if point.group == "a" {
          svg.add("circle", attributes + "class=\"run-a\" cx=\"\(place(x(ratio)))\" cy=\"\(place(y - 7))\" r=\"5\"")
        } else {
          svg.add("path", attributes + "class=\"run-b\" d=\"M\(place(x(ratio))) \(place(y + 1))l6 6-6 6-6-6z\"")
        }
      }
    }
    let rest = layers.count > Self.limit ? " The first \(Self.limit) of \(layers.count) layers are shown." : ""
    return svg.element(
      id: "runs", title: "The effect, run by run",
      description: "Norm of every run in \(shown.count) layers, over the geometric mean of A's runs.\(rest)")
  }
}

/// The runs of one layer in the plane of their first two principal coordinates.
struct RunPlane {
  private let layer: RunPageLayer

  init(_ layer: RunPageLayer) { self.layer = layer }

  var caption: String {
    let shares = layer.result.coordinateShares.map { "\(Numbers.short($0 * 100, digits: 2)) %" }.joined(
      separator: " and ")
    return "<b>Runs</b> in the plane that shows most of their differences"
      + (shares.isEmpty ? "" : " (\(shares) of them)") + ": <span class=\"a\">○ A</span>, <span class=\"b\">◇ B</span>."
  }

  func svg() -> String? {
    let points = layer.result.points.filter { $0.coordinates.count >= 2 && $0.coordinates.allSatisfy(\.isFinite) }
    guard points.count >= 2 else { return nil }
    let reach = max(points.flatMap(\.coordinates).map(abs).max() ?? 0, .leastNormalMagnitude) * 1.12
    var svg = SVG(width: 424, height: 300)
    let x = Axis(low: -reach, high: reach, from: 44, to: 416)
    let y = Axis(low: -reach, high: reach, from: 262, to: 8)
    for (tick, text) in x.labels(5) {
      svg.line(x(tick), y.from, x(tick), y.to, "grid")
      svg.text(x(tick), y.from + 16, text, "middle")
    }
    for (tick, text) in y.labels(5) {
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x.from - 6, y(tick) + 4, text, "end")
    }
    svg.text((x.from + x.to) / 2, 296, "first coordinate", "middle")
    svg.add("text", "transform=\"translate(14 135) rotate(-90)\" class=\"middle\"", "second coordinate")
    for point in points {
      let within = point.distanceWithin.map { ", \(Numbers.short($0)) from its own group" } ?? ""
      let tip =
        "\(point.group.uppercased()), run \(point.run + 1)\n\(Numbers.short(point.distanceBetween)) from the other group\(within)"
      let (px, py) = (x(point.coordinates[0]), y(point.coordinates[1]))
      let attributes = "data-tip=\"\(escaped(tip))\" "
      if point.group == "a" {
        svg.add("circle", attributes + "class=\"run-a\" cx=\"\(place(px))\" cy=\"\(place(py))\" r=\"5\"")
      } else {
        svg.add("path", attributes + "class=\"run-b\" d=\"M\(place(px)) \(place(py - 6))l6 6-6 6-6-6z\"")
      }
    }
    return svg.element(
      id: "plane-\(layer.index)", title: "Runs of \(layer.name)",
      description:
        "\(points.count { $0.group == "a" }) runs of A and \(points.count { $0.group == "b" }) of B in the plane of their first two principal coordinates."
    )
  }
}
