import Foundation
import Results

/// B's distance from A among those of further runs of A's recipe, layer by layer.
func noiseFloorSection(_ noise: NoiseFloor, _ layers: [PageLayer]) -> PageSection {
  let places = Dictionary(layers.map { ($0.result.layer, $0.index) }, uniquingKeysWith: { first, _ in first })
  var table = PageTable(
    "Distances from A",
    [
      ("layer", .text), ("verdict", .text), ("to B", .number), ("to references", .number), ("ratio", .number),
      ("p", .number), ("adj. p (maxT)", .number), ("adj. p", .number),
    ])
  for layer in noise.layers {
    let floor = layer.referenceDistances
    table.add(
      [
        layerName(layer.layer), layer.significant ? "◆ farther" : "○ open", Numbers.fixed(layer.distance, 2),
        "\(Numbers.fixed(floor.min(), 2)) to \(Numbers.fixed(floor.max(), 2))", Numbers.fixed(layer.effect.value, 2),
        Numbers.probability(layer.pValue), Numbers.probability(layer.pAdjustedMaxT),
        Numbers.probability(layer.pAdjusted),
      ], link: places[layer.layer].map { "layer-\($0)" }, marked: layer.significant ? [1, 6] : [])
  }
  let paths = noise.references.map { "<code>\(escaped($0.path))</code>" }.joined(separator: ", ")
  var body =
    "<p>\(escaped(noise.statement)) With \(noise.references.count) of them no p can be below "
    + "\(Numbers.probability(noise.smallestPValue)).</p>"
  if let svg = NoiseFloorStrips(noise, places).svg() {
    body += figure(
      svg, walks: "Distances from A by layer; the arrow keys walk through them",
      caption:
        "Distance from A, of <span class=\"a\">○ the references</span> and of <span class=\"b\">◇ B</span>; each layer on its own scale from 0.",
      scrolls: true)
  }
  body += table.html + "<p class=\"small\">References: \(paths).</p>"
  return PageSection(
    id: "noise-floor", short: "Seed noise", title: "Farther than seed noise?",
    why: """
      <p>Two runs of one recipe differ, too. Here B's distance from A is ranked among those of further runs of A's recipe: \
      <b>p</b> is the share of these runs, B among them, that lie at least as far. <b>ratio</b> is B's distance over the median of the \
      others: 1 is what another seed would be. Distances are taken on features that do not change when hidden units change \
      places.</p>
      """, body: body)
}

func noiseFloorAnswer(_ noise: NoiseFloor) -> PageAnswer {
  let farther = noise.layers.count(where: \.significant)
  let ratios = noise.layers.compactMap(\.effect.value)
  let range = ratios.min().flatMap { low in ratios.max().map { (low, $0) } }
  return PageAnswer(
    question: "Farther than seed noise?",
    answer: farther == 0
      ? "Not that \(noise.references.count) \(noise.references.count == 1 ? "reference" : "references") could tell"
      : "\(farther) of \(noise.layers.count) layers",
    tone: farther == 0 ? nil : "differs",
    detail: (range.map {
      "B lies \(Numbers.fixed($0.0, 2)) to \(Numbers.fixed($0.1, 2)) times as far from A as other runs of its recipe. "
    } ?? "")
      + "With \(noise.references.count) of them no p can be below \(Numbers.probability(noise.smallestPValue)); "
      + "the randomness is that of training runs.")
}

func layerName(_ layer: String) -> String { layer.isEmpty ? "(top)" : layer }

/// A row a layer: a circle a reference and a diamond for B, by their distance from A.
struct NoiseFloorStrips {
  private static let limit = 60
  private let noise: NoiseFloor
  /// Layers' numbers on the page.
  private let places: [String: Int]

  init(_ noise: NoiseFloor, _ places: [String: Int]) {
    self.noise = noise
    self.places = places
  }

  func svg() -> String? {
    let shown = noise.layers.filter { $0.distance > 0 }.prefix(Self.limit)
    guard !shown.isEmpty else { return nil }
    let row = 34.0
    let left = 190.0
    var svg = SVG(width: 720, height: row * Double(shown.count) + 12)
    for (i, layer) in shown.enumerated() {
      let y = 6 + row * (Double(i) + 0.5)
      let most = ([layer.distance] + layer.referenceDistances).max() ?? 1
      let x = Axis(low: 0, high: most * 1.04, from: left, to: 706)
      svg.line(x.from, y, x.to, y, "grid")
      svg.line(x.from, y - 9, x.from, y + 9, "axis")
      svg.text(left - 10, y + 4, shortened(layerName(layer.layer), to: 26), layer.significant ? "strong end" : "end")
      let link = places[layer.layer].map { "data-layer=\"\($0)\" " } ?? ""
      func tip(_ who: String, _ distance: Double) -> String {
        "data-tip=\"\(escaped("\(layerName(layer.layer))\n\(who)\n\(Numbers.short(distance)) from A"))\" "
      }
      for (run, distance) in zip(noise.references, layer.referenceDistances) {
        svg.add(
          "circle",
          link + tip(run.path, distance) + "class=\"run-a\" cx=\"\(place(x(distance)))\" cy=\"\(place(y))\" r=\"5\"")
      }
      svg.add(
        "path",
        link + tip("B", layer.distance)
          + "class=\"run-b\" d=\"M\(place(x(layer.distance))) \(place(y - 6))l6 6-6 6-6-6z\"")
    }
    let rest =
      noise.layers.count > Self.limit ? " The first \(Self.limit) of \(noise.layers.count) layers are shown." : ""
    return svg.element(
      id: "floor", title: "Distances from A",
      description: "Distance from A of B and of \(noise.references.count) references in \(shown.count) layers.\(rest)")
  }
}
