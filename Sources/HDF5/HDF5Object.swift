@preconcurrency import CHDF5

/// Where an open object is: what errors name, and the number HDF5 knows it by while it is open.
public struct HDF5Location: Sendable {
  /// The file's path as it was given.
  public let file: String
  /// The object's path within the file, from `/`.
  public let path: String
  let id: hid_t

  func child(_ name: String, id: hid_t = -1) -> HDF5Location {
    let components = pathComponents(name)
    let above = name.hasPrefix("/") || path == "/" ? "" : path
    return HDF5Location(file: file, path: "\(above)/\(components.joined(separator: "/"))", id: id)
  }
}

/// What groups and datasets share: a place in a file, and attributes.
///
/// An object closes itself when it goes out of scope; `close()` does so at once and tells if that fails.
public protocol HDF5Object: ~Copyable, Sendable {
  var location: HDF5Location { get }
}

/// The parts of a path; empty ones don't count, as in HDF5.
func pathComponents(_ path: String) -> [String] {
  path.split(separator: "/").map(String.init)
}

/// Refuses text that would end early in C.
func checkText(_ text: String, _ function: StaticString, at location: HDF5Location) throws(HDF5Error) {
  if text.utf8.contains(0) {
    throw HDF5Error(.invalidText, "\(function)", "'\(text.replacing("\0", with: "\\0"))' holds a NUL", at: location)
  }
}
