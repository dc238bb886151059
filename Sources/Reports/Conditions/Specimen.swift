import Results

extension ModelComparison {
  /// A document with one of everything, whose names are all that a document can have.
  ///
  /// - Parameter isTested: With layers and tests, as `significance` writes it.
  public static func specimen(isTested: Bool) -> ModelComparison {
    let summary = ModelSummary(
      path: "", format: "", tags: [""], tensorFlowVersion: "", kerasVersion: "", tensorCount: 0, weightCount: 0)
    var effect = Effect(name: "", value: 0, interval: [0, 0], intervalMethod: "", dz: 0)
    effect.name = "effect"
    var pair = PairResult(
      name: "", layer: "", role: .weight, a: Side(key: "", dtype: ""), b: Side(key: "", dtype: ""), shape: [0],
      count: 0,
      identical: false, pairedBy: "",
      metrics: Metrics(
        values: Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0, Number(0)) }),
        estimator: Estimator(bins: 0, edges: [0, 0], smoothing: 0, outside: 0)), unit: "", unitCount: 0, warnings: [""])
    pair.deadUnitsA = [0]
    pair.deadUnitsB = [0]
    var document = ModelComparison(
      schema: "",
      provenance: Provenance(version: "", arguments: [""], seed: 0, generator: "", resamples: 0, inputs: []),
      warnings: [""],
      a: summary, b: summary, verdict: .different, pairs: [],
      unpaired: Unpaired(
        a: [.init(name: "", key: "", role: .weight, dtype: "", shape: [0])],
        b: [.init(name: "", key: "", role: .weight, dtype: "", shape: [0])]),
      mismatched: [
        Mismatch(name: "", role: .weight, keyA: "", keyB: "", shapeA: [0], shapeB: [0], dtypeA: "", dtypeB: "")
      ], damaged: [Damage(name: "", reason: "", isCorrupt: true)],
      structure: [Difference(path: "", a: nil, b: nil)], metadata: [Difference(path: "", a: nil, b: nil)])
    if isTested {
      pair.tests = [
        TestResult(
          id: "", level: "", nullHypothesis: "", statistic: "", value: 0, alternative: "", unit: "", unitCount: 0,
          effect: effect)
      ]
      pair.intervals = Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, effect) })
      var layer = LayerResult(layer: "", tensors: [""], weightCount: 0, combination: "")
      layer.effect = effect
      layer.pByTest = ["drift": 0, "scale": 0, "shape": 0]
      document.layers = [layer]
      document.significance = SignificanceSettings(
        alpha: 0, adjustment: "", confidence: 0, resamples: 0, seed: 0, statement: "")
    }
    document.pairs = [pair]
    return document
  }
}
