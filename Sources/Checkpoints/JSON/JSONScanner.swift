import Tensors

/// Reads JSON text from front to back: where a name that occurs twice must not go unseen, value by value, else all at once.
///
/// ## Source
/// RFC 8259; `NaN` and `Infinity` as Python's `json` writes them.
struct JSONScanner {
  struct Failure: Error {
    let offset: Int
    let reason: String
  }

  private let text: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  func failure(_ reason: String) -> Failure { Failure(offset: position, reason: reason) }

  private mutating func skipSpace() {
    while position < text.count {
      let byte = text[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0d else { return }
      position += 1
    }
  }

  /// The next byte that is no space, not consumed; `nil` at the end.
  mutating func peek() -> UInt8? {
    skipSpace()
    return position < text.count ? text[position] : nil
  }

  /// Consumes `character` when it is next.
  mutating func take(_ character: Character) -> Bool {
    guard let byte = peek(), byte == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Character) throws(Failure) {
    guard take(character) else {
      let found = position < text.count ? "byte \(text[position])" : "the end"
      throw failure("expected '\(character)', found \(found)")
    }
  }

  /// Reads an object; `body` must consume the value that follows each name.
  mutating func object(_ body: (inout JSONScanner, String) throws(Failure) -> Void) throws(Failure) {
    try expect("{")
    if take("}") { return }
    repeat {
      let name = try string()
      try expect(":")
      try body(&self, name)
    } while take(",")
    try expect("}")
  }

  mutating func integers() throws(Failure) -> [Int] {
    var result: [Int] = []
    try expect("[")
    if take("]") { return result }
    repeat { result.append(try integer()) } while take(",")
    try expect("]")
    return result
  }

  mutating func integer() throws(Failure) -> Int {
    skipSpace()
    let start = position
    while position < text.count, position - start < 21,
      text[position] == UInt8(ascii: "-") || 0x30...0x39 ~= text[position]
    { position += 1 }
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)),
      position == text.count || ![UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(text[position])
    else {
      position = start
      throw failure("expected a whole number of at most 64 bits")
    }
    return value
  }

  mutating func string() throws(Failure) -> String {
    try expect("\"")
    let start = position
    while position < text.count, text[position] >= 0x20, text[position] != UInt8(ascii: "\\"),
      text[position] != UInt8(ascii: "\"")
    { position += 1 }
    var units = Array(text[start..<position])
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: units, as: UTF8.self) else {
          throw failure("the text before is not UTF-8")
        }
        return result
      case UInt8(ascii: "\\"): units += try escape()
      case 0..<0x20: throw failure("a control character inside a text")
      default: units.append(byte)
      }
    }
    throw failure("a text has no end")
  }

  private mutating func escape() throws(Failure) -> [UInt8] {
    guard position < text.count else { throw failure("a text has no end") }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if 0xd800..<0xdc00 ~= value, position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
        text[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        guard 0xdc00..<0xe000 ~= low else { throw failure("half a character") }
        value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw failure("half a character") }
      return Array(String(Character(scalar)).utf8)
    default: throw failure("an escape that JSON doesn't have")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard text.count - position >= 4,
      let value = UInt32(String(decoding: text[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits") }
    position += 4
    return value
  }

  /// Reads any value.
  ///
  /// Of a name that occurs twice in an object the last value counts, and a comma may follow the last member. `NaN` and
  /// infinities, and numbers of more than a double can hold, are kept as text.
  ///
  /// - Parameter hasNonFinite: Set where there is such a number.
  mutating func value(_ hasNonFinite: inout Bool, depth: Int = 0) throws(Failure) -> JSONValue {
    guard depth < Self.deepest else { throw failure("nested more than \(Self.deepest) deep") }
    switch peek() {
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      // Not by a closure, whose frames would make deep texts costly.
      position += 1
      while !take("}") {
        let name = try string()
        try expect(":")
        members[name] = try value(&hasNonFinite, depth: depth + 1)
        if !take(",") {
          try expect("}")
          break
        }
      }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      position += 1
      while !take("]") {
        values.append(try value(&hasNonFinite, depth: depth + 1))
        if !take(",") {
          try expect("]")
          break
        }
      }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string())
    case nil: throw failure("the text ends where a value is expected")
    default: break
    }
    if take(word: "true") { return .bool(true) }
    if take(word: "false") { return .bool(false) }
    if take(word: "null") { return .null }
    for name in ["NaN", "Infinity", "-Infinity"] as [StaticString] where take(word: name) {
      hasNonFinite = true
      return .string("\(name)")
    }
    return try number(&hasNonFinite)
  }

  /// Nothing that is meant to be read is nested deeper.
  private static let deepest = 512

  private mutating func take(word: StaticString) -> Bool {
    let bytes = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard text.count - position >= bytes.count, text[position..<position + bytes.count].elementsEqual(bytes) else {
      return false
    }
    position += bytes.count
    return true
  }

  private mutating func number(_ hasNonFinite: inout Bool) throws(Failure) -> JSONValue {
    let start = position
    func digits() -> Int {
      let first = position
      while position < text.count, 0x30...0x39 ~= text[position] { position += 1 }
      return position - first
    }
    func next(_ characters: StaticString) -> Bool {
      guard position < text.count,
        characters.withUTF8Buffer({ $0.contains(text[position]) })
      else { return false }
      position += 1
      return true
    }
    _ = next("-")
    let first = position
    let count = digits()
    guard count == 1 || count > 1 && text[first] != UInt8(ascii: "0") else {
      position = start
      throw failure("expected a value")
    }
    var isWhole = true
    if next(".") {
      isWhole = false
      guard digits() > 0 else { throw failure("expected a digit") }
    }
    if next("eE") {
      isWhole = false
      _ = next("+-")
      guard digits() > 0 else { throw failure("expected a digit") }
    }
    let found = String(decoding: text[start..<position], as: UTF8.self)
    if isWhole, let value = Int(found) { return .integer(value) }
    guard let value = Double(found) else { throw failure("expected a number") }
    guard value.isFinite else {
      hasNonFinite = true
      return .string(found)
    }
    // Python writes whole numbers that are floats with a point.
    return Int(exactly: value).map { .integer($0) } ?? .number(value)
  }

  /// Consumes any value.
  mutating func skip(depth: Int = 0) throws(Failure) {
    guard depth < 64 else { throw failure("nested more than 64 deep") }
    switch peek() {
    case UInt8(ascii: "{"):
      try object { (scanner, _) throws(Failure) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try expect("[")
      if take("]") { return }
      repeat { try skip(depth: depth + 1) } while take(",")
      try expect("]")
    case UInt8(ascii: "\""): _ = try string()
    case nil: throw failure("the text ends where a value is expected")
    default:
      let start = position
      // Numbers, true, false, null.
      while position < text.count,
        0x30...0x39 ~= text[position] || 0x61...0x7a ~= text[position]
          || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E")].contains(text[position])
      { position += 1 }
      guard position > start else { throw failure("expected a value") }
    }
  }

  /// Checks that only space follows.
  mutating func end() throws(Failure) {
    if peek() != nil { throw failure("expected the end") }
  }
}
