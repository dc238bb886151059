import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct FrozenGraphTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A node with a value of the given type, shape and content.
  private func constant(
    _ message: inout Message, _ field: Int, _ name: String, _ type: ElementType, _ shape: [Int],
    _ value: (inout Message) -> Void
  ) {
    let tensor = Message {
      $0.number(1, Int(type.rawValue))
      $0.shape(2, shape)
      value(&$0)
    }
    message.message(field) {
      $0.text(1, name)
      $0.text(2, "Const")
      $0.entry(5, key: "dtype") { $0.number(6, Int(type.rawValue)) }
      $0.entry(5, key: "value") { $0.data(8, tensor.bytes) }
    }
  }

  private func graph() -> Message {
    Message {
      constant(&$0, 1, "weights", .float32, [2, 2]) { $0.data(4, bytes([Float(1), 2, 3, 4])) }
      constant(&$0, 1, "listed", .int32, [3]) { $0.data(7, [1, 2, 3]) }
      constant(&$0, 1, "one for all", .float32, [1000]) { $0.data(5, bytes([Float(1.5)])) }
      constant(&$0, 1, "last repeats", .int16, [5]) { $0.data(7, [7, 8]) }
      constant(&$0, 1, "zeros", .float64, [2, 3]) { _ in }
      constant(&$0, 1, "scalar", .float32, []) { $0.fixed32(5, Float(2).bitPattern) }
      constant(&$0, 1, "words", .string, [1]) { $0.text(8, "text") }
      $0.message(1) {
        $0.text(1, "placeholder")
        $0.text(2, "Placeholder")
      }
      $0.message(2) { library in
        library.message(1) { function in
          function.message(1) { $0.text(1, "inner") }
          constant(&function, 3, "bias", .float32, [1]) { $0.data(4, bytes([Float(9)])) }
        }
      }
      $0.message(4) { $0.number(1, 1000) }
    }
  }

  private func open(_ bytes: [UInt8]) throws -> any Checkpoint {
    try openCheckpoint(at: folder.write("frozen.pb", bytes))
  }

  @Test func roundTrip() throws {
    let model = try open(graph().bytes)
    #expect(model.model.format == "frozen graph")
    #expect(model.model.structure["nodes"] == .integer(8))
    let expected: [String: [UInt8]] = [
      "weights": bytes([Float(1), 2, 3, 4]), "listed": bytes([Int32(1), 2, 3]),
      "one for all": bytes([Float](repeating: 1.5, count: 1000)), "last repeats": bytes([Int16(7), 8, 8, 8, 8]),
      "zeros": [UInt8](repeating: 0, count: 48), "scalar": bytes([Float(2)]),
      "function:inner:bias": bytes([Float(9)]),
    ]
    #expect(Set(model.tensors.map(\.key)) == Set(expected.keys).union(["words"]))
    #expect(try model.strings(model.tensor("words")) == [Array("text".utf8)])
    for (key, value) in expected {
      let tensor = try model.tensor(key)
      #expect(try model.contents(tensor) == value, "\(key)")
      #expect(try model.contents(tensor, step: 3) == value, "\(key)")
      try model.verify(tensor)
    }
  }

  @Test func shorthandTakesNoMemory() throws {
    var message = graph()
    constant(&message, 1, "huge", .float32, [1 << 40]) { $0.data(5, bytes([Float(1)])) }
    let model = try open(message.bytes)
    let huge = try model.tensor("huge")
    #expect(huge.byteCount == 1 << 42)
    let end = try OwnedBytes(count: 8, file: "") { (buffer) throws(CheckpointError) in
      try model.read(huge, at: huge.byteCount - 8, into: buffer)
    }
    #expect(end.withBytes { Array($0) } == bytes([Float(1), 1]))
  }

  @Test func damagedConstantsHideNothing() throws {
    func check(_ words: String, _ write: (inout Message) -> Void) throws {
      var message = graph()
      write(&message)
      let model = try open(message.bytes)
      let bad = try model.tensor("bad")
      let error = failure { () throws(CheckpointError) in _ = try sha256(of: bad, in: model) }
      #expect(error?.kind == "corrupt" && error?.description.contains(words) == true, "\(error as Any)")
      try model.verify(model.tensor("weights"))
    }
    try check("expected 12") { constant(&$0, 1, "bad", .float32, [3]) { $0.data(4, bytes([Float(1)])) } }
    try check("more than 1") { constant(&$0, 1, "bad", .float32, [1]) { $0.data(5, bytes([Float(1), 2])) } }
    try check("whole") { constant(&$0, 1, "bad", .float32, [3]) { $0.data(5, [1, 2, 3]) } }
    try check("counted") { constant(&$0, 1, "bad", .float32, [-1]) { _ in } }
    try check("more than 1") {
      constant(&$0, 1, "bad", .string, [1]) {
        $0.text(8, "a")
        $0.text(8, "b")
      }
    }
    try check("can't hold") { constant(&$0, 1, "bad", .string, [3]) { $0.data(4, [1, 1]) } }
    try check("2 are stored") { constant(&$0, 1, "bad", .string, [1]) { $0.data(4, [9, 1]) } }
    try check("belong to no") { constant(&$0, 1, "bad", .string, [1]) { $0.data(4, [1, 65, 66]) } }
    try check("counted") { constant(&$0, 1, "bad", .float32, [1 << 40, 1 << 40]) { _ in } }
    try check("longer than 64 bits") {
      constant(&$0, 1, "bad", .int32, [3]) { $0.data(7, [UInt8](repeating: 0xff, count: 11)) }
    }
  }

  @Test func stringsBehindTheirLengths() throws {
    var message = graph()
    constant(&message, 1, "list", .string, [2]) { $0.data(4, [2, 0] + Array("ab".utf8)) }
    constant(&message, 1, "endless", .string, [1 << 40]) { $0.text(8, "x") }
    let model = try open(message.bytes)
    #expect(try model.strings(model.tensor("list")) == [Array("ab".utf8), []])
    let endless = try model.tensor("endless")
    #expect(failure { () throws(CheckpointError) in try model.verify(endless) }?.kind == "unsupported")
  }

  @Test func damagedGraphsAreErrors() throws {
    let sound = graph().bytes
    var twice = graph()
    constant(&twice, 1, "weights", .float32, [1]) { _ in }
    for (name, damaged) in [
      ("cut", Array(sound.dropLast())), ("no nodes", Message { $0.message(4) { $0.number(1, 1) } }.bytes),
      ("a name twice", twice.bytes), ("garbage", [0x0a, 0xff, 0xff]),
    ] {
      #expect(throws: CheckpointError.self, "\(name)") { try open(damaged) }
    }
  }

  @Test(.timeLimit(.minutes(5))) func damagedFilesNeverCrash() throws {
    let sound = graph().bytes
    var random = SplitMix64(state: 5)
    var opened = 0
    for _ in 0..<600 {
      var damaged = sound
      Mutation.apply(to: &damaged, &random)
      guard let model = try? open(damaged) else { continue }
      opened += 1
      for tensor in model.tensors where tensor.byteCount < 1 << 20 {
        if (try? model.verify(tensor)) != nil { _ = try? model.contents(tensor) }
      }
    }
    #expect(opened > 50)
  }
}
