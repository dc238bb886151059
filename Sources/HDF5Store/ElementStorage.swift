import Checkpoints
import HDF5
import Tensors

extension ElementType {
  /// The type that elements are stored as, or their real and imaginary parts; `nil` for strings and what has no value.
  ///
  /// What tools can't be trusted with is widened: a float of 16 bits or fewer, or an integer of a few bits.
  var storedDatatype: HDF5Datatype? {
    switch self {
    case .float16, .bfloat16, .float32, .complex64: .float32
    case .float8e5m2, .float8e4m3fn, .float8e4m3fnuz, .float8e4m3b11fnuz, .float8e5m2fnuz, .float4e2m1fn: .float32
    case .float64, .complex128: .float64
    case .bool, .int8, .qint8, .int4, .int2: .int8
    case .uint8, .quint8, .uint4, .uint2: .uint8
    case .int16, .qint16: .int16
    case .uint16, .quint16: .uint16
    case .int32, .qint32: .int32
    case .uint32: .uint32
    case .int64: .int64
    case .uint64: .uint64
    default: nil
    }
  }

  /// Whether elements are stored as their bytes are.
  var isStoredAsIs: Bool {
    switch self {
    case .float16, .bfloat16, .int4, .int2: false
    default: kind != .floatingPoint || byteWidth != 1
    }
  }
}

/// Bytes that a tensor's values take in the file.
func storedSize(_ tensor: StoredTensor) -> Int {
  guard let datatype = tensor.elementType.storedDatatype else { return tensor.byteCount }
  return tensor.elementType.isStoredAsIs ? tensor.byteCount : tensor.count * datatype.byteWidth
}

// MARK: - Elements that are widened

extension Float {
  /// The value of an IEEE half, which Swift's own type can't be had for on every platform.
  init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 31)
    let fraction = UInt32(bits & 1023)
    switch exponent {
    case 31: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    case 0:
      // Below the smallest normal half, and exact in single precision.
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16: the upper half of a single.
  init(brain bits: UInt16) {
    self.init(bitPattern: UInt32(bits) << 16)
  }
}

extension Int8 {
  /// The value of a signed integer in the lowest `width` bits of a byte.
  init(lowest width: Int, of byte: UInt8) {
    self = Int8(bitPattern: byte << (8 - width)) >> (8 - width)
  }
}
