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
    try table.write(name, title, attributes, in: results, storage)
  }
  try write("tensors", "one row per pair of tensors", tensorTable(result.pairs, places))
  let settings = attributes(of: result.significance)
  if let layers = result.layers {
    try write("tests", "one row per pair and test", try testTable(result.pairs, places), settings)
    try write("layers", "one row per layer: its p-value and effects", layerTable(layers), settings)
    try write(
      "intervals", "one row per pair and metric with a confidence interval", intervalTable(result.pairs, places),
      settings)
  }
  if let noise = result.noise { try writeNoiseFloor(noise, alpha: result.significance?.alpha, in: results, storage) }
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

func attributes(of settings: SignificanceSettings?) -> [(String, AttributeValue?)] {
  guard let settings else { return [] }
  return [
    ("alpha", .number(settings.alpha)), ("adjustment", .text(settings.adjustment)),
    ("confidence", .number(settings.confidence)), ("resamples", .integer(settings.resamples)),
    ("seed", .unsigned(settings.seed)), ("statement", .text(settings.statement)),
    ("pairing", settings.pairing.map { .text($0) }),
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

private func testTable(_ pairs: [PairResult], _ places: [Place]) throws -> Table {
  let found = zip(pairs, places).flatMap { pair, place in (pair.tests ?? []).map { (pair, place, $0) } }
  let tests = found.map(\.2)
  let columns =
    try testColumns(tests) + [
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
      .number("standard_error", "standard error of the estimate", found.map(\.3.standardError)),
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
      .text("method_reason", "why so", layers.map { $0.methodReason ?? "" }),
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
