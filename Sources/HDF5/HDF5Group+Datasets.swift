@preconcurrency import CHDF5

/// How a dataset's elements lie in the file.
public enum HDF5Layout: Sendable, Hashable {
  /// In one piece, without a copy on the way: the fastest, and what anything can read. A few numbers lie in the
  /// dataset's header.
  case contiguous
  /// In boxes of `shape`, by default such that a run in row-major order fills one after the other; compressed by byte
  /// shuffle and deflate if a level of 0 to 9 is given.
  case chunked(shape: [Int]? = nil, deflate: Int? = nil)

  /// Bytes up to which elements lie in the dataset's header.
  static let compactLimit = 2_048

  /// Chunks for streaming in row-major order: whole trailing axes, up to 1 MiB.
  public static func rowMajorChunk(of shape: [Int], byteWidth: Int) -> [Int] {
    var room = max(1, (1 << 20) / max(1, byteWidth))
    var chunk = shape
    for axis in shape.indices.reversed() {
      chunk[axis] = min(shape[axis], room)
      room = max(1, room / shape[axis])
    }
    return chunk
  }
}

extension HDF5Group {
  /// Creates a dataset, and the groups on the way to it that aren't there yet.
  ///
  /// - Parameters:
  ///   - name: A name or a path.
  ///   - shape: Its shape; `[]` makes a scalar, which, as an empty dataset, is contiguous whatever `layout` says.
  ///   - datatype: The type of its elements.
  ///   - fill: The value of elements not written, converted to the type; for numbers only. A contiguous dataset
  ///     declares it but isn't filled with it: write every element.
  /// - Throws: ``HDF5Error`` `.exists`, `.outOfRange`, `.wrongType`.
  public func createDataset(
    _ name: String, shape: [Int], _ datatype: HDF5Datatype, layout: HDF5Layout = .contiguous, fill: Double? = nil
  ) throws(HDF5Error) -> HDF5Dataset {
    let place = location.child(name)
    try checkText(name, "H5Dcreate2", at: place)
    let type = try datatype.makeType(at: place)
    let space = try makeSpace(shape, at: place)
    let count = try elementCount(shape, at: place)
    let links = try Properties.link.identifier(at: place)
    guard fill == nil || HDF5Datatype.numbers.contains(datatype) else {
      throw HDF5Error(.wrongType, "H5Pset_fill_value", "\(datatype) can't be filled with a number", at: place)
    }
    try createParents(of: name)
    func create(_ creation: hid_t, _ access: hid_t) throws(HDF5Error) -> HDF5Dataset {
      let created = try Identifier("H5Dcreate2", at: place) {
        H5Dcreate2(location.id, name, type.raw, space.raw, links, creation, access)
      }
      return HDF5Dataset(created, at: place, datatype, shape: shape, count: count)
    }

    if case .chunked(let chunk, let level) = layout, !shape.isEmpty, count > 0 {
      let creation = try Properties.dataset(.chunked, isFilled: true, fill: fill?.bitPattern).make(at: place)
      let access = try Identifier("H5Pcreate", at: place) { H5Pcreate(h5x_dataset_access()) }
      let chunk = chunk ?? HDF5Layout.rowMajorChunk(of: shape, byteWidth: datatype.byteWidth)
      try setChunks(chunk, of: shape, datatype, deflate: level, creation.raw, access.raw, at: place)
      return try create(creation.raw, access.raw)
    }
    let isSmall = count > 0 && count <= HDF5Layout.compactLimit / max(1, datatype.byteWidth)
    // HDF5 insists on filling where elements refer to memory of their own.
    let properties = Properties.dataset(
      isSmall ? .compact : .contiguous, isFilled: datatype == .string, fill: fill?.bitPattern)
    return try create(properties.identifier(at: place), h5x_default())
  }

  private func setChunks(
    _ chunk: [Int], of shape: [Int], _ datatype: HDF5Datatype, deflate: Int?,
    _ creation: hid_t, _ access: hid_t, at place: HDF5Location
  ) throws(HDF5Error) {
    guard chunk.count == shape.count, zip(chunk, shape).allSatisfy({ 1...$1 ~= $0 }) else {
      throw HDF5Error(.outOfRange, "H5Pset_chunk", "chunk \(chunk) of shape \(shape)", at: place)
    }
    let lengths = chunk.map { hsize_t($0) }
    let bytes = try elementCount(chunk, at: place).multipliedReportingOverflow(by: datatype.byteWidth)
    guard !bytes.overflow, bytes.partialValue < 1 << 32 else {
      throw HDF5Error(.outOfRange, "H5Pset_chunk", "chunk \(chunk) of 4 GiB or more", at: place)
    }
    _ = try call("H5Pset_chunk", at: place) { H5Pset_chunk(creation, Int32(chunk.count), lengths) }
    // Room for two chunks: one that doesn't fit is compressed anew at every write that touches it.
    _ = try call("H5Pset_chunk_cache", at: place) {
      H5Pset_chunk_cache(access, 521, max(1 << 20, 2 * bytes.partialValue), 1)
    }
    guard let deflate else { return }
    guard 0...9 ~= deflate else {
      throw HDF5Error(.outOfRange, "H5Pset_deflate", "level \(deflate), not 0 to 9", at: place)
    }
    _ = try call("H5Pset_shuffle", at: place) { H5Pset_shuffle(creation) }
    _ = try call("H5Pset_deflate", at: place) { H5Pset_deflate(creation, UInt32(deflate)) }
  }

  /// Opens a dataset.
  ///
  /// - Throws: ``HDF5Error`` `.notFound`, or `.wrongType` if it is a group.
  public func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset {
    let place = location.child(name)
    try checkText(name, "H5Dopen2", at: place)
    return try HDF5Dataset(
      Identifier("H5Dopen2", at: place) { H5Dopen2(location.id, name, h5x_default()) }, at: place)
  }
}
