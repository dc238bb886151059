import Checkpoints
import Foundation
import Results
import Tensors
import Testing

@testable import Comparison

/// Graphs written as text, in which what differs is known; and graphs that no writer would write.
@Suite struct GraphDifferencesTests {
  private static func graph(_ text: String) throws -> ComputationGraph {
    let path = NSTemporaryDirectory() + "graph-\(UUID().uuidString).pbtxt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try #require(try openCheckpoint(at: path).graph())
  }

  private static func node(_ name: String, _ operation: String, _ inputs: [String] = [], _ attributes: String = "")
    -> String
  {
    "node { name: '\(name)' op: '\(operation)' \(inputs.map { "input: '\($0)'" }.joined(separator: " ")) \(attributes) }\n"
  }

  private static func number(_ value: String) -> String {
    "attr { key: 'dtype' value { type: DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 "
      + "tensor_shape { dim { size: 4 } } \(value) } } }"
  }

  private static func differences(_ a: String, _ b: String, _ variables: [String: String] = [:]) throws -> [String] {
    let found = GraphDifferences(try graph(a), try graph(b), variables: variables)
    return (found.differences + found.renames).map { "\($0.path): \($0.textA) → \($0.textB)" }
  }

  private static let base =
    node("x", "Placeholder") + node("c", "Const", [], number("int_val: 7"))
    + node("d", "Const", [], number("int_val: 8"))
    + node("sum", "Add", ["x", "c"]) + node("product", "Mul", ["sum", "d"]) + node("y", "Sub", ["product", "sum"])

  @Test func equalInAnyOrderAndShorthand() throws {
    let other =
      Self.node("y", "Sub", ["product:0", "sum"]) + Self.node("d", "Const", [], Self.number("int_val: [8, 8, 8, 8]"))
      + Self.node("product", "Mul", ["sum", "d"])
      + Self.node(
        "c", "Const", [],
        Self.number(#"tensor_content: "\007\000\000\000\007\000\000\000\007\000\000\000\007\000\000\000""#))
      + Self.node("sum", "Add", ["x", "c"]) + Self.node("x", "Placeholder")
    #expect(try Self.differences(Self.base, other).isEmpty)
  }

  @Test func renamesAreNoDifference() throws {
    let renamed = Self.base.replacing("'sum'", with: "'total'").replacing("'c'", with: "'c_1'")
    #expect(try Self.differences(Self.base, renamed) == ["graph.renamed: sum → total"])
    #expect(GraphDifferences(try Self.graph(Self.base), try Self.graph(renamed), variables: [:]).isSame)
  }

  @Test func inputsInAnotherOrder() throws {
    let swapped = Self.base.replacing("input: 'product' input: 'sum'", with: "input: 'sum' input: 'product'")
    #expect(swapped != Self.base)
    #expect(try Self.differences(Self.base, swapped) == ["graph.nodes.y.inputs: [product, sum] → [sum, product]"])
  }

  @Test func anotherOutputOfTheSameNode() throws {
    let other = Self.base.replacing("input: 'product' input: 'sum'", with: "input: 'product:1' input: 'sum'")
    #expect(try Self.differences(Self.base, other) == ["graph.nodes.y.inputs: [product, sum] → [product, sum]"])
  }

  @Test func constantsThatChangePlaces() throws {
    let swapped = Self.base.replacing("input: 'x' input: 'c'", with: "input: 'x' input: 'd'")
      .replacing("input: 'sum' input: 'd'", with: "input: 'sum' input: 'c'")
    let found = try Self.differences(Self.base, swapped)
    // Two nodes with other inputs, or as well two constants of other values.
    #expect(
      found == ["graph.nodes.c.value: [7, 7, 7, 7] → [8, 8, 8, 8]", "graph.nodes.d.value: [8, 8, 8, 8] → [7, 7, 7, 7]"])
  }

  @Test func nodesThatLookAlike() throws {
    // Many equal branches: what differs in one of them is one difference.
    func graph(_ changed: String) -> String {
      (0..<40).map { i in
        Self.node("c\(i)", "Const", [], Self.number("int_val: \(i == 17 ? changed : "1")"))
          + Self.node("r\(i)", "Relu", ["c\(i)"])
      }.joined() + Self.node("all", "AddN", (0..<40).map { "r\($0)" })
    }
    #expect(try Self.differences(graph("1"), graph("1")).isEmpty)
    #expect(try Self.differences(graph("1"), graph("5")) == ["graph.nodes.c17.value: [1, 1, 1, 1] → [5, 5, 5, 5]"])
  }

  @Test func cyclesAndEdgesFromNowhere() throws {
    let cyclic =
      Self.node("a", "Merge", ["start", "c"]) + Self.node("b", "Relu", ["a"]) + Self.node("c", "NextIteration", ["b"])
      + Self.node("self", "Relu", ["self"]) + Self.node("lost", "Add", ["nowhere:3", "^gone"])
      + Self.node("start", "Const", [], Self.number("int_val: 1"))
    #expect(try Self.differences(cyclic, cyclic).isEmpty)
    let changed = cyclic.replacing("op: 'NextIteration'", with: "op: 'Identity'")
    #expect(
      try Self.differences(cyclic, changed) == [
        "graph.nodes.c.operation: NextIteration → Identity", "operations.Identity: – → 1",
        "operations.NextIteration: 1 → –",
      ])
  }

