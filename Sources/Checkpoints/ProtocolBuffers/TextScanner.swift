/// Takes a message in the text format apart into names, brackets and values.
///
/// ## Source
/// Protocol Buffers, "Text Format Language Specification".
struct TextScanner {
  private let text: UnsafeRawBufferPointer
  private var position = 0

  init(_ text: UnsafeRawBufferPointer) {
    self.text = text
    // A byte order mark, as some editors write it.
    if text.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    skipSpace()
  }

  /// The next byte that is no space or comment; `nil` at the end.
  var next: UInt8? { position < text.count ? text[position] : nil }

  mutating func advance() {
    position += 1
    skipSpace()
  }

  mutating func consume(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    advance()
    return true
  }

  /// Consumes an opening bracket and returns the one that closes it.
  mutating func openBracket() -> UInt8? {
    if consume(UInt8(ascii: "{")) { return UInt8(ascii: "}") }
    return consume(UInt8(ascii: "<")) ? UInt8(ascii: ">") : nil
  }

  private mutating func skipSpace() {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x09...0x0d: position += 1
      case UInt8(ascii: "#"):
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  /// - Complexity: O(text before the place).
  func error(_ reason: String, at place: Int? = nil) -> TextError {
    let place = min(place ?? position, text.count)
    var line = 1
    var start = 0
    for index in 0..<place where text[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    return TextError(offset: place, line: line, column: place - start + 1, reason: reason)
  }

  private func found(at place: Int) -> String {
    guard place < text.count else { return "the end of the text" }
    let byte = text[place]
    return byte > 0x20 && byte < 0x7f ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
  }
}

// MARK: - Names

extension TextScanner {
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// A field's name, or its number where the writer had no name.
  mutating func name() throws(TextError) -> String {
    let start = position
    while position < text.count, Self.isWord(text[position]) { position += 1 }
    guard position > start else { throw error("expected a field's name, found \(found(at: start))") }
    let result = String(decoding: text[start..<position], as: UTF8.self)
    skipSpace()
    return result
  }

  /// A name in square brackets.
  mutating func bracketedName() throws(TextError) -> String {
    let start = position + 1
    while position < text.count, text[position] != UInt8(ascii: "]"), text[position] != UInt8(ascii: "\n") {
      position += 1
    }
    guard position < text.count, text[position] == UInt8(ascii: "]"), position - start <= 1024 else {
      throw error("a name in brackets does not end", at: start)
    }
    let result = String(decoding: text[start..<position], as: UTF8.self)
    advance()
    return result
  }
}

// MARK: - Numbers and words

extension TextScanner {
  /// A number or word with its sign, which spaces may follow.
  private mutating func word(_ wanted: String) throws(TextError) -> (isNegative: Bool, text: String, start: Int) {
    let start = position
    let isNegative = consume(UInt8(ascii: "-"))
    let first = position
    while position < text.count {
      let byte = text[position]
      let isExponentSign =
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && position > first
        && (text[position - 1] | 0x20) == UInt8(ascii: "e")
      guard Self.isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
      position += 1
    }
    guard position > first, position - first <= 400 else {
      throw error("expected a value \(wanted), found \(found(at: first))", at: first)
    }
    let result = String(decoding: text[first..<position], as: UTF8.self)
    skipSpace()
    return (isNegative, result, start)
  }

  /// An integer as the 64 bits that stand for it: decimal, hexadecimal after `0x`, octal after `0`.
  mutating func integer(isSigned: Bool, _ wanted: String) throws(TextError) -> UInt64 {
    let (isNegative, word, start) = try word(wanted)
    let isHexadecimal = word.hasPrefix("0x") || word.hasPrefix("0X")
    let isOctal = !isHexadecimal && word.hasPrefix("0") && word.count > 1
    let magnitude =
      isHexadecimal ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word, radix: isOctal ? 8 : 10)
    let most: UInt64 = isSigned ? (isNegative ? 1 << 63 : 1 << 63 - 1) : isNegative ? 0 : .max
    guard let magnitude, magnitude <= most else {
      throw error("expected a value \(wanted), found '\(isNegative ? "-" : "")\(word)'", at: start)
    }
    return isNegative ? 0 &- magnitude : magnitude
  }

  mutating func boolean(_ wanted: String) throws(TextError) -> Bool {
    let (isNegative, word, start) = try word(wanted)
    switch word {
    case _ where isNegative: break
    case "true", "True", "t", "1": return true
    case "false", "False", "f", "0": return false
    default: break
    }
    throw error("expected a value \(wanted), found '\(word)'", at: start)
  }

  mutating func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type, _ wanted: String
  ) throws(TextError) -> Value {
    let (isNegative, word, start) = try word(wanted)
    var text = word.lowercased()
    if text.hasSuffix("f"), text.first?.isNumber == true || text.first == ".", !text.hasPrefix("0x") {
      text.removeLast()
    }
    let isNumber = text.first.map { ("0"..."9").contains($0) || $0 == "." } == true
    let value: Value?
    switch text {
    case "inf", "infinity": value = .infinity
    case "nan": value = .nan
    default: value = isNumber ? Value(text.hasSuffix(".") ? text + "0" : text) : nil
    }
    guard let value else { throw error("expected a value \(wanted), found '\(word)'", at: start) }
    return isNegative ? -value : value
  }

