import Comparison
import HDF5
import Results

/// Writes `/units`: for each pair of numbers the sums over its units that metrics and tests are computed from.
func writeUnits(
  _ models: PairedModels, _ places: [Place], in root: borrowing HDF5Group, _ storage: StringStorage
) throws {
  let units = try root.createGroup("units")
  for ((pair, tensors), place) in zip(zip(models.result.pairs, models.tensors), places) {
    guard let sums = tensors.sums else { continue }
    try Task.checkCancellation()
    let layer = try layerGroup(place.layer, pair.layer, in: units, storage)
    let group = try layer.createGroup(place.tensor, expecting: UnitSums.fieldNames.count + 5)
    let isGrouped = sums.tensorUnits > sums.units
    let note =
      "\(sums.tensorUnits) units are taken in \(sums.units) random blocks, a row each: norms are the sum of the norms "
      + "of a block's units"
    try group.describe(
      [
        ("name", .text(pair.name)), ("pair", .text(place.path)), ("unit_name", .text(pair.unit)),
        ("unit_count", .integer(sums.tensorUnits)), ("shift", .number(sums.shift)),
        ("note", isGrouped ? .text(note) : nil),
      ], storage)
    try table(sums, pair).write(in: group, storage)
  }
}

private func table(_ sums: UnitSums, _ pair: PairResult) -> Table {
  var columns = UnitSums.fieldNames.enumerated().map { index, name -> Table.Column in
    let values = sums.fields[index * sums.units..<(index + 1) * sums.units]
    if wholeNumbers.contains(name) { return .count(name, meanings[name] ?? name, values.map { Int($0) }) }
    // The extremes of no elements at all are infinite.
    return .number(name, meanings[name] ?? name, values.map { $0.isFinite ? $0 : nil })
  }
  columns.append(.number("norm_a", "norm of a", sums.normA.map { $0 }))
  columns.append(.number("norm_b", "norm of b", sums.normB.map { $0 }))
  for (name, side, dead) in [("dead_a", "A", pair.deadUnitsA), ("dead_b", "B", pair.deadUnitsB)] {
    guard let dead = dead.map(Set.init) else { continue }
    columns.append(
      .flag(name, "norm in \(side) is 0 or below 1e-6 of the median", (0..<sums.units).map(dead.contains)))
  }
  return Table(sums.units, "unit", pair.unit, columns)
}

private let wholeNumbers: Set = ["count", "changed", "excluded"]

private let meanings = [
  "count": "pairs of elements, both finite", "sum_a": "sum of a", "sum_b": "sum of b", "sum_aa": "sum of a^2",
  "sum_bb": "sum of b^2", "sum_ab": "sum of a b", "sum_d": "sum of b - a", "sum_dd": "sum of (b - a)^2",
  "sum_abs_d": "sum of |b - a|", "sum_abs_a": "sum of |a|", "sum_abs_b": "sum of |b|",
  "shifted_aa": "sum of (a - shift)^2", "shifted_bb": "sum of (b - shift)^2",
  "shifted_ab": "sum of (a - shift) (b - shift)", "changed": "elements whose values differ",
  "excluded": "elements that are not finite on either side", "max_abs_d": "largest |b - a|", "min_a": "smallest a",
  "max_a": "largest a", "min_b": "smallest b", "max_b": "largest b",
]
