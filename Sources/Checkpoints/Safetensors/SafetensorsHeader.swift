import Tensors

/// The header of a safetensors file: 8 bytes of length, then an object of names, types, shapes and byte ranges.
///
/// ## Source
/// huggingface/safetensors, `README.md` ("Format") and `safetensors/src/tensor.rs` (`Metadata::validate`).
struct SafetensorsHeader {
  /// As the reference implementation has it: a longer one is an attack on whoever parses it.
  static let largest = 100_000_000

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]
  /// Where the tensors' bytes begin.
  let dataStart: Int

  struct Entry {
    var name: String
    var type = ""
    var shape: [Int] = []
    /// Relative to the data's start.
    var range = 0..<0
  }

  init(_ file: RandomAccessFile) throws(CheckpointError) {
    let path = file.path
    try GitLFS.refusePointer(file)
    let length = try file.bytes(at: 0, count: 8).withBytes { $0.littleEndian(UInt64.self, at: 0) ?? 0 }
    guard length <= Self.largest else {
      throw .corrupt(
        file: path, offset: 0,
        reason: "the header claims \(length) bytes, expected at most \(Self.largest): damaged, or no safetensors file")
    }
    let count = Int(length)
    guard count <= file.size - 8 else {
      throw .truncated(file: path, offset: 8, expected: count, found: file.size - 8)
    }
    dataStart = 8 + count
    let bytes = try file.bytes(at: 8, count: count)
    do {
      try bytes.withBytes { (text) throws(JSONScanner.Failure) in try parse(text) }
    } catch {
      throw .corrupt(file: path, offset: 8 + error.offset, reason: "the header is damaged: \(error.reason)")
    }
    try checkPlaces(path, size: file.size - dataStart)
  }

  private mutating func parse(_ text: UnsafeRawBufferPointer) throws(JSONScanner.Failure) {
    var scanner = JSONScanner(text)
    guard text.first == UInt8(ascii: "{") else { throw scanner.failure("expected '{' as the first byte") }
    var names: Set<String> = []
    var result: [Entry] = []
    var notes: [String: String] = [:]
    try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
      guard names.insert(name).inserted else { throw scanner.failure("the name '\(name)' occurs twice") }
      if name == "__metadata__" {
        try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
          guard notes[key] == nil else { throw scanner.failure("the metadata '\(key)' occurs twice") }
          notes[key] = try scanner.string()
        }
      } else {
        result.append(try Self.entry(&scanner, name))
      }
    }
    try scanner.end()
    entries = result
    metadata = notes
  }

  private static func entry(_ scanner: inout JSONScanner, _ name: String) throws(JSONScanner.Failure) -> Entry {
    var entry = Entry(name: name)
    var seen: Set<String> = []
    try scanner.object { (scanner, member) throws(JSONScanner.Failure) in
      guard seen.insert(member).inserted else { throw scanner.failure("'\(name)' has '\(member)' twice") }
      switch member {
      case "dtype": entry.type = try scanner.string()
      case "shape": entry.shape = try scanner.integers()
      case "data_offsets":
        let offsets = try scanner.integers()
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
          throw scanner.failure("'\(name)' has the offsets \(offsets), expected a beginning and an end")
        }
        entry.range = offsets[0]..<offsets[1]
      default: try scanner.skip()
      }
    }
    guard seen.isSuperset(of: ["dtype", "shape", "data_offsets"]) else {
      throw scanner.failure("'\(name)' lacks dtype, shape or data_offsets")
    }
    return entry
  }

  /// Checks that the tensors fill the data, each byte once.
  private func checkPlaces(_ path: String, size: Int) throws(CheckpointError) {
    var end = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      let start = entry.range.lowerBound
      guard start == end else {
        let problem = start < end ? "overlaps the tensor before it" : "leaves a hole before it"
        throw .corrupt(
          file: path, offset: 8,
          reason: "'\(entry.name)' \(problem): it begins at byte \(start) of the data, expected \(end)")
      }
      end = entry.range.upperBound
      guard end <= size else {
        throw .truncated(
          file: path, offset: dataStart + start, expected: entry.range.count, found: max(0, size - start))
      }
    }
    guard end == size else {
      throw .corrupt(
        file: path, offset: dataStart + end,
        reason: "\(size - end) bytes follow the last tensor, expected none; the file may hold something else")
    }
  }
}

extension SafetensorsHeader.Entry {
  private static let types: [String: ElementType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "I16": .int16,
    "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool, "C64": .complex64,
    "F8_E4M3": .float8e4m3fn, "F8_E5M2": .float8e5m2, "F8_E4M3FNUZ": .float8e4m3fnuz, "F8_E5M2FNUZ": .float8e5m2fnuz,
  ]

  /// The tensor that the entry describes.
  ///
  /// - Throws: ``CheckpointError`` unless type and shape need as many bytes as the entry has.
  func array(in file: RandomAccessFile, number: Int, dataStart: Int) throws(CheckpointError) -> StoredArray {
    guard let count = elementCount(of: shape) else {
      throw .corrupt(file: file.path, offset: 8, reason: "'\(name)' has the shape \(shape), which can't be counted")
    }
    let elementType = Self.types[type] ?? .unknown
    var unreadable: String?
    if let width = elementType.byteWidth {
      let (size, overflow) = count.multipliedReportingOverflow(by: width)
      guard !overflow, size == range.count else {
        throw .corrupt(
          file: file.path, offset: 8,
          reason: "'\(name)' has \(range.count) bytes, but \(type) of the shape \(shape) needs "
            + (overflow ? "more than there can be" : "\(size)"))
      }
    } else {
      let known = Self.types.keys.sorted().joined(separator: ", ")
      unreadable = "elements of the type \(type) can't be read; known are \(known)"
    }
    return StoredArray(
      key: name, fullName: ArrayNames.fullName(name), elementType: elementType, shape: shape,
      place: .file(number, offset: dataStart + range.lowerBound), byteCount: range.count, unreadable: unreadable)
  }
}
