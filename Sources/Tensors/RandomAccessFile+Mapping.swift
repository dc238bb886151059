import CFileMapping
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Bytes where the system keeps them. Pages that were read count as the process's memory until they are let go, so whoever
// goes through a large file lets go of them on the way. A file that shrinks, or fails, meanwhile reads as zeros: what was made
// of the bytes holds only where ``RandomAccessFile/checkMapped(_:)`` does not throw afterwards.

extension RandomAccessFile {
  /// Lets this process map files, which needs a handler for SIGBUS: a decision of the program, not of a library. Until then
  /// ``mapped()`` gives nothing.
  ///
  /// - Returns: Whether files will be mapped; only on Linux.
  @discardableResult
  public static func allowMapping() -> Bool {
    #if os(Linux)
      eqm_enable() != 0
    #else
      // Elsewhere pages are not given back as easily.
      false
    #endif
  }

  /// The file's first byte in memory, as long as the file lives; `nil` where it can't be mapped.
  ///
  /// - Complexity: O(1); the file is mapped at the first call.
  public func mapped() -> UnsafeRawPointer? { current().flatMap { eqm_start($0) } }

  private func current() -> OpaquePointer? {
    var known = mapping.load(ordering: .acquiring)
    if known == 0 {
      let made = eqm_map(descriptor, size)
      let (isFirst, earlier) = mapping.compareExchange(
        expected: 0, desired: made.map { UInt(bitPattern: $0) } ?? 1, ordering: .acquiringAndReleasing)
      if isFirst { return made }
      if let made { eqm_unmap(made) }
      known = earlier
    }
    return known > 1 ? OpaquePointer(bitPattern: known) : nil
  }

  func unmap() {
    let known = mapping.load(ordering: .acquiring)
    if known > 1, let mapping = OpaquePointer(bitPattern: known) { eqm_unmap(mapping) }
  }

  /// Checks that the bytes of a range that were read through ``mapped()`` were those of the file.
  ///
  /// - Throws: ``FileError/short(path:offset:expected:found:)`` where it has shrunk.
  public func checkMapped(_ range: Range<Int>) throws(FileError) {
    guard let mapping = current() else { return }
    var information = stat()
    // Behind the end of a file its last page reads as zeros, without a signal.
    guard fstat(descriptor, &information) == 0 else {
      throw FileError(path: path, operation: "inspect", code: errno)
    }
    let end = max(0, Int(information.st_size))
    if end < range.upperBound {
      throw .short(
        path: path, offset: range.lowerBound, expected: range.count, found: max(0, end - range.lowerBound))
    }
    if eqm_is_lost(mapping) != 0 { throw FileError(path: path, operation: "read", code: EIO) }
  }

  /// Lets go of mapped pages: those that a range begins and ends in included if it is the `last`, which costs those who read
  /// them too no more than time.
  ///
  /// - Returns: Up to where pages were let go.
  @discardableResult
  public func letGo(_ range: Range<Int>, last: Bool) -> Int {
    guard let mapping = current() else { return range.upperBound }
    // So many bytes, by their addresses, are mapped together at the most.
    let step = 2 << 20
    let shift = Int(bitPattern: eqm_start(mapping)) % step
    func edge(_ offset: Int) -> Int { (offset + shift) / step * step - shift }
    let first = max(0, edge(range.lowerBound))
    let end = last ? min(size, edge(range.upperBound + step - 1)) : edge(range.upperBound)
    if first < end { eqm_let_go(mapping, first, end - first) }
    return min(max(range.lowerBound, end), range.upperBound)
  }
}
