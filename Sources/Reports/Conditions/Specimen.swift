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
    effect.standardError = 0
    effect.simultaneousInterval = [0, 0]
    effect.simultaneousMethod = ""
    effect.mostInfluentialUnit = 0
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
      structure: [Difference(path: "", a: nil, b: nil, note: "")],
      metadata: [Difference(path: "", a: nil, b: nil, note: "")])
    document.same = Sameness(bytes: true, values: true, metadata: true, graph: true, fingerprint: true)
    if isTested {
      var test = TestResult(
        id: "", level: "", nullHypothesis: "", statistic: "", value: 0, alternative: "", unit: "", unitCount: 0,
        effect: effect)
      test.details = Dictionary(uniqueKeysWithValues: details.map { ($0, 0) })
      pair.tests = [test]
      pair.intervals = Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, effect) })
      var layer = LayerResult(layer: "", tensors: [""], weightCount: 0, combination: "")
      layer.effect = effect
      layer.pByTest = ["drift": 0, "scale": 0, "shape": 0]
      document.layers = [layer]
      document.noise = NoiseFloor(
        nullHypothesis: "", references: [summary], smallestPValue: 0, statement: "", warnings: [""],
        layers: [
          NoiseFloorLayer(layer: "", tensors: [""], distance: 0, referenceDistances: [0], effect: effect, pValue: 0)
        ], unshared: [UnsharedTensor(name: "", reason: "")], damaged: [])
      document.significance = SignificanceSettings(
        alpha: 0, adjustment: "", confidence: 0, resamples: 0, seed: 0, statement: "")
    }
    document.pairs = [pair]
    return document
  }
}

/// What the tests put beside their statistics, by name.
private let details = [
  "anderson_darling", "atom_share", "common_grid_count", "common_grid_differing_count", "cramer_von_mises",
  "delta_bic_per_2n_nats", "largest", "live_units", "location", "matched_cosine", "max_abs_difference",
  "mean_log_likelihood_nats", "occupied_bins", "plug_in_bias", "same_weights_elsewhere",
  "same_weights_inputs_reordered", "same_weights_same_place", "sample_count", "scale", "smallest", "unit",
  "unmatched_cosine",
]

extension RunComparison {
  /// A document of runs with one of everything.
  public static var specimen: RunComparison {
    let models = ModelComparison.specimen(isTested: true)
    let effect = models.layers?.first?.effect
    let tests = models.pairs.flatMap { $0.tests ?? [] }
    var layer = RunLayer(layer: "", tensors: [""], weightCount: 0, combination: "")
    (layer.effect, layer.normRatio, layer.tests) = (effect, effect, tests)
    layer.points = [
      RunPoint(group: "", run: 0, coordinates: [0], norm: 0, distanceWithin: 0, distanceBetween: 0)
    ]
    let tensor = RunTensor(
      name: "", layer: "", role: .weight, shape: [0], count: 0, unit: "", unitCount: 0, features: [""], norms: [0],
      deadUnits: [0], tests: tests, warnings: [""])
    return RunComparison(
      provenance: models.provenance, warnings: [""], a: RunGroup(runs: [models.a]), b: RunGroup(runs: [models.b]),
      verdict: .different,
      design: RunDesign(runsA: 0, runsB: 0, labellings: 0, isExact: true, resamples: 0, smallestPValue: 0),
      tensors: [tensor], unshared: [UnsharedTensor(name: "", reason: "")], damaged: models.damaged,
      structure: models.structure, metadata: models.metadata, layers: [layer],
      significance: models.significance
        ?? SignificanceSettings(alpha: 0, adjustment: "", confidence: 0, resamples: 0, seed: 0, statement: ""))
  }
}
