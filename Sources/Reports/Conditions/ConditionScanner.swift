/// A word of a condition.
struct ConditionToken: Equatable {
  enum Kind: Equatable {
    case number(Double)
    case string(String)
    /// A name of the document, by its parts; `true`, `false` and `null` too.
    case name([String])
    /// An operator, a parenthesis or a comma.
    case symbol(String)
    case end
  }

  let kind: Kind
  let position: Int

  var text: String {
    switch kind {
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .name(let parts): parts.joined(separator: ".")
    case .symbol(let symbol): symbol
    case .end: "the end"
    }
  }
}

/// Cuts a condition into words.
struct ConditionScanner {
  private static let symbols = ["&&", "||", "<=", ">=", "==", "!=", "<", ">", "!", "+", "-", "*", "/", "(", ")", ","]

  private let source: String
  private let characters: [Character]
  private var place = 0

  static func tokens(of source: String) throws(ConditionError) -> [ConditionToken] {
    var scanner = ConditionScanner(source: source, characters: Array(source))
    var tokens: [ConditionToken] = []
    while let token = try scanner.next() { tokens.append(token) }
    tokens.append(ConditionToken(kind: .end, position: scanner.characters.count))
    return tokens
  }

  private init(source: String, characters: [Character]) {
    self.source = source
    self.characters = characters
  }

  private mutating func next() throws(ConditionError) -> ConditionToken? {
    while place < characters.count, characters[place].isWhitespace { place += 1 }
    guard place < characters.count else { return nil }
    let start = place
    let first = characters[place]
    if isDigit(first) || first == "." && place + 1 < characters.count && isDigit(characters[place + 1]) {
      return ConditionToken(kind: .number(try number()), position: start)
    }
    if first == "\"" || first == "'" { return ConditionToken(kind: .string(try string(first)), position: start) }
    if isLetter(first) { return ConditionToken(kind: .name(try name()), position: start) }
    for symbol in Self.symbols where characters[place...].starts(with: symbol) {
      place += symbol.count
      return ConditionToken(kind: .symbol(symbol), position: start)
    }
    let hint = first == "=" ? "; equality is ==" : first == "&" || first == "|" ? "; and is &&, or is ||" : ""
    throw error("'\(first)' has no meaning here\(hint)", at: start)
  }

  private mutating func number() throws(ConditionError) -> Double {
    let start = place
    while place < characters.count {
      let character = characters[place]
      let isExponentSign =
        (character == "-" || character == "+") && place > start
        && (characters[place - 1] == "e" || characters[place - 1] == "E")
      guard isDigit(character) || isLetter(character) || character == "." || isExponentSign else { break }
      place += 1
    }
    let text = String(characters[start..<place])
    guard let value = Double(text.hasPrefix(".") ? "0" + text : text), value.isFinite else {
      throw error("'\(text)' is not a number", at: start)
    }
    return value
  }

  private mutating func string(_ quote: Character) throws(ConditionError) -> String {
    let start = place
    place += 1
    var text = ""
    while place < characters.count, characters[place] != quote {
      text.append(characters[place])
      place += 1
    }
    guard place < characters.count else { throw error("the text that begins here has no end", at: start) }
    place += 1
    return text
  }

  private mutating func name() throws(ConditionError) -> [String] {
    var parts = [""]
    let start = place
    while place < characters.count,
      isLetter(characters[place]) || isDigit(characters[place]) || characters[place] == "."
    {
      if characters[place] == "." { parts.append("") } else { parts[parts.count - 1].append(characters[place]) }
      place += 1
    }
    guard !parts.contains("") else { throw error("a name ends in a dot or has two in a row", at: start) }
    return parts
  }

  private func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
  private func isLetter(_ character: Character) -> Bool {
    ("a"..."z").contains(character) || ("A"..."Z").contains(character) || character == "_"
  }
  private func error(_ message: String, at position: Int) -> ConditionError {
    ConditionError(message: message, position: position, source: source)
  }
}
