import Comparison
import HDF5
import Results
import Tensors

/// Writes `/results`: a group for each table of the comparison.
func writeResults(
  _ result: ModelComparison, _ places: [Place], in results: borrowing HDF5Group, _ storage: StringStorage
) throws {
  func write(
    _ name: String, _ title: String, _ table: Table, _ attributes: [(String, AttributeValue?)] = []
  ) throws(HDF5Error) {
    let group = try results.createGroup(name)
    try group.describe([("title", .text(title))] + attributes, storage)
    try table.write(in: group, storage)
  }
  try write("tensors", "one row per pair of tensors", tensorTable(result.pairs, places))
  let settings = attributes(of: result.significance)
  if let layers = result.layers {
    try write("tests", "one row per pair and test", testTable(result.pairs, places), settings)
    try write("layers", "one row per layer: its p-value and effects", layerTable(layers), settings)
    try write(
      "intervals", "one row per pair and metric with a confidence interval", intervalTable(result.pairs, places),
      settings)
  }
  try write("metadata", "where the metadata of the models differ", try differenceTable(result.metadata))
  try write("structure", "where the structures of the models differ", try differenceTable(result.structure))
  let unpaired = result.unpaired.a.map { ("a", $0) } + result.unpaired.b.map { ("b", $0) }
  if !unpaired.isEmpty { try write("unpaired", "tensors without a partner", unpairedTable(unpaired)) }
  if !result.mismatched.isEmpty {
    try write("mismatched", "tensors whose partner has another shape", mismatchTable(result.mismatched))
  }
  if !result.damaged.isEmpty {
    try write("damaged", "pairs left out because a tensor can't be read", damageTable(result.damaged))
  }
}

private func attributes(of settings: SignificanceSettings?) -> [(String, AttributeValue?)] {
  guard let settings else { return [] }
  return [
    ("alpha", .number(settings.alpha)), ("adjustment", .text(settings.adjustment)),
    ("confidence", .number(settings.confidence)), ("resamples", .integer(settings.resamples)),
    ("seed", .unsigned(settings.seed)), ("statement", .text(settings.statement)),
  ]
}

// MARK: - Pairs

private func tensorTable(_ pairs: [PairResult], _ places: [Place]) -> Table {
  let names = pairs.map(\.name)
  var columns: [Table.Column] = [
    .text("name", "name in A, without a prefix common to all", names),
    .text("layer", "name less its last part", pairs.map(\.layer)),
    .text("role", "what the tensor is for", pairs.map(\.role.rawValue)),
    .text("key_a", "checkpoint key in A", pairs.map(\.a.key)),
    .text("key_b", "checkpoint key in B", pairs.map(\.b.key)),
    .text("dtype_a", "element type in A, as TensorFlow names it", pairs.map(\.a.dtype)),
    .text("dtype_b", "element type in B, as TensorFlow names it", pairs.map(\.b.dtype)),
    .text("shape", "length of each axis", pairs.map { shapeText($0.shape) }),
    .count("count", "number of elements", pairs.map(\.count)),
    .flag("identical", "same element type and same bytes", pairs.map(\.identical)),
    .text("paired_by", "what the two tensors have in common", pairs.map(\.pairedBy)),
    .text("unit", "what one unit is", pairs.map(\.unit)),
    .count("unit_count", "number of units, or of blocks of units", pairs.map(\.unitCount)),
    .count(
      "excluded_count", "elements left out because a side is not finite", pairs.map(\.metrics.excludedCount)),
  ]
  columns += Metric.allCases.map { metric in
    .number(metric.rawValue, metric.longName, units: metric.units, pairs.map { $0.metrics[metric] })
  }
  let estimators = pairs.map(\.metrics.estimator)
  columns += [
    .number("estimator_bins", "bins between the histograms' edges", estimators.map { $0.map { Double($0.bins) } }),
    .number("estimator_lower_edge", "left edge of the histograms", estimators.map { $0?.edges.first }),
    .number("estimator_upper_edge", "right edge of the histograms", estimators.map { $0?.edges.last }),
    .number("estimator_smoothing", "pseudo-count of every bin in KL divergences", estimators.map { $0?.smoothing }),
    .number("estimator_outside", "share of the elements beyond the edges", estimators.map { $0?.outside }),
  ]
  let nonFinite = pairs.map(\.metrics.nonFinite)
  for (side, model) in [("a", "A"), ("b", "B")] {
    columns += [
      .count("nan_\(side)", "elements of \(model) that are NaN", nonFinite.map { $0["nan_\(side)"] ?? 0 }),
      .count("inf_\(side)", "elements of \(model) that are infinite", nonFinite.map { $0["inf_\(side)"] ?? 0 }),
    ]
  }
  columns += [
    .text("warnings", "separated by semicolons", pairs.map { joined($0.warnings) }),
    .text("path", "group of the pair in this file", places.map(\.path)),
  ]
  return Table(of: .text("tensor", "tensor", names), columns)
}

