/// Why text is no message.
struct TextError: Error, Equatable {
  /// Where in the text, in bytes.
  let offset: Int
  /// Counted from 1.
  let line: Int
  /// In bytes, counted from 1.
  let column: Int
  let reason: String
}

/// Turns a message in the text format into the bytes that it stands for, which are read like any other message.
///
/// Fields that the schema does not have are skipped, as a newer writer may know more.
///
/// ## Source
/// Protocol Buffers, "Text Format Language Specification".
struct TextMessage {
  private var scanner: TextScanner
  private let schema: TextSchema
  private var output: [UInt8] = []
  /// Values of packed fields by number, of each message that is being read; they follow its other fields.
  private var packed: [[UInt64: [UInt8]]] = []

  /// Protocol Buffers' own limit for binary messages.
  private static let deepest = 100

  /// Encodes `text`, a message of the type `name`.
  ///
  /// - Throws: ``TextError`` with line and column.
  /// - Complexity: O(text · nesting) time, O(text) memory.
  static func encode(
    _ text: UnsafeRawBufferPointer, as name: String, _ schema: TextSchema
  ) throws(TextError) -> [UInt8] {
    var message = TextMessage(scanner: TextScanner(text), schema: schema)
    try message.fields(of: name, until: nil, depth: 0)
    return message.output
  }

  private init(scanner: TextScanner, schema: TextSchema) {
    self.scanner = scanner
    self.schema = schema
  }

  /// Reads fields up to the closing bracket, or to the end of the text.
  private mutating func fields(of message: String, until end: UInt8?, depth: Int) throws(TextError) {
    guard depth <= Self.deepest else {
      throw scanner.error("messages are nested more than \(Self.deepest) deep")
    }
    let known = schema.messages[message] ?? [:]
    packed.append([:])
    while true {
      guard let next = scanner.next else {
        guard end == nil else { throw scanner.error("the text ends within a message") }
        return try appendPacked()
      }
      if next == end {
        scanner.advance()
        return try appendPacked()
      }
      if next == UInt8(ascii: "[") {
        let url = try scanner.bracketedName()
        try extended(url, of: message, depth: depth)
      } else {
        let name = try scanner.name()
        try values(of: known[name], name, depth: depth)
      }
      if scanner.next == UInt8(ascii: ",") || scanner.next == UInt8(ascii: ";") { scanner.advance() }
    }
  }

  /// Reads what follows a field's name: a value, or a list of them.
  private mutating func values(of field: TextSchema.Field?, _ name: String, depth: Int) throws(TextError) {
    let hasColon = scanner.consume(UInt8(ascii: ":"))
    guard scanner.next == UInt8(ascii: "[") else {
      return try value(of: field, name, hasColon: hasColon, depth: depth)
    }
    scanner.advance()
    if scanner.consume(UInt8(ascii: "]")) { return }
    while true {
      try value(of: field, name, hasColon: true, depth: depth)
      if scanner.consume(UInt8(ascii: "]")) { return }
      guard scanner.consume(UInt8(ascii: ",")) else {
        throw scanner.error("expected ',' or ']' in the list of '\(name)'")
      }
    }
  }

  private mutating func value(
    of field: TextSchema.Field?, _ name: String, hasColon: Bool, depth: Int
  ) throws(TextError) {
    if let end = scanner.openBracket() {
      // What no schema has leaves nothing behind.
      guard let field else { return try fields(of: "", until: end, depth: depth + 1) }
      guard case .message(let type) = field.kind else {
        throw scanner.error("'\(name)' is a message here, expected \(field.kind.words)")
      }
      appendTag(field.number, 2)
      return try lengthDelimited { (writer) throws(TextError) in
        try writer.fields(of: type, until: end, depth: depth + 1)
      }
    }
    guard hasColon else { throw scanner.error("expected ':' or '{' after '\(name)'") }
    guard let field else { return try scanner.skipScalar() }
    let start = output.count
    try scalar(field, name)
    guard field.isPacked else { return }
    packed[packed.count - 1][field.number, default: []] += output[start...]
    output.removeLast(output.count - start)
  }

