import Tensors

/// A tensor of objects: each its length, its bytes and a running checksum. Verified, never decoded.
///
/// ## Source
/// TensorFlow, `ReadVariantTensor` in `core/util/tensor_bundle/tensor_bundle.cc`.
struct VariantTensor {
  private let file: RandomAccessFile
  private let tensor: StoredTensor
  private let offset: Int
  private let size: Int
  private let maskedChecksum: UInt32

  init(
    _ tensor: StoredTensor, at placement: TensorBundle.Placement, in shards: ShardFiles, index: String
  ) throws(CheckpointError) {
    guard case .whole(let shard, let offset, let size, let maskedChecksum) = placement else {
      throw .unsupported(file: index, reason: "'\(tensor.key)' is a variant tensor stored in slices")
    }
    file = try shards.file(of: shard, holding: size, at: offset)
    self.tensor = tensor
    self.offset = offset
    self.size = size
    self.maskedChecksum = maskedChecksum
  }

  func verify() throws(CheckpointError) {
    var cursor = ShardCursor(file, from: offset, to: offset + size, what: "variant tensor '\(tensor.key)'")
    var found: UInt32 = 0
    for _ in 0..<tensor.count {
      let length = try cursor.varint()
      found = withUnsafeBytes(of: length.littleEndian) { CRC32C.checksum(of: $0, continuing: found) }
      guard length <= UInt64(cursor.remaining) else { throw cursor.corrupt("an object of \(length) bytes") }
      try cursor.forEachPart(of: Int(length)) { (part) throws(CheckpointError) in
        found = CRC32C.checksum(of: part, continuing: found)
      }
      let raw = try cursor.fourBytes()
      let bytes = [raw.0, raw.1, raw.2, raw.3]
      let recorded = UInt32(raw.0) | UInt32(raw.1) << 8 | UInt32(raw.2) << 16 | UInt32(raw.3) << 24
      guard CRC32C.unmask(recorded) == found else {
        throw cursor.corrupt(
          "checksum: expected \(hexadecimal(CRC32C.unmask(recorded))), found \(hexadecimal(found))")
      }
      found = bytes.withBytes { CRC32C.checksum(of: $0, continuing: found) }
    }
    let expected = CRC32C.unmask(maskedChecksum)
    guard found == expected else {
      throw mismatch(tensor.key, file.path, offset, size, expected: expected, found: found)
    }
  }
}
