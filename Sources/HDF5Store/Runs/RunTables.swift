import HDF5
import Results
import Tensors

/// Writes `/runs`: a row a run, those of A first.
func writeRunTable(_ result: RunComparison, in group: borrowing HDF5Group, _ storage: StringStorage) throws(HDF5Error) {
  let runs = result.a.runs + result.b.runs
  let inputs = result.provenance.inputs
  try group.describe([("title", .text("one row per run, those of A first"))], storage)
  try Table(
    runs.count, runScale, "run",
    [
      .text("group", "recipe", result.groupNames),
      .count("number", "place among the runs of its recipe", result.numbers),
      .text("path", "path as given", runs.map(\.path)),
      .text("format", "format of the model", runs.map(\.format)),
      .text("tensorflow_version", "version that wrote it", runs.map { $0.tensorFlowVersion ?? "" }),
      .count("weight_count", "elements of the selected roles", runs.map(\.weightCount)),
      .count("size", "bytes of the model's files", inputs.map(\.size)),
      .text("fingerprint", "Fingerprint64 of the catalogue file", inputs.map { $0.fingerprint ?? "" }),
    ]
  ).write(in: group, storage)
}

/// Writes `/results`: a group for each table of the comparison.
func writeRunResults(
  _ result: RunComparison, _ places: [Place], in results: borrowing HDF5Group, _ storage: StringStorage
) throws {
  let (tensors, layers, design) = (result.tensors, result.layers, result.design)
  let settings: [(String, AttributeValue?)] =
    attributes(of: result.significance) + [
      ("runs_a", .integer(design.runsA)), ("runs_b", .integer(design.runsB)),
      ("labellings", .number(design.labellings)), ("exact", .integer(design.isExact ? 1 : 0)),
      ("smallest_p_value", .number(design.smallestPValue)),
    ]
  func write(
    _ name: String, _ title: String, _ table: Table, _ attributes: [(String, AttributeValue?)] = []
  ) throws(HDF5Error) {
    try table.write(name, title, attributes, in: results, storage)
  }
  try write("tensors", "one row per tensor that all runs share", tensorTable(tensors, places))
  let ofTensors = zip(tensors, places).flatMap { tensor, place in tensor.tests.map { (tensor, place, $0) } }
  try write(
    "tests", "one row per tensor and test",
    Table(
      ofTensors.count, "test", "row",
      try testColumns(ofTensors.map(\.2)) + [
        .text("tensor", "name of the tensor", ofTensors.map(\.0.name)),
        .text("path", "group of the tensor in this file", ofTensors.map(\.1.path)),
      ]), settings)
  try write("layers", "one row per layer: does the recipe change it?", layerTable(layers), settings)
  let ofLayers = layers.flatMap { layer in layer.tests.map { (layer.layer, $0) } }
  try write(
    "layer_tests", "one row per layer and test",
    Table(
      ofLayers.count, "test", "row",
      try testColumns(ofLayers.map(\.1)) + [.text("layer", "layer", ofLayers.map(\.0))]), settings)
  try write("points", "one row per layer and run: where the run lies among the others", pointTable(layers, result))
  try write("metadata", "where the metadata of the first runs differ", try differenceTable(result.metadata))
  try write("structure", "where the structures of the first runs differ", try differenceTable(result.structure))
  if !result.unshared.isEmpty {
    try write(
      "unshared", "tensors that not every run has in one shape",
      Table(
        result.unshared.count, "row", "row",
        [
          .text("name", "name", result.unshared.map(\.name)), .text("reason", "why", result.unshared.map(\.reason)),
        ]))
  }
  if !result.damaged.isEmpty {
    try write("damaged", "tensors left out because a run's can't be read", damageTable(result.damaged))
  }
}

private func tensorTable(_ tensors: [RunTensor], _ places: [Place]) -> Table {
  let tests = tensors.map { tensor in tensor.tests.first { $0.statistic == "permanova" } }
  return Table(
    of: .text("tensor", "tensor", tensors.map(\.name)),
    [
      .text("layer", "name less its last part", tensors.map(\.layer)),
      .text("role", "what the tensor is for", tensors.map(\.role.rawValue)),
      .text("shape", "length of each axis", tensors.map { shapeText($0.shape) }),
      .count("count", "number of elements", tensors.map(\.count)),
      .text("unit", "what one unit is", tensors.map(\.unit)),
      .count("unit_count", "number of units", tensors.map(\.unitCount)),
      .text("features", "families of features, separated by semicolons", tensors.map { joined($0.features) }),
    ] + pValueColumns(tests.map { ($0?.pValue, $0?.pAdjusted, $0?.pInterval) }) + [
      .number("omega_squared", "share of the variance that the recipe explains", tests.map { $0?.effect?.value }),
      .text("warnings", "separated by semicolons", tensors.map { joined($0.warnings) }),
      .text("path", "group of the tensor in this file", places.map(\.path)),
    ])
}