  private static func function(_ name: String, _ body: String) -> String {
    "library { function { signature { name: '\(name)' input_arg { name: 'x' type: DT_FLOAT } "
      + "output_arg { name: 'y' type: DT_FLOAT } } \(body) ret { key: 'y' value: 'r:z:0' } } }\n"
  }

  private static func call(_ name: String) -> String {
    "attr { key: 'f' value { func { name: '\(name)' } } }"
  }

  @Test func functions() throws {
    func graph(_ name: String, _ operation: String) -> String {
      Self.node("x", "Placeholder") + Self.node("call", "PartitionedCall", ["x"], Self.call(name))
        + Self.function(name, "node_def { name: 'r' op: '\(operation)' input: 'x' }")
    }
    #expect(try Self.differences(graph("__inference_f_12", "Relu"), graph("__inference_f_345", "Relu")).isEmpty)
    #expect(try Self.differences(graph("__inference_f_12", "Relu"), graph("__inference_g_12", "Relu")).isEmpty)
    #expect(
      try Self.differences(graph("__inference_f_12", "Relu"), graph("__inference_f_12", "Elu")) == [
        "graph.nodes.r.operation: Relu → Elu", "operations.Elu: – → 1", "operations.Relu: 1 → –",
      ])
  }

  @Test func functionsThatCallThemselves() throws {
    let recursive =
      Self.node("x", "Placeholder") + Self.node("call", "PartitionedCall", ["x"], Self.call("f"))
      + Self.function("f", "node_def { name: 'r' op: 'PartitionedCall' input: 'x' \(Self.call("g")) }")
      + Self.function("g", "node_def { name: 'r' op: 'PartitionedCall' input: 'x' \(Self.call("f")) }")
    #expect(try Self.differences(recursive, recursive).isEmpty)
  }

  @Test func variablesAreToldApartByName() throws {
    func graph(_ first: String, _ second: String) -> String {
      Self.node("u", "VarHandleOp", [], "attr { key: 'shared_name' value { s: '\(first)' } }")
        + Self.node("v", "VarHandleOp", [], "attr { key: 'shared_name' value { s: '\(second)' } }")
        + Self.node("r", "ReadVariableOp", ["u"]) + Self.node("s", "ReadVariableOp", ["v"])
        + Self.node("y", "Sub", ["r", "s"])
    }
    #expect(try Self.differences(graph("left", "right"), graph("left", "right")).isEmpty)
    #expect(!(try Self.differences(graph("left", "right"), graph("right", "left")).isEmpty))
    #expect(try Self.differences(graph("left", "right"), graph("a", "b"), ["a": "left", "b": "right"]).isEmpty)
  }

  @Test func saversAreLeftOut() throws {
    let saver =
      Self.node("save/Const", "Placeholder") + Self.node("save/names", "Const", [], Self.number("int_val: 3"))
      + Self.node("save/SaveV2", "SaveV2", ["save/Const", "save/names", "c"])
      + Self.node("save/RestoreV2", "RestoreV2", ["save/Const", "save/names"])
      + Self.node("save/Assign", "Assign", ["x", "save/RestoreV2"]) + Self.node("save/all", "NoOp", ["^save/Assign"])
    #expect(try Self.differences(Self.base, Self.base + saver).isEmpty)
  }

  /// Whatever happens to the bytes: an answer or an error, in no time.
  @Test func damagedGraphsAreBorne() throws {
    for name in ["frozen.pb", "module/saved_model.pb"] {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Oracles/planted/"
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + name)))
      let copy = NSTemporaryDirectory() + "graph-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: copy) }
      let file = copy + "/" + (name.split(separator: "/").last ?? "")
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      let path = name.hasSuffix("saved_model.pb") ? copy : file
      let sound = try #require(try openCheckpoint(at: path).graph())
      #expect(GraphDifferences(sound, sound, variables: [:]).isSame)
      var state: UInt64 = 5
      var read = 0
      for _ in 0..<150 {
        var damaged = bytes
        for _ in 0..<3 {
          state = mix(state, 1)
          damaged[Int(state % UInt64(damaged.count))] ^= UInt8(truncatingIfNeeded: state >> 32) | 1
        }
        try Data(damaged).write(to: URL(fileURLWithPath: file))
        guard let model = try? openCheckpoint(at: path), let graph = try? model.graph() else { continue }
        read += 1
        let found = GraphDifferences(sound, graph, variables: [:])
        #expect(found.differences.count < 2_000)
      }
      #expect(read > 5)
    }
  }
}
