import Foundation
import Results

/// The layers' p-values together: flat and on the diagonal if nothing differs anywhere.
struct PValuePlots {
  private let layers: [PageLayer]

  /// Layers with a p-value of their own; identical ones are no question of chance.
  init(_ layers: [PageLayer]) {
    self.layers = layers.filter { $0.result.pValue != nil && $0.result.pAdjusted != nil }
  }

  var count: Int { layers.count }

  func histogram() -> String? {
    guard !layers.isEmpty else { return nil }
    let bins = 20
    var counts = [Int](repeating: 0, count: bins)
    for layer in layers { counts[min(bins - 1, Int((layer.result.pValue ?? 1) * Double(bins)))] += 1 }
    let most = counts.max() ?? 1
    var svg = SVG(width: 440, height: 260)
    let x = Axis(low: 0, high: 1, from: 48, to: 430)
    let y = Axis(low: 0, high: Double(most) * 1.06, from: 216, to: 12)
    for tick in y.ticks(4) where tick == tick.rounded() {
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x.from - 7, y(tick) + 4, "\(Int(tick))", "end")
    }
    for (i, count) in counts.enumerated() where count > 0 {
      let start = x(Double(i) / Double(bins))
      let width = x(Double(i + 1) / Double(bins)) - start
      svg.add(
        "path",
        "class=\"bar\" data-tip=\"\(count) \(count == 1 ? "layer" : "layers") with p from \(Numbers.short(Double(i) / Double(bins), digits: 2)) to \(Numbers.short(Double(i + 1) / Double(bins), digits: 2))\" "
          + "d=\"M\(place(start)) \(place(y.from))h\(place(width))V\(place(y(Double(count))))h-\(place(width))z\"")
    }
    let expected = Double(layers.count) / Double(bins)
    svg.line(x.from, y(expected), x.to, y(expected), "guide")
    svg.line(x.from, y.from, x.to, y.from, "axis")
    for tick in [0, 0.2, 0.4, 0.6, 0.8, 1.0] {
      svg.text(x(tick), y.from + 17, Numbers.short(tick, digits: 1), "middle")
    }
    svg.text((x.from + x.to) / 2, 252, "p of a layer", "middle")
    svg.add("text", "transform=\"translate(14 114) rotate(-90)\" class=\"middle\"", "layers")
    return svg.element(
      id: "p-histogram", title: "Histogram of the layers' p-values",
      description: "\(layers.count) p-values in \(bins) bins; \(counts[0]) lie below 0.05, where "
        + "\(Numbers.short(expected, digits: 2)) would if no layer differed.")
  }

  /// Observed against expected, both as −log₁₀, in the band where 95 % of uniform samples stay whole.
  func quantiles() -> String? {
    guard !layers.isEmpty else { return nil }
    let sorted = layers.sorted { ($0.result.pValue ?? 1, $0.index) < ($1.result.pValue ?? 1, $1.index) }
    let m = Double(sorted.count)
    // Dvoretzky-Kiefer-Wolfowitz with Massart's constant: doi:10.1214/aop/1176990746
    let epsilon = (log(2 / 0.05) / (2 * m)).squareRoot()
    let most = sorted.compactMap(\.result.pValue).map { -log10($0) }.max() ?? 0
    var svg = SVG(width: 440, height: 260)
    let x = Axis(low: 0, high: max(1, log10(2 * m) * 1.05), from: 48, to: 430)
    let y = Axis(low: 0, high: max(1.5, most * 1.06, x.high), from: 216, to: 12)
    var upper: [String] = []
    var lower: [String] = []
    for i in 0...60 {
      let expected = x.high * Double(i) / 60
      let p = pow(10, -expected)
      lower.append("\(place(x(expected))) \(place(y(-log10(min(1, p + epsilon)))))")
      upper.append("\(place(x(expected))) \(place(p - epsilon > 0 ? y(min(y.high, -log10(p - epsilon))) : y.to))")
    }
    svg.add("path", "class=\"band\" d=\"M\((upper + lower.reversed()).joined(separator: "L"))z\"")
    for (tick, text) in y.labels(5) {
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x.from - 7, y(tick) + 4, text, "end")
    }
    for (tick, text) in x.labels(5) { svg.text(x(tick), y.from + 17, text, "middle") }
    let end = min(x.high, y.high)
    svg.line(x(0), y(0), x(end), y(end), "guide")
    svg.line(x.from, y.from, x.to, y.from, "axis")
    for (i, layer) in sorted.enumerated() {
      let expected = -log10((Double(i) + 0.5) / m)
      svg.add(
        "circle",
        "class=\"point \(layer.state)\" data-layer=\"\(layer.index)\" "
          + "cx=\"\(place(x(expected)))\" cy=\"\(place(y(-log10(layer.result.pValue ?? 1))))\" r=\"4\"")
    }
    svg.text((x.from + x.to) / 2, 252, "expected −log₁₀ p", "middle")
    svg.add("text", "transform=\"translate(14 114) rotate(-90)\" class=\"middle\"", "observed −log₁₀ p")
    return svg.element(
      id: "p-quantiles", title: "Q-Q plot of the layers' p-values",
      description: "\(sorted.count) p-values against those of a uniform sample; points above the grey band are smaller "
        + "than chance allows for.")
  }
}
