import Results

/// What one row stands for in CSV and Markdown.
public enum RowKind: String, Sendable, CaseIterable {
  case pair, layer
}

/// A flat table: the JSON document's names as columns.
struct Rows {
  var columns: [String]
  var cells: [[String]]

  /// RFC 4180, lines ended by a newline.
  var csv: String {
    func field(_ text: String) -> String {
      text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
        ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : text
    }
    return ([columns] + cells).map { $0.map(field).joined(separator: ",") + "\n" }.joined()
  }

  var markdown: String {
    var table = TextTable(columns.map { ($0, .left) })
    for row in cells { table.add(row) }
    return table.markdown().joined(separator: "\n") + "\n"
  }
}

/// One row a pair, or a layer, with the names of the JSON document.
public func csv(_ result: ModelComparison, by kind: RowKind = .pair) -> String { rows(result, by: kind).csv }

/// The same rows as a Markdown table.
public func markdown(_ result: ModelComparison, by kind: RowKind = .pair) -> String { rows(result, by: kind).markdown }

public func csv(_ inspection: Inspection) -> String { rows(inspection).csv }
public func markdown(_ inspection: Inspection) -> String { rows(inspection).markdown }

private func rows(_ result: ModelComparison, by kind: RowKind) -> Rows {
  if kind == .layer, let layers = result.layers { return rows(layers).adding(result.noise) }
  var columns = [
    "name", "layer", "role", "key_a", "key_b", "dtype_a", "dtype_b", "shape", "count", "identical", "paired_by",
  ]
  let metrics = Metric.allCases.filter { metric in result.pairs.contains { $0.metrics.values[metric] != nil } }
  columns += metrics.map(\.rawValue) + ["excluded_count", "unit", "unit_count"]
  var tests: [(id: String, statistic: String)] = []
  for row in result.pairs.flatMap({ $0.tests ?? [] })
  where row.pValue != nil && !tests.contains(where: { $0.id == row.id && $0.statistic == row.statistic }) {
    tests.append((row.id, row.statistic))
  }
  columns += tests.flatMap { ["\($0.id).\($0.statistic).p_value", "\($0.id).\($0.statistic).p_adjusted"] }
  let cells = result.pairs.map { pair -> [String] in
    var row = [
      pair.name, pair.layer, pair.role.rawValue, pair.a.key, pair.b.key, pair.a.dtype, pair.b.dtype,
      pair.shape.map(String.init).joined(separator: "x"), "\(pair.count)", "\(pair.identical)", pair.pairedBy,
    ]
    row += metrics.map { metric in
      metric.isCount ? pair.metrics[metric].map { "\(Int($0))" } ?? "" : Numbers.exact(pair.metrics[metric])
    }
    row += ["\(pair.metrics.excludedCount)", pair.unit, "\(pair.unitCount)"]
    for test in tests {
      let found = pair.tests?.first { $0.id == test.id && $0.statistic == test.statistic }
      row += [Numbers.exact(found?.pValue), Numbers.exact(found?.pAdjusted)]
    }
    return row
  }
  return Rows(columns: columns, cells: cells)
}

private func rows(_ layers: [LayerResult]) -> Rows {
  Rows(
    columns: [
      "layer", "tensors", "weight_count", "p_value", "p_adjusted", "combination", "method", "significant", "leading",
      "effect", "effect_lower", "effect_upper", "relative_l2", "cosine_similarity", "wasserstein1_per_sd",
      "dead_units_a", "dead_units_b",
    ],
    cells: layers.map { layer in
      [
        layer.layer, layer.tensors.joined(separator: " "), "\(layer.weightCount)", Numbers.exact(layer.pValue),
        Numbers.exact(layer.pAdjusted), layer.combination, layer.method ?? "", "\(layer.significant)",
        layer.leading ?? "", Numbers.exact(layer.effect?.value), Numbers.exact(layer.effect?.interval?.first),
        Numbers.exact(layer.effect?.interval?.last), Numbers.exact(layer.relativeL2),
        Numbers.exact(layer.cosineSimilarity), Numbers.exact(layer.wasserstein1PerSD),
        layer.deadUnitsA.map(String.init) ?? "", layer.deadUnitsB.map(String.init) ?? "",
      ]
    })
}

private func rows(_ inspection: Inspection) -> Rows {
  Rows(
    columns: [
      "name", "key", "layer", "role", "dtype", "shape", "count", "bytes", "duplicate_of", "sha256", "sum",
      "sum_squares", "mean", "standard_deviation", "min", "max", "nan_count", "inf_count", "unreadable",
    ],
    cells: inspection.tensors.map { tensor in
      let stats = tensor.stats
      return [
        tensor.name, tensor.key, tensor.layer, tensor.role.rawValue, tensor.dtype,
        tensor.shape.map(String.init).joined(separator: "x"), "\(tensor.count)", "\(tensor.bytes)",
        tensor.duplicateOf ?? "", tensor.sha256 ?? "", Numbers.exact(stats?.sum.value),
        Numbers.exact(stats?.sumSquares.value), Numbers.exact(stats?.mean.value),
        Numbers.exact(stats?.standardDeviation.value), Numbers.exact(stats?.min.value), Numbers.exact(stats?.max.value),
        stats.map { "\($0.nanCount)" } ?? "", stats.map { "\($0.infCount)" } ?? "", tensor.unreadable ?? "",
      ]
    })
}
