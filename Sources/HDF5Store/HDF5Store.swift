import Comparison
import HDF5
import Results
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How strings lie in the file.
public enum StringStorage: String, Sendable, CaseIterable {
  /// UTF-8 of any length.
  case variable
  /// UTF-8, padded to the longest of a column: for Octave, which can't load a group that holds the other kind.
  case fixed
}

/// How an export is written.
public struct ExportOptions: Sendable {
  public var strings: StringStorage = .variable
  /// 1 to 9 for tensors in chunks with byte shuffle and deflate; `nil` for tensors in one piece each.
  public var deflateLevel: Int?
  /// Write the tensors' values, not only the results and unit sums.
  public var includesTensors = true
  /// Check the checksums of the bytes that are copied.
  public var verifies = true
  /// Never alters the file.
  public var threads = 2

  public init() {}
}

/// Version of the layout that ``writeHDF5(_:to:options:)`` gives a file.
public let hdf5SchemaVersion = 1

/// Version of the HDF5 library that the process runs with.
public var hdf5Version: String { HDF5Library.version }

/// Writes the aligned pairs of two models, every result and the sums behind the tests.
///
/// `/pairs/<layer>/<tensor>` holds the pairs, `/results` a group of columns for each table, `/units` the sums. Tensors
/// are read from their models once more, piece by piece. The same comparison gives the same bytes.
/// - Parameters:
///   - models: A comparison; damaged tensors are not in it.
///   - path: What was there is replaced. After an error the file is incomplete: remove it.
///   - progress: Told of bytes of tensors.
/// - Throws: ``ExportError``, `CheckpointError` if a model changed since, `HDF5Error`, `CancellationError`.
/// - Complexity: O(bytes of both models) time; memory does not grow with them.
public func writeHDF5(
  _ models: PairedModels, to path: String, options: ExportOptions, progress: WorkProgress = .ignored
) async throws {
  let result = models.result
  if options.includesTensors, options.deflateLevel == nil {
    try checkSpace(for: models.tensors.reduce(0) { $0 + storedSize($1.a) + storedSize($1.b) }, at: path)
  }
  let file = try HDF5File(creating: path)
  try file.root.describe(try rootAttributes(result), options.strings)
  let places = Place.places(of: result.pairs)
  if options.includesTensors {
    progress.expect(.writing, models.tensors.reduce(0) { $0 + $1.a.byteCount + $1.b.byteCount })
  }
  try await writePairs(models, places, in: file.root, options, progress)
  try writeResults(result, places, in: file.root, options.strings)
  try writeUnits(models, places, in: file.root, options.strings)
  try file.close()
}

private func rootAttributes(_ result: ModelComparison) throws -> [(String, AttributeValue?)] {
  let provenance = result.provenance
  return [
    ("Conventions", .text("Equipoise-\(hdf5SchemaVersion)")),
    ("title", .text("Aligned tensors of \(result.a.path) (A) and \(result.b.path) (B), and how they differ, B - A")),
    ("schema_version", .integer(hdf5SchemaVersion)),
    ("created_by", .text("\(provenance.tool) \(provenance.version)")),
    ("provenance", .text(try json(provenance))),
    ("seed", provenance.seed.map(AttributeValue.unsigned)),
    ("model_a", .text(result.a.path)),
    ("model_b", .text(result.b.path)),
    ("verdict", .text(result.verdict.rawValue)),
    ("warnings", result.warnings.isEmpty ? nil : .texts(result.warnings)),
  ]
}

/// A value as JSON in one line, with sorted keys.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
