import Tensors

/// The layers of a Keras model in their order, and which layer each takes its inputs from.
///
/// ## Source
/// Keras 2, `engine/functional.py` (`get_network_config`: `inbound_nodes` as nested lists of name, node, tensor);
/// Keras 3, `models/functional.py` (`serialize_node`: tensors as `__keras_tensor__` with a `keras_history`).
struct KerasTopology {
  /// Objects with `name`, `class_name` and, where the model says so, `inputs`.
  private(set) var layers: [JSONValue] = []

  private static let deepest = 32

  /// - Parameter config: The model's configuration, which holds the list of layers.
  init(_ config: JSONValue?) { list(config, prefix: "", depth: 0) }

  var json: JSONValue { .array(layers) }

  private mutating func list(_ config: JSONValue?, prefix: String, depth: Int) {
    guard depth < Self.deepest, case .array(let values)? = config?["layers"] else { return }
    for value in values {
      guard let className = value["class_name"]?.text else { continue }
      let name = value["config"]?["name"]?.text ?? value["name"]?.text ?? className
      var layer: [String: JSONValue] = ["name": .string(prefix + name), "class_name": .string(className)]
      if let nodes = value["inbound_nodes"] {
        var inputs: [String] = []
        Self.collect(nodes, into: &inputs, depth: 0)
        layer["inputs"] = .array(inputs.map { .string(prefix + $0) })
      }
      layers.append(.object(layer))
      list(value["config"], prefix: prefix + name + "/", depth: depth + 1)
    }
  }

  /// Names of the layers whose tensors a call takes, in the order of its arguments.
  private static func collect(_ value: JSONValue, into names: inout [String], depth: Int) {
    guard depth < deepest else { return }
    switch value {
    case .array(let values):
      if values.count >= 3, case .string(let name) = values[0], case .integer = values[1], case .integer = values[2] {
        names.append(name)
        // Further tensors may be among the call's named arguments.
        for rest in values.dropFirst(3) { collect(rest, into: &names, depth: depth + 1) }
      } else {
        for value in values { collect(value, into: &names, depth: depth + 1) }
      }
    case .object(let members):
      if case .array(let history)? = members["keras_history"] {
        collect(.array(history), into: &names, depth: depth + 1)
      } else {
        for (_, value) in members.sorted(by: { $0.key < $1.key }) {
          collect(value, into: &names, depth: depth + 1)
        }
      }
    default: break
    }
  }
}

extension JSONValue {
  /// A layer's configuration without the layers in it, which are listed themselves.
  var withoutLayers: JSONValue {
    guard case .object(var members) = self, case .array? = members["layers"] else { return self }
    for key in ["layers", "input_layers", "output_layers"] { members[key] = nil }
    return .object(members)
  }
}
