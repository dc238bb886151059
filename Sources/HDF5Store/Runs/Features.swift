import Comparison
import HDF5
import Results

/// Writes what the runs' tensors are compared by: for each family of features the values of every run, shape
/// `[run, feature]`. All that it takes to test again.
func writeFeatures(
  _ found: RunFindings, _ place: Place, in features: borrowing HDF5Group, _ storage: StringStorage
) throws {
  let runs = found.features
  let layer = try layerGroup(place.layer, found.tensor.layer, in: features, storage)
  let group = try layer.createGroup(place.tensor, expecting: 9)
  try group.describe(
    [
      ("name", .text(found.tensor.name)), ("pair", .text(place.path)), ("unit_name", .text(found.tensor.unit)),
      ("unit_count", .integer(found.tensor.unitCount)),
    ], storage)
  var columns: [Table.Column] = [
    .number("norm", "Euclidean norm of the tensor", runs.map(\.norm)),
    .count("not_finite", "elements that are not finite", runs.map(\.nonFinite)),
  ]
  if let dead = found.tensor.deadUnits {
    columns.append(.count("dead_units", "units whose norm is 0 or below 1e-6 of the median", dead))
  }
  var axes = try Table(runs.count, runScale, "run, those of A first; /runs names them", columns)
    .writeColumns(in: group, storage)
  for family in FeatureFamily.all {
    let values = runs.map { $0[keyPath: family.values] }
    guard let count = values.first?.count, count > 0 else { continue }
    let scale =
      family.isQuantile
      ? Table.Column.number("probability", "probability", RunFeatures.probabilities.map { $0 })
      : .count("\(family.name)_rank", "place in the order", Array(0..<count))
    _ = try Table(of: scale, []).writeColumns(in: group, storage)
    let dataset = try group.createDataset(family.name, shape: [runs.count, count], .float64)
    try dataset.write(values.flatMap(\.self))
    try dataset.describe(
      [("_FillValue", .number(.nan)), ("long_name", .text(family.longName)), ("units", .text("1"))], storage)
    axes.append((family.name, [runScale, scale.name]))
  }
  try group.attachScales(axes)
}

/// Reads the features of a tensor back, with every length checked against the others.
///
/// - Parameter file: Named in errors.
func readFeatures(
  in group: borrowing HDF5Group, of tensor: RunTensor, runs: Int, file: String
) throws -> [RunFeatures] {
  let place = group.location.path
  func corrupt(_ reason: String) -> ExportError { .corrupt(path: file, place: place, reason: reason) }
  let norms = try group.dataset("norm")
  let notFinite = try group.dataset("not_finite")
  guard norms.shape == [runs], notFinite.shape == [runs] else {
    throw corrupt("is of \(norms.shape) and \(notFinite.shape) runs, expected [\(runs)]")
  }
  var features = [RunFeatures](repeating: RunFeatures(), count: runs)
  for (run, (norm, count)) in zip(try norms.read(Double.self), try notFinite.read(Int.self)).enumerated() {
    features[run].norm = norm
    features[run].nonFinite = count
  }
  if tensor.deadUnits != nil {
    let dead = try group.dataset("dead_units")
    guard dead.shape == [runs] else { throw corrupt("dead_units has the shape \(dead.shape), expected [\(runs)]") }
    for (run, count) in try dead.read(Int.self).enumerated() { features[run].deadUnits = count }
  }
  for family in FeatureFamily.all where try group.contains(family.name) {
    let dataset = try group.dataset(family.name)
    guard dataset.shape.count == 2, dataset.shape[0] == runs else {
      throw corrupt("\(family.name) has the shape \(dataset.shape), expected [\(runs), …]")
    }
    let values = try dataset.read(Double.self)
    guard values.allSatisfy(\.isFinite) else { throw corrupt("\(family.name) holds values that are not finite") }
    let width = dataset.shape[1]
    for run in 0..<runs {
      features[run][keyPath: family.values] = Array(values[run * width..<(run + 1) * width])
    }
  }
  return features
}

/// Features that are kept: the singular values per norm are made of others.
private struct FeatureFamily: Sendable {
  let name: String, longName: String
  let values: WritableKeyPath<RunFeatures, [Double]> & Sendable
  var isQuantile = false

  static let all = [
    FeatureFamily(name: "unit_norms", longName: "norms of the units, ascending", values: \.unitNorms),
    FeatureFamily(name: "singular_values", longName: "singular values, descending", values: \.singularValues),
    FeatureFamily(name: "quantiles", longName: "quantiles of the weights", values: \.quantiles, isQuantile: true),
  ]
}

/// Name of the scale of all runs, those of A first.
let runScale = "run"
