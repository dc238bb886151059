import Comparison
import HDF5
import Results

/// Writes the sums over a pair's units that metrics and tests are computed from, and how its units were told apart:
/// all that it takes to test again.
func writeUnits(
  _ sample: UnitSample, of pair: PairResult, _ place: Place, in layer: borrowing HDF5Group, _ storage: StringStorage
) throws {
  let sums = sample.sums
  let group = try layer.createGroup(place.tensor, expecting: UnitSums.fieldNames.count + 10)
  let note =
    "\(sums.tensorUnits) units are taken in \(sums.units) random blocks, a row each: norms are the sum of the norms "
    + "of a block's units"
  let pilot = sample.pair.pilot
  func flag(_ value: Bool) -> AttributeValue { .integer(value ? 1 : 0) }
  var attributes: [(String, AttributeValue?)] = [
    ("name", .text(pair.name)), ("pair", .text(place.path)), ("unit_name", .text(pair.unit)),
    ("unit_count", .integer(sums.tensorUnits)), ("unit_inner", .integer(sample.view.inner)),
  ]
  attributes += [
    ("interchangeable", flag(sample.view.isExchangeable)), ("identical", flag(sample.pair.identical)),
    ("shift", .number(sums.shift)), ("grid_a", flag(pilot.isGridA)), ("grid_b", flag(pilot.isGridB)),
  ]
  if let (a, b) = sample.pair.checksums {
    attributes += [("crc32c_a", .integer(Int(a))), ("crc32c_b", .integer(Int(b)))]
  }
  if sums.tensorUnits > sums.units { attributes.append(("note", .text(note))) }
  try group.describe(attributes, storage)
  var axes = try table(sums, pair).writeColumns(in: group, storage)
  if !sums.histogramA.isEmpty { axes += try writeHistograms(sums, in: group, storage) }
  try group.attachScales(axes)
}

private func table(_ sums: UnitSums, _ pair: PairResult) -> Table {
  var columns = UnitSums.fieldNames.enumerated().map { index, name -> Table.Column in
    let values = sums.fields[index * sums.units..<(index + 1) * sums.units]
    if UnitField.counts.contains(name) {
      return .count(name, UnitField.meanings[name] ?? name, values.map { Int(exactly: $0) ?? 0 })
    }
    // The extremes of no elements at all are infinite.
    let isExtreme = UnitField.extremes.keys.contains(name)
    return .number(
      name, UnitField.meanings[name] ?? name, values.map { isExtreme && !$0.isFinite ? nil : $0 })
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

/// Writes the histograms of every unit, shape `[units, bins + 2]`, and the edges of their bins.
///
/// - Returns: Datasets and the scales of their axes, which are still to be attached.
private func writeHistograms(
  _ sums: UnitSums, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) -> [(dataset: String, scales: [String])] {
  let rows = sums.bins + 2
  let edges = (0...sums.bins).map { sums.low + Double($0) * sums.width }
  try group.describe(
    [
      ("bins", .integer(sums.bins)), ("first_edge", .number(sums.low)), ("bin_width", .number(sums.width)),
    ], storage)
  var axes = try Table(
    rows, "bin", "bin; the first and the last take what lies beyond the edges",
    [
      .number("bin_lower", "lower edge of the bin, in the weights' own unit", [-.infinity] + edges),
      .number("bin_upper", "upper edge of the bin, in the weights' own unit", edges + [.infinity]),
    ]
  ).writeColumns(in: group, storage)
  for (name, model, counts) in [("histogram_a", "A", sums.histogramA), ("histogram_b", "B", sums.histogramB)] {
    let longName = "elements of \(model) in each bin"
    switch counts.max() ?? 0 {
    case ...UInt32(UInt8.max): try write(UInt8.self, counts, name, longName)
    case ...UInt32(UInt16.max): try write(UInt16.self, counts, name, longName)
    default: try write(UInt32.self, counts, name, longName)
    }
  }
  axes += [("histogram_a", ["unit", "bin"]), ("histogram_b", ["unit", "bin"])]
  return axes

  // Most bins of most units are empty: the smallest type and deflate leave a small part.
  func write<Count: HDF5Number & FixedWidthInteger>(
    _: Count.Type, _ counts: [UInt32], _ name: String, _ longName: String
  ) throws(HDF5Error) {
    let dataset = try group.createDataset(
      name, shape: [counts.count / rows, rows], Count.hdf5Datatype, layout: .chunked(deflate: 1))
    try dataset.write(counts.map { Count(truncatingIfNeeded: $0) })
    try dataset.describe([("long_name", .text(longName)), ("units", .text("1"))], storage)
  }
}

/// What is known of the columns of unit sums.
enum UnitField {
  static let counts: Set = ["count", "changed", "excluded"]

  /// Columns of which no elements leave an infinity, and its sign.
  static let extremes: [String: FloatingPointSign] = [
    "min_a": .plus, "min_b": .plus, "max_a": .minus, "max_b": .minus,
  ]

  static let meanings = [
    "count": "pairs of elements, both finite", "sum_a": "sum of a", "sum_b": "sum of b", "sum_aa": "sum of a^2",
    "sum_bb": "sum of b^2", "sum_ab": "sum of a b", "sum_d": "sum of b - a", "sum_dd": "sum of (b - a)^2",
    "sum_abs_d": "sum of |b - a|", "sum_abs_a": "sum of |a|", "sum_abs_b": "sum of |b|",
    "shifted_aa": "sum of (a - shift)^2", "shifted_bb": "sum of (b - shift)^2",
    "shifted_ab": "sum of (a - shift) (b - shift)", "changed": "elements whose values differ",
    "excluded": "elements that are not finite on either side", "max_abs_d": "largest |b - a|", "min_a": "smallest a",
    "max_a": "largest a", "min_b": "smallest b", "max_b": "largest b",
  ]
}
