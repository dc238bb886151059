import HDF5
import Results

/// Writes the tables of a comparison of predictions.
func writeTables(
  _ result: BehaviorComparison, in group: borrowing HDF5Group, _ storage: StringStorage
) throws {
  try agreementTable(result.agreement).write("agreement", "one row: how far both predict the same", in: group, storage)
  if !result.measures.isEmpty {
    try measureTable(result.measures).write("measures", "one row per measure", in: group, storage)
  }
  if !result.tests.isEmpty {
    try Table(result.tests.count, "test", "row", testColumns(result.tests))
      .write("tests", "one row per test over paired examples", in: group, storage)
  }
  if let classes = result.classes {
    try classTable(classes).write("classes", "one row per class", in: group, storage)
  }
  if let calibration = result.calibration {
    try calibrationTable(calibration.bins).write("calibration", "one row per bin of confidence", in: group, storage)
  }
}

private func agreementTable(_ found: Agreement) -> Table {
  func count(_ value: Int?) -> [Double?] { [value.map(Double.init)] }
  return Table(
    1, "row", "row",
    [
      .count("count", "examples of which both predict the same", [found.count]),
      .number("share", "their share", [found.share]),
      .number("lower", "lower confidence limit of the share", [found.interval?.first]),
      .number("upper", "upper confidence limit of the share", [found.interval?.last]),
      .number("mean_distance", "mean distance between the predictions", [found.meanDistance]),
      .number("max_abs_difference", "largest |b - a| of any value", [found.maxAbsDifference]),
      .number("both_correct", "examples that both predict rightly", count(found.bothCorrect)),
      .number("only_a_correct", "only A", count(found.onlyACorrect)),
      .number("only_b_correct", "only B", count(found.onlyBCorrect)),
      .number("neither_correct", "neither", count(found.neitherCorrect)),
    ])
}

private func measureTable(_ measures: [BehaviorMeasure]) -> Table {
  Table(
    of: .text("measure", "measure", measures.map(\.name)),
    [
      .number("a", "in A", measures.map(\.a)),
      .number("a_lower", "lower confidence limit", measures.map { $0.intervalA?.first }),
      .number("a_upper", "upper confidence limit", measures.map { $0.intervalA?.last }),
      .number("b", "in B", measures.map(\.b)),
      .number("b_lower", "lower confidence limit", measures.map { $0.intervalB?.first }),
      .number("b_upper", "upper confidence limit", measures.map { $0.intervalB?.last }),
      .number("difference", "B less A, over paired examples", measures.map(\.difference.value)),
      .number("difference_lower", "lower confidence limit", measures.map { $0.difference.interval?.first }),
      .number("difference_upper", "upper confidence limit", measures.map { $0.difference.interval?.last }),
      .text("interval_method", "how that was computed", measures.map { $0.difference.intervalMethod ?? "" }),
      .number("standard_error", "standard error of the difference", measures.map(\.difference.standardError)),
      .flag("higher_is_better", "more is better", measures.map(\.higherIsBetter)),
    ])
}

private func classTable(_ classes: [ClassBehavior]) -> Table {
  Table(
    of: .text("class", "class", classes.map(\.name)),
    [
      .count("count", "examples of the class", classes.map(\.count)),
      .count("predicted_a", "examples for which A predicts it", classes.map(\.predictedA)),
      .count("predicted_b", "examples for which B predicts it", classes.map(\.predictedB)),
      .number("recall_a", "share of the class that A recognises", classes.map(\.recallA)),
      .number("recall_b", "share of the class that B recognises", classes.map(\.recallB)),
      .number("precision_a", "share of A's predictions of the class that are right", classes.map(\.precisionA)),
      .number("precision_b", "share of B's predictions of the class that are right", classes.map(\.precisionB)),
      .count("only_a_correct", "examples of the class that only A recognises", classes.map(\.onlyACorrect)),
      .count("only_b_correct", "examples of the class that only B recognises", classes.map(\.onlyBCorrect)),
      .number("p_value", "McNemar's exact test over the class", classes.map(\.pValue)),
      .number("p_adjusted", "p-value adjusted over the classes", classes.map(\.pAdjusted)),
    ])
}

