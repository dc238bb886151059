import Checkpoints
import Comparison
import HDF5
import Results
import Tensors

/// Compares two models and writes the aligned pairs, every result and the sums behind the tests.
///
/// `/pairs/<layer>/<tensor>` holds the pairs, `/results` a group of columns for each table, `/units` the sums, written as
/// they come, `/null` null distributions where they are kept, `/document` the results as JSON. Tensors are read once more,
/// piece by piece, when all is compared. The same models and options give the same bytes.
/// - Parameters:
///   - options: What is compared, and how.
///   - references: Further runs of A's recipe, to rank B's distance from A among theirs; see
///     ``Comparison/compareToReferences(_:_:references:options:progress:)``.
///   - path: What was there is replaced. After an error the file is incomplete: remove it.
///   - storage: How it is written.
///   - progress: Told of bytes and layers.
/// - Returns: The comparison; if its verdict is `incomparable` there is nothing in the file: remove it.
/// - Throws: ``ExportError``, `CheckpointError` if a model changed since it was compared, `HDF5Error`,
///   `CancellationError`, and what a comparison throws.
/// - Complexity: O(bytes of both models) time; memory does not grow with them.
public func exportHDF5(
  _ a: any Checkpoint, _ b: any Checkpoint, comparing options: ComparisonOptions,
  references: [any Checkpoint] = [], to path: String, storing storage: ExportOptions = ExportOptions(),
  progress: WorkProgress = .ignored
) async throws -> ModelComparison {
  let file = try HDF5File(creating: path)
  var findings = FindingsWriter(storage, keepsNull: options.significance?.keepsNull ?? false)
  try begin(in: file.root)
  try findings.begin(in: file.root)
  var models = try await compare(a, b, options: options, progress: progress) { pairs in
    guard storage.includesTensors, storage.deflateLevel == nil else { return }
    try checkSpace(for: pairs.reduce(0) { $0 + storedSize($1.a) + storedSize($1.b) }, at: path)
  } found: {
    try findings.write($0, in: file.root)
  }
  guard models.result.verdict != .incomparable else { return models.result }
  if !references.isEmpty {
    models.result.noise = try await compareToReferences(
      a, b, references: references, options: options, progress: progress)
  }
  try await finish(models, findings.places, in: file.root, storage, progress)
  try file.close()
  return models.result
}

/// Makes the groups that are filled in the end, for they come first.
func begin(in root: borrowing HDF5Group) throws(HDF5Error) {
  for name in ["pairs", "results"] { _ = try root.createGroup(name) }
}

/// Writes what there is to write when all is compared.
func finish(
  _ models: PairedModels, _ places: [Place], in root: borrowing HDF5Group, _ storage: ExportOptions,
  _ progress: WorkProgress
) async throws {
  if storage.includesTensors {
    progress.expect(.writing, models.tensors.reduce(0) { $0 + $1.a.byteCount + $1.b.byteCount })
  }
  try await writePairs(models, places, in: root.group("pairs"), storage, progress)
  try writeResults(models.result, places, in: root.group("results"), storage.strings)
  try writeDocument(models.result, schema: models.result.schema, in: root, storage.strings)
  try root.describe(try rootAttributes(models.result), storage.strings)
}

private func rootAttributes(_ result: ModelComparison) throws -> [(String, AttributeValue?)] {
  [
    ("Conventions", .text("Equipoise-\(hdf5SchemaVersion)")),
    ("title", .text("Aligned tensors of \(result.a.path) (A) and \(result.b.path) (B), and how they differ, B - A")),
    ("schema_version", .integer(hdf5SchemaVersion)),
  ] + (try analysisAttributes(result))
}

/// What a reader must know of an analysis: of the first one at the root, of others at their groups.
func analysisAttributes(_ result: ModelComparison) throws -> [(String, AttributeValue?)] {
  let provenance = result.provenance
  return [
    ("created_by", .text("\(provenance.tool) \(provenance.version)")),
    ("provenance", .text(try json(provenance))),
    ("seed", provenance.seed.map(AttributeValue.unsigned)),
    ("model_a", .text(result.a.path)),
    ("model_b", .text(result.b.path)),
    ("verdict", .text(result.verdict.rawValue)),
    ("warnings", result.warnings.isEmpty ? nil : .texts(result.warnings)),
  ]
}

/// Writes what a comparison finds of its pairs while it goes on: unit sums, and null distributions on wish.
struct FindingsWriter {
  private let storage: StringStorage
  private let keepsNull: Bool
  /// Places of the pairs of another analysis of the same file, which these go beside.
  private let known: [PairKey: Place]?
  private var assigned = Places()
  /// In the order of the pairs.
  private(set) var places: [Place] = []

  init(_ options: ExportOptions, keepsNull: Bool, known: [PairKey: Place]? = nil) {
    storage = options.strings
    self.keepsNull = keepsNull
    self.known = known
  }

  /// Makes the groups in which ``write(_:in:)`` writes.
  func begin(in parent: borrowing HDF5Group) throws(HDF5Error) {
    _ = try parent.createGroup("units")
    if keepsNull { _ = try parent.createGroup("null") }
  }

  mutating func write(_ findings: PairFindings, in parent: borrowing HDF5Group) throws {
    let pair = findings.result
    let place: Place
    if let known {
      guard let found = known[PairKey(pair)] else { throw ExportError.otherPair(name: pair.name) }
      place = found
    } else {
      place = assigned.add(pair)
    }
    places.append(place)
    guard let sample = findings.sample else { return }
    let units = try layerGroup(place.layer, pair.layer, in: parent.group("units"), storage)
    try writeUnits(sample, of: pair, place, in: units, storage)
    guard !findings.nulls.isEmpty else { return }
    let null = try layerGroup(place.layer, pair.layer, in: parent.group("null"), storage)
    try writeNulls(findings.nulls, of: pair, place, in: null, storage)
  }
}
