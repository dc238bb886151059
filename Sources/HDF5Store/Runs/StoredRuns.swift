import Comparison
import HDF5
import Results

/// Whether an exported file holds the runs of two recipes rather than two models.
///
/// - Throws: ``ExportError``, `HDF5Error`.
public func holdsRuns(_ path: String) throws -> Bool { try ExportedFile(reading: path).isOfRuns }

/// Reads the results that a file of runs holds.
///
/// - Throws: ``ExportError``, `HDF5Error`.
/// - Complexity: O(results).
public func readRunResults(from path: String) throws -> RunComparison { try StoredRuns(reading: path).comparison }

/// Tests again what a file of runs holds, from the features in it: no run is needed.
///
/// - Parameters:
///   - options: Patterns and tests; the rest was decided when the file was written.
///   - roles: `nil` for those of the file.
/// - Returns: With the options of the first time, the results of the first time.
/// - Throws: ``ExportError``, `HDF5Error`, `CancellationError`.
public func retestRunsHDF5(
  _ path: String, options: ComparisonOptions, roles: Set<Role>? = nil, progress: WorkProgress = .ignored
) throws -> RunComparison {
  let stored = try StoredRuns(reading: path)
  return try retestRuns(stored.comparison, options: options, roles: roles, progress: progress) {
    try stored.features($0)
  }
}

/// A file of runs, open.
struct StoredRuns {
  let comparison: RunComparison
  private let stored: ExportedFile
  /// The tensors' groups, in the order of the results.
  private let paths: [String]

  init(reading path: String) throws {
    stored = try ExportedFile(reading: path)
    guard stored.isOfRuns else {
      throw ExportError.notAnExport(path: path, reason: "holds two models, not the runs of two recipes")
    }
    comparison = try stored.document()
    paths = try stored.tensorPaths(count: comparison.tensors.count)
    guard comparison.a.runs.count >= 1, comparison.b.runs.count >= 1 else {
      throw ExportError.corrupt(path: path, place: "/\(documentName)", reason: "lists no runs")
    }
  }

  /// Of each run, those of A first.
  func features(_ index: Int) throws -> [RunFeatures] {
    let place = stored.place(of: paths[index], below: "features")
    guard try stored.file.root.contains(place) else {
      throw ExportError.corrupt(path: stored.path, place: place, reason: "is missing")
    }
    return try readFeatures(
      in: stored.file.root.group(place), of: comparison.tensors[index],
      runs: comparison.a.runs.count + comparison.b.runs.count, file: stored.path)
  }
}