private func testTable(_ pairs: [PairResult], _ places: [Place]) -> Table {
  let found = zip(pairs, places).flatMap { pair, place in (pair.tests ?? []).map { (pair, place, $0) } }
  let tests = found.map(\.2)
  let columns: [Table.Column] =
    [
      .text("id", "test", tests.map(\.id)),
      .text("level", "which randomness the p-value rests on", tests.map(\.level)),
      .text("statistic", "statistic", tests.map(\.statistic)),
      .number("value", "value of the statistic", tests.map(\.value)),
    ] + pValueColumns(tests.map { ($0.pValue, $0.pAdjusted, $0.pInterval) }) + [
      .text("method", "how the p-value was computed", tests.map { $0.method ?? "" }),
      .text("alternative", "alternative hypothesis; greater: B is greater", tests.map(\.alternative)),
      .number("resamples", "resamples behind the p-value", tests.map { $0.resamples.map(Double.init) }),
      .number("exceedances", "resamples at least as extreme", tests.map { $0.exceedances.map(Double.init) }),
      .text("unit", "what one unit is", tests.map(\.unit)),
      .count("unit_count", "number of units", tests.map(\.unitCount)),
      .number("smallest_p_value", "smallest p-value that these data could give", tests.map(\.smallestPValue)),
    ] + effectColumns(tests.map(\.effect)) + [
      .number("d_z", "standardised mean of the unit differences", tests.map { $0.effect?.dz }),
      .text("warnings", "separated by semicolons", tests.map { joined($0.warnings) }),
      .text("null_hypothesis", "null hypothesis", tests.map(\.nullHypothesis)),
      .text("tensor", "name of the pair", found.map(\.0.name)),
      .text("path", "group of the pair in this file", found.map(\.1.path)),
    ]
  return Table(tests.count, "test", "row", columns)
}

private func intervalTable(_ pairs: [PairResult], _ places: [Place]) -> Table {
  let found = zip(pairs, places).flatMap { pair, place in
    Metric.allCases.compactMap { metric in
      pair.intervals?[metric.rawValue].map { (pair.name, place.path, metric.rawValue, $0) }
    }
  }
  return Table(
    found.count, "interval", "row",
    [
      .text("tensor", "name of the pair", found.map(\.0)),
      .text("metric", "metric", found.map(\.2)),
      .number("value", "estimate; of a divergence corrected for its bias", found.map(\.3.value)),
      .number("lower", "lower confidence limit", found.map { $0.3.interval?.first }),
      .number("upper", "upper confidence limit", found.map { $0.3.interval?.last }),
      .text("interval_method", "how the interval was computed", found.map { $0.3.intervalMethod ?? "" }),
      .text("path", "group of the pair in this file", found.map(\.1)),
    ])
}

// MARK: - Layers

private func layerTable(_ layers: [LayerResult]) -> Table {
  let tests = SignificanceOptions.available.filter { id in layers.contains { $0.pByTest[id] != nil } }
  let byTest: [Table.Column] = tests.map { id in
    .number("p_\(id)", "smallest p-value of the test \(id)", layers.map { $0.pByTest[id] })
  }
  return Table(
    of: .text("layer", "layer", layers.map(\.layer)),
    [
      .text("tensors", "names of the pairs, separated by semicolons", layers.map { joined($0.tensors) }),
      .count("weight_count", "number of elements", layers.map(\.weightCount)),
    ] + pValueColumns(layers.map { ($0.pValue, $0.pAdjusted, $0.pInterval) }) + [
      .text("combination", "how the tests became one p-value", layers.map(\.combination)),
      .text("method", "how the p-value was computed", layers.map { $0.method ?? "" }),
      .text("leading", "tensor, test and statistic that stand out most", layers.map { $0.leading ?? "" }),
      .flag("significant", "adjusted p-value at most alpha", layers.map(\.significant)),
    ] + effectColumns(layers.map(\.effect)) + [
      .number("relative_l2", "norm of b - a over norm of a, all tensors together", layers.map(\.relativeL2)),
      .number("cosine_similarity", "cosine of their angle, all tensors together", layers.map(\.cosineSimilarity)),
      .number(
        "wasserstein1_per_sd", "Wasserstein-1 distance in standard deviations, of the largest tensor",
        layers.map(\.wasserstein1PerSD)),
      .number("dead_units_a", "dead units of A's largest tensor", layers.map { $0.deadUnitsA.map(Double.init) }),
      .number("dead_units_b", "dead units of B's largest tensor", layers.map { $0.deadUnitsB.map(Double.init) }),
    ] + byTest + [.text("warnings", "separated by semicolons", layers.map { joined($0.warnings) })])
}

