import Foundation
import Results
import Testing

@testable import Reports

/// Documents made by hand, as large as real ones.
enum Made {
  static func pair(_ name: String, layer: String, units: Int = 64, seed: Int = 1) -> PairResult {
    func value(_ i: Int) -> Double { Double((seed * 7_919 + i * 104_729) % 999_983) / 999_983 + 1e-3 }
    var pair = PairResult(
      name: name, layer: layer, role: .weight, a: Side(key: "\(name)/.ATTRIBUTES/VARIABLE_VALUE", dtype: "float32"),
      b: Side(key: "\(name)/.ATTRIBUTES/VARIABLE_VALUE", dtype: "float32"), shape: [256, units], count: 256 * units,
      identical: false, pairedBy: "object_path",
      metrics: Metrics(
        values: Dictionary(
          uniqueKeysWithValues: Metric.allCases.enumerated().map { i, metric in
            (metric, Number(metric.isCount ? Double(i + 1) : value(i)))
          }), estimator: Estimator(bins: 128, edges: [-value(1), value(2)], smoothing: 0.5, outside: value(3))),
      unit: "output column", unitCount: units)
    pair.tests = (0..<15).map { i in
      var test = TestResult(
        id: i == 0 ? "drift" : i < 3 ? "scale" : i < 6 ? "shape" : "divergence", level: "unit",
        nullHypothesis: String(repeating: "words ", count: 30),
        statistic: "statistic_\(i)", value: value(20 + i), alternative: "two-sided", unit: "output column",
        unitCount: units,
        effect: Effect(
          name: "mean_shift_per_sd", value: value(40 + i), interval: [value(60 + i), value(80 + i)],
          intervalMethod: "percentile",
          dz: value(100 + i)))
      if i < 7 { (test.pValue, test.pAdjusted, test.smallestPValue) = (value(120 + i), value(140 + i), 1e-4) }
      (test.method, test.methodReason) = ("monte_carlo", String(repeating: "reason ", count: 12))
      test.pInterval = [value(160 + i), value(180 + i)]
      return test
    }
    pair.intervals = Dictionary(
      uniqueKeysWithValues: [Metric.relativeL2, .cosineSimilarity, .normRatio, .wasserstein1].enumerated().map {
        i, metric in
        (
          metric.rawValue,
          Effect(
            name: metric.rawValue, value: value(200 + i), interval: [value(210 + i), value(220 + i)],
            intervalMethod: "percentile")
        )
      })
    pair.profile = PairProfile(
      edges: [-value(1), value(2)], countsA: (0..<130).map { Int(value($0 + 300) * 3_000) },
      countsB: (0..<130).map { Int(value($0 + 500) * 3_000) },
      unitNormsA: (0..<units).map { value($0 + 700) }, unitNormsB: (0..<units).map { value($0 + 900) },
      fits: [
        DistributionFit(side: "a", family: "norm", location: value(5), scale: value(6)),
        DistributionFit(side: "b", family: "norm", location: value(7), scale: value(8)),
      ])
    return pair
  }

  static func layer(_ name: String, _ tensors: [String], p: Double?, adjusted: Double?, ratio: Double? = 0.5)
    -> LayerResult
  {
    var layer = LayerResult(layer: name, tensors: tensors, weightCount: 8_320, combination: "standardized_maxT")
    (layer.pValue, layer.pAdjusted, layer.significant) = (p, adjusted, (adjusted ?? 1) <= 0.05)
    (layer.method, layer.methodReason) = ("monte_carlo", "there are too many arrangements to take all")
    layer.effect = ratio.map {
      Effect(name: "norm_ratio", value: $0, interval: [$0 * 0.9, $0 * 1.1], intervalMethod: "percentile")
    }
    (layer.relativeL2, layer.cosineSimilarity, layer.wasserstein1PerSD) = (0.8, 0.6, 0.3)
    (layer.deadUnitsA, layer.deadUnitsB) = (0, 3)
    layer.pByTest = ["drift": 0.2, "scale": 1e-9, "shape": 0.0001]
    return layer
  }

