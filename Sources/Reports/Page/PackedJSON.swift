import Foundation

/// A JSON document made small: strings that repeat and the names of objects' members are stored once, numbers
/// keep so many digits. The page's script turns it back.
///
/// An object is `[members, value …]` with the number of its list of names, an array `[-1, value …]`; a string `~n` stands
/// for the n-th common string, and one that begins with `~` gets another in front.
struct PackedJSON {
  private let digits: Int
  private var counts: [String: Int] = [:]
  private var strings: [String] = []
  private var places: [String: Int] = [:]
  private var names: [[String]] = []
  private var namePlaces: [[String]: Int] = [:]

  /// `{"strings": …, "names": …, "values": …}`, safe within an HTML script element.
  static func text(_ document: some Encodable, digits: Int = 7, adding extra: [(name: String, json: String)] = [])
    throws -> String
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let tree = try JSONSerialization.jsonObject(with: encoder.encode(document))
    var packed = PackedJSON(digits: digits)
    packed.count(tree)
    var values = ""
    packed.write(tree, to: &values)
    let strings = packed.strings.map(quoted).joined(separator: ",")
    let names = packed.names.map { "[" + $0.map(quoted).joined(separator: ",") + "]" }.joined(separator: ",")
    var result = "{\"strings\":[\(strings)],\"names\":[\(names)],\"values\":\(values)"
    for (name, json) in extra { result += ",\(quoted(name)):\(json)" }
    return result + "}"
  }

  private init(digits: Int) { self.digits = digits }

  private mutating func count(_ value: Any) {
    switch value {
    case let text as String: counts[text, default: 0] += 1
    case let array as [Any]: for item in array { count(item) }
    case let object as [String: Any]: for item in object.values { count(item) }
    default: break
    }
  }

  private mutating func write(_ value: Any, to output: inout String) {
    switch value {
    case let text as String: output += quoted(packed(text))
    case let number as NSNumber: output += self.number(number)
    case let array as [Any]:
      output += "[-1"
      for item in array {
        output += ","
        write(item, to: &output)
      }
      output += "]"
    case let object as [String: Any]:
      let keys = object.keys.sorted()
      output += "[\(place(keys))"
      for key in keys {
        output += ","
        write(object[key] ?? NSNull(), to: &output)
      }
      output += "]"
    default: output += "null"
    }
  }

  private mutating func place(_ keys: [String]) -> Int {
    if let place = namePlaces[keys] { return place }
    namePlaces[keys] = names.count
    names.append(keys)
    return names.count - 1
  }

  private mutating func packed(_ text: String) -> String {
    guard text.utf8.count > 5, counts[text, default: 0] > 1 else { return text.hasPrefix("~") ? "~" + text : text }
    if let place = places[text] { return "~\(place)" }
    places[text] = strings.count
    strings.append(text)
    return "~\(strings.count - 1)"
  }

  private func number(_ number: NSNumber) -> String {
    switch String(cString: number.objCType) {
    case "c", "B": number.boolValue ? "true" : "false"
    case "d", "f": Self.digits(number.doubleValue, digits)
    default: "\(number)"
    }
  }

  /// A number as JSON with so many significant digits; null for what JSON can't say.
  static func digits(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return "null" }
    if let whole = Int(exactly: value), abs(whole) < 1_000_000 { return "\(whole)" }
    return String(format: "%.\(digits)g", value)
  }
}

/// A JSON string that can stand in an HTML script element.
func quoted(_ text: String) -> String {
  var result = "\""
  for character in text.unicodeScalars {
    switch character {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "<", ">", "&", "\u{2028}", "\u{2029}": result += escape(character)
    default:
      if character.value < 0x20 { result += escape(character) } else { result.unicodeScalars.append(character) }
    }
  }
  return result + "\""
}

private func escape(_ character: Unicode.Scalar) -> String {
  let digits = String(character.value, radix: 16)
  return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
}
