import CZlib
import Checkpoints
import HDF5
import Tensors

/// The bytes of a tensor as they are to lie in the file, a piece at a time.
struct TensorPieces: Sendable {
  struct Piece: Sendable {
    var stored: [UInt8]
    /// A bit for each filter that was left out: 1 for deflate, where it gains nothing.
    var filterMask: UInt32 = 0
    /// Of the bytes that were read, and how many they were.
    var checksum: UInt32 = 0
    var byteCount: Int
  }

  let tensor: StoredTensor
  let checkpoint: any Checkpoint
  /// Bytes of an element in the model, and of a number in the file.
  let width: Int, storedWidth: Int
  /// Numbers in an element.
  let components: Int
  let verifies: Bool
  let chunks: RowMajorChunks
  /// 1 to 9 for byte shuffle and deflate.
  let level: Int?

  func piece(_ index: Int) throws -> Piece {
    let range = chunks.elements(index)
    let count = range.count / components * width
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
      try checkpoint.read(tensor, at: range.lowerBound / components * width, into: room)
      initialized = count
    }
    var piece = Piece(stored: tensor.elementType.isStoredAsIs ? bytes : widened(bytes), byteCount: count)
    if verifies { piece.checksum = bytes.withUnsafeBytes { CRC32C.checksum(of: $0) } }
    if let level { compress(&piece, level) }
    return piece
  }

  /// What tools can't be trusted with, in the type it is stored as.
  private func widened(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { bytes in
      func halves(_ value: (UInt16) -> Float) -> [UInt8] {
        let count = bytes.count / 2
        return [UInt8](unsafeUninitializedCapacity: 4 * count) { buffer, initialized in
          let room = UnsafeMutableRawBufferPointer(buffer)
          for i in 0..<count {
            let bits = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
            room.storeBytes(of: value(bits).bitPattern.littleEndian, toByteOffset: 4 * i, as: UInt32.self)
          }
          initialized = 4 * count
        }
      }
      switch tensor.elementType {
      case .float16: return halves(Float.init(half:))
      case .bfloat16: return halves(Float.init(brain:))
      case .int4: return bytes.map { UInt8(bitPattern: Int8(lowest: 4, of: $0)) }
      case .int2: return bytes.map { UInt8(bitPattern: Int8(lowest: 2, of: $0)) }
      default:
        guard let floats = tensor.elementType.byteFloats else { return Array(bytes) }
        return bytes.flatMap { byte in withUnsafeBytes(of: floats[Int(byte)].bitPattern.littleEndian, Array.init) }
      }
    }
  }

  /// HDF5's filters shuffle and deflate, on a whole chunk: what it lacks at the dataset's end is 0.
  private func compress(_ piece: inout Piece, _ level: Int) {
    let size = chunks.chunkCount * storedWidth
    let plain = piece.stored
    let shuffled = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      let count = size / storedWidth
      let known = plain.count / storedWidth
      for byte in 0..<storedWidth {
        let plane = UnsafeMutableBufferPointer(rebasing: buffer[byte * count..<(byte + 1) * count])
        for i in 0..<known { plane[i] = plain[i * storedWidth + byte] }
        for i in known..<count { plane[i] = 0 }
      }
      initialized = size
    }
    let deflated = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      var length = uLongf(size)
      let status = compress2(buffer.baseAddress, &length, shuffled, uLong(size), Int32(level))
      initialized = status == Z_OK && length < size ? Int(length) : 0
    }
    piece.filterMask = deflated.isEmpty ? 2 : 0
    piece.stored = deflated.isEmpty ? shuffled : deflated
  }
}
