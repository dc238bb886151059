@preconcurrency import CHDF5

/// How the elements of a foreign dataset are stored, also where ``HDF5Datatype`` has no name for it.
public enum HDF5Encoding: Sendable, Hashable {
  case integer(bytes: Int, isSigned: Bool)
  /// Sign, exponent and fraction in this order without gaps, as IEEE 754 lays them out.
  case floatingPoint(bytes: Int, exponentBits: Int)
  /// One byte, 0 or 1: how h5py enumerates false and true.
  case boolean
  /// Bytes that the file says nothing of.
  case opaque(bytes: Int)
  /// Anything else, described.
  case other(String)

  /// Bytes per element; `nil` for what ``HDF5Dataset/readBytes(into:at:)`` doesn't read.
  public var byteWidth: Int? {
    switch self {
    case .integer(let bytes, _), .floatingPoint(let bytes, _), .opaque(let bytes): bytes
    case .boolean: 1
    case .other: nil
    }
  }
}

extension HDF5Dataset {
  /// How the elements are stored, byte order aside.
  public func encoding() throws(HDF5Error) -> HDF5Encoding {
    let type = try Identifier("H5Dget_type", at: location) { H5Dget_type(location.id) }
    let raw = type.raw
    let size = try call("H5Tget_size", at: location) { Int64(clamping: H5Tget_size(raw)) }
    let bytes = Int(size)
    switch try call("H5Tget_class", at: location, { H5Tget_class(raw).rawValue }) {
    case H5T_INTEGER.rawValue:
      let sign = try call("H5Tget_sign", at: location) { H5Tget_sign(raw).rawValue }
      let isWhole = try precision(raw) == 8 * bytes
      guard [1, 2, 4, 8].contains(bytes), isWhole else { return .other(datatype.words) }
      return .integer(bytes: bytes, isSigned: sign != H5T_SGN_NONE.rawValue)
    case H5T_FLOAT.rawValue:
      var fields = [Int](repeating: 0, count: 5)
      _ = try call("H5Tget_fields", at: location) {
        var (sign, exponent, exponentSize, fraction, fractionSize) = (0, 0, 0, 0, 0)
        let code = H5Tget_fields(raw, &sign, &exponent, &exponentSize, &fraction, &fractionSize)
        fields = [sign, exponent, exponentSize, fraction, fractionSize]
        return code
      }
      let isPlain =
        fields[3] == 0 && fields[1] == fields[4] && fields[0] == 8 * bytes - 1 && fields[2] + fields[4] == 8 * bytes - 1
      guard isPlain, try precision(raw) == 8 * bytes else { return .other(datatype.words) }
      return .floatingPoint(bytes: bytes, exponentBits: fields[2])
    case H5T_ENUM.rawValue:
      // One byte: a value is read into one.
      guard bytes == 1, try isBoolean(raw) else { return .other(datatype.words) }
      return .boolean
    case H5T_OPAQUE.rawValue: return .opaque(bytes: bytes)
    default: return .other(datatype.words)
    }
  }

  /// Whether an enumeration is of FALSE, which is 0, and TRUE, 1, as h5py makes it.
  private func isBoolean(_ type: hid_t) throws(HDF5Error) -> Bool {
    guard try call("H5Tget_nmembers", at: location, { H5Tget_nmembers(type) }) == 2 else { return false }
    for (index, name) in ["FALSE", "TRUE"].enumerated() {
      let isNamed = try call("H5Tget_member_name", at: location) { () -> Int in
        guard let found = H5Tget_member_name(type, UInt32(index)) else { return -1 }
        defer { H5free_memory(found) }
        return String(cString: found) == name ? 1 : 0
      }
      var value: Int8 = -1
      _ = try call("H5Tget_member_value", at: location) { H5Tget_member_value(type, UInt32(index), &value) }
      if isNamed == 0 || Int(value) != index { return false }
    }
    return true
  }

  private func precision(_ type: hid_t) throws(HDF5Error) -> Int {
    Int(try call("H5Tget_precision", at: location) { Int64(clamping: H5Tget_precision(type)) })
  }

  /// Fills `buffer` with elements as they are stored, numbers little-endian.
  ///
  /// - Parameter offset: The linear index, in row-major order, of the first element.
  /// - Throws: ``HDF5Error`` `.wrongType` for elements without an ``encoding()``; `.outOfRange` if the buffer is no
  ///   whole number of elements, or the run leaves the dataset.
  /// - Complexity: O(elements) time, at most 2 · rank − 1 reads.
  public func readBytes(into buffer: UnsafeMutableRawBufferPointer, at offset: Int = 0) throws(HDF5Error) {
    let encoding = try encoding()
    guard let width = encoding.byteWidth, width > 0 else {
      throw HDF5Error(.wrongType, "H5Dread", "holds \(datatype.words), not numbers", at: location)
    }
    guard buffer.count.isMultiple(of: width) else {
      throw HDF5Error(.outOfRange, "H5Dread", "\(buffer.count) bytes are no whole elements of \(width)", at: location)
    }
    guard let start = buffer.baseAddress, buffer.count > 0 else { return }
    let stored = try Identifier("H5Dget_type", at: location) { H5Dget_type(location.id) }
    let source = stored.raw
    let memory = try Identifier("H5Tcopy", at: location) { H5Tcopy(source) }
    let memoryType = memory.raw
    switch encoding {
    case .integer, .floatingPoint:
      _ = try call("H5Tset_order", at: location) { H5Tset_order(memoryType, H5T_ORDER_LE) }
    default: break
    }
    try transfer(buffer.count / width, at: offset, "H5Dread") { memory, file, first in
      H5Dread(location.id, memoryType, memory, file, h5x_default(), start + first * width)
    }
  }

  /// Checks that the file can hold as many elements as the dataset claims.
  ///
  /// - Throws: ``HDF5Error`` `.implausibleSize`.
  public func checkSize(elementWidth: Int) throws(HDF5Error) {
    try checkPlausible(count, elementWidth, at: location)
  }
}

extension HDF5Datatype {
  fileprivate var words: String {
    if case .other(let description) = self { return description }
    return "\(self)"
  }
}
