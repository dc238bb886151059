@preconcurrency import CHDF5

/// A dataset: elements of one type in row-major order.
///
/// Elements are written and read in runs that start at a linear index, whatever the shape, so a tensor streams through
/// in pieces of any size. A scalar has the shape `[]` and one element.
public struct HDF5Dataset: ~Copyable, HDF5Object {
  public let location: HDF5Location
  public let datatype: HDF5Datatype
  public let shape: [Int]
  /// The number of elements.
  public let count: Int
  private let identifier: Identifier

  init(_ identifier: consuming Identifier, at place: HDF5Location) throws(HDF5Error) {
    let raw = identifier.raw
    let type = try Identifier("H5Dget_type", at: place) { H5Dget_type(raw) }
    let space = try Identifier("H5Dget_space", at: place) { H5Dget_space(raw) }
    let datatype = try HDF5Datatype(type, at: place)
    let shape = try readShape(space, at: place)
    let count = try elementCount(shape, at: place)
    try checkCompact(raw, type.raw, count: count, at: place)
    self.init(identifier, at: place, datatype, shape: shape, count: count)
  }

  /// A dataset of which everything is known, as after its creation.
  init(
    _ identifier: consuming Identifier, at place: HDF5Location, _ datatype: HDF5Datatype, shape: [Int], count: Int
  ) {
    location = HDF5Location(file: place.file, path: place.path, id: identifier.raw)
    (self.datatype, self.shape, self.count) = (datatype, shape, count)
    self.identifier = identifier
  }

  /// Closes the dataset at once.
  public consuming func close() throws(HDF5Error) {
    let location = self.location
    try identifier.close(at: location)
  }
}

// MARK: - Writing

extension HDF5Dataset {
  /// Writes a run of elements.
  ///
  /// - Parameter offset: The linear index, in row-major order, of the first element.
  /// - Throws: ``HDF5Error`` `.wrongType` unless the dataset holds this very type; `.outOfRange` if the run leaves it.
  /// - Complexity: O(elements) time, at most 2 · rank − 1 writes.
  public func write<Element: HDF5Number>(_ elements: Span<Element>, at offset: Int = 0) throws(HDF5Error) {
    try check(Element.hdf5Datatype == datatype, "\(Element.hdf5Datatype)", "H5Dwrite")
    try elements.withUnsafeBytes { bytes throws(HDF5Error) in
      try write(bytes.baseAddress, elements.count, at: offset)
    }
  }

  /// Writes a run of elements.
  public func write<Element: HDF5Number>(_ elements: [Element], at offset: Int = 0) throws(HDF5Error) {
    try write(elements.span, at: offset)
  }

  /// Writes a run of numbers from their little-endian bytes, of the type that the dataset holds.
  ///
  /// - Throws: ``HDF5Error`` `.wrongType` if the dataset doesn't hold numbers; `.outOfRange` if the bytes are no whole
  ///   number of elements, or the run doesn't fit.
  public func write(bytes: RawSpan, at offset: Int = 0) throws(HDF5Error) {
    try check(HDF5Datatype.numbers.contains(datatype), "numbers", "H5Dwrite")
    guard bytes.byteCount.isMultiple(of: datatype.byteWidth) else {
      throw HDF5Error(.outOfRange, "H5Dwrite", "\(bytes.byteCount) bytes are no whole \(datatype)", at: location)
    }
    try bytes.withUnsafeBytes { raw throws(HDF5Error) in
      try write(raw.baseAddress, raw.count / datatype.byteWidth, at: offset)
    }
  }

  /// Writes a run of strings.
  ///
  /// - Throws: ``HDF5Error`` `.invalidText` if one holds a NUL or is longer than the type's fixed length.
  public func write(_ strings: [String], at offset: Int = 0) throws(HDF5Error) {
    try check(datatype.isString, "strings", "H5Dwrite")
    try datatype.withEncoded(strings, at: location) { pointer throws(HDF5Error) in
      try write(pointer, strings.count, at: offset)
    }
  }

  private func write(_ elements: UnsafeRawPointer?, _ count: Int, at offset: Int) throws(HDF5Error) {
    let type = try datatype.makeType(at: location)
    let memoryType = type.raw
    try transfer(count, at: offset, "H5Dwrite") { memory, file, first in
      H5Dwrite(location.id, memoryType, memory, file, h5x_default(), elements! + first * datatype.memoryWidth)
    }
  }
}

// MARK: - Reading

