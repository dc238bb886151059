import Results

/// One row a layer, or a tensor, with the names of the JSON document.
public func csv(_ result: RunComparison, by kind: RowKind = .layer) -> String { rows(result, by: kind).csv }

/// The same rows as a Markdown table.
public func markdown(_ result: RunComparison, by kind: RowKind = .layer) -> String { rows(result, by: kind).markdown }

private func rows(_ result: RunComparison, by kind: RowKind) -> Rows {
  kind == .layer ? layerRows(result.layers) : tensorRows(result.tensors)
}

private func layerRows(_ layers: [RunLayer]) -> Rows {
  Rows(
    columns: [
      "layer", "tensors", "weight_count", "p_value", "p_adjusted", "p_adjusted_max_t", "smallest_p_value",
      "combination", "method", "significant", "omega_squared", "r_squared", "norm_ratio", "norm_ratio_lower",
      "norm_ratio_upper", "spread_a", "spread_b", "directions", "dispersion_p_value", "energy_p_value", "mmd_p_value",
    ],
    cells: layers.map { layer in
      func p(_ statistic: String) -> Double? { layer.tests.first { $0.statistic == statistic }?.pValue }
      return [
        layer.layer, layer.tensors.joined(separator: " "), "\(layer.weightCount)", Numbers.exact(layer.pValue),
        Numbers.exact(layer.pAdjusted), Numbers.exact(layer.pAdjustedMaxT), Numbers.exact(layer.smallestPValue),
        layer.combination, layer.method ?? "", "\(layer.significant)", Numbers.exact(layer.effect?.value),
        Numbers.exact(layer.rSquared), Numbers.exact(layer.normRatio?.value),
        Numbers.exact(layer.normRatio?.interval?.first), Numbers.exact(layer.normRatio?.interval?.last),
        Numbers.exact(layer.spreadA), Numbers.exact(layer.spreadB), Numbers.exact(layer.directions),
        Numbers.exact(layer.dispersionPValue),
        Numbers.exact(p("energy")), Numbers.exact(p("mmd")),
      ]
    })
}

private func tensorRows(_ tensors: [RunTensor]) -> Rows {
  var statistics: [String] = []
  for row in tensors.flatMap(\.tests) where !statistics.contains(row.statistic) { statistics.append(row.statistic) }
  return Rows(
    columns: ["name", "layer", "role", "shape", "count", "unit", "unit_count", "features", "omega_squared"]
      + statistics.flatMap { ["recipe.\($0).p_value", "recipe.\($0).p_adjusted"] },
    cells: tensors.map { tensor in
      var row = [
        tensor.name, tensor.layer, tensor.role.rawValue, tensor.shape.map(String.init).joined(separator: "x"),
        "\(tensor.count)", tensor.unit, "\(tensor.unitCount)", tensor.features.joined(separator: " "),
        Numbers.exact(tensor.tests.first?.effect?.value),
      ]
      for statistic in statistics {
        let test = tensor.tests.first { $0.statistic == statistic }
        row += [Numbers.exact(test?.pValue), Numbers.exact(test?.pAdjusted)]
      }
      return row
    })
}
