import CZlib
import Tensors
import Threads

/// A file in a zip archive, as the archive's directory lists it.
struct ZipMember: Sendable, Hashable {
  var name: String
  /// Where its bytes begin in the archive.
  var start: Int
  var storedSize: Int
  /// Its size when it is taken out.
  var size: Int
  var checksum: UInt32
  var isDeflated: Bool

  var storedRange: Range<Int> { start..<start + storedSize }
}

/// A zip archive whose members are stored or deflated, read by position.
///
/// A deflated member can't be read from its middle: when it is first asked for, it is inflated into a file without a
/// name, which the system frees when the archive is forgotten.
///
/// ## Source
/// PKWARE, APPNOTE.TXT 6.3.10.
final class ZipArchive: Sendable {
  let file: RandomAccessFile
  let members: [ZipMember]
  private let inflated = Locked<(scratch: ScratchFile, starts: [Int: Int], end: Int)?>(nil)

  /// Reads the directory.
  ///
  /// - Throws: ``CheckpointError`` when it is damaged, or a member is encrypted or compressed in another way, overlaps
  ///   another, is outside the file or claims more than deflate can yield.
  init(_ file: RandomAccessFile) throws(CheckpointError) {
    self.file = file
    members = try ZipDirectory(file).members()
  }

  func member(_ name: String) -> ZipMember? { members.first { $0.name == name } }

  /// Takes a member out, piece by piece; `body` says whether it wants more.
  ///
  /// - Throws: ``CheckpointError`` when the bytes are fewer or more than recorded, no deflate stream, or, when all were
  ///   wanted, not those that were checksummed.
  /// - Complexity: O(member), in the memory of two buffers.
  func forEachPiece(
    of member: ZipMember, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Bool
  ) throws(CheckpointError) {
    var checksum = crc32(0, nil, 0)
    var count = 0
    func pass(_ piece: UnsafeRawBufferPointer) throws(CheckpointError) -> Bool {
      guard piece.count <= member.size - count else {
        throw corrupt(member, "more bytes come out than the \(member.size) that are recorded")
      }
      checksum = crc32(checksum, piece.bindMemory(to: UInt8.self).baseAddress, UInt32(piece.count))
      count += piece.count
      return try body(piece)
    }
    let complete = member.isDeflated ? try inflate(member, pass) : try copy(member, pass)
    guard complete else { return }
    guard count == member.size else {
      throw corrupt(member, "\(count) bytes come out, expected \(member.size)")
    }
    guard UInt32(truncatingIfNeeded: checksum) == member.checksum else {
      throw corrupt(member, "its CRC-32 is \(checksum), expected \(member.checksum)")
    }
  }

  private func corrupt(_ member: ZipMember, _ reason: String) -> CheckpointError {
    .corrupt(file: file.path, offset: member.start, reason: "member '\(member.name)': \(reason)")
  }

  private func copy(
    _ member: ZipMember, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Bool
  ) throws(CheckpointError) -> Bool {
    let buffer = ReadBuffer()
    var done = 0
    while done < member.storedSize {
      let count = min(buffer.bytes.count, member.storedSize - done)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count])
      try file.fill(part, at: member.start + done)
      guard try body(UnsafeRawBufferPointer(part)) else { return false }
      done += count
    }
    return true
  }

  private func inflate(
    _ member: ZipMember, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Bool
  ) throws(CheckpointError) -> Bool {
    let input = ReadBuffer()
    let output = ReadBuffer()
    // zlib keeps a pointer back to the stream, so it must stay where it is.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard zx_inflate_raw(stream) == Z_OK else {
      throw .io(file: file.path, operation: "inflate", reason: "zlib can't take memory")
    }
    defer { inflateEnd(stream) }
    var done = 0
    while true {
      if stream.pointee.avail_in == 0, done < member.storedSize {
        let count = min(input.bytes.count, member.storedSize - done)
        try file.fill(UnsafeMutableRawBufferPointer(rebasing: input.bytes[..<count]), at: member.start + done)
        done += count
        stream.pointee.next_in = input.bytes.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(count)
      }
      stream.pointee.next_out = output.bytes.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(output.bytes.count)
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      let count = output.bytes.count - Int(stream.pointee.avail_out)
      if count > 0, try !body(UnsafeRawBufferPointer(rebasing: output.bytes[..<count])) { return false }
      if code == Z_STREAM_END { break }
      guard code == Z_OK || code == Z_BUF_ERROR && count > 0 else {
        throw corrupt(member, "its deflate stream is damaged or cut (zlib says \(code))")
      }
    }
    guard done == member.storedSize, stream.pointee.avail_in == 0 else {
      throw corrupt(member, "bytes follow the end of its deflate stream")
    }
    return true
  }

  /// The first bytes of a member, at most `count`.
  func beginning(of member: ZipMember, count: Int) throws(CheckpointError) -> [UInt8] {
    let count = min(count, member.size)
    guard member.isDeflated else { return try file.bytes(at: member.start, count: count).withBytes { Array($0) } }
    var result: [UInt8] = []
    try forEachPiece(of: member) { (piece) throws(CheckpointError) in
      result += piece.prefix(count - result.count)
      return result.count < count
    }
    return result
  }

  /// All bytes of a member, checked.
  ///
  /// - Throws: ``CheckpointError`` also when it is larger than `limit`.
  func contents(of member: ZipMember, limit: Int) throws(CheckpointError) -> [UInt8] {
    guard member.size <= limit else {
      throw .unsupported(
        file: file.path, reason: "member '\(member.name)' has \(member.size) bytes, expected at most \(limit)")
    }
    var result: [UInt8] = []
    try forEachPiece(of: member) { (piece) throws(CheckpointError) in
      result += piece
      return true
    }
    return result
  }

  /// Fills `buffer` with a deflated member's bytes from `offset` on.
  func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from member: ZipMember, at offset: Int
  ) throws(CheckpointError) {
    // Under the lock, so that two threads don't inflate one member twice.
    let result = inflated.withLock { state -> Result<(ScratchFile, Int)?, CheckpointError> in
      do throws(CheckpointError) {
        if state == nil { state = (try ScratchFile(), [:], 0) }
        guard var current = state else { return .success(nil) }
        if let start = current.starts[member.start] { return .success((current.scratch, start)) }
        var end = current.end
        try forEachPiece(of: member) { (piece) throws(CheckpointError) in
          try current.scratch.write(piece, at: end)
          end += piece.count
          return true
        }
        let start = current.end
        current.starts[member.start] = start
        current.end = end
        state = current
        return .success((current.scratch, start))
      } catch {
        return .failure(error)
      }
    }
    if let (scratch, start) = try result.get() { try scratch.fill(buffer, at: start + offset) }
  }

  /// Checks a member's CRC-32.
  func verify(_ member: ZipMember) throws(CheckpointError) {
    try forEachPiece(of: member) { _ throws(CheckpointError) in true }
  }

  /// Checks the CRC-32 of the member that holds the archive's byte at `offset`.
  func verify(holding offset: Int) throws(CheckpointError) {
    if let member = members.first(where: { $0.start <= offset && offset <= $0.start + $0.storedSize }) {
      try verify(member)
    }
  }
}
