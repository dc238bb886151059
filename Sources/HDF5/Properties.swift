@preconcurrency import CHDF5
import Threads

// Property lists and types that many objects are made with: made once and kept while the process lives, as a file of
// many small datasets would spend more on them than on its data. Ask for one outside the lock, as making one takes it.

/// What a list of properties is for.
enum Properties: Hashable {
  /// Links with UTF-8 names.
  case link
  case attribute
  case file
  /// A group that is expected to hold so many links with names of about 12 bytes.
  case group(links: Int)
  case dataset(HDF5Storage, isFilled: Bool, fill: UInt64?)

  /// The identifier of the list, which is not the caller's to close or to change.
  func identifier(at location: HDF5Location) throws(HDF5Error) -> hid_t {
    if let known = lists.withLock({ $0[self] }) { return known }
    let raw = try make(at: location).keep()
    lists.withLock { $0[self] = raw }
    return raw
  }

  /// A list of one's own.
  func make(at location: HDF5Location) throws(HDF5Error) -> Identifier {
    let list = try Identifier("H5Pcreate", at: location) { H5Pcreate(kind) }
    let raw = list.raw
    switch self {
    case .link, .attribute:
      _ = try call("H5Pset_char_encoding", at: location) { H5Pset_char_encoding(raw, H5T_CSET_UTF8) }
    case .file: try track(raw, links: true, at: location)
    case .group(let links):
      try track(raw, links: true, at: location)
      // Up to 64 links lie in the group itself, in room that is taken at once.
      _ = try call("H5Pset_link_phase_change", at: location) { H5Pset_link_phase_change(raw, 64, 32) }
      let expected = UInt32(clamping: min(links, 64))
      _ = try call("H5Pset_est_link_info", at: location) { H5Pset_est_link_info(raw, expected, 12) }
    case .dataset(let storage, let isFilled, let fill):
      try track(raw, links: false, at: location)
      if storage == .compact { _ = try call("H5Pset_layout", at: location) { H5Pset_layout(raw, H5D_COMPACT) } }
      if !isFilled {
        _ = try call("H5Pset_fill_time", at: location) { H5Pset_fill_time(raw, H5D_FILL_TIME_NEVER) }
      }
      if let fill {
        var value = Double(bitPattern: fill)
        _ = try call("H5Pset_fill_value", at: location) { H5Pset_fill_value(raw, h5x_ieee_f64le(), &value) }
      }
    }
    return list
  }

  private var kind: hid_t {
    switch self {
    case .link: h5x_link_create()
    case .attribute: h5x_attribute_create()
    case .file: h5x_file_create()
    case .group: h5x_group_create()
    case .dataset: h5x_dataset_create()
    }
  }

  /// Attributes, and links, keep the order of their creation; no time is stored. Some dozens of attributes lie in the
  /// object itself: HDF5 would give nine of them a heap and two trees of their own.
  private func track(_ raw: hid_t, links: Bool, at location: HDF5Location) throws(HDF5Error) {
    _ = try call("H5Pset_obj_track_times", at: location) { H5Pset_obj_track_times(raw, false) }
    _ = try call("H5Pset_attr_creation_order", at: location) { H5Pset_attr_creation_order(raw, h5x_creation_order()) }
    _ = try call("H5Pset_attr_phase_change", at: location) { H5Pset_attr_phase_change(raw, 32, 16) }
    if links {
      _ = try call("H5Pset_link_creation_order", at: location) { H5Pset_link_creation_order(raw, h5x_creation_order()) }
    }
  }
}

private let lists = Locked<[Properties: hid_t]>([:])

/// Where the elements of a dataset are.
enum HDF5Storage: Hashable {
  /// In the dataset's header.
  case compact
  case contiguous, chunked
}

/// The one type of variable-length UTF-8, and the one scalar dataspace.
enum SharedIdentifiers {
  static let string = Result { () throws(HDF5Error) in
    let type = try Identifier("H5Tcopy", at: nowhere) { H5Tcopy(h5x_c_s1()) }
    let raw = type.raw
    _ = try call("H5Tset_size", at: nowhere) { H5Tset_size(raw, h5x_variable()) }
    _ = try call("H5Tset_cset", at: nowhere) { H5Tset_cset(raw, H5T_CSET_UTF8) }
    return type.keep()
  }

  static let scalar = Result { () throws(HDF5Error) in
    try Identifier("H5Screate", at: nowhere) { H5Screate(H5S_SCALAR) }.keep()
  }

  private static let nowhere = HDF5Location(file: "HDF5", path: "/", id: -1)
}
