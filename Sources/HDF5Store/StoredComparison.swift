import Comparison
import HDF5
import Results
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
  private let file: HDF5File
  private let path: String
  /// The group of the analysis; empty for the root.
  private let group: String
  /// The pairs' groups, in the order of the results.
  private let paths: [String]

  /// Version of the layout that is read.
  private static let version = 1

  init(reading given: String) throws {
    (path, group) = Self.split(given)
    guard try FileStatus(path: path).kind == .regular else {
      throw ExportError.notAnExport(path: path, reason: "is no file; give two models, or one file of an export")
    }
    file = try Self.opened(path)
    guard let version = try? file.root.readAttribute("schema_version", as: Int.self), try file.root.contains("pairs")
    else { throw ExportError.notAnExport(path: path, reason: "is an HDF5 file, but not one that Equipoise exported") }
    guard version == Self.version else {
      throw ExportError.notAnExport(
        path: path, reason: "has version \(version) of the layout; this is known: \(Self.version)")
    }
    let place = group.isEmpty ? "/" : group
    guard try file.root.contains(place) else {
      throw ExportError.notAnExport(path: path, reason: "has no analysis '\(group)'")
    }
    let analysis = try file.root.group(place)
    guard try analysis.contains(documentName) else {
      throw ExportError.notAnExport(path: path, reason: "was written by a version that kept no results to read back")
    }
    do {
      comparison = try readDocument(in: analysis)
    } catch is DecodingError {
      throw ExportError.corrupt(path: path, place: "/\(documentName)", reason: "is not the JSON that belongs there")
    }
    paths = try analysis.dataset("results/tensors/path").readStrings()
    guard paths.count == comparison.pairs.count, paths.allSatisfy({ $0.hasPrefix("/pairs/") }) else {
      throw ExportError.corrupt(
        path: path, place: "/results/tensors", reason: "and /\(documentName) do not list the same pairs")
    }
  }

  private static func opened(_ path: String) throws -> HDF5File {
    do {
      return try HDF5File(reading: path)
    } catch {
      if error.code == .notHDF5 { throw ExportError.notAnExport(path: path, reason: "is no HDF5 file") }
      throw error
    }
  }

  /// `pairs.h5/analyses/2` is analysis 2 of `pairs.h5`, where that is a file: no file can lie below one.
  static func split(_ path: String) -> (file: String, group: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 2, parts[parts.count - 2] == analysesName else { return (path, "") }
    return (parts.dropLast(2).joined(separator: "/"), "\(analysesName)/\(parts[parts.count - 1])")
  }

  /// What was kept of a pair; `nil` for strings, of which nothing is.
  ///
  /// - Parameter forTests: Require what the tests need.
  func sample(_ index: Int, forTests: Bool = false) throws -> UnitSample? {
    let pair = comparison.pairs[index]
    let place = (group.isEmpty ? "" : "/\(group)") + "/units" + paths[index].dropFirst("/pairs".count)
    guard try file.root.contains(place) else { return nil }
    let sums = try UnitReader(file.root.group(place), path: path).sample(of: pair)
    if forTests, sums.sums.histogramA.isEmpty {
      throw ExportError.notAnExport(
        path: path, reason: "has no histograms of '\(pair.name)' to test again; it was exported with fewer metrics")
    }
    return sums
  }
}

/// Name of the group of analyses that were appended.
let analysesName = "analyses"