  /// The number of an enumeration's value, by its name or as such; `nil` for a name that is not known.
  mutating func enumerator(_ values: [String: UInt64], _ wanted: String) throws(TextError) -> UInt64? {
    let start = position
    let (isNegative, word, _) = try word(wanted)
    if let first = word.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      guard !isNegative, !word.contains(".") else {
        throw error("expected a value \(wanted), found '\(word)'", at: start)
      }
      return values[word]
    }
    position = start
    return try integer(isSigned: true, wanted)
  }

  mutating func skipScalar() throws(TextError) {
    guard next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") else {
      _ = try word("for a field that is not known")
      return
    }
    var ignored: [UInt8] = []
    try string(into: &ignored, "")
  }
}

// MARK: - Text in quotation marks

extension TextScanner {
  /// Appends the bytes of one text or of several that follow one another.
  mutating func string(into output: inout [UInt8], _ wanted: String) throws(TextError) {
    guard next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") else {
      throw error("expected a value \(wanted), found \(found(at: position))")
    }
    while let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let start = position
      position += 1
      var run = position
      while true {
        guard position < text.count, text[position] != UInt8(ascii: "\n") else {
          throw error("text in quotation marks does not end", at: start)
        }
        let byte = text[position]
        guard byte == quote || byte == UInt8(ascii: "\\") else {
          position += 1
          continue
        }
        output += text[run..<position]
        position += 1
        if byte == quote { break }
        try escape(into: &output)
        run = position
      }
      skipSpace()
    }
  }

  /// Undoes one escape; the backslash was read.
  private mutating func escape(into output: inout [UInt8]) throws(TextError) {
    let start = position - 1
    guard position < text.count else { throw error("the text ends within an escape", at: start) }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "a"): output.append(7)
    case UInt8(ascii: "b"): output.append(8)
    case UInt8(ascii: "t"): output.append(9)
    case UInt8(ascii: "n"): output.append(10)
    case UInt8(ascii: "v"): output.append(11)
    case UInt8(ascii: "f"): output.append(12)
    case UInt8(ascii: "r"): output.append(13)
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "?"): output.append(byte)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      let value = digits(radix: 8, most: 3) ?? 0
      guard value <= 255 else { throw error("an escape of more than a byte", at: start) }
      output.append(UInt8(value))
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      guard let value = digits(radix: 16, most: 2) else { throw error("'\\x' without digits", at: start) }
      output.append(UInt8(value))
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = byte == UInt8(ascii: "u") ? 4 : 8
      let first = position
      guard let value = digits(radix: 16, most: count), position - first == count, let scalar = Unicode.Scalar(value)
      else { throw error("an escape that is no character of Unicode", at: start) }
      output += Character(scalar).utf8
    default: throw error("'\\\(found(at: position - 1))' is no escape", at: start)
    }
  }

  private mutating func digits(radix: UInt32, most: Int) -> UInt32? {
    let first = position
    var value: UInt32 = 0
    while position < text.count, position - first < most {
      let digit: UInt32
      switch text[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(text[position] - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(text[position] - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(text[position] - UInt8(ascii: "A")) + 10
      default: digit = 99
      }
      guard digit < radix else { break }
      value = value << (radix == 8 ? 3 : 4) | digit
      position += 1
    }
    return position > first ? value : nil
  }
}
