import Tensors

/// A partitioned tensor of strings: slices, each a string tensor of its own, that make one.
struct SlicedStrings {
  private let tensor: SlicedTensor
  /// In the order of the tensor's pieces.
  private let slices: [StringTensor]

  init(
    _ tensor: SlicedTensor, key: String, in shards: ShardFiles, isBigEndian: Bool
  ) throws(CheckpointError) {
    self.tensor = tensor
    slices = try tensor.pieces.map { (piece) throws(CheckpointError) in
      try StringTensor(
        key: key, count: piece.count, shard: piece.shard, offset: piece.offset, size: piece.size,
        maskedChecksum: piece.maskedChecksum, in: shards, isBigEndian: isBigEndian)
    }
  }

  func verify() throws(CheckpointError) {
    for slice in slices { try slice.verify() }
  }

  /// Hands over each string in row-major order, after everything was verified.
  ///
  /// - Complexity: O(size) time, O(strings) memory.
  func forEachString(
    _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let places = try slices.map { (slice) throws(CheckpointError) in try slice.places() }
    try tensor.forEachElement { (piece, element) throws(CheckpointError) in
      try slices[piece].string(at: places[piece][element], body)
    }
  }
}
