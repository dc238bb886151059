@preconcurrency import CHDF5

/// The type of the elements of a dataset or an attribute.
public enum HDF5Datatype: Sendable, Hashable {
  case float32, float64
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  /// UTF-8 of any length.
  case string
  /// UTF-8 in `bytes` bytes, the rest NUL.
  case fixedString(bytes: Int)
  /// The same for text that is ASCII and says so, as some tools insist. A file's own strings are never of this case:
  /// ASCII is UTF-8 too.
  case asciiString(bytes: Int)
  /// A type of a foreign file that is not read, described.
  case other(String)

  static let numbers: [HDF5Datatype] = [
    .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]

  /// The smallest fixed-length type that holds each of `strings`: ASCII where they are.
  public static func fixedString(fitting strings: [String]) -> HDF5Datatype {
    let bytes = strings.reduce(1) { max($0, $1.utf8.count) }
    return strings.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } }
      ? .asciiString(bytes: bytes) : .fixedString(bytes: bytes)
  }

  /// Bytes of a string of fixed length; `nil` for other types.
  var fixedWidth: Int? {
    switch self {
    case .fixedString(let bytes), .asciiString(let bytes): bytes
    default: nil
    }
  }

  /// Bytes per element as stored; of a variable-length string, its reference.
  public var byteWidth: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    case .string: 16
    case .fixedString(let bytes), .asciiString(let bytes): bytes
    case .other: 0
    }
  }

  /// Bytes per element in memory; of a variable-length string, a pointer.
  var memoryWidth: Int { self == .string ? MemoryLayout<UnsafeRawPointer>.stride : byteWidth }

  /// Whether elements are strings, of either kind.
  public var isString: Bool {
    switch self {
    case .string, .fixedString, .asciiString: true
    default: false
    }
  }

  /// The library's own little-endian type of a number; the lock is held.
  private var standard: hid_t {
    switch self {
    case .float32: h5x_ieee_f32le()
    case .float64: h5x_ieee_f64le()
    case .int8: h5x_std_i8le()
    case .int16: h5x_std_i16le()
    case .int32: h5x_std_i32le()
    case .int64: h5x_std_i64le()
    case .uint8: h5x_std_u8le()
    case .uint16: h5x_std_u16le()
    case .uint32: h5x_std_u32le()
    case .uint64: h5x_std_u64le()
    case .string, .fixedString, .asciiString: h5x_c_s1()
    case .other: -1
    }
  }

  /// The type of HDF5, the same in the file and in memory, for no one to change.
  ///
  /// - Throws: ``HDF5Error`` `.wrongType` for `other`; `.outOfRange` for a fixed string of no bytes.
  func makeType(at location: HDF5Location) throws(HDF5Error) -> Identifier {
    if case .other(let what) = self {
      throw HDF5Error(.wrongType, "H5Tcopy", "can't be made: \(what)", at: location)
    }
    if self == .string { return Identifier(shared: try SharedIdentifiers.string.get()) }
    guard isString else { return Identifier(shared: try call("H5open", at: location) { standard }) }
    guard byteWidth > 0 else {
      throw HDF5Error(.outOfRange, "H5Tset_size", "a fixed string of \(byteWidth) bytes", at: location)
    }
    let type = try Identifier("H5Tcopy", at: location) { H5Tcopy(standard) }
    let (raw, size) = (type.raw, byteWidth)
    let set = if case .asciiString = self { H5T_CSET_ASCII } else { H5T_CSET_UTF8 }
    _ = try call("H5Tset_size", at: location) { H5Tset_size(raw, size) }
    _ = try call("H5Tset_cset", at: location) { H5Tset_cset(raw, set) }
    _ = try call("H5Tset_strpad", at: location) { H5Tset_strpad(raw, H5T_STR_NULLPAD) }
    return type
  }

  /// Names a type of a file; byte order doesn't matter, as HDF5 swaps.
  init(_ type: borrowing Identifier, at location: HDF5Location) throws(HDF5Error) {
    let raw = type.raw
    let size = try call("H5Tget_size", at: location) { Int64(clamping: H5Tget_size(raw)) }
    switch try call("H5Tget_class", at: location, { H5Tget_class(raw).rawValue }) {
    case H5T_STRING.rawValue:
      let isVariable = try call("H5Tis_variable_str", at: location) { H5Tis_variable_str(raw) } > 0
      self = isVariable ? .string : .fixedString(bytes: Int(size))
    case H5T_INTEGER.rawValue, H5T_FLOAT.rawValue:
      let ordered = try Identifier("H5Tcopy", at: location) { H5Tcopy(raw) }
      let copy = ordered.raw
      _ = try call("H5Tset_order", at: location) { H5Tset_order(copy, H5T_ORDER_LE) }
      for number in Self.numbers
      where try call("H5Tequal", at: location, { H5Tequal(copy, number.standard) }) > 0 {
        self = number
        return
      }
      self = .other("a number of \(size) bytes")
    case H5T_ENUM.rawValue: self = .other("an enumeration of \(size) bytes")
    case H5T_COMPOUND.rawValue: self = .other("a compound of \(size) bytes")
    case H5T_VLEN.rawValue: self = .other("a list of variable length")
    case H5T_ARRAY.rawValue: self = .other("an array of \(size) bytes")
    case H5T_REFERENCE.rawValue: self = .other("a reference")
    case let other: self = .other("class \(other) of \(size) bytes")
    }
  }
}

/// A number that HDF5 stores as it is.
public protocol HDF5Number: AdditiveArithmetic, BitwiseCopyable, Sendable {
  static var hdf5Datatype: HDF5Datatype { get }
}

extension Float: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .float32 } }
extension Double: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .float64 } }
extension Int8: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .int8 } }
extension Int16: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .int16 } }
extension Int32: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .int32 } }
extension Int64: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .int64 } }
extension Int: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .int64 } }
extension UInt8: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .uint8 } }
extension UInt16: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .uint16 } }
extension UInt32: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .uint32 } }
extension UInt64: HDF5Number { public static var hdf5Datatype: HDF5Datatype { .uint64 } }
