import CKernels

/// The CRC-32C checksum, and the masked form in which TensorFlow stores it.
public enum CRC32C {
  /// Returns the checksum of `bytes`, continued from that of the bytes before them.
  ///
  /// - Parameters:
  ///   - bytes: Any number of bytes.
  ///   - previous: The checksum so far; 0 at the start.
  /// - Complexity: O(bytes.count).
  public static func checksum(of bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
    eqp_crc32c(previous, bytes.baseAddress, bytes.count)
  }

  /// Returns the checksum of two runs of bytes one after the other.
  ///
  /// - Complexity: O(log secondCount).
  public static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int) -> UInt32 {
    eqp_crc32c_combine(first, second, UInt64(max(0, secondCount)))
  }

  /// Returns the stored form of a checksum, which is safe to checksum again.
  ///
  /// ## Source
  /// TensorFlow, `core/lib/hash/crc32c.h`.
  public static func mask(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ maskDelta
  }

  /// Returns the checksum of which `masked` is the stored form.
  public static func unmask(_ masked: UInt32) -> UInt32 {
    let rotated = masked &- maskDelta
    return rotated >> 17 | rotated << 15
  }

  private static let maskDelta: UInt32 = 0xa282_ead8
}
