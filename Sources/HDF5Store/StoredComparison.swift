import Comparison
import HDF5
import Results
import Tensors

/// Reads the results that an exported file holds.
///
/// - Parameters:
///   - path: The file, `pairs.h5`, or an analysis that was appended to it, `pairs.h5/analyses/2`.
///   - profiles: With the profile of each pair, from its unit sums; strings have none.
/// - Throws: ``ExportError``, `HDF5Error`.
/// - Complexity: O(results); with profiles O(unit sums), of which one pair's are in memory at a time.
public func readResults(from path: String, profiles: Bool = false) throws -> ModelComparison {
  let stored = try StoredComparison(reading: path)
  var result = stored.comparison
  guard profiles else { return result }
  for i in result.pairs.indices { result.pairs[i].profile = try stored.sample(i)?.pair.profile() }
  return result
}

/// Reads all that ``readResults(from:)`` and ``retestHDF5(_:options:roles:progress:)`` do, to see whether it can be read.
package func readResultsAndUnits(from path: String) throws {
  if try holdsRuns(path) {
    let stored = try StoredRuns(reading: path)
    for i in stored.comparison.tensors.indices { _ = try stored.features(i) }
    return
  }
  let stored = try StoredComparison(reading: path)
  for i in stored.comparison.pairs.indices { _ = try stored.sample(i) }
}

/// Tests again what an exported file holds, from its unit sums: no model is needed.
///
/// - Parameters:
///   - path: As in ``readResults(from:)``.
///   - options: Patterns, threads and tests; the rest was decided when the file was written.
///   - roles: `nil` for those of the file.
/// - Returns: With the options of the first time, the results of the first time.
/// - Throws: ``ExportError``, `HDF5Error`, `CancellationError`.
public func retestHDF5(
  _ path: String, options: ComparisonOptions, roles: Set<Role>? = nil, progress: WorkProgress = .ignored
) async throws -> ModelComparison {
  let stored = try StoredComparison(reading: path)
  return try await retest(stored.comparison, options: options, roles: roles, progress: progress) {
    try stored.sample($0, forTests: true)
  }
}

/// An analysis in an exported file, open.
final class StoredComparison: Sendable {
  let comparison: ModelComparison
  private let stored: ExportedFile
  /// The pairs' groups, in the order of the results.
  private let paths: [String]

  init(reading given: String) throws {
    stored = try ExportedFile(reading: given)
    guard !stored.isOfRuns else {
      throw ExportError.notAnExport(
        path: stored.path, reason: "holds the runs of two recipes, not two models")
    }
    comparison = try stored.document()
    paths = try stored.tensorPaths(count: comparison.pairs.count)
  }

  /// What was kept of a pair; `nil` for strings, of which nothing is.
  ///
  /// - Parameter forTests: Require what the tests need.
  func sample(_ index: Int, forTests: Bool = false) throws -> UnitSample? {
    let pair = comparison.pairs[index]
    let place = stored.place(of: paths[index], below: "units")
    guard try stored.file.root.contains(place) else { return nil }
    let sums = try UnitReader(stored.file.root.group(place), path: stored.path).sample(of: pair)
    if forTests, sums.sums.histogramA.isEmpty {
      throw ExportError.notAnExport(
        path: stored.path,
        reason: "has no histograms of '\(pair.name)' to test again; it was exported with fewer metrics")
    }
    return sums
  }
}
