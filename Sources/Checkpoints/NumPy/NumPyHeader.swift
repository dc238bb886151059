import Tensors

/// The header of a `.npy` array: magic, version, and a Python dictionary of type, order and shape.
///
/// ## Source
/// NumPy, `numpy/lib/_format_impl.py` ("Format Version 1.0" to "3.0"); type strings, `numpy/doc/arrays.interface`.
struct NumPyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Enough for any header that NumPy itself reads without being told to trust the file (10 000 bytes).
  static let largest = 1 << 16

  var descriptor = ""
  var isColumnMajor = false
  var shape: [Int] = []
  /// Where the elements begin.
  let dataStart: Int

  /// - Parameter head: The file's beginning: ``largest`` bytes, or all of it.
  init(_ head: [UInt8], file: String, offset: Int, name: String) throws(CheckpointError) {
    func corrupt(_ reason: String) -> CheckpointError {
      .corrupt(file: file, offset: offset, reason: "array '\(name)': \(reason)")
    }
    guard head.count >= 10 else {
      throw .truncated(file: file, offset: offset, expected: 10, found: head.count)
    }
    guard head.starts(with: Self.magic) else { throw corrupt("expected a NumPy array, found another beginning") }
    let version = (head[6], head[7])
    guard 1...3 ~= version.0, version.1 == 0 else {
      throw .unsupported(
        file: file, reason: "array '\(name)' has version \(version.0).\(version.1) of the format")
    }
    let (start, length) = head.withUnsafeBytes { bytes in
      version.0 == 1
        ? (10, Int(bytes.littleEndian(UInt16.self, at: 8) ?? 0))
        : (12, Int(bytes.littleEndian(UInt32.self, at: 8) ?? UInt32.max))
    }
    guard length <= Self.largest - start else {
      throw corrupt("the header claims \(length) bytes, expected at most \(Self.largest - start)")
    }
    guard length <= head.count - start else {
      throw .truncated(file: file, offset: offset + start, expected: length, found: max(0, head.count - start))
    }
    dataStart = start + length
    var reader = PythonLiteral(text: Array(head[start..<dataStart]))
    do { try parse(&reader) } catch {
      throw corrupt("its header can't be understood: \(error.reason)")
    }
  }

  private mutating func parse(_ reader: inout PythonLiteral) throws(PythonLiteral.Failure) {
    var seen: Set<String> = []
    try reader.expect("{")
    while !reader.take("}") {
      let key = try reader.string()
      guard seen.insert(key).inserted else { throw PythonLiteral.Failure(reason: "'\(key)' occurs twice") }
      try reader.expect(":")
      switch key {
      case "descr": descriptor = try reader.stringOrList()
      case "fortran_order": isColumnMajor = try reader.boolean()
      case "shape": shape = try reader.tuple()
      default: throw PythonLiteral.Failure(reason: "'\(key)' is not known")
      }
      if !reader.take(",") {
        try reader.expect("}")
        break
      }
    }
    guard seen.count == 3 else { throw PythonLiteral.Failure(reason: "expected descr, fortran_order and shape") }
  }

  /// Types by the letters that follow the byte order.
  private static let types: [String: ElementType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
    "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool, "c8": .complex64, "c16": .complex128,
  ]

  /// The array as the header describes it.
  ///
  /// - Parameters:
  ///   - size: Bytes of the whole `.npy`, header included.
  ///   - place: Where an offset in the `.npy` lies.
  func array(
    named name: String, size: Int, file: String, offset: Int, place: (Int) -> StoredArray.Place
  ) throws(CheckpointError) -> StoredArray {
    let held = size - dataStart
    guard let count = elementCount(of: shape) else {
      throw .corrupt(
        file: file, offset: offset, reason: "array '\(name)' has a shape that can't be counted: \(shape)")
    }
    var array = StoredArray(
      key: name, fullName: ArrayNames.fullName(name), elementType: .unknown, shape: shape, place: place(dataStart),
      byteCount: held)
    let order = descriptor.first ?? " "
    guard ["<", ">", "|", "="].contains(order), let type = Self.types[String(descriptor.dropFirst())],
      let width = type.byteWidth, let component = type.componentWidth
    else {
      array.unreadable = Self.unreadable(descriptor)
      return array
    }
    let (needed, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, needed <= held else {
      throw .truncated(file: file, offset: offset + dataStart, expected: overflow ? Int.max : needed, found: held)
    }
    guard needed == held else {
      throw .corrupt(
        file: file, offset: offset + dataStart + needed,
        reason: "\(held - needed) bytes follow array '\(name)', expected none")
    }
    array.elementType = type
    if order == ">" { array.reversedWidth = component }
    // With one axis that is longer than 1, both orders are the same.
    array.isColumnMajor = isColumnMajor && shape.filter { $0 != 1 }.count > 1 && count > 0
    return array
  }

  private static func unreadable(_ descriptor: String) -> String {
    switch descriptor.dropFirst().first {
    case "O": "it holds pickled Python objects, which are never loaded: they can run code"
    case "U", "S": "texts of a fixed length (\(descriptor)) are not read"
    case "V" where descriptor.hasSuffix("V2"):
      "its type is 2 opaque bytes ('\(descriptor)'), as NumPy writes bfloat16, but does not say so; save it as float32"
    default: "elements of the type '\(descriptor)' are not read"
    }
  }
}

/// The few of Python's literals that NumPy writes.
struct PythonLiteral {
  struct Failure: Error { let reason: String }

  let text: [UInt8]
  private var position = 0

  init(text: [UInt8]) { self.text = text }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
  }

  mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Character) throws(Failure) {
    guard take(character) else { throw Failure(reason: "expected '\(character)' at byte \(position) of it") }
  }

  mutating func string() throws(Failure) -> String {
    skipSpace()
    guard position < text.count, text[position] == 0x27 || text[position] == 0x22,
      let end = text[(position + 1)...].firstIndex(of: text[position])
    else { throw Failure(reason: "expected a text at byte \(position) of it") }
    defer { position = end + 1 }
    return String(decoding: text[position + 1..<end], as: UTF8.self)
  }

  /// A text, or a list (of a record's fields), as text.
  mutating func stringOrList() throws(Failure) -> String {
    skipSpace()
    guard position < text.count, text[position] == UInt8(ascii: "[") else { return try string() }
    let start = position
    var depth = 0
    while position < text.count {
      let byte = text[position]
      if byte == 0x27 || byte == 0x22 {
        _ = try string()
        continue
      }
      position += 1
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") {
        depth -= 1
        if depth == 0 { return String(decoding: text[start..<position], as: UTF8.self) }
      }
    }
    throw Failure(reason: "a list has no end")
  }

  mutating func boolean() throws(Failure) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw Failure(reason: "expected True or False at byte \(position) of it")
  }

  mutating func tuple() throws(Failure) -> [Int] {
    try expect("(")
    var result: [Int] = []
    while !take(")") {
      skipSpace()
      let start = position
      while position < text.count, 0x30...0x39 ~= text[position] { position += 1 }
      guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
        throw Failure(reason: "expected a length at byte \(start) of it")
      }
      // Python 2 marked long numbers.
      if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
      result.append(value)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return result
  }
}
