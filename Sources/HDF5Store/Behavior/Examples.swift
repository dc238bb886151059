import HDF5
import Results

/// Writes `examples`: a row an example, with what both models make of it.
func writeExamples(
  _ examples: BehaviorExamples, _ classes: [String]?, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  var columns: [Table.Column] = []
  if let classes, !examples.labels.isEmpty {
    columns.append(.text("label", "class of the example", examples.labels.map { classes[$0] }))
  } else if !examples.targets.isEmpty, examples.width == 1 {
    columns.append(.number("target", "target of the example", examples.targets))
  }
  for (side, model, own) in [("a", "A", examples.a), ("b", "B", examples.b)] {
    if let classes, !own.classes.isEmpty {
      columns.append(.text("predicted_\(side)", "class that \(model) predicts", own.classes.map { classes[$0] }))
    } else if examples.width == 1 {
      columns.append(.number("predicted_\(side)", "what \(model) predicts", own.predictions))
    }
    if !own.confidence.isEmpty {
      columns.append(.number("confidence_\(side)", "probability of the class that \(model) predicts", own.confidence))
    }
    if !own.isCorrect.isEmpty { columns.append(.flag("correct_\(side)", "\(model) predicts the class", own.isCorrect)) }
    for loss in own.losses {
      columns.append(
        .number(
          "\(loss.name)_\(side)", "\(loss.name) of \(model)", units: loss.name == "log_loss" ? "nat" : "1", loss.values)
      )
    }
  }
  columns.append(
    .number(
      "distance", "between the predictions: total variation, or mean |b - a|; of bare classes 0 or 1",
      examples.distances))
  try Table(examples.count, exampleScale, "example, in the order of the files", columns)
    .write("examples", "one row per example", in: group, storage)
}

/// Writes `predictions`: what `behavior` can be given again, the predictions of both and the labels.
func writePredictions(
  _ examples: BehaviorExamples, _ classes: [String]?, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  try group.describe([("title", .text("predictions of both models as they were given, and the labels"))], storage)
  var axes = try Table(
    examples.count, exampleScale, "example, in the order of the files",
    examples.labels.isEmpty ? [] : [.count("label", "class of the example, from 0", examples.labels)]
  ).writeColumns(in: group, storage)
  var scales = [exampleScale]
  if examples.width > 1 {
    let outputs: Table.Column
    if let classes, classes.count == examples.width {
      outputs = .text("class", "class", classes)
    } else {
      outputs = .count("output", "output", Array(0..<examples.width))
    }
    _ = try Table(of: outputs, []).writeColumns(in: group, storage)
    scales.append(outputs.name)
  }
  let shape = [examples.count] + (examples.width > 1 ? [examples.width] : [])
  var arrays = [("a", "predictions of A", examples.a.predictions), ("b", "predictions of B", examples.b.predictions)]
  if !examples.targets.isEmpty { arrays.append(("target", "targets", examples.targets)) }
  for (name, longName, values) in arrays {
    let dataset = try group.createDataset(name, shape: shape, examples.isBare ? .int64 : .float64)
    if examples.isBare {
      try dataset.write(values.map { Int($0) })
    } else {
      try dataset.write(values)
    }
    try dataset.describe([("long_name", .text(longName)), ("units", .text("1"))], storage)
    axes.append((name, scales))
  }
  try group.attachScales(axes)
}

private let exampleScale = "example"
