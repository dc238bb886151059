import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes in memory that are lent to closures and never change after they were filled.
final class OwnedBytes: @unchecked Sendable {
  // Unchecked: the storage is written by `init` alone, before anybody else can see it.
  private let storage: UnsafeMutableRawBufferPointer

  /// Protocol buffers end at 2 GiB, so nothing sound is longer.
  static let largestMessage = Int(Int32.max)

  var count: Int { storage.count }

  /// Takes memory and lets `fill` write all of it.
  ///
  /// - Parameter count: A length that a file is known to back.
  init(
    count: Int, file: String, fill: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    // Not `allocate`, which ends the process where memory is short.
    guard count >= 0, let start = OwnedBytes.memory(count) else {
      throw .io(file: file, operation: "take memory", reason: "\(count) bytes are not to be had")
    }
    storage = UnsafeMutableRawBufferPointer(start: start, count: count)
    do { try fill(storage) } catch {
      // `deinit` runs: all properties are set.
      throw error
    }
  }

  private static func memory(_ count: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Glibc)
      // In large pages, where the system has them: taking a hundred MB page by page costs more than reading them.
      let large = 2 << 20
      if count >= 4 * large {
        var start: UnsafeMutableRawPointer?
        guard posix_memalign(&start, large, count) == 0 else { return nil }
        madvise(start, count, MADV_HUGEPAGE)
        return start
      }
    #endif
    return malloc(max(1, count))
  }

  /// Copies `bytes`.
  convenience init(_ bytes: [UInt8], file: String) throws(CheckpointError) {
    try self.init(count: bytes.count, file: file) { (buffer) throws(CheckpointError) in buffer.copyBytes(from: bytes) }
  }

  deinit { free(storage.baseAddress) }

  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(storage))
  }
}

/// A buffer that is reused for positioned reads.
struct ReadBuffer: ~Copyable {
  /// Bytes per read: as fast as mapping, and two of them fit a second-level cache.
  static let standardSize = 256 << 10

  let bytes: UnsafeMutableRawBufferPointer

  init(size: Int = standardSize) {
    bytes = .allocate(byteCount: size, alignment: 64)
  }

  deinit { bytes.deallocate() }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number at `offset`; `nil` where it would not fit.
  func littleEndian<Number: FixedWidthInteger>(_ type: Number.Type = Number.self, at offset: Int) -> Number? {
    guard offset >= 0, offset <= count, count - offset >= MemoryLayout<Number>.size else { return nil }
    return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The part of the buffer that `range` names; `nil` where it is not inside.
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
    guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
    return UnsafeRawBufferPointer(rebasing: self[range])
  }
}
