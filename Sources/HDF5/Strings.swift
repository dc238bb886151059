@preconcurrency import CHDF5

// Swift's strings as HDF5 has them in memory: pointers to C strings, or padded bytes side by side.

extension HDF5Datatype {
  /// Lends `strings` in the form that a write of this type takes.
  ///
  /// - Throws: ``HDF5Error`` `.invalidText` if a string holds a NUL or doesn't fit.
  /// - Complexity: O(bytes) time and memory.
  func withEncoded(
    _ strings: [String], at location: HDF5Location,
    _ body: (UnsafeRawPointer) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    for string in strings { try checkText(string, "H5Dwrite", at: location) }
    if let width = fixedWidth {
      var bytes = [UInt8]()
      bytes.reserveCapacity(strings.count * width)
      for string in strings {
        let used = string.utf8.count
        guard used <= width else {
          throw HDF5Error(.invalidText, "H5Dwrite", "'\(string)' needs \(used) bytes of \(width)", at: location)
        }
        bytes += string.utf8
        bytes += repeatElement(0, count: width - used)
      }
      if bytes.isEmpty { bytes = [0] }
      return try bytes.span.withUnsafeBytes { bytes throws(HDF5Error) in try body(bytes.baseAddress!) }
    }
    var bytes = [UInt8]()
    var starts = [Int]()
    for string in strings {
      starts.append(bytes.count)
      bytes += string.utf8
      bytes.append(0)
    }
    if bytes.isEmpty { bytes = [0] }
    try bytes.span.withUnsafeBytes { bytes throws(HDF5Error) in
      let pointers = starts.isEmpty ? [nil] : starts.map { Optional(bytes.baseAddress! + $0) }
      try pointers.span.withUnsafeBytes { pointers throws(HDF5Error) in try body(pointers.baseAddress!) }
    }
  }
}

/// Reads `count` strings by a call that fills memory of a given type; bytes that aren't UTF-8 are repaired.
///
/// - Parameter type: The strings' type in the file.
func decodeStrings(
  _ count: Int, of type: borrowing Identifier, _ datatype: HDF5Datatype, at location: HDF5Location,
  _ body: (_ memoryType: hid_t, _ buffer: UnsafeMutableRawPointer) throws(HDF5Error) -> Void
) throws(HDF5Error) -> [String] {
  guard count > 0 else { return [] }
  let raw = type.raw
  let memory = try Identifier("H5Tcopy", at: location) { H5Tcopy(raw) }
  let memoryType = memory.raw
  if let width = datatype.fixedWidth {
    // HDF5 turns Fortran's blanks and C's single NUL into padding.
    _ = try call("H5Tset_strpad", at: location) { H5Tset_strpad(memoryType, H5T_STR_NULLPAD) }
    var bytes = [UInt8](repeating: 0, count: count * width)
    try bytes.withUnsafeMutableBufferPointer { bytes throws(HDF5Error) in try body(memoryType, bytes.baseAddress!) }
    return (0..<count).map { index in
      String(decoding: bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
  var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
  let space = try makeSpace([count], at: location)
  let memorySpace = space.raw
  return try pointers.withUnsafeMutableBufferPointer { pointers throws(HDF5Error) in
    let buffer = pointers.baseAddress!
    defer {
      _ = try? call("H5Dvlen_reclaim", at: location) {
        H5Dvlen_reclaim(memoryType, memorySpace, h5x_default(), buffer)
      }
    }
    try body(memoryType, buffer)
    return pointers.map { $0.map { String(cString: $0) } ?? "" }
  }
}
