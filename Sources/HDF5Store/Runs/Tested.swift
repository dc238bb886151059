import Comparison
import HDF5
import Results

/// Writes what the tests saw: of a layer the distances between its runs, and the null distributions where they are kept.
func writeTested(
  _ found: RunTested, _ layer: String, _ place: Place?, in root: borrowing HDF5Group, _ storage: StringStorage
) throws {
  if let place, let tensor = found.tensor {
    let null = try layerGroup(layer, found.layer, in: root.group("null"), storage)
    let group = try null.createGroup(place.tensor)
    try group.describe([("name", .text(tensor)), ("pair", .text(place.path))], storage)
    try writeNull(found, "recipe", in: group, storage)
    return
  }
  let group = try layerGroup(layer, found.layer, in: root.group("layers"), storage)
  let runs = found.distances.runs
  for name in [runScale, "other_run"] {
    _ = try Table(runs, name, "run, those of A first; /runs names them", []).writeColumns(in: group, storage)
  }
  let distance = try group.createDataset("distance", shape: [runs, runs], .float64)
  try distance.write(found.distances.squared.map { $0.squareRoot() })
  try distance.describe(
    [
      ("long_name", .text("root mean squared distance of the runs on their standardised features")),
      ("units", .text("1")),
    ], storage)
  try group.attachScales([("distance", [runScale, "other_run"])])
  if !found.statistics.isEmpty { try writeNull(found, "null", in: group, storage) }
}

private func writeNull(
  _ found: RunTested, _ name: String, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  guard let first = found.statistics.first else { return }
  try Table(
    first.values.count, labellingScale, "labelling; 0 is the observed one",
    found.statistics.map { .number($0.name, "\($0.name); larger is more extreme", $0.values) }
  ).write(name, "statistics of recipe under relabelled runs", in: group, storage)
}

/// Writes which runs are called A in each labelling.
func writeLabellings(_ result: RunComparison, in root: borrowing HDF5Group, _ storage: StringStorage) throws {
  let labellings = try result.labellings()
  let runs = labellings.first?.count ?? 0
  let group = try root.createGroup("labellings")
  try group.describe(
    [
      ("title", .text("which runs are called A in each labelling of the runs that was looked at")),
      ("exhaustive", .integer(result.design.isExact ? 1 : 0)),
    ], storage)
  _ = try Table(labellings.count, labellingScale, "labelling; 0 is the observed one", [])
    .writeColumns(in: group, storage)
  _ = try Table(runs, runScale, "run, those of A first; /runs names them", []).writeColumns(in: group, storage)
  let dataset = try group.createDataset(
    "is_a", shape: [labellings.count, runs], .int8, layout: .chunked(deflate: 1))
  try dataset.write(labellings.flatMap { $0.map { $0 ? 1 : 0 } as [Int8] })
  try dataset.describe([("dtype", .text("bool")), ("long_name", .text("whether the run is called A"))], storage)
  try group.attachScales([("is_a", [labellingScale, runScale])])
}

private let labellingScale = "labelling"
