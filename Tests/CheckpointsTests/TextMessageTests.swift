import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct TextMessageTests {
  private let schema = TextSchema(
    messages: """
      Outer: text 1 bytes, number 2 int, count 3 uint, zigzag 4 sint, flag 5 bool, single 6 float, whole 7 double, \
        inner 8 Outer, table 9 map<bytes,int>, kind 10 Color, word 11 fixed32, long 12 fixed64, any 13 Any, \
        list 14 [int]
      Any: type_url 1 bytes, value 2 bytes
      """,
    enumerations: """
      Color: RED 0, GREEN 7
      """)

  private func encode(_ text: String) throws(TextError) -> [UInt8] {
    let bytes = Array(text.utf8)
    return try bytes.withBytes { (bytes) throws(TextError) in try TextMessage.encode(bytes, as: "Outer", schema) }
  }

  private func message(_ write: (inout Message) -> Void) -> [UInt8] { Message(write).bytes }

  @Test func valuesAgainstTheSpecification() throws {
    #expect(try encode("") == [])
    #expect(
      try encode("number: -2, count: 0xfF; number: 017")
        == message {
          $0.number(2, -2)
          $0.number(3, 255)
          $0.number(2, 15)
        })
    #expect(try encode("number: - 9223372036854775808") == message { $0.number(2, .min) })
    #expect(try encode("count: 18446744073709551615") == message { $0.unsigned(3, .max) })
    #expect(try encode("zigzag: -1 zigzag: 1") == [4 << 3, 1, 4 << 3, 2])
    #expect(try encode("flag: true flag: f flag: 1") == [5 << 3, 1, 5 << 3, 0, 5 << 3, 1])
    #expect(try encode("kind: GREEN kind: 3 kind: LATER") == [10 << 3, 7, 10 << 3, 3])
    #expect(
      try encode("single: 1.5f single: -inf single: 1e-3 single: .5 single: 2.")
        == message {
          for value: Float in [1.5, -.infinity, 1e-3, 0.5, 2] { $0.fixed32(6, value.bitPattern) }
        })
    #expect(try encode("whole: 0.1") == [7 << 3 | 1] + littleEndian((0.1).bitPattern))
    #expect(try encode("word: 5 long: 6") == [11 << 3 | 5, 5, 0, 0, 0, 12 << 3 | 1, 6, 0, 0, 0, 0, 0, 0, 0])
    #expect(Float(bitPattern: 0x7fc0_0000).isNaN)
    let nan = try encode("single: nan")
    #expect(Float(bitPattern: UInt32(nan[1]) | UInt32(nan[2]) << 8 | UInt32(nan[3]) << 16 | UInt32(nan[4]) << 24).isNaN)
  }

  @Test func textAgainstTheSpecification() throws {
    #expect(try encode(#"text: "a'b" 'c"d' # comment "x""# + "\n 'e'") == message { $0.text(1, #"a'bc"de"#) })
    #expect(
      try encode(#"text: "\n\t\\\"\'\?\a\b\f\r\v\0\101\377\x4a\xFf\u00e9\U0001F600""#)
        == message {
          $0.data(1, Array("\n\t\\\"'?\u{7}\u{8}\u{c}\r\u{b}\0A".utf8) + [255, 0x4a, 255] + Array("é😀".utf8))
        })
    #expect(try encode("text: ''") == [1 << 3 | 2, 0])
  }

  @Test func messagesListsAndMaps() throws {
    let nested = message {
      $0.message(8) { inner in
        inner.number(2, 1)
        inner.message(8) { $0.text(1, "deep") }
      }
    }
    for text in [
      "inner { number: 1 inner { text: 'deep' } }", "inner: < number: 1 inner: { text: 'deep' }; >",
      "inner [{number:1,inner<text:'deep'>}]", "\u{feff}inner{number:1 inner{text:'deep'}}#end",
    ] {
      #expect(try encode(text) == nested, "\(text)")
    }
    #expect(try encode("number: [1, 2, 3] number: []") == message { for value in 1...3 { $0.number(2, value) } })
    #expect(
      try encode("table { key: 'k' value: 4 }")
        == message {
          $0.message(9) {
            $0.text(1, "k")
            $0.number(2, 4)
          }
        })
    // A message of more than 127 bytes has a length of two.
    let long = String(repeating: "x", count: 200)
    #expect(try encode("inner { text: '\(long)' }") == message { $0.message(8) { $0.text(1, long) } })
    #expect(
      try encode("any { [type.googleapis.com/Outer] { number: 1 } }")
        == message {
          $0.message(13) {
            $0.text(1, "type.googleapis.com/Outer")
            $0.data(2, [2 << 3, 1])
          }
        })
  }

  @Test func unknownFieldsAreSkipped() throws {
    let text = """
      later { number: 1 [ext.a]: 2 list: [1, "x", { }] } number: 5 more: -1.5e+3 15: "x" 'y' [ext.b] { a: b } many [ {}, {} ]
      """
    #expect(try encode(text) == [2 << 3, 5])
  }

  @Test(arguments: [
    ("number 5", 1, 8, "expected ':'"), ("number: x", 1, 9, "an integer"),
    ("number: 9223372036854775808", 1, 9, "integer"),
    ("count: -1", 1, 8, "not negative"), ("number: 1.5", 1, 9, "'1.5'"), ("flag: 2", 1, 7, "true or false"),
    ("single: x1", 1, 9, "a number"), ("\n\n  text: 5", 3, 9, "quotation"), ("text: \"a", 1, 7, "does not end"),
    ("text: \"a\nb\"", 1, 7, "does not end"), (#"text: "\q""#, 1, 8, "no escape"),
    (#"text: "\400""#, 1, 8, "more than a byte"),
    (#"text: "\xg""#, 1, 8, "without digits"), (#"text: "\ud800""#, 1, 8, "Unicode"), ("inner {", 1, 8, "ends within"),
    ("inner { > }", 1, 9, "field's name"), ("inner: 5", 1, 8, "expected '{'"),
    ("number { }", 1, 10, "is a message here"),
    ("number: [1 2]", 1, 12, "',' or ']'"), ("}", 1, 1, "found '}'"), ("number:", 1, 8, "the end of the text"),
    ("[abc", 1, 2, "does not end"), ("kind: 1.5", 1, 7, "1.5"), ("\u{1}", 1, 1, "byte 1"),
  ])
  func errorsNameTheirPlace(text: String, line: Int, column: Int, words: String) {
    do throws(TextError) {
      _ = try encode(text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.line == line && error.reason.contains(words), "\(text): \(error)")
      #expect(abs(error.column - column) <= 1, "\(text): \(error)")
    }
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int, _ name: String) -> String {
      String(repeating: name + "{", count: depth) + String(repeating: "}", count: depth)
    }
    _ = try encode(nested(99, "inner"))
    for name in ["inner", "unknown", "inner{[a/b]:"] {
      #expect(throws: TextError.self) { try encode(nested(100_000, name)) }
    }
  }

  @Test func theSchemaIsComplete() {
    let schema = TextSchema.tensorFlow
    for (name, fields) in schema.messages {
      #expect(Set(fields.values.map(\.number)).count == fields.count, "\(name)")
      for (field, value) in fields {
        #expect(value.number > 0, "\(name).\(field)")
        if case .message(let type) = value.kind, !["NoneValue", "TypeSpecProto.TypeSpecClass"].contains(type) {
          #expect(schema.messages[type] != nil, "\(name).\(field): \(type)")
        }
      }
    }
    #expect(schema.enumerations["DataType"]?["DT_FLOAT4_E2M1FN"] == 33)
    #expect(schema.messages["NodeDef"]?["attr"] == .init(number: 5, kind: .message("map<bytes,AttrValue>")))
  }

  @Test func mutatedTextNeverCrashes() throws {
    let file = try RandomAccessFile.opened(oracle("constants/graph.pbtxt"))
    let sound = Array(try file.contents().withBytes { Array($0) }.prefix(6000))
    var random = SplitMix64(state: 11)
    for _ in 0..<300 {
      var damaged = sound
      Mutation.apply(to: &damaged, &random)
      _ = try? damaged.withBytes { (bytes) throws(TextError) in
        try TextMessage.encode(bytes, as: "GraphDef", .tensorFlow)
      }
    }
  }
}
