@preconcurrency import CHDF5

/// An HDF5 file, open.
///
/// Files are written such that HDF5 1.8 reads them, the order of groups, datasets and attributes is kept, and no time
/// is stored: the same calls give the same bytes. HDF5 is one global state, so calls from several tasks take turns; two
/// tasks may use one object.
///
/// A file that is written should be closed by ``close()``, which tells if bytes could not be written.
public struct HDF5File: ~Copyable, Sendable {
  /// The group `/`, which everything in the file is reached from.
  public let root: HDF5Group
  private let identifier: Identifier

  /// The path as it was given.
  public var path: String { root.location.file }

  /// Creates a file; what was there is replaced.
  ///
  /// - Throws: ``HDF5Error`` `.io` if the operating system refuses.
  public init(creating path: String) throws(HDF5Error) {
    let location = HDF5Location(file: path, path: "/", id: -1)
    try checkText(path, "H5Fcreate", at: location)
    let access = try Self.access(at: location)
    let creation = try Properties.file.identifier(at: location)
    try self.init(
      Identifier("H5Fcreate", at: location) { H5Fcreate(path, h5x_acc_trunc(), creation, access.raw) }, path)
  }

  /// Opens a file to read.
  ///
  /// - Throws: ``HDF5Error`` `.notHDF5`, `.truncated`, or `.io` if the operating system refuses.
  public init(reading path: String) throws(HDF5Error) {
    let location = HDF5Location(file: path, path: "/", id: -1)
    try checkText(path, "H5Fopen", at: location)
    try self.init(Identifier("H5Fopen", at: location) { H5Fopen(path, h5x_acc_rdonly(), h5x_default()) }, path)
  }

  /// Opens a file that this library wrote, to add to it.
  ///
  /// - Throws: ``HDF5Error`` `.notHDF5`, `.truncated`, or `.io` if the operating system refuses.
  public init(modifying path: String) throws(HDF5Error) {
    let location = HDF5Location(file: path, path: "/", id: -1)
    try checkText(path, "H5Fopen", at: location)
    let access = try Self.access(at: location)
    try self.init(Identifier("H5Fopen", at: location) { H5Fopen(path, h5x_acc_rdwr(), access.raw) }, path)
  }

  /// Version-2 object headers: checksums, attributes of more than 64 KiB, creation order. HDF5 1.8 writes them too.
  private static func access(at location: HDF5Location) throws(HDF5Error) -> Identifier {
    let access = try Identifier("H5Pcreate", at: location) { H5Pcreate(h5x_file_access()) }
    let raw = access.raw
    _ = try call("H5Pset_libver_bounds", at: location) {
      H5Pset_libver_bounds(raw, H5F_LIBVER_V18, H5F_LIBVER_V18)
    }
    return access
  }

  private init(_ identifier: consuming Identifier, _ path: String) throws(HDF5Error) {
    root = try HDF5Group(opening: "/", in: HDF5Location(file: path, path: "/", id: identifier.raw))
    self.identifier = identifier
  }

  /// Hands everything written so far to the operating system.
  public func flush() throws(HDF5Error) {
    let raw = identifier.raw
    _ = try call("H5Fflush", at: root.location) { H5Fflush(raw, H5F_SCOPE_LOCAL) }
  }

  /// Writes everything and closes the file: from here on it is complete. Objects of it that are still open hold on to
  /// it, and can be used, until they go.
  ///
  /// - Throws: ``HDF5Error`` `.io` if bytes could not be written.
  public consuming func close() throws(HDF5Error) {
    let location = root.location
    try flush()
    try root.close()
    try identifier.close(at: location)
  }
}
