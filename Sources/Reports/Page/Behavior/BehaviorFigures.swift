import Foundation
import Results

/// B − A of each measure with its interval, a row each on its own scale.
struct MeasureFigure {
  private let measures: [BehaviorMeasure]

  init(_ result: BehaviorComparison) {
    measures = result.measures.filter { $0.difference.interval?.count == 2 && $0.difference.value != nil }
  }

  func svg() -> String? {
    guard !measures.isEmpty else { return nil }
    let height = 30.0
    var svg = SVG(width: 448, height: height * Double(measures.count) + 6)
    for (i, measure) in measures.enumerated() {
      guard let value = measure.difference.value, let limits = measure.difference.interval else { continue }
      let y = height * Double(i) + 17
      let least = min(limits[0], 0, value)
      let most = max(limits[1], 0, value)
      let margin = most > least ? (most - least) * 0.08 : 1
      let x = Axis(low: least - margin, high: most + margin, from: 118, to: 254)
      svg.text(108, y + 4, measure.name.replacing("_", with: " "), "end")
      svg.line(x(0), y - 11, x(0), y + 11, "guide")
      svg.line(x(limits[0]), y, x(limits[1]), y, "interval")
      for limit in limits { svg.line(x(limit), y - 4, x(limit), y + 4, "interval") }
      svg.add("circle", "class=\"centre\" cx=\"\(place(x(value)))\" cy=\"\(place(y))\" r=\"4\"")
      svg.text(264, y + 4, estimate(value, limits, signed: true))
    }
    let words = measures.map {
      "\($0.name.replacing("_", with: " ")) \(estimate($0.difference.value, $0.difference.interval, signed: true))"
    }
    return svg.element(
      id: "measure-differences", title: "Differences of the measures", description: words.joined(separator: "; "))
  }
}

/// How often predictions of a stated confidence are right.
struct ReliabilityFigure {
  private let bins: [Calibration.Bin]

  init(_ result: BehaviorComparison) { bins = result.calibration?.bins ?? [] }

  func svg() -> String? {
    let most = bins.map { max($0.countA, $0.countB) }.max() ?? 0
    guard most > 0 else { return nil }
    var svg = SVG(width: 424, height: 300)
    let x = Axis(low: 0, high: 1, from: 44, to: 412)
    let y = Axis(low: 0, high: 1, from: 258, to: 12)
    for (tick, text) in x.labels(5) {
      svg.line(x(tick), y.from, x(tick), y.to, "grid")
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x(tick), y.from + 17, text, "middle")
      svg.text(x.from - 7, y(tick) + 4, text, "end")
    }
    svg.line(x(0), y(0), x(1), y(1), "guide")
    svg.text((x.from + x.to) / 2, 294, "confidence", "middle")
    svg.add("text", "transform=\"translate(11 135) rotate(-90)\" class=\"middle\"", "share that is right")
    for bin in bins {
      func tip(_ side: String, _ count: Int, _ confidence: Double, _ accuracy: Double) -> String {
        let range = "\(Numbers.fixed(bin.lower, 2)) to \(Numbers.fixed(bin.upper, 2))"
        return escaped(
          "\(side), confidence \(range)\n\(Numbers.count(count)) \(count == 1 ? "example" : "examples")\nmean confidence "
            + "\(Numbers.fixed(confidence, 3)), right \(Numbers.fixed(accuracy, 3))")
      }
      func size(_ count: Int) -> Double { 3 + 5 * (Double(count) / Double(most)).squareRoot() }
      if let confidence = bin.confidenceA, let accuracy = bin.accuracyA {
        svg.add(
          "circle",
          "data-tip=\"\(tip("A", bin.countA, confidence, accuracy))\" class=\"run-a\" cx=\"\(place(x(confidence)))\" "
            + "cy=\"\(place(y(accuracy)))\" r=\"\(place(size(bin.countA)))\"")
      }
      if let confidence = bin.confidenceB, let accuracy = bin.accuracyB {
        let r = place(size(bin.countB) * 1.2)
        svg.add(
          "path",
          "data-tip=\"\(tip("B", bin.countB, confidence, accuracy))\" class=\"run-b\" "
            + "d=\"M\(place(x(confidence))) \(place(y(accuracy) - size(bin.countB) * 1.2))l\(r) \(r)-\(r) \(r)-\(r)-\(r)z\""
        )
      }
    }
    return svg.element(
      id: "reliability", title: "Reliability diagram",
      description: "Share of right predictions against their mean confidence in \(bins.count) bins, of A and B.")
  }
}

