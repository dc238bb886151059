import CKernels
import Checkpoints
import Tensors

/// The bytes of one tensor on their way to the kernels.
struct TensorSource: Sendable {
  let checkpoint: any Checkpoint
  let tensor: StoredTensor
  let width: Int
  /// Where they lie in a file that may be mapped; `nil` for few of them, as pages cost their share of a mapping.
  let place: FilePlace?

  private static let mappedFrom = 1 << 20

  init(_ checkpoint: any Checkpoint, _ tensor: StoredTensor) throws(CheckpointError) {
    guard let width = tensor.elementType.byteWidth else {
      throw .unsupported(file: tensor.key, reason: "\(tensor.elementType.name) elements have no numeric value")
    }
    if let reason = tensor.unreadable { throw .unsupported(file: tensor.key, reason: reason) }
    self.checkpoint = checkpoint
    self.tensor = tensor
    self.width = width
    place = tensor.byteCount >= Self.mappedFrom ? checkpoint.place(of: tensor) : nil
  }

  /// Reads elements `range` to the start of `buffer`.
  func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    try checkpoint.read(
      tensor, at: range.lowerBound * width,
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(range.count * width)]))
  }
}

extension ElementType {
  /// Real numbers in one element.
  var components: Int { kind == .complex ? 2 : 1 }

  /// Whether the kernels turn elements into numbers.
  var isNumeric: Bool {
    switch kind {
    case .string, .opaque: false
    default: true
    }
  }
}