private func layerTable(_ layers: [RunLayer]) -> Table {
  var columns: [Table.Column] = [
    .text("tensors", "names of the tensors, separated by semicolons", layers.map { joined($0.tensors) }),
    .count("weight_count", "number of elements", layers.map(\.weightCount)),
  ]
  columns += pValueColumns(layers.map { ($0.pValue, $0.pAdjusted, $0.pInterval) })
  columns += [
    .number("p_adjusted_max_t", "adjusted by the step-down maximum over layers", layers.map(\.pAdjustedMaxT)),
    .number("smallest_p_value", "smallest p-value that so many runs could give", layers.map(\.smallestPValue)),
    .text("combination", "how features became one distance", layers.map(\.combination)),
    .text("method", "how the p-value was computed", layers.map { $0.method ?? "" }),
    .text("method_reason", "why so", layers.map { $0.methodReason ?? "" }),
    .flag("significant", "p_adjusted_max_t at most alpha", layers.map(\.significant)),
  ]
  columns += effectColumns(layers.map(\.effect))
  columns += [
    .number("r_squared", "share of the variance between labels, not corrected", layers.map(\.rSquared)),
    .number("norm_ratio", "geometric mean of the norm in B over that in A", layers.map { $0.normRatio?.value }),
    .number("norm_ratio_lower", "lower confidence limit of the ratio", layers.map { $0.normRatio?.interval?.first }),
    .number("norm_ratio_upper", "upper confidence limit of the ratio", layers.map { $0.normRatio?.interval?.last }),
    .text("norm_ratio_method", "how that interval was computed", layers.map { $0.normRatio?.intervalMethod ?? "" }),
    .number("spread_a", "root mean squared distance of A's runs from their centre", layers.map(\.spreadA)),
    .number("spread_b", "root mean squared distance of B's runs from their centre", layers.map(\.spreadB)),
    .number("directions", "independent directions in which runs of a recipe scatter", layers.map(\.directions)),
    .number("dispersion_p_value", "p-value of the test that A and B scatter alike", layers.map(\.dispersionPValue)),
    .number(
      "coordinate_share_1", "share of the squared distances along coordinate_1", layers.map(\.coordinateShares.first)),
    .number(
      "coordinate_share_2", "share of the squared distances along coordinate_2",
      layers.map { $0.coordinateShares.count > 1 ? $0.coordinateShares[1] : nil }),
    .text("warnings", "separated by semicolons", layers.map { joined($0.warnings) }),
  ]
  return Table(of: .text("layer", "layer", layers.map(\.layer)), columns)
}

private func pointTable(_ layers: [RunLayer], _ result: RunComparison) -> Table {
  let found = layers.flatMap { layer in layer.points.map { (layer.layer, $0) } }
  let points = found.map(\.1)
  let sizeA = result.a.runs.count
  func coordinate(_ axis: Int) -> [Double?] {
    points.map { $0.coordinates.count > axis ? $0.coordinates[axis] : nil }
  }
  return Table(
    found.count, "point", "row",
    [
      .text("layer", "layer", found.map(\.0)),
      .text("group", "recipe", points.map(\.group)),
      .count(runScale, "run, a row of /runs", points.map { $0.group == "a" ? $0.run : sizeA + $0.run }),
      .number("coordinate_1", "first principal coordinate, blind to the labels", coordinate(0)),
      .number("coordinate_2", "second principal coordinate", coordinate(1)),
      .number("norm", "norm of the layer's largest weight", points.map(\.norm)),
      .number("distance_within", "root mean squared distance to the runs of its recipe", points.map(\.distanceWithin)),
      .number("distance_between", "root mean squared distance to those of the other", points.map(\.distanceBetween)),
    ])
}

extension RunComparison {
  fileprivate var groupNames: [String] { a.runs.map { _ in "a" } + b.runs.map { _ in "b" } }
  fileprivate var numbers: [Int] { Array(a.runs.indices) + Array(b.runs.indices) }
}
