import HDF5
import Results

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

/// Version of the layout that ``exportHDF5(_:_:comparing:references:to:storing:progress:)`` gives a file.
public let hdf5SchemaVersion = 1

/// Version of the HDF5 library that the process runs with.
public var hdf5Version: String { HDF5Library.version }

/// A value as JSON in one line, with sorted keys.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
