@preconcurrency import CHDF5

/// A group: named objects in the order of their creation.
///
/// Names are paths: `a/b` is `b` in group `a` of this one, `/a/b` starts at the root.
public struct HDF5Group: ~Copyable, HDF5Object {
  /// What a name in a group leads to.
  public enum Kind: Sendable, Hashable {
    case group, dataset
    /// A named type, or a link that leads nowhere.
    case other
  }

  public let location: HDF5Location
  private let identifier: Identifier

  init(opening name: String, in parent: HDF5Location) throws(HDF5Error) {
    let place = parent.child(name)
    try checkText(name, "H5Gopen2", at: place)
    try self.init(Identifier("H5Gopen2", at: place) { H5Gopen2(parent.id, name, h5x_default()) }, place)
  }

  private init(_ identifier: consuming Identifier, _ place: HDF5Location) {
    location = HDF5Location(file: place.file, path: place.path, id: identifier.raw)
    self.identifier = identifier
  }

  /// Opens a group.
  ///
  /// - Throws: ``HDF5Error`` `.notFound`, or `.wrongType` if it is a dataset.
  public func group(_ name: String) throws(HDF5Error) -> HDF5Group {
    try HDF5Group(opening: name, in: location)
  }

  /// Creates a group, and the groups on the way to it that aren't there yet.
  ///
  /// - Parameter count: About how many objects it is to hold: room for them is taken at once.
  /// - Throws: ``HDF5Error`` `.exists` if something of that name is there.
  public func createGroup(_ name: String, expecting count: Int = 4) throws(HDF5Error) -> HDF5Group {
    let place = location.child(name)
    try checkText(name, "H5Gcreate2", at: place)
    try createParents(of: name)
    let links = try Properties.link.identifier(at: place)
    let creation = try Properties.group(links: count).identifier(at: place)
    let identifier = try Identifier("H5Gcreate2", at: place) {
      H5Gcreate2(location.id, name, links, creation, h5x_default())
    }
    return HDF5Group(identifier, place)
  }

  /// Creates the groups on the way to `name` that aren't there yet. HDF5's own way to do so
  /// (`H5Pset_create_intermediate_group`) would give them times and no creation order.
  func createParents(of name: String) throws(HDF5Error) {
    let parents = pathComponents(name).dropLast()
    guard !parents.isEmpty else { return }
    let parent = (name.hasPrefix("/") ? "/" : "") + parents.joined(separator: "/")
    if try contains(parent) { return }
    do {
      _ = try createGroup(parent)
    } catch {
      // Another task may have been faster.
      if try !contains(parent) { throw error }
    }
  }

  /// Whether a path leads to an object.
  ///
  /// - Complexity: O(parts of the path) look-ups.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    try checkText(name, "H5Lexists", at: location.child(name))
    var path = name.hasPrefix("/") ? "/" : "."
    for part in pathComponents(name) {
      let next = path + "/" + part
      let place = location.child(next)
      // H5Lexists fails, rather than says no, below what is missing or isn't a group.
      if path.utf8.count > 1, try kind(of: path) != .group { return false }
      guard try call("H5Lexists", at: place, { H5Lexists(location.id, next, h5x_default()) }) > 0 else { return false }
      path = next
    }
    return try call("H5Oexists_by_name", at: location.child(name)) {
      H5Oexists_by_name(location.id, path, h5x_default())
    } > 0
  }

  /// The names in this group, in the order of creation, or by name if a foreign file doesn't keep that.
  public func names() throws(HDF5Error) -> [String] {
    var info = H5G_info_t()
    _ = try call("H5Gget_info", at: location) { H5Gget_info(location.id, &info) }
    let creation = try Identifier("H5Gget_create_plist", at: location) { H5Gget_create_plist(location.id) }
    var order: UInt32 = 0
    _ = try call("H5Pget_link_creation_order", at: location) { H5Pget_link_creation_order(creation.raw, &order) }
    let index = order & h5x_creation_order() == h5x_creation_order() ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME
    var names: [String] = []
    for position in 0..<info.nlinks {
      names.append(
        try readName("H5Lget_name_by_idx", at: location) { buffer, size in
          H5Lget_name_by_idx(location.id, ".", index, H5_ITER_INC, position, buffer, size, h5x_default())
        })
    }
    return names
  }

  /// Whether a name in this group is an object's own, rather than a link to a path or to another file.
  ///
  /// - Throws: ``HDF5Error`` `.notFound`.
  public func isHardLink(_ name: String) throws(HDF5Error) -> Bool {
    let place = location.child(name)
    try checkText(name, "H5Lget_info", at: place)
    return try call("H5Lget_info", at: place) { h5x_is_hard_link(location.id, name) } > 0
  }

  /// What a name leads to.
  ///
  /// - Throws: ``HDF5Error`` `.notFound`.
  public func kind(of name: String) throws(HDF5Error) -> Kind {
    let place = location.child(name)
    try checkText(name, "H5Oopen", at: place)
    guard try call("H5Lexists", at: place, { H5Lexists(location.id, name, h5x_default()) }) > 0 else {
      throw HDF5Error(.notFound, "H5Lexists", "no such object", at: place)
    }
    guard let object = try? Identifier("H5Oopen", at: place, { H5Oopen(location.id, name, h5x_default()) }) else {
      return .other
    }
    let raw = object.raw
    return switch try call("H5Iget_type", at: place, { H5Iget_type(raw).rawValue }) {
    case H5I_GROUP.rawValue: .group
    case H5I_DATASET.rawValue: .dataset
    default: .other
    }
  }

  /// Closes the group at once.
  public consuming func close() throws(HDF5Error) {
    let location = self.location
    try identifier.close(at: location)
  }
}

/// Reads a name from a call that returns its length and fills a buffer.
func readName(
  _ function: StaticString, at location: HDF5Location,
  _ body: (UnsafeMutablePointer<CChar>?, Int) -> Int
) throws(HDF5Error) -> String {
  let length = try call(function, at: location) { body(nil, 0) }
  var buffer = [CChar](repeating: 0, count: length + 1)
  _ = try call(function, at: location) { body(&buffer, length + 1) }
  return buffer.withUnsafeBytes { String(decoding: $0.prefix(length), as: UTF8.self) }
}