/// Recall of either model, a row a class.
struct RecallFigure {
  private let classes: [ClassBehavior]

  init(_ classes: [ClassBehavior]) { self.classes = classes.filter { $0.recallA != nil && $0.recallB != nil } }

  func svg() -> String? {
    guard !classes.isEmpty else { return nil }
    let low = floor((classes.flatMap { [$0.recallA ?? 1, $0.recallB ?? 1] }.min() ?? 0) * 10) / 10
    let row = 24.0
    let bottom = row * Double(classes.count) + 6
    var svg = SVG(width: 720, height: bottom + 40)
    let x = Axis(low: min(low, 0.9), high: 1, from: 150, to: 706)
    for (tick, text) in x.labels(5) {
      svg.line(x(tick), 4, x(tick), bottom, "grid")
      svg.text(x(tick), bottom + 16, text, "middle")
    }
    svg.text((x.from + x.to) / 2, bottom + 34, "recall", "middle")
    for (i, row) in classes.enumerated() {
      guard let a = row.recallA, let b = row.recallB else { continue }
      let y = 6 + 24 * (Double(i) + 0.5)
      svg.text(140, y + 4, shortened(row.name, to: 20), "end")
      svg.line(x(a), y, x(b), y, "axis")
      let tip =
        "\(row.name), \(Numbers.count(row.count)) \(row.count == 1 ? "example" : "examples")\nrecall \(Numbers.fixed(a, 3)) in A, \(Numbers.fixed(b, 3)) in B\n"
        + "only A right \(row.onlyACorrect), only B right \(row.onlyBCorrect)"
      svg.add(
        "circle",
        "data-tip=\"\(escaped(tip))\" class=\"run-a\" cx=\"\(place(x(a)))\" cy=\"\(place(y))\" r=\"5\"")
      svg.add(
        "path", "data-tip=\"\(escaped(tip))\" class=\"run-b\" d=\"M\(place(x(b))) \(place(y - 6))l6 6-6 6-6-6z\"")
    }
    return svg.element(
      id: "recall", title: "Recall by class", description: "Recall of \(classes.count) classes in A and in B.")
  }
}

/// The loss along the straight line between the weights.
struct InterpolationFigure {
  private let line: WeightInterpolation

  init(_ line: WeightInterpolation) { self.line = line }

  func svg() -> String? {
    guard let first = line.points.first, let last = line.points.last, line.points.count > 1 else { return nil }
    let most = line.points.map(\.loss).max() ?? 0
    let least = min(0, line.points.map(\.loss).min() ?? 0)
    guard most > least, most.isFinite, least.isFinite else { return nil }
    var svg = SVG(width: 560, height: 280)
    let x = Axis(low: 0, high: 1, from: 58, to: 546)
    let y = Axis(low: least, high: most * 1.06, from: 234, to: 12)
    for (tick, text) in y.labels(5) {
      svg.line(x.from, y(tick), x.to, y(tick), "grid")
      svg.text(x.from - 7, y(tick) + 4, text, "end")
    }
    for (tick, text) in x.labels(5) { svg.text(x(tick), y.from + 17, text, "middle") }
    svg.line(x.from, y.from, x.to, y.from, "axis")
    svg.line(x(0), y(first.loss), x(1), y(last.loss), "guide")
    let name = line.measure.replacing("_", with: " ")
    svg.add(
      "path",
      "class=\"line-a\" d=\"M"
        + line.points.map { "\(place(x($0.position))) \(place(y($0.loss)))" }.joined(separator: "L") + "\"")
    for point in line.points {
      var tip = "\(Numbers.fixed(point.position, 3)) of the way from A to B\n\(name) \(Numbers.fixed(point.loss, 4))"
      if let accuracy = point.accuracy { tip += "\naccuracy \(Numbers.fixed(accuracy, 4))" }
      svg.add(
        "circle",
        "data-tip=\"\(escaped(tip))\" class=\"run-a\" cx=\"\(place(x(point.position)))\" cy=\"\(place(y(point.loss)))\" r=\"5\""
      )
    }
    svg.text((x.from + x.to) / 2, 272, "from A (0) to B (1)", "middle")
    svg.add("text", "transform=\"translate(12 123) rotate(-90)\" class=\"middle\"", name)
    return svg.element(
      id: "interpolation", title: "The loss between the models",
      description: "\(name) at \(line.points.count) points on the straight line between the weights. "
        + barrierSentence(line))
  }
}
