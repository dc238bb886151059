import Crypto
import Tensors

/// Returns the SHA-256 of a tensor's value in hexadecimal digits, after checking its checksum.
///
/// Of numbers: the bytes that ``Checkpoint/read(_:at:into:)`` delivers, little-endian and row-major; a partitioned
/// tensor put together, a big-endian one reversed. Of strings: over each element its length as 8 bytes, little-endian,
/// followed by its bytes.
///
/// - Throws: ``CheckpointError`` when the tensor can't be read or its bytes are not those that were checksummed.
/// - Complexity: O(tensor.byteCount), in the memory of one read of 256 KiB.
public func sha256(of tensor: StoredTensor, in checkpoint: any Checkpoint) throws(CheckpointError) -> String {
  var hash = SHA256()
  if tensor.elementType == .string {
    try checkpoint.forEachString(in: tensor) { (string) throws(CheckpointError) in
      withUnsafeBytes(of: UInt64(string.count).littleEndian) { hash.update(bufferPointer: $0) }
      hash.update(bufferPointer: string)
    }
    return digits(of: hash.finalize())
  }
  if tensor.checksum == nil { try checkpoint.verify(tensor) }
  let scratch = ReadBuffer()
  var checksum: UInt32 = 0
  var done = 0
  repeat {
    let count = min(scratch.bytes.count, tensor.byteCount - done)
    let part = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<max(0, count)])
    try checkpoint.read(tensor, at: done, into: part)
    hash.update(bufferPointer: UnsafeRawBufferPointer(part))
    if tensor.checksum != nil {
      checksum = CRC32C.checksum(of: UnsafeRawBufferPointer(part), continuing: checksum)
    }
    done += count
  } while done < tensor.byteCount
  if let expected = tensor.checksum, expected != checksum {
    // Tells the place in the file; if it passes, the file changed under the reading.
    try checkpoint.verify(tensor)
    throw mismatch(
      tensor.key, checkpoint.model.path, 0, tensor.byteCount, expected: expected, found: checksum)
  }
  return digits(of: hash.finalize())
}

private func digits(of digest: SHA256.Digest) -> String {
  digest.reduce(into: "") { text, byte in text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
