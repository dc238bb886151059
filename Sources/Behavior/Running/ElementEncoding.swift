import Tensors

extension NumericArray {
  /// The numbers as elements of a type, little-endian.
  ///
  /// - Parameters:
  ///   - input: What takes them, for errors.
  ///   - first: Number of the array's first example.
  /// - Throws: ``BehaviorError`` for a number that the type can't hold, or a type that is not made from numbers.
  func encoded(as type: ElementType, input: String, from first: Int = 0) throws(BehaviorError) -> [UInt8] {
    func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws(BehaviorError) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(values.count * MemoryLayout<Number>.size)
      for (offset, value) in values.enumerated() {
        guard let number = Number(exactly: value) else {
          throw BehaviorError(
            path,
            "\(place(offset, from: first)) is \(value), and input '\(input)' takes \(Number.self) only")
        }
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
      }
      return bytes
    }
    func each<Number>(_ convert: (Double) -> Number) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(values.count * MemoryLayout<Number>.size)
      for value in values { withUnsafeBytes(of: convert(value)) { bytes.append(contentsOf: $0) } }
      return bytes
    }
    switch type {
    case .float32: return each { Float($0) }
    case .float64: return each { $0 }
    case .bfloat16: return each { bfloat16(Float($0)) }
    #if !(os(macOS) && arch(x86_64))
      case .float16: return each { Float16($0) }
    #endif
    case .int8: return try whole(Int8.self)
    case .int16: return try whole(Int16.self)
    case .int32: return try whole(Int32.self)
    case .int64: return try whole(Int64.self)
    case .uint8: return try whole(UInt8.self)
    case .uint16: return try whole(UInt16.self)
    case .uint32: return try whole(UInt32.self)
    case .uint64: return try whole(UInt64.self)
    case .bool:
      if let index = values.firstIndex(where: { $0 != 0 && $0 != 1 }) {
        throw BehaviorError(
          path, "\(place(index, from: first)) is \(values[index]), and input '\(input)' takes 0 and 1 only")
      }
      return each { $0 != 0 }
    default:
      throw BehaviorError(path, "input '\(input)' takes \(type.name), which is not made from numbers")
    }
  }
}

/// Rounded to the nearest, ties to even.
func bfloat16(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
  return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
}
