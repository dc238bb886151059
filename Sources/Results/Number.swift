/// A number that may be missing for a reason: in JSON a number, or null beside `<name>_status`.
public struct Number: Sendable, Equatable {
  /// `nil` where the quantity is not defined.
  public var value: Double?
  /// Why there is no finite value.
  public var status: String?

  public init(_ value: Double) {
    if value.isFinite {
      self.value = value
    } else {
      self.status = value.isNaN ? "not a number" : value > 0 ? "infinite" : "negative infinite"
    }
  }

  private init(status: String) { self.status = status }

  /// A quantity that is not defined for these data, and why.
  public static func undefined(_ reason: String) -> Number { Number(status: reason) }
}

/// Any string as a key, for documents whose names are data.
public struct Name: CodingKey, Hashable, Sendable {
  public var stringValue: String
  public var intValue: Int? { nil }

  public init(_ name: String) { stringValue = name }
  public init?(stringValue: String) { self.stringValue = stringValue }
  public init?(intValue: Int) { nil }
}

extension KeyedEncodingContainer<Name> {
  /// Writes the value, or null and the reason beside it.
  mutating func encode(_ number: Number, named name: String) throws {
    if let value = number.value {
      try encode(value, forKey: Name(name))
    } else {
      try encodeNil(forKey: Name(name))
      try encode(number.status ?? "undefined", forKey: Name(name + "_status"))
    }
  }
}

extension KeyedDecodingContainer<Name> {
  func decodeNumber(named name: String) throws -> Number {
    if let value = try decodeIfPresent(Double.self, forKey: Name(name)) { return Number(value) }
    return .undefined(try decodeIfPresent(String.self, forKey: Name(name + "_status")) ?? "undefined")
  }
}
