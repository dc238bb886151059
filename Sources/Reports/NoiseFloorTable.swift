import Results

/// What `significance` with references prints below the comparison: where d(A, B) lies among d(A, Rᵢ).
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ result: NoiseFloor, alpha: Double, color: Bool = false, width: Int? = nil) -> String {
  var lines = wrapped(
    [
      "", "Farther than seed noise? Distances from A on features that do not change when hidden units change places",
      "",
    ], width)
  var table = TextTable(
    [
      ("layer", .left), ("to B", .right), ("to references", .right), ("ratio", .right),
      ("references and B", .left), ("p", .right), ("maxT p", .right), ("adj. p", .right),
    ], dispensable: ["adj. p", "p", "references and B", "to references", "to B"])
  for layer in result.layers {
    let floor = layer.referenceDistances
    table.add(
      [
        layer.layer.isEmpty ? "(top)" : layer.layer, Numbers.fixed(layer.distance, 2),
        "\(Numbers.fixed(floor.min(), 2)) to \(Numbers.fixed(floor.max(), 2))", Numbers.fixed(layer.effect.value, 2),
        strip(floor, layer.distance), Numbers.probability(layer.pValue), Numbers.probability(layer.pAdjustedMaxT),
        Numbers.probability(layer.pAdjusted),
      ], styles: layer.significant ? [0: .init(isBold: true), 6: .init(isBold: true)] : [:])
  }
  lines += table.lines(color: color, width: width) + [""]
  let sentence = min(110, width ?? 110)
  let farther = result.layers.filter(\.significant).count
  lines += wrapped(
    "\(farther) of \(result.layers.count) layers \(farther == 1 ? "lies" : "lie") farther than seed noise (step-down maxT, α = \(alpha)); "
      + "with \(result.references.count) references the smallest possible p is \(Numbers.probability(result.smallestPValue)).",
    width: sentence)
  lines += wrapped(result.statement, width: sentence)
  lines += wrapped(runListings(result.unshared, result.damaged), width, indent: 4)
  return lines.joined(separator: "\n") + "\n"
}

/// What its p-values mean.
public func explanation(_ result: NoiseFloor) -> String {
  [
    "", "noise-floor (run level): Is B farther from A than further runs of A's recipe are?",
    "  null hypothesis: \(result.nullHypothesis)",
    "  distances: as in the test recipe, on norms of units, singular values and quantiles, each on one scale over all runs",
    "  a small p says: B lies farther from A than every reference, or nearly every one",
    "  it does not say: that another run of B's recipe would, too",
    "  exact: the rank of d(A, B) among the \(result.references.count + 1) distances; ratio: d(A, B) over the median of the others",
  ].joined(separator: "\n") + "\n"
}

/// From 0 at the left to the farthest: r for references, R for several in one place, b for B.
private func strip(_ floor: [Double], _ distance: Double, width: Int = 25) -> String {
  guard let farthest = (floor + [distance]).max(), farthest > 0 else { return "" }
  var cells = Array(repeating: "·", count: width)
  func cell(_ value: Double) -> Int { min(width - 1, Int(value / farthest * Double(width))) }
  for value in floor { cells[cell(value)] = cells[cell(value)] == "·" ? "r" : "R" }
  cells[cell(distance)] = cells[cell(distance)] == "·" ? "b" : "*"
  return cells.joined()
}

extension Rows {
  /// The distances among references beside the layers that they belong to; nothing without references.
  func adding(_ noise: NoiseFloor?) -> Rows {
    guard let noise, let place = columns.firstIndex(of: "layer") else { return self }
    return Rows(
      columns: columns + ["noise_floor_ratio", "noise_floor_p_value", "noise_floor_p_adjusted_max_t"],
      cells: cells.map { row in
        let layer = noise.layers.first { $0.layer == row[place] }
        return row + [
          Numbers.exact(layer?.effect.value), Numbers.exact(layer?.pValue), Numbers.exact(layer?.pAdjustedMaxT),
        ]
      })
  }
}
