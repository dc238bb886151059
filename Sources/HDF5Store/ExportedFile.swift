import Checkpoints
import HDF5
import Results
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file that was exported, or an analysis in it, open to be read back.
final class ExportedFile: Sendable {
  let file: HDF5File
  /// Of the file itself.
  let path: String
  /// Whether it holds the runs of two recipes.
  let isOfRuns: Bool
  /// The group of the analysis; empty for the root.
  private let group: String

  /// Version of the layout that is read.
  private static let version = 1

  init(reading given: String) throws {
    (path, group) = Self.split(given)
    guard try FileStatus(path: path).kind == .regular else {
      throw ExportError.notAnExport(path: path, reason: "is no file; give two models, or one file of an export")
    }
    file = try Self.opened(path)
    if try file.root.contains(behaviorName), try !file.root.contains("pairs") {
      throw ExportError.notAnExport(
        path: path, reason: "holds predictions, and no weights; `equipoise behavior` takes them from it")
    }
    guard let version = try? file.root.readAttribute("schema_version", as: Int.self), try file.root.contains("pairs")
    else { throw ExportError.notAnExport(path: path, reason: "is an HDF5 file, but not one that Equipoise exported") }
    guard version == Self.version else {
      throw ExportError.notAnExport(
        path: path, reason: "has version \(version) of the layout; this is known: \(Self.version)")
    }
    isOfRuns = try file.root.hasAttribute("level")
    guard try file.root.contains(group.isEmpty ? "/" : group) else {
      throw ExportError.notAnExport(path: path, reason: "has no analysis '\(group)'")
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

  func document<Document: Decodable>() throws -> Document {
    let analysis = try file.root.group(group.isEmpty ? "/" : group)
    guard try analysis.contains(documentName) else {
      throw ExportError.notAnExport(path: path, reason: "was written by a version that kept no results to read back")
    }
    do {
      return try readDocument(Document.self, in: analysis)
    } catch is DecodingError {
      throw ExportError.corrupt(path: path, place: "/\(documentName)", reason: "is not the JSON that belongs there")
    }
  }

  /// Groups of the tensors, in the order of the results.
  ///
  /// - Parameter count: How many the document lists.
  func tensorPaths(count: Int) throws -> [String] {
    let paths = try file.root.group(group.isEmpty ? "/" : group).dataset("results/tensors/path").readStrings()
    guard paths.count == count, paths.allSatisfy({ $0.hasPrefix("/pairs/") }) else {
      throw ExportError.corrupt(
        path: path, place: "/results/tensors", reason: "and /\(documentName) do not list the same pairs")
    }
    return paths
  }

  /// The place of a tensor below another group of the analysis than `/pairs`.
  func place(of path: String, below name: String) -> String {
    (group.isEmpty ? "" : "/\(group)") + "/\(name)" + path.dropFirst("/pairs".count)
  }
}

/// Name of the group of analyses that were appended.
let analysesName = "analyses"
