import CZlib

/// Writes zip archives, also wrong ones.
struct ZipWriter {
  struct Member {
    var name: String
    var content: [UInt8]
    var isDeflated = false
    var is64Bit = false
    /// Changes the entry of the directory after it was written.
    var alterEntry: (inout [UInt8]) -> Void = { _ in }
  }

  var members: [Member] = []
  var comment: [UInt8] = []
  /// Whether the directory's end is the 64-bit one.
  var is64Bit = false

  mutating func add(_ name: String, _ content: [UInt8], deflated: Bool = false, is64Bit: Bool = false) {
    members.append(Member(name: name, content: content, isDeflated: deflated, is64Bit: is64Bit))
  }

  var bytes: [UInt8] {
    var result: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let stored = member.isDeflated ? Self.deflate(member.content) : member.content
      let method = littleEndian(UInt16(member.isDeflated ? 8 : 0))
      let checksum = littleEndian(UInt32(crc32(0, member.content, UInt32(member.content.count))))
      let sizes = littleEndian(UInt32(stored.count)) + littleEndian(UInt32(member.content.count))
      let ones = [UInt8](repeating: 0xff, count: 4)
      let name = Array(member.name.utf8)
      let start = result.count
      // NumPy reserves room for 64-bit sizes in the local header alone, so the two extra fields differ in length.
      let localExtra = littleEndian(UInt16(1)) + littleEndian(UInt16(16)) + [UInt8](repeating: 0, count: 16)
      result += [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + method + [0, 0, 0, 0] + checksum + sizes
      result += littleEndian(UInt16(name.count)) + littleEndian(UInt16(localExtra.count)) + name + localExtra + stored
      var extra: [UInt8] = []
      if member.is64Bit {
        extra = littleEndian(UInt16(1)) + littleEndian(UInt16(24)) + littleEndian(UInt64(member.content.count))
        extra += littleEndian(UInt64(stored.count)) + littleEndian(UInt64(start))
      }
      var entry: [UInt8] = [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + method + [0, 0, 0, 0] + checksum
      entry += member.is64Bit ? ones + ones : sizes
      entry += littleEndian(UInt16(name.count)) + littleEndian(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10)
      entry += member.is64Bit ? ones : littleEndian(UInt32(start))
      entry += name + extra
      member.alterEntry(&entry)
      directory += entry
    }
    let start = result.count
    result += directory
    if is64Bit {
      let end = result.count
      result += [0x50, 0x4b, 6, 6] + littleEndian(UInt64(44)) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 8)
      result += littleEndian(UInt64(members.count)) + littleEndian(UInt64(members.count))
      result += littleEndian(UInt64(directory.count)) + littleEndian(UInt64(start))
      result += [0x50, 0x4b, 6, 7, 0, 0, 0, 0] + littleEndian(UInt64(end)) + [1, 0, 0, 0]
    }
    let count = is64Bit ? [0xff, 0xff] : littleEndian(UInt16(members.count))
    result += [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count
    result += littleEndian(is64Bit ? UInt32.max : UInt32(directory.count))
    result += littleEndian(is64Bit ? UInt32.max : UInt32(start))
    return result + littleEndian(UInt16(comment.count)) + comment
  }

  static func deflate(_ content: [UInt8]) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard zx_deflate_raw(stream) == Z_OK else { return [] }
    defer { deflateEnd(stream) }
    var input = content
    var output = [UInt8](repeating: 0, count: content.count + content.count / 100 + 1000)
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        _ = CZlib.deflate(stream, Z_FINISH)
        return output.count - Int(stream.pointee.avail_out)
      }
    }
    return Array(output[..<count])
  }
}
