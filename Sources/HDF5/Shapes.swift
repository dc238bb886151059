@preconcurrency import CHDF5

/// The number of elements of a shape; one for a scalar's, `[]`.
///
/// - Throws: ``HDF5Error`` `.outOfRange` if a dimension is negative or the product is no `Int`.
func elementCount(_ shape: [Int], at location: HDF5Location) throws(HDF5Error) -> Int {
  var product: (partialValue: Int, overflow: Bool) = (1, false)
  for length in shape {
    guard length >= 0 else {
      throw HDF5Error(.outOfRange, "H5Screate_simple", "shape \(shape)", at: location)
    }
  }
  if shape.contains(0) { return 0 }
  for length in shape {
    product = product.partialValue.multipliedReportingOverflow(by: length)
    guard !product.overflow else {
      throw HDF5Error(.outOfRange, "H5Screate_simple", "shape \(shape) has too many elements", at: location)
    }
  }
  return product.partialValue
}

/// A dataspace of a shape; `[]` is a scalar.
func makeSpace(_ shape: [Int], at location: HDF5Location) throws(HDF5Error) -> Identifier {
  _ = try elementCount(shape, at: location)
  if shape.isEmpty { return Identifier(shared: try SharedIdentifiers.scalar.get()) }
  let lengths = shape.map { hsize_t($0) }
  return try Identifier("H5Screate_simple", at: location) { H5Screate_simple(Int32(lengths.count), lengths, nil) }
}

/// The shape of a dataspace; that of HDF5's null space, which holds nothing, is `[0]`.
///
/// - Throws: ``HDF5Error`` `.outOfRange` if its elements can't be counted in an `Int`.
func readShape(_ space: borrowing Identifier, at location: HDF5Location) throws(HDF5Error) -> [Int] {
  let raw = space.raw
  let kind = try call("H5Sget_simple_extent_type", at: location) { H5Sget_simple_extent_type(raw).rawValue }
  if kind == H5S_NULL.rawValue { return [0] }
  let rank = try call("H5Sget_simple_extent_ndims", at: location) { H5Sget_simple_extent_ndims(raw) }
  var lengths = [hsize_t](repeating: 0, count: Int(rank))
  _ = try call("H5Sget_simple_extent_dims", at: location) { H5Sget_simple_extent_dims(raw, &lengths, nil) }
  let shape = lengths.map { Int(clamping: $0) }
  _ = try elementCount(shape, at: location)
  return shape
}

/// A box in a dataset whose elements follow each other in row-major order.
struct Slab: Equatable {
  var start: [Int]
  var lengths: [Int]

  var count: Int { lengths.reduce(1, *) }

  /// Cuts a run of elements in row-major order into boxes, in the run's order.
  ///
  /// From where it stands, each step takes as many whole slices as possible of the outermost axis on whose boundary
  /// it stands: a ragged start, whole rows, a ragged end.
  /// - Parameters:
  ///   - range: Linear indices of elements, within the shape.
  ///   - shape: The dataset's shape, not empty, without a zero.
  /// - Returns: At most 2 · rank − 1 boxes.
  static func covering(_ range: Range<Int>, of shape: [Int]) -> [Slab] {
    // Elements that one step along each axis passes.
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }

    var slabs: [Slab] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let left = range.upperBound - position
      let axis = strides.firstIndex { position % $0 == 0 && $0 <= left }!
      let start = zip(shape, strides).map { length, stride in position / stride % length }
      var lengths = shape
      for outer in 0..<axis { lengths[outer] = 1 }
      lengths[axis] = min(shape[axis] - start[axis], left / strides[axis])
      slabs.append(Slab(start: start, lengths: lengths))
      position += lengths[axis] * strides[axis]
    }
    return slabs
  }
}

/// Refuses to allocate what the file can't back: deflate expands at most 1,032-fold.
///
/// - Throws: ``HDF5Error`` `.implausibleSize`.
func checkPlausible(_ count: Int, _ width: Int, at location: HDF5Location) throws(HDF5Error) {
  var size: hsize_t = 0
  let file = try Identifier("H5Iget_file_id", at: location) { H5Iget_file_id(location.id) }
  let raw = file.raw
  _ = try call("H5Fget_filesize", at: location) { H5Fget_filesize(raw, &size) }
  let (bytes, overflow) = count.multipliedReportingOverflow(by: max(1, width))
  guard !overflow, bytes / 1032 <= Int(clamping: size) else {
    throw HDF5Error(
      .implausibleSize, "H5Dread", "\(count) elements of \(width) bytes in a file of \(size)", at: location)
  }
}

/// Refuses a compact dataset whose header holds fewer bytes than its shape says: HDF5 1.10 copies from nowhere.
///
/// - Throws: ``HDF5Error`` `.implausibleSize`.
func checkCompact(_ dataset: hid_t, _ type: hid_t, count: Int, at location: HDF5Location) throws(HDF5Error) {
  let properties = try Identifier("H5Dget_create_plist", at: location) { H5Dget_create_plist(dataset) }
  let raw = properties.raw
  guard try call("H5Pget_layout", at: location, { H5Pget_layout(raw).rawValue }) == H5D_COMPACT.rawValue else { return }
  let width = try call("H5Tget_size", at: location) { Int(clamping: H5Tget_size(type)) }
  let stored = try call("H5Dget_storage_size", at: location) { Int(clamping: H5Dget_storage_size(dataset)) }
  let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
  guard !overflow, bytes <= stored else {
    throw HDF5Error(
      .implausibleSize, "H5Dget_storage_size", "\(count) elements of \(width) bytes in \(stored)", at: location)
  }
}
