import Foundation

/// The value of an expression for one item of a document, with the logic of what is unknown.
struct ConditionEvaluation {
  let source: String
  let list: [String]
  /// The document, and then what the list's path leads through, the item last.
  let scope: [Any]

  func value(_ expression: ConditionExpression) throws(ConditionError) -> ConditionValue {
    switch expression {
    case .literal(let value): return value
    case .name(let parts, let position): return try look(up: parts, at: position)
    case .not(let inner):
      switch try value(inner) {
      case .bool(let truth): return .bool(!truth)
      case .unknown: return .unknown
      case let other: throw error("! needs true or false, not \(other.kind)", 0)
      }
    case .negative(let inner, let position):
      return try arithmetic("-", .number(0), value(inner), position)
    case .and(let left, let right):
      let (x, y) = (try truth(left), try truth(right))
      if x == false || y == false { return .bool(false) }
      return x == nil || y == nil ? .unknown : .bool(true)
    case .or(let left, let right):
      let (x, y) = (try truth(left), try truth(right))
      if x == true || y == true { return .bool(true) }
      return x == nil || y == nil ? .unknown : .bool(false)
    case .binary(let sign, let left, let right, let position):
      if sign == "==" || sign == "!=", isNull(left) || isNull(right) {
        let isUnknown = try value(isNull(left) ? right : left) == .unknown
        return .bool(isUnknown == (sign == "=="))
      }
      let (x, y) = (try value(left), try value(right))
      return ["+", "-", "*", "/"].contains(sign)
        ? try arithmetic(sign, x, y, position) : try compare(sign, x, y, position)
    case .call(let name, let arguments, let position):
      var numbers: [Double] = []
      for argument in arguments {
        switch try value(argument) {
        case .number(let number): numbers.append(number)
        case .unknown: return .unknown
        case let other: throw error("\(name) takes numbers, not \(other.kind)", position)
        }
      }
      return number(apply(name, numbers))
    }
  }

  private func apply(_ name: String, _ x: [Double]) -> Double {
    switch name {
    case "abs": abs(x[0])
    case "log2": log2(x[0])
    case "min": Swift.min(x[0], x[1])
    default: Swift.max(x[0], x[1])
    }
  }

  private func isNull(_ expression: ConditionExpression) -> Bool {
    if case .literal(.unknown) = expression { true } else { false }
  }

  private func truth(_ expression: ConditionExpression) throws(ConditionError) -> Bool? {
    switch try value(expression) {
    case .bool(let truth): return truth
    case .unknown: return nil
    case let other: throw error("&& and || need true or false, not \(other.kind)", 0)
    }
  }

  /// What is not finite is not known either.
  private func number(_ x: Double) -> ConditionValue { x.isFinite ? .number(x) : .unknown }

  private func arithmetic(
    _ sign: String, _ x: ConditionValue, _ y: ConditionValue, _ position: Int
  ) throws(ConditionError) -> ConditionValue {
    if x == .unknown || y == .unknown { return .unknown }
    guard case .number(let a) = x, case .number(let b) = y else {
      throw error("\(sign) needs numbers, not \(x.kind) and \(y.kind)", position)
    }
    switch sign {
    case "+": return number(a + b)
    case "-": return number(a - b)
    case "*": return number(a * b)
    default: return number(a / b)
    }
  }

  private func compare(
    _ sign: String, _ x: ConditionValue, _ y: ConditionValue, _ position: Int
  ) throws(ConditionError) -> ConditionValue {
    switch (x, y) {
    case (.unknown, _), (_, .unknown): return .unknown
    case (.number(let a), .number(let b)): return .bool(holds(sign, a, b))
    case (.string(let a), .string(let b)): return .bool(holds(sign, a, b))
    case (.bool(let a), .bool(let b)) where sign == "==" || sign == "!=": return .bool((a == b) == (sign == "=="))
    default: throw error("\(x.kind) and \(y.kind) can't be compared by \(sign)", position)
    }
  }

  private func holds<Value: Comparable>(_ sign: String, _ a: Value, _ b: Value) -> Bool {
    switch sign {
    case "<": a < b
    case "<=": a <= b
    case ">": a > b
    case ">=": a >= b
    case "==": a == b
    default: a != b
    }
  }

  private func look(up parts: [String], at position: Int) throws(ConditionError) -> ConditionValue {
    var parts = parts
    var start = scope.count - 1
    // A name from the document's root that leads into the list means this item.
    if !list.isEmpty {
      let shared = zip(parts, list).prefix { $0 == $1 }.count
      if shared > 0 {
        parts.removeFirst(shared)
        return try value(at: parts, in: scope[shared], position) ?? .unknown
      }
    }
    while start >= 0 {
      if let found = try value(at: parts, in: scope[start], position) { return found }
      start -= 1
    }
    return .unknown
  }

  private func value(at parts: [String], in item: Any, _ position: Int) throws(ConditionError) -> ConditionValue? {
    var value = item
    for part in parts {
      guard let object = value as? [String: Any], let next = object[part] else { return nil }
      value = next
    }
    if let object = value as? [String: Any], let inner = object["value"] { value = inner }
    switch value {
    case let text as String: return .string(text)
    case let number as NSNumber:
      let type = String(cString: number.objCType)
      return type == "c" || type == "B" ? .bool(number.boolValue) : .number(number.doubleValue)
    case is NSNull: return .unknown
    case is [Any]: throw error("a list can't be compared", position)
    default: throw error("an object can't be compared; name one of its members", position)
    }
  }

  private func error(_ message: String, _ position: Int) -> ConditionError {
    ConditionError(message: message, position: position, source: source)
  }
}
