@preconcurrency import CHDF5

extension HDF5Group {
  /// Gives datasets of this group their dimension scales, one for each axis, all at once.
  ///
  /// What ``HDF5Dataset/attach(_:toAxis:)`` writes, without writing a scale's list of datasets anew for each.
  /// - Parameter axes: Names of datasets without scales so far, and for each of its axes that of a scale, which none is
  ///   attached to so far.
  /// - Throws: ``HDF5Error`` `.notFound`.
  /// - Complexity: O(axes).
  /// ## Source
  /// HDF5 Dimension Scale Specification: DIMENSION_LIST and REFERENCE_LIST.
  public func attachScales(_ axes: [(dataset: String, scales: [String])]) throws(HDF5Error) {
    var references: [String: hobj_ref_t] = [:]
    var users: [(scale: String, list: [h5x_scale_user])] = []
    var places: [String: Int] = [:]
    for (dataset, scales) in axes where !scales.isEmpty {
      let user = try reference(to: dataset, &references)
      var list: [hobj_ref_t] = []
      for (axis, scale) in scales.enumerated() {
        list.append(try reference(to: scale, &references))
        if places[scale] == nil {
          places[scale] = users.count
          users.append((scale, []))
        }
        users[places[scale]!].list.append(h5x_scale_user(dataset: user, dimension: Int32(axis)))
      }
      _ = try call("H5Awrite", at: location.child(dataset)) {
        h5x_write_dimension_list(location.id, dataset, &list, Int32(list.count))
      }
    }
    for (scale, list) in users {
      _ = try call("H5Awrite", at: location.child(scale)) {
        h5x_write_reference_list(location.id, scale, list, list.count)
      }
    }
  }

  private func reference(
    to name: String, _ known: inout [String: hobj_ref_t]
  ) throws(HDF5Error) -> hobj_ref_t {
    if let reference = known[name] { return reference }
    let place = location.child(name)
    try checkText(name, "H5Rcreate", at: place)
    var reference = hobj_ref_t()
    _ = try call("H5Rcreate", at: place) { H5Rcreate(&reference, location.id, name, H5R_OBJECT, -1) }
    known[name] = reference
    return reference
  }
}
