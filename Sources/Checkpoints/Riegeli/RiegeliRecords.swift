import Tensors

/// Records in a file of Riegeli's: chunks of them, each with its hash, cut by a header at every 64 KiB.
///
/// ## Source
/// Riegeli, `doc/riegeli_records_file_format.md`. Transposed chunks, which TensorFlow does not write, and Zstandard are
/// refused.
struct RiegeliRecords {
  private static let blockSize = 1 << 16
  private static let blockHeaderSize = 24
  private static let chunkHeaderSize = 40
  /// The beginning of every file: the first block's header and the signature's hash.
  static let magic: [UInt8] = [0x83, 0xaf, 0x70, 0xd1, 0x0d, 0x88, 0x4a, 0x3f]

  private let file: RandomAccessFile
  /// Records by their position: where their chunk begins, plus their number in it.
  private(set) var records: [(position: Int, bytes: RecordBytes)] = []

  /// A record within its chunk's decoded values.
  struct RecordBytes {
    var chunk: OwnedBytes
    var range: Range<Int>

    func withBytes<Result>(
      _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
    ) throws(CheckpointError) -> Result {
      try chunk.withBytes { (all) throws(CheckpointError) in
        try body(all.part(range) ?? UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
  }

  private struct ChunkHeader {
    var dataSize: Int
    var dataHash: UInt64
    var type: UInt8
    var recordCount: Int
    var decodedSize: Int
  }

  /// Reads all records and checks every hash.
  ///
  /// - Complexity: O(decoded records) time and memory.
  init(_ file: RandomAccessFile) throws(CheckpointError) {
    self.file = file
    var position = 0
    while position < file.size {
      let header = try header(at: position)
      guard position > 0 || header.type == UInt8(ascii: "s") else {
        throw corrupt(position, "the file does not begin with a signature of Riegeli's")
      }
      let end = try chunkEnd(position, header)
      switch header.type {
      case UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "m"): break
      case UInt8(ascii: "r"): try readRecords(position, header)
      case UInt8(ascii: "t"):
        throw .unsupported(file: file.path, reason: "records are stored transposed, which TensorFlow does not write")
      default: throw corrupt(position, "a chunk of the type \(header.type)")
      }
      position = end
    }
  }

  private func corrupt(_ offset: Int, _ reason: String) -> CheckpointError {
    .corrupt(file: file.path, offset: offset, reason: reason)
  }

  // MARK: - Places

  /// Where `size` bytes that begin at `position` end, with the headers of blocks between.
  private func end(of position: Int, _ size: Int) throws(CheckpointError) -> Int {
    let usable = Self.blockSize - Self.blockHeaderSize
    let (sum, overflow) = size.addingReportingOverflow((position + usable - 1) % Self.blockSize)
    let headers = (sum / usable).multipliedReportingOverflow(by: Self.blockHeaderSize)
    let (end, tooFar) = position.addingReportingOverflow(size)
    guard size >= 0, !overflow, !headers.overflow, !tooFar, headers.partialValue <= file.size, end <= file.size,
      end + headers.partialValue <= file.size
    else {
      throw .truncated(file: file.path, offset: position, expected: max(0, size), found: file.size - position)
    }
    return end + headers.partialValue
  }

  private func chunkEnd(_ position: Int, _ header: ChunkHeader) throws(CheckpointError) -> Int {
    let dataEnd = try end(of: position, Self.chunkHeaderSize + header.dataSize)
    let (least, overflow) = position.addingReportingOverflow(header.recordCount)
    guard !overflow, least <= file.size else { throw corrupt(position, "more records than the file has bytes") }
    let remaining = Self.blockSize - 1 - (least + Self.blockSize - 1) % Self.blockSize
    let boundary = least + max(0, remaining - (Self.blockSize - Self.blockHeaderSize - 1))
    return max(dataEnd, boundary)
  }

  /// Reads `size` bytes of a chunk that begin at `position`, without the headers of blocks.
  private func bytes(at position: Int, _ size: Int) throws(CheckpointError) -> OwnedBytes {
    _ = try end(of: position, size)
    return try OwnedBytes(count: size, file: file.path) { (buffer) throws(CheckpointError) in
      var place = position
      var done = 0
      while done < size {
        if place % Self.blockSize == 0 { place += Self.blockHeaderSize }
        let count = min(size - done, Self.blockSize - place % Self.blockSize)
        try file.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count]), at: place)
        place += count
        done += count
      }
    }
  }

  private func header(at position: Int) throws(CheckpointError) -> ChunkHeader {
    let bytes = try bytes(at: position, Self.chunkHeaderSize)
    return try bytes.withBytes { (bytes) throws(CheckpointError) in
      let fields = (0..<5).map { bytes.littleEndian(UInt64.self, at: 8 * $0) ?? 0 }
      let found = HighwayHash.of(UnsafeRawBufferPointer(rebasing: bytes[8...]))
      guard found == fields[0] else {
        throw corrupt(
          position, "hash of a chunk's header: expected \(hexadecimal(fields[0])), found \(hexadecimal(found))")
      }
      guard let dataSize = Int(exactly: fields[1]), dataSize <= file.size, let decodedSize = Int(exactly: fields[4])
      else {
        throw corrupt(position, "a chunk of \(fields[1]) bytes that decode to \(fields[4])")
      }
      return ChunkHeader(
        dataSize: dataSize, dataHash: fields[2], type: bytes[24], recordCount: Int(fields[3] >> 8),
        decodedSize: decodedSize)
    }
  }

  // MARK: - Records

  private mutating func readRecords(_ position: Int, _ header: ChunkHeader) throws(CheckpointError) {
    let start = try end(of: position, Self.chunkHeaderSize)
    let data = try bytes(at: start, header.dataSize)
    let (sizes, values) = try data.withBytes { (bytes) throws(CheckpointError) in
      let found = HighwayHash.of(bytes)
      guard found == header.dataHash else {
        throw corrupt(
          start,
          "hash of a chunk's data: expected \(hexadecimal(header.dataHash)), found \(hexadecimal(found)); "
            + "fetch the file again")
      }
      return try decode(bytes, header, start)
    }
    var ranges: [Range<Int>] = []
    var next = 0
    try sizes.withBytes { (bytes) throws(CheckpointError) in
      var reader = WireReader(bytes)
      while reader.position < reader.end {
        guard let size = try? reader.varint(), size <= UInt64(values.count - next) else {
          throw corrupt(start, "the sizes of a chunk's records are not those of its \(values.count) bytes")
        }
        ranges.append(next..<next + Int(size))
        next += Int(size)
      }
    }
    guard ranges.count == header.recordCount, next == values.count else {
      throw corrupt(
        start, "\(ranges.count) records of \(next) bytes, expected \(header.recordCount) of \(values.count)")
    }
    for (number, range) in ranges.enumerated() {
      records.append((position + number, RecordBytes(chunk: values, range: range)))
    }
  }

  /// Decompresses the sizes of a chunk's records and the records.
  private func decode(
    _ bytes: UnsafeRawBufferPointer, _ header: ChunkHeader, _ place: Int
  ) throws(CheckpointError) -> (sizes: OwnedBytes, values: OwnedBytes) {
    guard let compression = bytes.first else { throw corrupt(place, "a chunk of records without data") }
    var reader = WireReader(bytes, 1..<bytes.count)
    guard let size = try? reader.varint(), size <= UInt64(bytes.count - reader.position) else {
      throw corrupt(place, "the sizes of a chunk's records lie outside it")
    }
    let middle = reader.position + Int(size)
    // No record's size takes more than ten bytes.
    let mostSizes = header.recordCount.multipliedReportingOverflow(by: 10)
    let sizes = try decompress(
      bytes, reader.position..<middle, compression, place, limit: mostSizes.overflow ? .max : mostSizes.partialValue)
    let values = try decompress(bytes, middle..<bytes.count, compression, place, limit: header.decodedSize)
    guard values.count == header.decodedSize else {
      throw corrupt(place, "records of \(values.count) bytes, expected \(header.decodedSize)")
    }
    return (sizes, values)
  }

  private func decompress(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ compression: UInt8, _ place: Int, limit: Int
  ) throws(CheckpointError) -> OwnedBytes {
    switch compression {
    case 0: return try OwnedBytes(Array(bytes[range]), file: file.path)
    case UInt8(ascii: "b"):
      guard Brotli.isAvailable else {
        throw .unsupported(file: file.path, reason: "its content is compressed with Brotli; \(Brotli.advice)")
      }
      var reader = WireReader(bytes, range)
      // Memory that is taken here is only used as far as the decoder fills it.
      guard let size = try? reader.varint(), size <= UInt64(min(limit, OwnedBytes.largestMessage)) else {
        throw corrupt(place, "a compressed part whose size is not what its chunk has")
      }
      return try OwnedBytes(count: Int(size), file: file.path) { (buffer) throws(CheckpointError) in
        guard
          Brotli.decompress(UnsafeRawBufferPointer(rebasing: bytes[reader.position..<range.upperBound]), into: buffer)
        else { throw corrupt(place, "a part that Brotli can't decompress to \(size) bytes") }
      }
    case UInt8(ascii: "z"), UInt8(ascii: "s"):
      throw .unsupported(
        file: file.path,
        reason: "its content is compressed with \(compression == UInt8(ascii: "z") ? "Zstandard" : "Snappy"); "
          + "TensorFlow writes Brotli: save the model again")
    default: throw corrupt(place, "a compression of the type \(compression)")
    }
  }
}
