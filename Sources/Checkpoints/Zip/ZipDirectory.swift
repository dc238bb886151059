import Tensors

/// The directory at the end of a zip archive.
///
/// ## Source
/// PKWARE, APPNOTE.TXT 6.3.10: 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its ends), 4.5.3
/// (the extra field of 64-bit sizes).
struct ZipDirectory {
  private let file: RandomAccessFile
  private let range: Range<Int>
  private let count: Int

  private static let endSize = 22
  private static let wideEndSize = 56
  private static let locatorSize = 20
  private static let headerSize = 46
  /// No archive of a model has more; a directory of this many has some 50 MB.
  private static let mostMembers = 1_000_000
  /// Deflate's best: a run of 258 bytes in two bits.
  private static let largestExpansion = 1032

  init(_ file: RandomAccessFile) throws(CheckpointError) {
    self.file = file
    guard file.size >= Self.endSize else {
      throw .truncated(file: file.path, offset: 0, expected: Self.endSize, found: file.size)
    }
    // The end may be followed by a comment of up to 65 535 bytes.
    let tailSize = min(file.size, Self.endSize + 0xffff)
    let tailStart = file.size - tailSize
    let tail = try file.bytes(at: tailStart, count: tailSize).withBytes { Array($0) }
    let place = tail.withUnsafeBytes { bytes in
      stride(from: bytes.count - Self.endSize, through: 0, by: -1).first { position in
        bytes.littleEndian(UInt32.self, at: position) == 0x0605_4b50
          && bytes.littleEndian(UInt16.self, at: position + 20).map(Int.init) == bytes.count - position - Self.endSize
      }
    }
    guard let place else {
      throw .corrupt(
        file: file.path, offset: tailStart,
        reason: "the archive has no directory at its end: it is cut, or was not written to its end")
    }
    var end = tailStart + place
    let fields = tail.withUnsafeBytes { bytes in
      (
        disks: bytes.littleEndian(UInt32.self, at: place + 4) ?? 1,
        count: Int(bytes.littleEndian(UInt16.self, at: place + 10) ?? 0),
        size: Int(bytes.littleEndian(UInt32.self, at: place + 12) ?? 0),
        start: Int(bytes.littleEndian(UInt32.self, at: place + 16) ?? 0)
      )
    }
    var (count, size, start) = (fields.count, fields.size, fields.start)
    var isSplit = fields.disks != 0
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff,
      let wide = try Self.wide(file, before: end)
    {
      (count, size, start, end, isSplit) = (wide.count, wide.size, wide.start, wide.end, false)
    }
    guard !isSplit else {
      throw .unsupported(file: file.path, reason: "an archive that is split over several files")
    }
    // What lies before the archive would shift all places; nobody writes models so.
    guard start >= 0, size >= 0, start <= end, size == end - start else {
      throw .corrupt(
        file: file.path, offset: end,
        reason: "the directory is said to have \(size) bytes from byte \(start) on, expected it to end at \(end)")
    }
    guard count <= Self.mostMembers, count <= size / Self.headerSize else {
      throw .corrupt(
        file: file.path, offset: end, reason: "\(count) members are claimed in a directory of \(size) bytes")
    }
    range = start..<end
    self.count = count
  }

  /// The end of a directory with 64-bit sizes, when there is one.
  private static func wide(
    _ file: RandomAccessFile, before end: Int
  ) throws(CheckpointError) -> (count: Int, size: Int, start: Int, end: Int)? {
    guard end >= locatorSize else { return nil }
    let locator = try file.bytes(at: end - locatorSize, count: locatorSize)
    let place = locator.withBytes { bytes -> UInt64? in
      guard bytes.littleEndian(UInt32.self, at: 0) == 0x0706_4b50 else { return nil }
      return bytes.littleEndian(at: 8)
    }
    guard let place else { return nil }
    guard let position = Int(exactly: place), position <= end - locatorSize - wideEndSize else {
      throw .corrupt(
        file: file.path, offset: end - locatorSize, reason: "the 64-bit directory's end is said to be at byte \(place)")
    }
    let record = try file.bytes(at: position, count: wideEndSize)
    let fields = record.withBytes { bytes -> (UInt64, UInt64, UInt64)? in
      guard bytes.littleEndian(UInt32.self, at: 0) == 0x0606_4b50,
        let count = bytes.littleEndian(UInt64.self, at: 32), let size = bytes.littleEndian(UInt64.self, at: 40),
        let start = bytes.littleEndian(UInt64.self, at: 48)
      else { return nil }
      return (count, size, start)
    }
    guard let fields, let count = Int(exactly: fields.0), let size = Int(exactly: fields.1),
      let start = Int(exactly: fields.2)
    else {
      throw .corrupt(file: file.path, offset: position, reason: "expected the end of a 64-bit directory")
    }
    return (count, size, start, position)
  }

  /// Lists the members, after checking each.
  func members() throws(CheckpointError) -> [ZipMember] {
    let directory = try file.bytes(at: range.lowerBound, count: range.count)
    var result: [ZipMember] = []
    try directory.withBytes { (bytes) throws(CheckpointError) in
      var position = 0
      for _ in 0..<count {
        let (member, next) = try entry(bytes, at: position)
        position = next
        // Folders are entries too.
        if !member.name.hasSuffix("/") { result.append(member) }
      }
      guard position == bytes.count else {
        throw corrupt(position, "\(bytes.count - position) bytes follow the last of \(count) members")
      }
    }
    try checkPlaces(result)
    return result
  }

  private func corrupt(_ position: Int, _ reason: String) -> CheckpointError {
    .corrupt(file: file.path, offset: range.lowerBound + position, reason: reason)
  }