extension HDF5Dataset {
  /// Reads a run of elements into memory of the caller's.
  ///
  /// - Parameters:
  ///   - elements: As many are read as it holds.
  ///   - offset: The linear index, in row-major order, of the first element.
  /// - Throws: ``HDF5Error`` `.wrongType` unless the dataset holds this very type; `.outOfRange` if the run leaves it.
  /// - Complexity: O(elements) time, at most 2 · rank − 1 reads.
  public func read<Element: HDF5Number>(
    into elements: inout MutableSpan<Element>, at offset: Int = 0
  ) throws(HDF5Error) {
    try check(Element.hdf5Datatype == datatype, "\(Element.hdf5Datatype)", "H5Dread")
    let type = try datatype.makeType(at: location)
    let memoryType = type.raw
    try elements.withUnsafeMutableBytes { bytes throws(HDF5Error) in
      let base = bytes.baseAddress
      try transfer(bytes.count / datatype.byteWidth, at: offset, "H5Dread") { memory, file, first in
        H5Dread(location.id, memoryType, memory, file, h5x_default(), base! + first * datatype.byteWidth)
      }
    }
  }

  /// Returns a run of elements: all, unless `offset` or `count` say otherwise.
  ///
  /// - Throws: ``HDF5Error`` `.wrongType`, `.outOfRange`; `.implausibleSize` if the file can't hold so many.
  public func read<Element: HDF5Number>(
    _: Element.Type = Element.self, at offset: Int = 0, count: Int? = nil
  ) throws(HDF5Error) -> [Element] {
    let count = try length(count, at: offset)
    var elements = [Element](repeating: .zero, count: count)
    var span = elements.mutableSpan
    try read(into: &span, at: offset)
    return elements
  }

  /// Returns a run of strings: all, unless `offset` or `count` say otherwise. Bytes that aren't UTF-8 are repaired.
  ///
  /// - Throws: ``HDF5Error`` `.wrongType`, `.outOfRange`; `.implausibleSize` if the file can't hold so many.
  public func readStrings(at offset: Int = 0, count: Int? = nil) throws(HDF5Error) -> [String] {
    try check(datatype.isString, "strings", "H5Dread")
    let count = try length(count, at: offset)
    let type = try Identifier("H5Dget_type", at: location) { H5Dget_type(location.id) }
    return try decodeStrings(count, of: type, datatype, at: location) { memoryType, buffer throws(HDF5Error) in
      try transfer(count, at: offset, "H5Dread") { memory, file, first in
        H5Dread(location.id, memoryType, memory, file, h5x_default(), buffer + first * datatype.memoryWidth)
      }
    }
  }

  /// The length of a run that is to be allocated.
  private func length(_ count: Int?, at offset: Int) throws(HDF5Error) -> Int {
    let length = count ?? self.count - min(max(0, offset), self.count)
    try checkRun(length, at: offset, "H5Dread")
    try checkPlausible(length, datatype.byteWidth, at: location)
    return length
  }
}

// MARK: - Runs as boxes

extension HDF5Dataset {
  private func check(_ holds: Bool, _ wanted: String, _ function: String) throws(HDF5Error) {
    if !holds { throw HDF5Error(.wrongType, function, "holds \(datatype), not \(wanted)", at: location) }
  }

  private func checkRun(_ length: Int, at offset: Int, _ function: String) throws(HDF5Error) {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
      throw HDF5Error(
        .outOfRange, function, "\(length) elements from \(offset) leave the shape \(shape)", at: location)
    }
  }

  /// Moves a run of elements, box by box.
  ///
  /// - Parameter body: The C call; it gets the dataspaces of a box in memory and in the file, and the number of
  ///   elements moved before.
  func transfer(
    _ length: Int, at offset: Int, _ function: StaticString,
    _ body: (_ memory: hid_t, _ file: hid_t, _ first: Int) -> herr_t
  ) throws(HDF5Error) {
    try checkRun(length, at: offset, "\(function)")
    if length == 0 { return }
    if length == count {
      _ = try call(function, at: location) { body(h5x_all(), h5x_all(), 0) }
      return
    }
    let file = try Identifier("H5Dget_space", at: location) { H5Dget_space(location.id) }
    let fileSpace = file.raw
    var first = 0
    for slab in Slab.covering(offset..<offset + length, of: shape) {
      let (start, lengths) = (slab.start.map { hsize_t($0) }, slab.lengths.map { hsize_t($0) })
      _ = try call("H5Sselect_hyperslab", at: location) {
        H5Sselect_hyperslab(fileSpace, H5S_SELECT_SET, start, nil, lengths, nil)
      }
      // The box's own shape in memory too: with another, HDF5 moves chunked data element by element.
      let memory = try makeSpace(slab.lengths, at: location)
      let memorySpace = memory.raw
      _ = try call(function, at: location) { body(memorySpace, fileSpace, first) }
      first += slab.count
    }
  }
}