private func calibrationTable(_ bins: [Calibration.Bin]) -> Table {
  Table(
    bins.count, "bin", "bin",
    [
      .number("lower", "confidence above this", bins.map(\.lower)),
      .number("upper", "and up to this", bins.map(\.upper)),
      .count("count_a", "predictions of A", bins.map(\.countA)),
      .count("count_b", "predictions of B", bins.map(\.countB)),
      .number("confidence_a", "their mean confidence", bins.map(\.confidenceA)),
      .number("confidence_b", "their mean confidence", bins.map(\.confidenceB)),
      .number("accuracy_a", "share of A's that are right", bins.map(\.accuracyA)),
      .number("accuracy_b", "share of B's that are right", bins.map(\.accuracyB)),
    ])
}

// MARK: - Exchanged weights

/// Writes `transplant`: a row a layer, with what B's layer does in A and A's in B.
func writeTransplant(
  _ found: LayerTransplant, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  let layers = found.layers
  var columns: [Table.Column] = [
    .text("tensors", "names of the tensors, separated by semicolons", layers.map { joined($0.tensors) }),
    .number("relative_l2", "norm of b - a over norm of a", layers.map(\.relativeL2)),
    .number("p_value", "p-value of the layer's weights", layers.map(\.pValue)),
    .number("p_adjusted", "p-value adjusted over layers", layers.map(\.pAdjusted)),
    .flag("responsible", "accounts for the difference alone", layers.map { found.responsible.contains($0.layer) }),
    .number("share_of_gap", "change that B's layer makes in A over the difference", layers.map(\.shareOfGap)),
    .number("recovery", "the same for A's layer in B", layers.map(\.recovery)),
  ]
  for (prefix, what, outcomes) in [
    ("a_with_b", "A with B's layer", layers.map(\.aWithB)), ("b_with_a", "B with A's layer", layers.map(\.bWithA)),
  ] {
    columns += [
      .number("\(prefix)_loss", "\(found.measure) of \(what)", outcomes.map { $0?.loss }),
      .number("\(prefix)_loss_change", "its change", outcomes.map { $0?.lossChange.value }),
      .number("\(prefix)_loss_change_lower", "lower confidence limit", outcomes.map { $0?.lossChange.interval?.first }),
      .number("\(prefix)_loss_change_upper", "upper confidence limit", outcomes.map { $0?.lossChange.interval?.last }),
      .number("\(prefix)_accuracy", "accuracy of \(what)", outcomes.map { $0?.accuracy }),
      .number("\(prefix)_changed_share", "share of the predictions that change", outcomes.map { $0?.changedShare }),
      .number("\(prefix)_mean_distance", "mean distance from the model as it is", outcomes.map { $0?.meanDistance }),
      .number(
        "\(prefix)_distance_to_donor", "mean distance from the model that gave the layer",
        outcomes.map { $0?.distanceToDonor }),
    ]
  }
  columns.append(.text("reason", "why the layer was not exchanged", layers.map { $0.reason ?? "" }))
  let attributes: [(String, AttributeValue?)] = [
    ("measure", .text(found.measure)), ("loss_a", .number(found.lossA)), ("loss_b", .number(found.lossB)),
    ("accuracy_a", found.accuracyA.map(AttributeValue.number)),
    ("accuracy_b", found.accuracyB.map(AttributeValue.number)), ("statement", .text(found.statement)),
  ]
  try Table(of: .text("layer", "layer", layers.map(\.layer)), columns)
    .write("transplant", "one row per layer: what the other's does in a model", attributes, in: group, storage)
}

/// Writes `interpolation`: a row a point on the line from A's weights to B's.
func writeInterpolation(
  _ found: WeightInterpolation, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  let barrier = found.barrier
  let attributes: [(String, AttributeValue?)] = [
    ("measure", .text(found.measure)), ("barrier", barrier.value.map(AttributeValue.number)),
    ("barrier_lower", (barrier.interval?.first).map(AttributeValue.number)),
    ("barrier_upper", (barrier.interval?.last).map(AttributeValue.number)),
    ("barrier_position", .number(found.barrierPosition)), ("has_barrier", .integer(found.hasBarrier ? 1 : 0)),
  ]
  try Table(
    found.points.count, "point", "row",
    [
      .number("position", "0: weights of A, 1: weights of B", found.points.map(\.position)),
      .number("loss", found.measure, found.points.map(\.loss)),
      .number("accuracy", "accuracy", found.points.map(\.accuracy)),
    ]
  ).write("interpolation", "one row per point between the weights of A and B", attributes, in: group, storage)
}
