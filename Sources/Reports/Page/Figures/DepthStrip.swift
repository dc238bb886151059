import Foundation
import Results

/// Where in the network the change lies: a column a layer in the network's order, a row a measure.
struct DepthStrip {
  private let layers: [PageLayer]
  private static let steps = 7

  init(_ layers: [PageLayer]) { self.layers = layers }

  private struct Row: Sendable {
    let name: String
    let note: String
    let value: @Sendable (LayerResult) -> Double?
    /// The value that the darkest colour stands for.
    let full: Double
  }

  private static let rows = [
    Row(name: "change", note: "relative L2, dark from 1", value: { $0.relativeL2 }, full: 1),
    Row(name: "size", note: "norm ratio, dark from a factor of 2 either way", value: { ratio($0) }, full: 1),
    Row(name: "shape", note: "Wasserstein distance over SD, dark from 0.5", value: { $0.wasserstein1PerSD }, full: 0.5),
    Row(name: "evidence", note: "−log₁₀ of adjusted p, dark from 4", value: { evidence($0) }, full: 4),
  ]

  private static func ratio(_ layer: LayerResult) -> Double? {
    guard let value = layer.effect?.value, value > 0 else { return nil }
    return abs(log2(value))
  }

  private static func evidence(_ layer: LayerResult) -> Double? {
    (layer.pAdjusted ?? (layer.pValue == 1 ? 1 : nil)).map { -log10($0) }
  }

  func svg() -> String? {
    guard !layers.isEmpty else { return nil }
    let left = 74.0
    let width = 1_120.0
    let cell = min(56, (width - left) / Double(layers.count))
    let height = 26.0
    var svg = SVG(width: max(320, left + cell * Double(layers.count)), height: height * 4 + 30)
    for (i, row) in Self.rows.enumerated() {
      let y = Double(i) * height
      svg.text(left - 8, y + height / 2 + 4, row.name, "end")
      for (j, layer) in layers.enumerated() {
        let value = row.value(layer.result)
        let step = value.map { min(Self.steps - 1, max(0, Int(($0 / row.full * Double(Self.steps - 1)).rounded(.up)))) }
        svg.add(
          "path",
          "class=\"\(step.map { "q\($0)" } ?? "none")\" data-layer=\"\(layer.index)\" "
            + "d=\"M\(place(left + Double(j) * cell)) \(place(y))h\(place(max(cell - 1, 0.8)))v\(place(height - 2))h-\(place(max(cell - 1, 0.8)))z\""
        )
      }
    }
    // A mark beside the colour: layers that differ.
    let ground = height * 4 + 5
    for (j, layer) in layers.enumerated() where layer.result.significant {
      let x = left + (Double(j) + 0.5) * cell - 0.5
      svg.add("path", "class=\"point differs\" d=\"M\(place(x)) \(place(ground))l4 4-4 4-4-4z\"")
    }
    svg.text(left - 8, ground + 9, "differs", "end")
    if cell >= 40 {
      for (j, layer) in layers.enumerated() {
        svg.text(
          left + (Double(j) + 0.5) * cell, ground + 22, shortened(layer.name, to: max(4, Int(cell / 7))), "middle")
      }
    } else {
      svg.text(left, ground + 22, "first layer")
      svg.text(left + cell * Double(layers.count), ground + 22, "last layer", "end")
    }
    return svg.element(
      id: "depth", title: "Heat strip over depth",
      description: "\(layers.count) layers in the order of the network; rows are "
        + Self.rows.map { "\($0.name) (\($0.note))" }.joined(separator: ", ")
        + "; a diamond below marks a layer that differs.")
  }

  /// What the colours stand for, as HTML.
  static var legend: String {
    var swatches = ""
    for i in 0..<steps { swatches += "<rect class=\"q\(i)\" x=\"\(i * 18)\" width=\"18\" height=\"12\"/>" }
    return
      "<p class=\"legend\"><span>less <svg width=\"126\" height=\"12\" aria-hidden=\"true\">\(swatches)</svg> more</span>"
      + "<span><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><rect class=\"none\" width=\"18\" height=\"12\"/></svg> "
      + "not defined</span><span><svg width=\"10\" height=\"10\" aria-hidden=\"true\"><path class=\"point differs\" d=\"M5 1l4 4-4 4-4-4z\"/></svg> "
      + "differs</span></p><p class=\"note\">"
      + rows.map { "<b>\(escaped($0.name))</b>: \(escaped($0.note))" }.joined(separator: " · ") + "</p>"
  }
}