private func pValueColumns(_ values: [(value: Double?, adjusted: Double?, interval: [Double]?)]) -> [Table.Column] {
  [
    .number("p_value", "p-value", values.map(\.value)),
    .number("p_adjusted", "p-value adjusted for multiple testing", values.map(\.adjusted)),
    .number("p_lower", "lower limit of a Monte Carlo p-value", values.map { $0.interval?.first }),
    .number("p_upper", "upper limit of a Monte Carlo p-value", values.map { $0.interval?.last }),
  ]
}

private func effectColumns(_ effects: [Effect?]) -> [Table.Column] {
  [
    .text("effect_name", "effect, with its unit", effects.map { $0?.name ?? "" }),
    .number("effect_value", "estimate of the effect", effects.map { $0?.value }),
    .number("effect_lower", "lower confidence limit of the effect", effects.map { $0?.interval?.first }),
    .number("effect_upper", "upper confidence limit of the effect", effects.map { $0?.interval?.last }),
    .text("interval_method", "how the interval was computed", effects.map { $0?.intervalMethod ?? "" }),
  ]
}

// MARK: - The rest

private func differenceTable(_ differences: [Difference]) throws -> Table {
  Table(
    of: .text("path", "place of the difference", differences.map(\.path)),
    [
      .text("a", "value in A as JSON; empty where A has none", try differences.map { try $0.a.map(json) ?? "" }),
      .text("b", "value in B as JSON; empty where B has none", try differences.map { try $0.b.map(json) ?? "" }),
    ])
}

private func unpairedTable(_ tensors: [(model: String, tensor: Unpaired.Tensor)]) -> Table {
  Table(
    tensors.count, "row", "row",
    [
      .text("model", "model that has the tensor", tensors.map(\.model)),
      .text("name", "name", tensors.map(\.tensor.name)),
      .text("key", "checkpoint key", tensors.map(\.tensor.key)),
      .text("role", "what the tensor is for", tensors.map(\.tensor.role.rawValue)),
      .text("dtype", "element type", tensors.map(\.tensor.dtype)),
      .text("shape", "length of each axis", tensors.map { shapeText($0.tensor.shape) }),
    ])
}

private func mismatchTable(_ mismatches: [Mismatch]) -> Table {
  Table(
    mismatches.count, "row", "row",
    [
      .text("name", "name in A", mismatches.map(\.name)),
      .text("role", "what the tensor is for", mismatches.map(\.role.rawValue)),
      .text("key_a", "checkpoint key in A", mismatches.map(\.keyA)),
      .text("key_b", "checkpoint key in B", mismatches.map(\.keyB)),
      .text("shape_a", "length of each axis in A", mismatches.map { shapeText($0.shapeA) }),
      .text("shape_b", "length of each axis in B", mismatches.map { shapeText($0.shapeB) }),
      .text("dtype_a", "element type in A", mismatches.map(\.dtypeA)),
      .text("dtype_b", "element type in B", mismatches.map(\.dtypeB)),
    ])
}

private func damageTable(_ damaged: [Damage]) -> Table {
  Table(
    damaged.count, "row", "row",
    [
      .text("name", "name of the pair", damaged.map(\.name)),
      .text("reason", "why it was left out", damaged.map(\.reason)),
      .flag("corrupt", "the bytes contradict the file", damaged.map(\.isCorrupt)),
    ])
}

/// `[64, 128]`, which is JSON and Python too; `[]` is a scalar.
private func shapeText(_ shape: [Int]) -> String { "\(shape)" }

private func joined(_ texts: [String]) -> String { texts.joined(separator: "; ") }

extension Metric {
  fileprivate var units: String {
    switch self {
    case .klAB, .klBA: "nat"
    case .jensenShannon: "bit"
    default: "1"
    }
  }

  fileprivate var longName: String {
    switch self {
    case .meanSquaredDifference: "mean of (b - a)^2"
    case .cosineSimilarity: "cosine of the angle of a and b"
    case .relativeL2: "norm of b - a over norm of a"
    case .maxAbsDifference: "largest |b - a|"
    case .changedCount: "elements whose values differ"
    case .meanDifference: "mean of b - a"
    case .pearson: "Pearson correlation of a and b"
    case .normA: "norm of a"
    case .normB: "norm of b"
    case .normRatio: "norm of b over norm of a"
    case .deadUnitsA: "units of A whose norm is 0 or below 1e-6 of the median"
    case .deadUnitsB: "units of B whose norm is 0 or below 1e-6 of the median"
    case .ks: "Kolmogorov-Smirnov distance, exact"
    case .wasserstein1: "Wasserstein-1 distance, from histograms"
    case .klAB: "Kullback-Leibler divergence of A from B, from histograms"
    case .klBA: "Kullback-Leibler divergence of B from A, from histograms"
    case .jensenShannon: "Jensen-Shannon divergence, from histograms"
    }
  }
}
