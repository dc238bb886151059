import Checkpoints
import Comparison
import HDF5
import Results
import Tensors

/// Compares the runs of two recipes and writes the aligned tensors of all runs, every result, and the features behind the
/// tests.
///
/// `/pairs/<layer>/<tensor>` holds `a` and `b`, the tensors of A's runs and of B's along a first axis; `/runs` says which
/// run is which, `/features` what runs are compared by, written as they come, `/layers` the distances between them,
/// `/results` a group of columns for each table, `/document` the results as JSON. Tensors are read once more, piece by
/// piece, when all is compared. The same runs and options give the same bytes.
/// - Parameters:
///   - a: Runs of recipe A; at least 2.
///   - options: What is compared, and how; see ``Comparison/compareRuns(_:_:options:progress:)``.
///   - path: What was there is replaced. After an error the file is incomplete: remove it.
///   - storage: How it is written.
///   - progress: Told of bytes.
/// - Returns: The comparison; if its verdict is `incomparable` there is nothing in the file: remove it.
/// - Throws: ``ExportError``, `CheckpointError` if a run changed since it was compared, `HDF5Error`,
///   `CancellationError`, and what a comparison throws.
/// - Complexity: O(bytes of all runs) time; memory does not grow with them.
public func exportRunsHDF5(
  _ a: [any Checkpoint], _ b: [any Checkpoint], comparing options: ComparisonOptions, to path: String,
  storing storage: ExportOptions = ExportOptions(), progress: WorkProgress = .ignored
) async throws -> RunComparison {
  let file = try HDF5File(creating: path)
  let keepsNull = options.significance?.keepsNull ?? false
  for name in ["runs", "pairs", "results", "features", "layers"] { _ = try file.root.createGroup(name) }
  if keepsNull { _ = try file.root.createGroup("null") }
  var places = Places()
  var tensors: [RunTensors] = []
  let result = try await compareRuns(a, b, options: options, progress: progress) { all in
    guard storage.includesTensors, storage.deflateLevel == nil else { return }
    try checkSpace(for: all.reduce(0) { $0 + storedSize($1) }, at: path)
  } found: { found in
    let place = places.add(found.tensor.name, layer: found.tensor.layer)
    tensors.append(RunTensors(tensor: found.tensor, place: place, a: a, b: b, stored: found.stored))
    try writeFeatures(found, place, in: file.root.group("features"), storage.strings)
  } tested: { found in
    try writeTested(
      found, places.layer(found.layer), tensors.first { $0.tensor.name == found.tensor }?.place, in: file.root,
      storage.strings)
  }
  guard result.verdict != .incomparable else { return result }
  if storage.includesTensors {
    progress.expect(.writing, tensors.reduce(0) { $0 + $1.stored.reduce(0) { $0 + $1.byteCount } })
  }
  for tensor in tensors { try await tensor.write(in: file.root.group("pairs"), storage, progress) }
  try writeRunTable(result, in: file.root.group("runs"), storage.strings)
  try writeRunResults(result, tensors.map(\.place), in: file.root.group("results"), storage.strings)
  if keepsNull { try writeLabellings(result, in: file.root, storage.strings) }
  try writeDocument(result, schema: result.schema, in: file.root, storage.strings)
  try file.root.describe(try rootAttributes(result), storage.strings)
  try file.close()
  return result
}

private func rootAttributes(_ result: RunComparison) throws -> [(String, AttributeValue?)] {
  let provenance = result.provenance
  let (a, b) = (result.a.runs, result.b.runs)
  return [
    ("Conventions", .text("Equipoise-\(hdf5SchemaVersion)")),
    (
      "title",
      .text(
        "Aligned tensors of \(a.count) runs of recipe A (\(a[0].path) …) and \(b.count) of B (\(b[0].path) …), and "
          + "whether the recipe changes them, B - A")
    ),
    ("schema_version", .integer(hdf5SchemaVersion)),
    ("level", .text(result.level)),
    ("created_by", .text("\(provenance.tool) \(provenance.version)")),
    ("provenance", .text(try json(provenance))),
    ("seed", provenance.seed.map(AttributeValue.unsigned)),
    ("verdict", .text(result.verdict.rawValue)),
    ("warnings", result.warnings.isEmpty ? nil : .texts(result.warnings)),
  ]
}
