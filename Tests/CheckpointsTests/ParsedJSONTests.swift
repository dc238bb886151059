import Foundation
import Tensors
import Testing

@testable import Checkpoints

@Suite struct ParsedJSONTests {
  private func parsed(_ text: String) throws -> JSONValue { try ParsedJSON(Array(text.utf8)).value }

  private static let texts = [
    "0", "-0", "12", "-7", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "1.0",
    "-2.0e3", "1e18", "1e19", "0.1", "1E-7", "4.9406564584124654e-324", "1.7976931348623157e308", "123456789.125",
    "true", "false", "null", #""""#, #""a\n\t\r\b\f\/\\\"""#, #""\u00e9\ud83d\ude00 é 😀""#, "[]", "{}",
    #"[1, [2.5, null], {"a": []}]"#, "  {\"a\" : 1 ,\r\n\t\"b\" : {\"c\":\"\"} } ", "[1,]", #"{"a":1,}"#,
    // None of these is JSON.
    "", " ", "01", "-", "+1", "1.", ".5", "1e", "1e+", "tru", "True", "nulll", "[,]", "{,}", "[1,,]", "[1 2]",
    #"{"a"}"#, "{a:1}", "{1:2}", "[", "]", "\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud800""#,
    #""\udc00\ud800""#, "1 2", "[1]]", "'a'", "--1",
  ]

  @Test func againstFoundation() throws {
    for text in Self.texts {
      let expected = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
      #expect((try? parsed(text)) == expected, "\(text)")
    }
  }

  /// 20,000 texts with a few bytes changed: both read the same, or both refuse it.
  @Test func damagedTextsAgainstFoundation() throws {
    let sound = Array(
      #"{"class_name":"Dense","config":{"units":64,"rate":1.5e-3,"use_bias":true,"name":"é\n","x":[null,-1,{"y":[]}]}}"#
        .utf8)
    let names = ["class_name", "config", "units", "rate", "use_bias", "name", "x", "y"].map { Array("\"\($0)\"".utf8) }
    var random = SplitMix64(state: 5)
    var accepted = 0
    for _ in 0..<20_000 {
      var text = sound
      for _ in 0..<Int.random(in: 0...2, using: &random) { Mutation.apply(to: &text, &random) }
      let found = try? ParsedJSON(text)
      if let found, found.hasNonFinite { continue }
      let expected = try? JSONDecoder().decode(JSONValue.self, from: Data(text))
      // Of two values of a name Foundation takes the first.
      if names.contains(where: { text.ranges(of: $0).count > 1 }) { continue }
      // Foundation guesses that text with a zero among its first bytes is UTF-16 or UTF-32.
      if text.prefix(4).contains(0) { continue }
      #expect(found?.value == expected, "\(String(decoding: text, as: UTF8.self))")
      accepted += found == nil ? 0 : 1
    }
    #expect(accepted > 2_000)
  }

  /// As Python's `json`.
  @Test func ofTwoValuesTheLastCounts() throws {
    #expect(try parsed(#"{"a": 1, "b": 0, "a": 2}"#) == .object(["a": .integer(2), "b": .integer(0)]))
  }

  @Test func pythonsNumbersAreText() throws {
    let text = #"{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN", "d": 1e999}"#
    let found = try ParsedJSON(Array(text.utf8))
    #expect(found.hasNonFinite)
    #expect(
      found.value
        == .object([
          "a": .string("NaN"), "b": .array([.string("Infinity"), .string("-Infinity")]), "c": .string("NaN"),
          "d": .string("1e999"),
        ]))
    #expect(try !ParsedJSON(Array(#"["NaN"]"#.utf8)).hasNonFinite)
    for text in ["NaNs", "nan", "-NaN", "+Infinity", "[NaN NaN]", "Inf"] {
      #expect(throws: ParsedJSON.Failure.self) { try parsed(text) }
    }
  }

  @Test func marksAreNoPartOfTheText() throws {
    let text = #"{"é": "😀"}"#
    let expected = try parsed(text)
    #expect(try ParsedJSON([0xef, 0xbb, 0xbf] + Array(text.utf8)).value == expected)
    let units = Array(text.utf16)
    #expect(try ParsedJSON([0xff, 0xfe] + units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }).value == expected)
    #expect(try ParsedJSON([0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }).value == expected)
  }

  /// As deep as Foundation goes; deeper is refused and does not end the program.
  @Test func deepTexts() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"a":["#, count: depth / 2) + "1" + String(repeating: "]}", count: depth / 2)
    }
    #expect(try parsed(nested(510)) != .null)
    #expect(throws: ParsedJSON.Failure.self) { try parsed(nested(514)) }
    #expect(throws: ParsedJSON.Failure.self) { try parsed(nested(2_000_000)) }
  }
}
