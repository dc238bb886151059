import Checkpoints
import Tensors

/// A model whose bytes are in memory, with names, types and values as a test needs them.
struct MemoryCheckpoint: Checkpoint {
  var model: ModelDescription
  private(set) var tensors: [StoredTensor] = []
  private var contents: [[UInt8]] = []
  private var texts: [[[UInt8]]] = []

  init(_ name: String) { model = ModelDescription(path: name, format: "memory") }

  /// Adds numbers from their little-endian bytes.
  mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8]) {
    add(name, type, shape, bytes: bytes, elements: [])
  }

  mutating func add<Number: BitwiseCopyable>(_ name: String, _ type: ElementType, _ shape: [Int], _ numbers: [Number]) {
    add(name, type, shape, numbers.withUnsafeBytes { Array($0) })
  }

  /// Adds strings from their bytes.
  mutating func add(_ name: String, _ shape: [Int], strings: [[UInt8]]) {
    add(name, .string, shape, bytes: [], elements: strings)
  }

  private mutating func add(
    _ name: String, _ type: ElementType, _ shape: [Int], bytes: [UInt8], elements: [[UInt8]]
  ) {
    let size = type == .string ? elements.reduce(0) { $0 + $1.count } : bytes.count
    tensors.append(
      StoredTensor(
        index: tensors.count, key: name, elementType: type, shape: shape, count: shape.reduce(1, *), byteCount: size,
        checksum: type == .string ? nil : bytes.withUnsafeBytes { CRC32C.checksum(of: $0) }))
    contents.append(bytes)
    texts.append(elements)
  }

  /// Changes a byte of a tensor behind its checksum's back.
  mutating func damage(_ index: Int) { contents[index][0] ^= 1 }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    buffer.copyBytes(from: contents[tensor.index][offset..<offset + buffer.count])
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    for text in texts[tensor.index] {
      try text.span.withUnsafeBytes { (bytes) throws(CheckpointError) in try body(bytes) }
    }
  }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    guard let expected = tensor.checksum else { return }
    let found = contents[tensor.index].withUnsafeBytes { CRC32C.checksum(of: $0) }
    if found != expected { throw .corrupt(file: model.path, offset: 0, reason: "checksum of '\(tensor.key)'") }
  }

  func verifyFiles() -> FileVerification { FileVerification() }
}