  static func document(layers: Int, tensors: Int = 2, name: (Int) -> String = { "layer_\($0)" }) -> ModelComparison {
    func summary(_ path: String) -> ModelSummary {
      ModelSummary(
        path: path, format: "SavedModel", tags: ["serve"], tensorFlowVersion: "2.21.0", kerasVersion: nil,
        tensorCount: layers * tensors,
        weightCount: 8_320 * layers)
    }
    var document = ModelComparison(
      schema: ModelComparison.significanceSchema,
      provenance: Provenance(
        version: "0.1.0", arguments: ["report", "--alpha", "0.01"], seed: 7, generator: "Philox4x32-10",
        resamples: 9_999,
        libraries: ["gsl": "2.7.1"],
        inputs: [
          .init(path: "models/it's a", size: 326_749, fingerprint: "44207e606344904d"),
          .init(path: "models/b", size: 326_741, fingerprint: nil),
        ]), warnings: [], a: summary("models/it's a"), b: summary("models/b"), verdict: .different, pairs: [],
      unpaired: Unpaired(),
      mismatched: [], damaged: [], structure: [], metadata: [])
    document.layers = []
    for i in 0..<layers {
      let names = (0..<tensors).map { "\(name(i))/\($0 == 0 ? "kernel" : "bias_\($0)")" }
      for (j, tensor) in names.enumerated() {
        document.pairs.append(pair(tensor, layer: name(i), units: 256, seed: i * 31 + j + 1))
      }
      let p = Double(i + 1) / Double(layers + 1)
      document.layers?.append(layer(name(i), names, p: p * p * p * p, adjusted: p * p * p))
    }
    document.significance = SignificanceSettings(
      alpha: 0.05, adjustment: "bh", confidence: 0.95, resamples: 9_999, seed: 7, statement: "Only replicates tell.")
    return document
  }
}

struct PageTests {
  @Test func isOneFileThatAsksNothing() throws {
    let text = try page(Made.document(layers: 3))
    #expect(try page(Made.document(layers: 3)) == text, "the same document, the same bytes")
    #expect(text.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
    for forbidden in ["http:", "https:", "src=", "@import", "url(\"", "<link"] {
      #expect(!text.contains(forbidden), "\(forbidden)")
    }
    #expect(!text.contains("{{"), "every place in the templates is filled")
    #expect(text.contains("1 of 3 layers differs"))
    #expect(
      text.contains(
        "equipoise report &#39;models/it&#39;\\&#39;&#39;s a&#39; models/b --alpha 0.01 --seed 7 -o report.html"))
  }

  @Test func fiveHundredTensorsStayBelowTwoMegabytes() throws {
    let text = try page(Made.document(layers: 250) { "model/encoder/block_\($0)/attention/self/query" })
    #expect(text.utf8.count < 2_000_000, "\(text.utf8.count)")
    #expect(text.contains("\"omitted\":[]"))
  }

  @Test func beyondThatTheWeakestLayersLeaveTheirDetail() throws {
    let document = Made.document(layers: 300)
    let text = try page(document)
    #expect(text.contains("\"omitted\":[\((250..<300).map(String.init).joined(separator: ","))]"))
    #expect(text.contains("<a href=\"#layer-299\">layer_299</a>"), "their rows stay")
  }

  @Test func namesAreTextWhereverTheyStand() throws {
    let name = "</script><img src=x onerror=alert(1)>&\"'`${1}"
    var document = Made.document(layers: 2) { "\(name)\($0)" }
    document.warnings = [name]
    document.metadata = [Difference(path: name, a: nil, b: nil)]
    document.a.path = name
    let text = try page(document)
    #expect(!text.contains("<img") && !text.contains("onerror=alert(1)>&\""))
    #expect(text.components(separatedBy: "</script").count == 3, "the data and the script end where they should")
  }

  @Test func everyVerdictHasItsWords() throws {
    for (verdict, words) in [
      (Verdict.identicalFiles, "The two models are identical"), (.identicalValues, "identical values"),
      (.incomparable, "Nothing could be compared"),
    ] {
      var document = Made.document(layers: 0)
      document.verdict = verdict
      #expect(try page(document).contains(words))
    }
    var untested = Made.document(layers: 1)
    untested.layers = nil
    untested.significance = nil
    for i in untested.pairs.indices { untested.pairs[i].tests = nil }
    #expect(try page(untested).contains("tensors changed"))
    var open = Made.document(layers: 1)
    open.layers = [Made.layer("layer_0", ["layer_0/kernel"], p: 0.5, adjusted: 0.5)]
    #expect(try page(open).contains("That does not show that the models are the same."))
  }
}

struct PackedJSONTests {
  /// What the page's script does.
  private func unpack(_ value: Any, _ strings: [String], _ names: [[String]]) -> Any {
    if let text = value as? String {
      guard text.hasPrefix("~") else { return text }
      return text.hasPrefix("~~") ? String(text.dropFirst()) : strings[Int(text.dropFirst())!]
    }
    guard let array = value as? [Any] else { return value }
    let kind = (array[0] as! NSNumber).intValue
    let items = array.dropFirst().map { unpack($0, strings, names) }
    return kind == -1 ? items : Dictionary(uniqueKeysWithValues: zip(names[kind], items))
  }