  private mutating func scalar(_ field: TextSchema.Field, _ name: String) throws(TextError) {
    func wanted() -> String { "for '\(name)', \(field.kind.words)" }
    switch field.kind {
    case .bytes:
      appendTag(of: field, 2)
      try lengthDelimited { (writer) throws(TextError) in
        try writer.scanner.string(into: &writer.output, wanted())
      }
    case .int, .uint:
      let value = try scanner.integer(isSigned: field.kind == .int, wanted())
      appendTag(of: field, 0)
      appendVarint(value)
    case .sint:
      let value = Int64(bitPattern: try scanner.integer(isSigned: true, wanted()))
      appendTag(of: field, 0)
      appendVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
    case .bool:
      let value = try scanner.boolean(wanted())
      appendTag(of: field, 0)
      appendVarint(value ? 1 : 0)
    case .float:
      let value = try scanner.floatingPoint(Float.self, wanted())
      appendTag(of: field, 5)
      append(value.bitPattern)
    case .double:
      let value = try scanner.floatingPoint(Double.self, wanted())
      appendTag(of: field, 1)
      append(value.bitPattern)
    case .fixed32:
      let value = try scanner.integer(isSigned: false, wanted())
      appendTag(of: field, 5)
      append(UInt32(truncatingIfNeeded: value))
    case .fixed64:
      let value = try scanner.integer(isSigned: false, wanted())
      appendTag(of: field, 1)
      append(value)
    case .enumeration(let type):
      let value = try scanner.enumerator(schema.enumerations[type] ?? [:], wanted())
      // One that only a newer writer knows is left out, like a field.
      guard let value else { return }
      appendTag(of: field, 0)
      appendVarint(value)
    case .message: throw scanner.error("expected '{' \(wanted())")
    }
  }

  /// Reads `[a.b/Type] { … }`, a message of any type within one that says which.
  private mutating func extended(_ url: String, of message: String, depth: Int) throws(TextError) {
    let type = String(url.split(separator: "/").last ?? "").replacing("tensorflow.", with: "")
    guard message == "Any", url.contains("/"), schema.messages[type] != nil else {
      return try values(of: nil, url, depth: depth)
    }
    _ = scanner.consume(UInt8(ascii: ":"))
    guard let end = scanner.openBracket() else { throw scanner.error("expected '{' after '[\(url)]'") }
    appendTag(1, 2)
    try lengthDelimited { (writer) throws(TextError) in writer.output += url.utf8 }
    appendTag(2, 2)
    try lengthDelimited { (writer) throws(TextError) in
      try writer.fields(of: type, until: end, depth: depth + 1)
    }
  }
}

// MARK: - Bytes of the wire format

extension TextMessage {
  private mutating func appendTag(_ number: UInt64, _ wireType: UInt64) { appendVarint(number << 3 | wireType) }

  /// The tag of one value; those that are packed have theirs in common.
  private mutating func appendTag(of field: TextSchema.Field, _ wireType: UInt64) {
    if !field.isPacked { appendTag(field.number, wireType) }
  }

  private mutating func appendPacked() throws(TextError) {
    guard let values = packed.popLast(), !values.isEmpty else { return }
    for (number, bytes) in values.sorted(by: { $0.key < $1.key }) {
      appendTag(number, 2)
      try lengthDelimited { (writer) throws(TextError) in writer.output += bytes }
    }
  }

  private mutating func appendVarint(_ value: UInt64) { output += WireWriter.varint(value) }

  private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    for index in 0..<MemoryLayout<Number>.size { output.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
  }

  /// Puts the length before what `write` appends.
  private mutating func lengthDelimited(_ write: (inout Self) throws(TextError) -> Void) throws(TextError) {
    let start = output.count
    try write(&self)
    output.insert(contentsOf: WireWriter.varint(UInt64(output.count - start)), at: start)
  }
}

extension TextSchema.Kind {
  /// What is expected, in words.
  var words: String {
    switch self {
    case .int, .sint: "an integer"
    case .uint, .fixed32, .fixed64: "an integer that is not negative"
    case .bool: "true or false"
    case .float, .double: "a number"
    case .bytes: "text in quotation marks"
    case .message: "a message in braces"
    case .enumeration(let name): "a name of \(name)"
    }
  }
}
