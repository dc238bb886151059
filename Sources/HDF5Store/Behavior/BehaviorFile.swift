import Comparison
import HDF5
import Results

/// Writes how the predictions of two models differ to a file of its own: `/behavior` with a group of columns for each
/// table, every example among them, and the results as JSON.
///
/// - Parameters:
///   - examples: What ``Behavior/compareBehavior(_:_:labels:options:)`` saw.
///   - path: What was there is replaced. After an error the file is incomplete: remove it.
/// - Throws: `HDF5Error`.
/// - Complexity: O(examples · outputs).
public func writeBehaviorHDF5(
  _ result: BehaviorComparison, _ examples: BehaviorExamples, to path: String, strings: StringStorage = .variable
) throws {
  let file = try HDF5File(creating: path)
  try writeBehavior(result, examples, in: file.root.createGroup(behaviorName), strings)
  try file.root.describe(
    [
      ("Conventions", .text("Equipoise-\(hdf5SchemaVersion)")),
      ("title", .text("How the predictions of \(result.a.path) (A) and \(result.b.path) (B) differ, B - A")),
      ("schema_version", .integer(hdf5SchemaVersion)),
    ], strings)
  try file.close()
}

/// Adds how the predictions differ to a copy of a file that was exported of the same two models, as `/behavior`, or
/// `/behavior_2` and so on where that is there; everything else stays byte for byte what it is.
///
/// - Parameters:
///   - original: The exported file; it is not touched.
///   - path: The copy. After an error it is incomplete: remove it.
/// - Returns: The group's name.
/// - Throws: ``ExportError``, also where the models that were run are not those of the file; `HDF5Error`.
/// - Complexity: O(examples · outputs), and a copy of the file.
public func appendBehaviorHDF5(
  _ result: BehaviorComparison, _ examples: BehaviorExamples, after original: String, to path: String
) throws -> String {
  let stored = try StoredComparison(reading: original)
  if result.a.kind == "model", result.b.kind == "model" {
    for (side, input, known) in zip3(["A", "B"], result.provenance.inputs, stored.comparison.provenance.inputs)
    where input.size != known.size || input.fingerprint != known.fingerprint {
      throw ExportError.otherInputs(
        path: original, reason: "\(side) is \(input.path) here and \(known.path) in the file, of other bytes")
    }
  }
  try copyFile(original, to: path)
  let file = try HDF5File(modifying: path)
  var name = behaviorName
  var number = 1
  while try file.root.contains(name) {
    number += 1
    name = "\(behaviorName)_\(number)"
  }
  // As the file's other strings are.
  let isVariable = try file.root.dataset(documentName).datatype == .string
  try writeBehavior(result, examples, in: file.root.createGroup(name), isVariable ? .variable : .fixed)
  try file.close()
  return name
}

/// Name of the group of predictions.
let behaviorName = "behavior"

private func zip3<A, B, C>(_ a: [A], _ b: [B], _ c: [C]) -> [(A, B, C)] { zip(a, zip(b, c)).map { ($0, $1.0, $1.1) } }

private func writeBehavior(
  _ result: BehaviorComparison, _ examples: BehaviorExamples, in group: borrowing HDF5Group, _ storage: StringStorage
) throws {
  let settings = result.settings
  let provenance = result.provenance
  try group.describe(
    [
      ("title", .text("predictions of both models on \(result.exampleCount) examples")),
      ("created_by", .text("\(provenance.tool) \(provenance.version)")),
      ("provenance", .text(try json(provenance))), ("task", .text(result.task.rawValue)),
      ("predictions_a", .text(result.a.path)), ("predictions_b", .text(result.b.path)),
      ("labels", result.labels.map(AttributeValue.text)), ("statement", .text(settings.statement)),
      ("alpha", .number(settings.alpha)), ("adjustment", .text(settings.adjustment)),
      ("confidence", .number(settings.confidence)), ("resamples", .integer(settings.resamples)),
      ("interval_resamples", .integer(settings.intervalResamples)), ("seed", .unsigned(settings.seed)),
      ("warnings", result.warnings.isEmpty ? nil : .texts(result.warnings)),
    ], storage)
  try writeExamples(examples, result.classNames, in: group, storage)
  try writePredictions(examples, result.classNames, in: group.createGroup("predictions"), storage)
  try writeTables(result, in: group, storage)
  if let transplant = result.transplant { try writeTransplant(transplant, in: group, storage) }
  if let interpolation = result.interpolation { try writeInterpolation(interpolation, in: group, storage) }
  try writeDocument(result, schema: result.schema, in: group, storage)
}
