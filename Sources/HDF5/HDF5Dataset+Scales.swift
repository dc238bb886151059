@preconcurrency import CHDF5

// Dimension scales: datasets that name, and may give coordinates to, the axes of others.

extension HDF5Dataset {
  /// Declares this dataset a dimension scale.
  ///
  /// - Parameter name: What netCDF tools take for the dimension's name if the scale has values. One without values is
  ///   named as netCDF does: `This is a netCDF dimension but not a netCDF variable`, then the length in ten columns.
  /// - Throws: ``HDF5Error`` if the dataset has scales of its own.
  /// ## Source
  /// HDF5 Dimension Scale Specification.
  public func makeScale(_ name: String) throws(HDF5Error) {
    try checkText(name, "H5DSset_scale", at: location)
    _ = try call("H5DSset_scale", at: location) { H5DSset_scale(location.id, name) }
  }

  /// Whether this dataset is a dimension scale.
  public func isScale() throws(HDF5Error) -> Bool {
    try call("H5DSis_scale", at: location) { H5DSis_scale(location.id) } > 0
  }

  /// Gives an axis a dimension scale.
  ///
  /// The scale lists what it is attached to, and the list is written anew each time: O(times attached before).
  /// ``HDF5Group/attachScales(_:)`` writes it once.
  /// - Throws: ``HDF5Error`` `.outOfRange` if there is no such axis.
  public func attach(_ scale: borrowing HDF5Dataset, toAxis axis: Int) throws(HDF5Error) {
    try checkAxis(axis, "H5DSattach_scale")
    let scaleID = scale.location.id
    _ = try call("H5DSattach_scale", at: location) { H5DSattach_scale(location.id, scaleID, UInt32(axis)) }
  }

  /// Whether a scale belongs to an axis.
  public func isAttached(_ scale: borrowing HDF5Dataset, toAxis axis: Int) throws(HDF5Error) -> Bool {
    try checkAxis(axis, "H5DSis_attached")
    let scaleID = scale.location.id
    return try call("H5DSis_attached", at: location) { H5DSis_attached(location.id, scaleID, UInt32(axis)) } > 0
  }

  /// Gives an axis a label of its own, independent of scales.
  public func setLabel(_ label: String, ofAxis axis: Int) throws(HDF5Error) {
    try checkAxis(axis, "H5DSset_label")
    try checkText(label, "H5DSset_label", at: location)
    _ = try call("H5DSset_label", at: location) { H5DSset_label(location.id, UInt32(axis), label) }
  }

  /// Returns the label of an axis, empty if it has none.
  public func label(ofAxis axis: Int) throws(HDF5Error) -> String {
    try checkAxis(axis, "H5DSget_label")
    return try readName("H5DSget_label", at: location) { buffer, size in
      H5DSget_label(location.id, UInt32(axis), buffer, size)
    }
  }

  private func checkAxis(_ axis: Int, _ function: String) throws(HDF5Error) {
    guard shape.indices.contains(axis) else {
      throw HDF5Error(.outOfRange, function, "no axis \(axis) in the shape \(shape)", at: location)
    }
  }
}
