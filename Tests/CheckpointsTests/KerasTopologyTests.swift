import Foundation
import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct KerasTopologyTests {
  private func layers(_ json: String) throws -> [JSONValue] {
    KerasTopology(try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))).layers
  }

  private func layer(_ name: String, _ className: String, _ inputs: [String]? = nil) -> JSONValue {
    var members: [String: JSONValue] = ["name": .string(name), "class_name": .string(className)]
    members["inputs"] = inputs.map { .array($0.map { .string($0) }) }
    return .object(members)
  }

  /// As Keras 2 writes it: calls of name, node, tensor and named arguments, which may hold tensors themselves.
  @Test func callsOfKeras2() throws {
    let found = try layers(
      """
      {"layers": [
        {"class_name": "InputLayer", "name": "in", "config": {"name": "in"}, "inbound_nodes": []},
        {"class_name": "Dense", "name": "left", "config": {"name": "left"}, "inbound_nodes": [[["in", 0, 0, {}]]]},
        {"class_name": "Dense", "name": "right", "config": {"name": "right"}, "inbound_nodes": [[["in", 0, 0, {}]]]},
        {"class_name": "Add", "name": "sum", "config": {"name": "sum"},
         "inbound_nodes": [[["right", 0, 0, {}], ["left", 0, 0, {}]]]},
        {"class_name": "Attention", "name": "look", "config": {"name": "look"},
         "inbound_nodes": [[["sum", 0, 0, {"mask": ["left", 0, 0], "axis": [1, 2]}]]]}
      ]}
      """)
    #expect(
      found == [
        layer("in", "InputLayer", []), layer("left", "Dense", ["in"]), layer("right", "Dense", ["in"]),
        layer("sum", "Add", ["right", "left"]), layer("look", "Attention", ["sum", "left"]),
      ])
  }

  /// As Keras 3 writes it, a model in a model included.
  @Test func callsOfKeras3() throws {
    func tensor(_ name: String) -> String {
      #"{"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "keras_history": ["\#(name)", 0, 0]}}"#
    }
    let found = try layers(
      """
      {"layers": [
        {"class_name": "Functional", "config": {"name": "inner", "layers": [
          {"class_name": "InputLayer", "config": {"name": "x"}, "inbound_nodes": []},
          {"class_name": "Dense", "config": {"name": "d"}, "inbound_nodes": [{"args": [\(tensor("x"))], "kwargs": {}}]}
        ]}, "inbound_nodes": []},
        {"class_name": "Concatenate", "config": {"name": "both"},
         "inbound_nodes": [{"args": [[\(tensor("inner")), \(tensor("x"))]], "kwargs": {"mask": \(tensor("d"))}}]}
      ]}
      """)
    #expect(
      found == [
        layer("inner", "Functional", []), layer("inner/x", "InputLayer", []), layer("inner/d", "Dense", ["inner/x"]),
        layer("both", "Concatenate", ["inner", "x", "d"]),
      ])
  }

  @Test func deepNestingEnds() throws {
    var json = #"["deep", 0, 0]"#
    for _ in 0..<200 { json = "[\(json)]" }
    let found = try layers(
      #"{"layers": [{"class_name": "Dense", "config": {"name": "d"}, "inbound_nodes": \#(json)}]}"#)
    #expect(found == [layer("d", "Dense", [])])
    #expect(try layers(#"{"layers": [{"name": "no class"}, 7]}"#).isEmpty)
  }
}
