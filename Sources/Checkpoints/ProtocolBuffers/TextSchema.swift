/// Which fields messages have, for the text format, which names them.
///
/// ## Source
/// Protocol Buffers, "Text Format Language Specification".
struct TextSchema: Sendable {
  enum Kind: Sendable, Equatable {
    case int, uint, sint, bool, float, double, fixed32, fixed64
    /// Text or bytes, which are encoded alike.
    case bytes
    case message(String)
    case enumeration(String)
  }

  struct Field: Sendable, Equatable {
    var number: UInt64
    var kind: Kind
    /// Whether all values of a repeated field are stored as one.
    var isPacked = false
  }

  /// Fields by name, by the name of the message.
  private(set) var messages: [String: [String: Field]] = [:]
  /// Numbers by name, by the name of the enumeration.
  private(set) var enumerations: [String: [String: UInt64]] = [:]

  /// - Parameters:
  ///   - messages: A line a message: its name, a colon, and the name, number and type of each field. The type
  ///     `map<K,V>` stands for a repeated message with the fields `key` and `value`, as it does on the wire; a type in
  ///     brackets is that of a packed field.
  ///   - enumerations: A line an enumeration: its name, a colon, and the name and number of each value.
  init(messages: String, enumerations: String) {
    for (name, parts) in Self.lines(enumerations) {
      self.enumerations[name] = Dictionary(uniqueKeysWithValues: parts.map { ($0[0], UInt64($0[1]) ?? 0) })
    }
    for (name, parts) in Self.lines(messages) {
      var fields: [String: Field] = [:]
      for part in parts {
        let isPacked = part[2].hasPrefix("[")
        let type = isPacked ? String(part[2].dropFirst().dropLast()) : part[2]
        fields[part[0]] = Field(number: UInt64(part[1]) ?? 0, kind: kind(type), isPacked: isPacked)
      }
      self.messages[name] = fields
    }
  }

  private static func lines(_ text: String) -> [(name: String, parts: [[String]])] {
    text.split(separator: "\n").map { line in
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      let parts = line[colon...].dropFirst().replacing(", ", with: "\n").split(separator: "\n")
      return (String(line[..<colon]), parts.map { $0.split(separator: " ").map(String.init) })
    }
  }

  private mutating func kind(_ type: String) -> Kind {
    switch type {
    case "int": return .int
    case "uint": return .uint
    case "sint": return .sint
    case "bool": return .bool
    case "float": return .float
    case "double": return .double
    case "fixed32": return .fixed32
    case "fixed64": return .fixed64
    case "bytes": return .bytes
    case _ where enumerations[type] != nil: return .enumeration(type)
    case _ where type.hasPrefix("map<"):
      let types = type.dropFirst(4).dropLast().split(separator: ",").map(String.init)
      messages[type] = [
        "key": Field(number: 1, kind: kind(types[0])), "value": Field(number: 2, kind: kind(types[1])),
      ]
      return .message(type)
    default: return .message(type)
    }
  }
}