  @Test func comesBackAsItWas() throws {
    struct Document: Codable, Equatable {
      struct Item: Codable, Equatable {
        var name: String, number: Double?, flags: [Bool], nested: [[Int]], text: String
      }
      var items: [Item]
      var empty: [Int] = []
      var none: [String: Int] = [:]
    }
    let document = Document(items: [
      .init(name: "repeated words", number: 0.25, flags: [true, false], nested: [[1, 2], []], text: "~7"),
      .init(name: "repeated words", number: nil, flags: [], nested: [], text: "</script>\u{2028}\n\"\\"),
      .init(name: "repeated words", number: -5e-324, flags: [true], nested: [[-3]], text: ""),
    ])
    let text = try PackedJSON.text(document)
    #expect(!text.contains("<") && text.components(separatedBy: "repeated words").count == 2)
    let packed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let tree = unpack(packed["values"]!, packed["strings"] as! [String], packed["names"] as! [[String]])
    let data = try JSONSerialization.data(withJSONObject: tree, options: [.fragmentsAllowed])
    #expect(try JSONDecoder().decode(Document.self, from: data) == document)
  }

  @Test(arguments: [
    (0.1, "0.1"), (1.0 / 3, "0.3333333"), (1e-30, "1e-30"), (123_456_789, "1.234568e+08"), (42, "42"), (-0.5, "-0.5"),
    (.nan, "null"),
    (.infinity, "null"),
  ])
  func numbersKeepSevenDigits(value: Double, text: String) { #expect(PackedJSON.digits(value, 7) == text) }
}

struct FigureTests {
  @Test(arguments: [(0.0, "0"), (1.04, "1"), (1.06, "1.1"), (-0.06, "-0.1"), (-2, "-2"), (12.34, "12.3")])
  func placesAreTenthsOfAPixel(x: Double, text: String) { #expect(place(x) == text) }

  @Test func ticksAreRoundAndWithinTheAxis() {
    #expect(Axis(low: 0, high: 1, from: 0, to: 1).ticks(5).map { ($0 * 10).rounded() } == [0, 2, 4, 6, 8, 10])
    #expect(Axis(low: -0.3, high: 0.9, from: 0, to: 1).ticks(3) == [0, 0.5])
    #expect(Axis(low: 2, high: 2, from: 0, to: 1).ticks(3).isEmpty)
  }

  @Test func theVolcanoHasAMarkForEveryLayerWithARatio() {
    let layers = [
      Made.layer("a", ["a/kernel"], p: 0.001, adjusted: 0.002),
      Made.layer("b", ["b/kernel"], p: 0.5, adjusted: 0.5, ratio: nil),
      Made.layer("c", ["c/kernel"], p: nil, adjusted: nil),
      Made.layer("d", ["d/kernel"], p: 0.4, adjusted: 0.4, ratio: 3),
    ].enumerated().map { PageLayer(index: $0, result: $1, isIdentical: false) }
    let plot = VolcanoPlot(layers, alpha: 0.05)
    let svg = plot.svg() ?? ""
    #expect(svg.components(separatedBy: "data-layer=").count == 3)
    #expect(plot.leftOut.map(\.name) == ["b", "c"])
    #expect(svg.contains("<title id=\"volcano-t\">") && svg.contains("2 layers by the ratio"))
    #expect(VolcanoPlot([], alpha: 0.05).svg() == nil)
  }

  @Test func histogramCountsTheLayersThatWereTested() {
    let layers = [0.001, 0.02, 0.04, 0.5].enumerated().map { i, p in
      PageLayer(index: i, result: Made.layer("\(i)", [], p: p, adjusted: p), isIdentical: false)
    }
    let plots = PValuePlots(
      layers + [PageLayer(index: 4, result: Made.layer("same", [], p: 1, adjusted: nil), isIdentical: true)])
    #expect(plots.count == 4)
    #expect(plots.histogram()?.contains("4 p-values in 20 bins; 3 lie below 0.05") == true)
    #expect(plots.quantiles()?.components(separatedBy: "<circle").count == 5)
  }

  @Test(arguments: [("short", 10, "short"), ("model/encoder/layer_7/query", 15, "model/…_7/query")])
  func namesAreShortenedInTheirMiddle(name: String, length: Int, expected: String) {
    let found = shortened(name, to: length)
    #expect(found.count <= length && found == expected)
  }
}
