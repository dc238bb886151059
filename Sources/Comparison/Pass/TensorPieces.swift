import Checkpoints
import Tensors

/// Pieces of a tensor from front to back: as they lie in a mapped file where that can be, else read into a buffer.
struct TensorPieces: ~Copyable {
  private let source: TensorSource
  private let buffer: UnsafeMutableRawBufferPointer
  /// The tensor's first byte in memory, where its file is mapped.
  private let start: UnsafeRawPointer?
  /// Bytes of the tensor that were read and not let go of.
  private var held: Range<Int>

  /// Bytes that are held at a time: each turn interrupts the other threads.
  private static let most = 2 << 20

  /// - Parameters:
  ///   - first: The first element that will be read.
  ///   - room: Where elements are read to, up to `most` at a time.
  init(_ source: TensorSource, from first: Int, room: inout Workspace.Room<UInt8>, most: Int) {
    self.source = source
    start = source.place.flatMap { place in place.file.mapped().map { $0 + place.offset } }
    let bytes = start == nil ? most * source.width : 0
    buffer = UnsafeMutableRawBufferPointer(start: room.hold(bytes), count: bytes)
    held = first * source.width..<first * source.width
  }

  /// The bytes of elements `range`, until the next call.
  mutating func bytes(_ range: Range<Int>) throws(CheckpointError) -> UnsafeRawPointer {
    guard let start else {
      try source.read(range, into: buffer)
      return UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped)
    }
    if held.count >= Self.most { try letGo(last: false) }
    held = held.lowerBound..<range.upperBound * source.width
    return start + range.lowerBound * source.width
  }

  /// To be called at the end: what was made of the pieces holds only if this does not throw.
  consuming func finish() throws(CheckpointError) { try letGo(last: true) }

  private mutating func letGo(last: Bool) throws(CheckpointError) {
    guard start != nil, let place = source.place, !held.isEmpty else { return }
    let range = place.offset + held.lowerBound..<place.offset + held.upperBound
    try place.check(range)
    held = place.file.letGo(range, last: last) - place.offset..<held.upperBound
  }
}
