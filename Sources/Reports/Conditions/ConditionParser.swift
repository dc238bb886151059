/// A condition as a tree.
indirect enum ConditionExpression: Sendable {
  case literal(ConditionValue)
  case name([String], position: Int)
  case not(ConditionExpression)
  case negative(ConditionExpression, position: Int)
  case and(ConditionExpression, ConditionExpression)
  case or(ConditionExpression, ConditionExpression)
  /// `<`, `<=`, `>`, `>=`, `==`, `!=`, `+`, `-`, `*`, `/`
  case binary(String, ConditionExpression, ConditionExpression, position: Int)
  case call(String, [ConditionExpression], position: Int)
}

/// What an expression stands for.
enum ConditionValue: Equatable, Sendable {
  /// Null in the document, or undefined.
  case unknown
  case bool(Bool)
  case number(Double)
  case string(String)

  var kind: String {
    switch self {
    case .unknown: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "text"
    }
  }
}

/// Recursive descent: `||` below `&&` below comparison below `+ -` below `* /` below `! -`.
struct ConditionParser {
  /// Functions with their numbers of arguments.
  static let functions = ["abs": 1, "log2": 1, "min": 2, "max": 2]
  /// Deeper ones than anyone writes would only cost stack.
  private static let depthLimit = 64

  private let source: String
  private let tokens: [ConditionToken]
  private var place = 0
  private var depth = 0

  static func parse(_ source: String) throws(ConditionError) -> ConditionExpression {
    var parser = ConditionParser(source: source, tokens: try ConditionScanner.tokens(of: source))
    if parser.current.kind == .end { throw parser.error("the condition is empty") }
    let result = try parser.disjunction()
    guard parser.current.kind == .end else { throw parser.error("expected && or ||, found '\(parser.current.text)'") }
    return result
  }

  private init(source: String, tokens: [ConditionToken]) {
    self.source = source
    self.tokens = tokens
  }

  private var current: ConditionToken { tokens[place] }

  private mutating func take(_ symbols: String...) -> (symbol: String, position: Int)? {
    guard case .symbol(let symbol) = current.kind, symbols.contains(symbol) else { return nil }
    defer { place += 1 }
    return (symbol, current.position)
  }

  private func error(_ message: String, at position: Int? = nil) -> ConditionError {
    ConditionError(message: message, position: position ?? current.position, source: source)
  }

  private mutating func disjunction() throws(ConditionError) -> ConditionExpression {
    var left = try conjunction()
    while take("||") != nil { left = .or(left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(ConditionError) -> ConditionExpression {
    var left = try comparison()
    while take("&&") != nil { left = .and(left, try comparison()) }
    return left
  }

  private mutating func comparison() throws(ConditionError) -> ConditionExpression {
    let left = try sum()
    guard let sign = take("<", "<=", ">", ">=", "==", "!=") else { return left }
    let result = ConditionExpression.binary(sign.symbol, left, try sum(), position: sign.position)
    if let next = take("<", "<=", ">", ">=", "==", "!=") {
      throw error("comparisons can't be chained; join two with &&", at: next.position)
    }
    return result
  }

  private mutating func sum() throws(ConditionError) -> ConditionExpression {
    var left = try product()
    while let sign = take("+", "-") { left = .binary(sign.symbol, left, try product(), position: sign.position) }
    return left
  }

  private mutating func product() throws(ConditionError) -> ConditionExpression {
    var left = try prefixed()
    while let sign = take("*", "/") { left = .binary(sign.symbol, left, try prefixed(), position: sign.position) }
    return left
  }

  private mutating func prefixed() throws(ConditionError) -> ConditionExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw error("nested too deeply") }
    if take("!") != nil { return .not(try prefixed()) }
    if let sign = take("-") { return .negative(try prefixed(), position: sign.position) }
    return try primary()
  }

  private mutating func primary() throws(ConditionError) -> ConditionExpression {
    let token = current
    switch token.kind {
    case .number(let value):
      place += 1
      return .literal(.number(value))
    case .string(let text):
      place += 1
      return .literal(.string(text))
    case .name(let parts):
      place += 1
      if parts.count == 1 {
        if parts[0] == "true" || parts[0] == "false" { return .literal(.bool(parts[0] == "true")) }
        if parts[0] == "null" { return .literal(.unknown) }
        if case .symbol("(") = current.kind { return try call(parts[0], at: token.position) }
      }
      return .name(parts, position: token.position)
    case .symbol("("):
      place += 1
      let inner = try disjunction()
      guard take(")") != nil else { throw error("expected ), found \(current.text)") }
      return inner
    case .symbol, .end:
      throw error("expected a name, a number or text, found \(token.text)")
    }
  }

  private mutating func call(_ name: String, at position: Int) throws(ConditionError) -> ConditionExpression {
    guard let count = Self.functions[name] else {
      throw error(
        "no function '\(name)'; there are \(Self.functions.keys.sorted().joined(separator: ", "))", at: position)
    }
    place += 1
    var arguments = [try disjunction()]
    while take(",") != nil { arguments.append(try disjunction()) }
    guard take(")") != nil else { throw error("expected ), found \(current.text)") }
    guard arguments.count == count else {
      throw error("\(name) takes \(count) \(count == 1 ? "argument" : "arguments")", at: position)
    }
    return .call(name, arguments, position: position)
  }
}
