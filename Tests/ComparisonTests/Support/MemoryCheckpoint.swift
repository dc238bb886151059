import Checkpoints
import Tensors

/// A model that lives in memory: typed arrays with names, and failures on demand.
struct MemoryCheckpoint: Checkpoint {
  struct Tensor: Sendable {
    var key: String
    var type: ElementType
    var shape: [Int]
    var bytes: [UInt8] = []
    var strings: [String] = []
    var path: String?
    var fullName: String?
    var slotName: String?
    var trainable: Bool?
    var unreadable: String?
    /// `nil` for the right one.
    var checksum: UInt32?
    /// Whether a checksum of the whole is recorded at all.
    var hasChecksum = true
    /// Thrown by every read.
    var failure: CheckpointError?
  }

  let model: ModelDescription
  let tensors: [StoredTensor]
  private let values: [Tensor]

  init(
    _ tensors: [Tensor], name: String = "memory", metadata: JSONValue = .object([:]),
    structure: JSONValue = .object([:])
  ) {
    let ordered = tensors.sorted { $0.key < $1.key }
    model = ModelDescription(path: name, format: "memory", metadata: metadata, structure: structure)
    values = ordered
    self.tensors = ordered.enumerated().map { index, tensor in
      let checksum = tensor.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) }
      return StoredTensor(
        index: index, key: tensor.key, elementType: tensor.type, shape: tensor.shape, count: tensor.shape.reduce(1, *),
        byteCount: tensor.bytes.count, objectPath: tensor.path, fullName: tensor.fullName, slotName: tensor.slotName,
        checksum: tensor.hasChecksum && tensor.type != .string ? tensor.checksum ?? checksum : nil,
        unreadable: tensor.unreadable, trainable: tensor.trainable)
    }
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let value = values[tensor.index]
    if let failure = value.failure { throw failure }
    guard offset >= 0, offset + buffer.count <= value.bytes.count else {
      throw .truncated(file: model.path, offset: offset, expected: buffer.count, found: value.bytes.count - offset)
    }
    value.bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    if let failure = values[tensor.index].failure { throw failure }
    for string in values[tensor.index].strings {
      let bytes = Array(string.utf8)
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: bytes)
      try body(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
    }
  }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    let value = values[tensor.index]
    if let failure = value.failure { throw failure }
    let found = value.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) }
    if let expected = value.checksum, expected != found {
      throw .corrupt(file: model.path, offset: 0, reason: "checksum of \(tensor.key)")
    }
  }

  func verifyFiles() -> FileVerification { FileVerification() }
}

extension MemoryCheckpoint.Tensor {
  /// A tensor of any type whose elements are laid out like `Element`.
  init<Element>(
    _ key: String, _ type: ElementType, _ shape: [Int], raw: [Element], path: String? = nil, fullName: String? = nil
  ) {
    self.init(
      key: key, type: type, shape: shape, bytes: raw.withUnsafeBytes { Array($0) }, path: path, fullName: fullName)
  }

  static func float32(_ key: String, _ shape: [Int], _ values: [Double], path: String? = nil, fullName: String? = nil)
    -> Self
  {
    Self(key, .float32, shape, raw: values.map { Float($0) }, path: path, fullName: fullName)
  }

  static func float64(_ key: String, _ shape: [Int], _ values: [Double], path: String? = nil, fullName: String? = nil)
    -> Self
  {
    Self(key, .float64, shape, raw: values, path: path, fullName: fullName)
  }

  static func bfloat16(_ key: String, _ shape: [Int], _ values: [Double]) -> Self {
    // Round to nearest, ties to even.
    Self(
      key, .bfloat16, shape,
      raw: values.map { value -> UInt16 in
        let bits = Float(value).bitPattern
        return UInt16((bits + 0x7fff + (bits >> 16 & 1)) >> 16)
      })
  }

  static func strings(_ key: String, _ shape: [Int], _ values: [String]) -> Self {
    Self(key: key, type: .string, shape: shape, strings: values)
  }

  func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
