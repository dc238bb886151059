import Checkpoints
import Comparison
import HDF5
import Results
import Tensors

/// Compares the two models of an exported file once more, with other options, and appends the analysis to a copy.
///
/// `/analyses/<n>` holds it, n from 2 on, with `results`, `units`, `null` and `document` as at the root; pairs and the
/// first analysis stay byte for byte what they are. The selection may be narrower than the file's.
/// - Parameters:
///   - original: The exported file; it is not touched.
///   - path: The copy with the analysis. After an error it is incomplete: remove it.
/// - Returns: The comparison, and the group's path; if the verdict is `incomparable`, remove the file.
/// - Throws: ``ExportError``, and what an export throws.
/// - Complexity: A comparison, and a copy of the file.
public func appendHDF5(
  _ a: any Checkpoint, _ b: any Checkpoint, comparing options: ComparisonOptions, after original: String,
  to path: String, storing storage: ExportOptions = ExportOptions(), progress: WorkProgress = .ignored
) async throws -> (result: ModelComparison, group: String) {
  let stored = try StoredComparison(reading: original)
  let earlier = stored.comparison
  if let reason = difference(of: [a, b], from: earlier.provenance.inputs) {
    throw ExportError.otherInputs(path: original, reason: reason)
  }
  var places: [PairKey: Place] = [:]
  var indices: [PairKey: Int] = [:]
  for (index, (pair, place)) in zip(earlier.pairs, Places.of(earlier.pairs)).enumerated() {
    places[PairKey(pair)] = place
    indices[PairKey(pair)] = index
  }
  try copyFile(original, to: path)
  let file = try HDF5File(modifying: path)
  let number = try file.root.contains(analysesName) ? file.root.group(analysesName).names().count + 2 : 2
  let name = "\(analysesName)/\(number)"
  let group = try file.root.createGroup(name)
  let results = try group.createGroup("results")
  var findings = FindingsWriter(storage, keepsNull: options.significance?.keepsNull ?? false, known: places)
  try findings.begin(in: group)
  let models = try await compare(a, b, options: options, progress: progress) { _ in
  } found: { found in
    if let index = indices[PairKey(found.result)], let before = try stored.sample(index)?.pair,
      let now = found.sample?.pair,
      !before.hasSameBytes(as: now)
    {
      throw ExportError.otherInputs(path: original, reason: "the values of '\(found.result.name)' are not the same")
    }
    try findings.write(found, in: group)
  }
  guard models.result.verdict != .incomparable else { return (models.result, name) }
  try writeResults(models.result, findings.places, in: results, storage.strings)
  try writeDocument(models.result, schema: models.result.schema, in: group, storage.strings)
  try group.describe(
    [("title", .text("another analysis of the file's pairs"))] + (try analysisAttributes(models.result)),
    storage.strings)
  try file.close()
  return (models.result, name)
}

/// How models differ from those that a file was made of, in a few words; `nil` where nothing tells.
private func difference(of models: [any Checkpoint], from inputs: [Provenance.Input]) -> String? {
  guard inputs.count == models.count else { return "the file is about \(inputs.count) models" }
  for (side, (model, input)) in zip(["A", "B"], zip(models.map(\.model), inputs)) {
    let size = model.files.values.reduce(0, +)
    if size != input.size { return "\(side) has \(size) bytes, in the file it had \(input.size)" }
    if model.fingerprint != input.fingerprint {
      return "\(side) has the fingerprint \(model.fingerprint ?? "none"), in the file it had "
        + (input.fingerprint ?? "none")
    }
  }
  return nil
}

extension PairSums {
  /// By checksums where both were taken, else by what the values sum up to.
  fileprivate func hasSameBytes(as other: PairSums) -> Bool {
    if let checksums, let others = other.checksums { return checksums == others }
    // Units may be told apart in another way, so sums agree but for their rounding.
    return zip(totals, other.totals).allSatisfy { abs($0 - $1) <= 1e-9 * max(abs($0), abs($1)) || $0.isNaN && $1.isNaN }
  }

  private var totals: [Double] {
    ["count", "sum_abs_a", "sum_abs_b", "sum_aa", "sum_bb", "changed"].map { name in
      let column = UnitSums.fieldNames.firstIndex(of: name) ?? 0
      return sums.fields[column * sums.units..<(column + 1) * sums.units].reduce(0, +)
    }
  }
}
