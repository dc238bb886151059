/// The type of a tensor's elements, with TensorFlow's own number and name.
///
/// ## Source
/// TensorFlow, `core/framework/types.proto`.
public enum ElementType: Int32, Sendable, Hashable, CaseIterable {
  /// A number that this version does not know: the tensor is listed, its values can't be read.
  case unknown = 0
  case float32 = 1
  case float64 = 2
  case int32 = 3
  case uint8 = 4
  case int16 = 5
  case int8 = 6
  case string = 7
  case complex64 = 8
  case int64 = 9
  case bool = 10
  case qint8 = 11
  case quint8 = 12
  case qint32 = 13
  case bfloat16 = 14
  case qint16 = 15
  case quint16 = 16
  case uint16 = 17
  case complex128 = 18
  case float16 = 19
  case resource = 20
  case variant = 21
  case uint32 = 22
  case uint64 = 23
  case float8e5m2 = 24
  case float8e4m3fn = 25
  case float8e4m3fnuz = 26
  case float8e4m3b11fnuz = 27
  case float8e5m2fnuz = 28
  case int4 = 29
  case uint4 = 30
  case int2 = 31
  case uint2 = 32
  case float4e2m1fn = 33

  /// What kind of number an element holds, which decides what may be computed from it.
  public enum Kind: Sendable {
    case floatingPoint, integer, boolean, complex, quantized, string, opaque
  }

  /// TensorFlow's name of the type, such as `float32` or `bfloat16`.
  public var name: String {
    switch self {
    case .float8e5m2: "float8_e5m2"
    case .float8e4m3fn: "float8_e4m3fn"
    case .float8e4m3fnuz: "float8_e4m3fnuz"
    case .float8e4m3b11fnuz: "float8_e4m3b11fnuz"
    case .float8e5m2fnuz: "float8_e5m2fnuz"
    case .float4e2m1fn: "float4_e2m1fn"
    default: Self.caseNames[Int(rawValue)]
    }
  }

  /// By number; made once, for a case's own name is looked up slowly.
  private static let caseNames = allCases.map { "\($0)" }

  /// Bytes per stored element; `nil` where elements have no fixed width.
  public var byteWidth: Int? {
    switch self {
    case .complex128: 16
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32, .qint32: 4
    case .float16, .bfloat16, .int16, .uint16, .qint16, .quint16: 2
    case .string, .resource, .variant, .unknown: nil
    default: 1
    }
  }

  public var kind: Kind {
    switch self {
    case .float16, .bfloat16, .float32, .float64, .float8e5m2, .float8e4m3fn, .float8e4m3fnuz,
      .float8e4m3b11fnuz, .float8e5m2fnuz, .float4e2m1fn:
      .floatingPoint
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .int4, .uint4, .int2, .uint2:
      .integer
    case .qint8, .quint8, .qint16, .quint16, .qint32: .quantized
    case .bool: .boolean
    case .complex64, .complex128: .complex
    case .string: .string
    case .resource, .variant, .unknown: .opaque
    }
  }
}