  private func entry(
    _ bytes: UnsafeRawBufferPointer, at position: Int
  ) throws(CheckpointError) -> (ZipMember, next: Int) {
    guard bytes.count - position >= Self.headerSize, bytes.littleEndian(UInt32.self, at: position) == 0x0201_4b50 else {
      throw corrupt(position, "expected an entry of the directory")
    }
    func short(_ offset: Int) -> Int { Int(bytes.littleEndian(UInt16.self, at: position + offset) ?? 0) }
    func long(_ offset: Int) -> Int { Int(bytes.littleEndian(UInt32.self, at: position + offset) ?? 0) }
    let nameEnd = position + Self.headerSize + short(28)
    let extraEnd = nameEnd + short(30)
    let next = extraEnd + short(32)
    guard next <= bytes.count, let nameBytes = bytes.part(position + Self.headerSize..<nameEnd),
      let extra = bytes.part(nameEnd..<extraEnd)
    else { throw corrupt(position, "an entry leaves the directory") }
    let name = String(decoding: nameBytes, as: UTF8.self)
    var sizes = [long(24), long(20), long(42)]
    guard Self.widen(&sizes, from: extra) else { throw corrupt(position, "'\(name)' has sizes that can't be had") }
    let (size, storedSize, headerStart) = (sizes[0], sizes[1], sizes[2])
    let (flags, method) = (short(8), short(10))
    // Bit 0: encrypted; 6: strongly; 13: the directory too.
    guard flags & (1 | 1 << 6 | 1 << 13) == 0 else {
      throw .unsupported(file: file.path, reason: "member '\(name)' is encrypted; decrypt the archive first")
    }
    guard method == 0 || method == 8 else {
      throw .unsupported(
        file: file.path,
        reason: "member '\(name)' is compressed by method \(method), expected 0 (stored) or 8 (deflate); pack it anew")
    }
    guard method == 8 || size == storedSize else {
      throw corrupt(position, "'\(name)' is stored in \(storedSize) bytes but is said to have \(size)")
    }
    guard size / Self.largestExpansion <= storedSize else {
      throw corrupt(position, "'\(name)' claims \(size) bytes from \(storedSize), more than deflate can yield")
    }
    let start = try dataStart(of: name, headerStart, nameBytes)
    guard storedSize <= range.lowerBound - start else {
      throw corrupt(
        position, "'\(name)' lies at bytes \(start) to \(start)+\(storedSize), outside of what precedes the directory")
    }
    let member = ZipMember(
      name: name, start: start, storedSize: storedSize, size: size, checksum: UInt32(long(16)), isDeflated: method == 8)
    return (member, next)
  }

  /// Replaces each size of 32 ones by the 64-bit one in the extra field, in their order.
  private static func widen(_ sizes: inout [Int], from extra: UnsafeRawBufferPointer) -> Bool {
    guard sizes.contains(0xffff_ffff) else { return true }
    var position = 0
    while let kind = extra.littleEndian(UInt16.self, at: position),
      let length = extra.littleEndian(UInt16.self, at: position + 2)
    {
      position += 4
      guard let field = extra.part(position..<position + Int(length)) else { return false }
      position += Int(length)
      guard kind == 1 else { continue }
      var place = 0
      for index in sizes.indices where sizes[index] == 0xffff_ffff {
        guard let size = field.littleEndian(UInt64.self, at: place).flatMap({ Int(exactly: $0) }) else {
          return false
        }
        sizes[index] = size
        place += 8
      }
      return true
    }
    // A size may be just this number.
    return true
  }

  /// Where a member's bytes begin: after its local header, whose name and extra field have their own lengths.
  private func dataStart(
    of name: String, _ headerStart: Int, _ nameBytes: UnsafeRawBufferPointer
  ) throws(CheckpointError) -> Int {
    guard headerStart <= range.lowerBound, range.lowerBound - headerStart >= 30 else {
      throw .corrupt(
        file: file.path, offset: range.lowerBound,
        reason: "'\(name)' is said to begin at byte \(headerStart), expected a place before the directory")
    }
    let header = try file.bytes(at: headerStart, count: 30).withBytes { Array($0) }
    let (signature, nameSize, extraSize) = header.withUnsafeBytes {
      (
        $0.littleEndian(UInt32.self, at: 0), Int($0.littleEndian(UInt16.self, at: 26) ?? 0),
        Int($0.littleEndian(UInt16.self, at: 28) ?? 0)
      )
    }
    let start = headerStart + 30 + nameSize + extraSize
    guard signature == 0x0403_4b50, nameSize == nameBytes.count, start <= range.lowerBound,
      try file.bytes(at: headerStart + 30, count: nameSize).withBytes({ $0.elementsEqual(nameBytes) })
    else {
      throw .corrupt(
        file: file.path, offset: headerStart, reason: "expected the header of member '\(name)', found something else")
    }
    return start
  }

  private func checkPlaces(_ members: [ZipMember]) throws(CheckpointError) {
    var names: Set<String> = []
    for member in members where !names.insert(member.name).inserted {
      throw .corrupt(
        file: file.path, offset: range.lowerBound, reason: "two members are named '\(member.name)'")
    }
    // Members that share bytes are how small archives claim to hold much.
    var end = 0
    var previous = ""
    for member in members.sorted(by: { ($0.start, $0.storedSize) < ($1.start, $1.storedSize) }) {
      guard member.start >= end else {
        throw .corrupt(
          file: file.path, offset: member.start, reason: "members '\(previous)' and '\(member.name)' overlap")
      }
      end = member.start + member.storedSize
      previous = member.name
    }
  }
}
