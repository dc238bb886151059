import Tensors

/// A tensor that goes into a model or comes out of one.
public struct TensorValue: Sendable, Equatable {
  public var elementType: ElementType
  public var shape: [Int]
  /// In row-major order, as the machine has them; empty for texts.
  public var bytes: [UInt8]
  /// Elements of a string tensor.
  public var texts: [String]

  /// - Parameter bytes: As many as `shape` elements take.
  public init(_ elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
    texts = []
  }

  public init(texts: [String], shape: [Int]) {
    elementType = .string
    self.shape = shape
    bytes = []
    self.texts = texts
  }
}

extension TensorFlowLibrary {
  /// Bytes of a string's place in a tensor.
  private static let stringSize = 24

  /// Copies a value into a tensor of TensorFlow's, which ``release(_:)`` gives back.
  func tensor(_ value: TensorValue) throws(TensorFlowError) -> OpaquePointer {
    let count = value.shape.reduce(1, *)
    let isText = value.elementType == .string
    let size = isText ? count * Self.stringSize : value.bytes.count
    guard isText ? value.texts.count == count : value.elementType.byteWidth.map({ $0 * count }) == value.bytes.count
    else {
      throw .failed(
        doing: "take a tensor", code: 3, message: "\(value.bytes.count) bytes do not make the shape \(value.shape)")
    }
    let dimensions = value.shape.map { Int64($0) }
    guard let tensor = allocateTensor(value.elementType.rawValue, dimensions, Int32(dimensions.count), size) else {
      throw .failed(doing: "allocate \(size) bytes", code: 8, message: "out of memory")
    }
    guard let data = tensorData(tensor) else { return tensor }
    if isText {
      for (i, text) in value.texts.enumerated() {
        let place = data + i * Self.stringSize
        initializeString(place)
        text.withCString { copyString(place, $0, text.utf8.count) }
      }
    } else {
      value.bytes.withUnsafeBytes {
        data.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(data), byteCount: $0.count)
      }
    }
    return tensor
  }

  /// Gives back a tensor that ``tensor(_:)`` made or a run returned.
  func release(_ tensor: OpaquePointer) {
    if tensorType(tensor) == ElementType.string.rawValue, let data = tensorData(tensor) {
      for place in stride(from: 0, to: tensorBytes(tensor), by: Self.stringSize) { destroyString(data + place) }
    }
    deleteTensor(tensor)
  }

  /// Copies a tensor out; texts are left behind.
  func value(_ tensor: OpaquePointer) -> TensorValue {
    let type = ElementType(rawValue: tensorType(tensor)) ?? .unknown
    let shape = (0..<tensorRank(tensor)).map { Int(tensorDimension(tensor, $0)) }
    guard type != .string, let data = tensorData(tensor) else { return TensorValue(type, shape: shape, bytes: []) }
    return TensorValue(
      type, shape: shape, bytes: Array(UnsafeRawBufferPointer(start: data, count: tensorBytes(tensor))))
  }
}
