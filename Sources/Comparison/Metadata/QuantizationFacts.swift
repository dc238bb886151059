import Checkpoints
import Results
import Tensors

/// What of a model is quantised, or trained as if it were: tensors of few bits, layers that Keras quantised, and the
/// graph's operations that quantise with the bits and range of each.
///
/// ## Source
/// TensorFlow, `core/ops/array_ops.cc` (`FakeQuant…`, `QuantizeAndDequantize…`); TensorFlow Model Optimization,
/// `quantization/keras/quantize_wrapper.py`; Keras 3, `dtype_policies/dtype_policy.py`.
struct QuantizationFacts {
  /// Operations, types of tensors, and layers; empty where nothing is quantised.
  let json: JSONValue

  /// Whether an operation quantises. Gradients follow from those that do.
  static func isQuantizing(_ operation: String) -> Bool {
    let name = operation.hasPrefix("Uniform") ? String(operation.dropFirst(7)) : operation
    return ["FakeQuant", "Quantize", "Dequantize", "Requantize"].contains { name.hasPrefix($0) }
      && !name.hasSuffix("Gradient")
  }

  /// - Parameters:
  ///   - names: What to call tensors, by key, where another name than the catalogue's is wanted.
  ///   - layers: Keras' configurations, by layer.
  ///   - constants: Of the graph, where it has operations that quantise.
  /// - Complexity: O(tensors + nodes).
  init(
    _ catalogue: Catalogue, names: [String: String], layers: JSONValue?, constants: GraphConstants?
  ) throws(CheckpointError) {
    var found: [String: [String: JSONValue]] = [:]
    var types: [String: (tensors: Int, elements: Int)] = [:]
    for i in catalogue.entries.indices where Self.isQuantized(catalogue.entries[i].stored) {
      let entry = catalogue.entries[i]
      guard entry.duplicateOf == nil, [.weight, .state, .constant].contains(entry.role) else { continue }
      let name = names[entry.stored.key] ?? entry.name
      let type = entry.stored.elementType.name
      found[layer(of: name), default: [:]][lastPart(of: name)] = .string(type)
      types[type, default: (0, 0)].tensors += 1
      types[type, default: (0, 0)].elements += entry.stored.count
    }
    if case .object(let members)? = layers {
      for (name, layer) in members {
        if let policy = Self.policy(layer) { found[name, default: [:]]["policy"] = policy }
      }
    }
    var operations: [String: Int] = [:]
    if let constants {
      for body in constants.graph.bodies where !body.isSaver {
        for node in body.nodes where Self.isQuantizing(constants.operation(node)) {
          operations[constants.operation(node), default: 0] += 1
          let name = plainName(constants.graph.nodes[node].name)
          // A step that is traced into several functions has its name in all of them.
          let known = found[layer(of: name)]?[lastPart(of: name)]
          let described = try Self.describe(node, constants)
          if known == nil || described.knowsMore(than: known) {
            found[layer(of: name), default: [:]][lastPart(of: name)] = described
          }
        }
      }
    }
    var result: [String: JSONValue] = [:]
    if !types.isEmpty {
      result["dtypes"] = .object(
        types.mapValues { .object(["tensors": .integer($0.tensors), "elements": .integer($0.elements)]) })
    }
    if !operations.isEmpty { result["operations"] = .object(operations.mapValues { .integer($0) }) }
    if !found.isEmpty { result["layers"] = .object(found.mapValues { .object($0) }) }
    json = .object(result)
  }

  /// Eight bits and fewer; of plain integers only those with axes, as scalars are flags.
  private static func isQuantized(_ tensor: StoredTensor) -> Bool {
    switch tensor.elementType.kind {
    case .quantized: true
    case .floatingPoint: tensor.elementType.byteWidth == 1
    case .integer: tensor.elementType.byteWidth == 1 && !tensor.shape.isEmpty
    default: false
    }
  }

  /// How Keras quantises a layer; `nil` where it does not.
  private static func policy(_ layer: JSONValue) -> JSONValue? {
    let config = layer["config"]
    if let quantize = config?["quantize_config"], quantize != .null { return quantize["class_name"] ?? quantize }
    if layer["class_name"]?.text?.contains("Quantize") == true { return layer["class_name"] }
    guard let type = config?["dtype"], type["class_name"]?.text?.hasPrefix("Quantized") == true else { return nil }
    return type["config"]?["mode"] ?? type["config"]?["name"]
  }

  /// What an operation does, and its range where the graph or a variable says it.
  private static func describe(_ node: Int, _ constants: GraphConstants) throws(CheckpointError) -> JSONValue {
    let operation = constants.operation(node)
    var result: [String: JSONValue] = ["operation": .string(operation)]
    let attributes = try constants.graph.attributes(of: node)
    for name in ["num_bits", "narrow_range", "min", "max", "mode", "round_mode", "signed_input", "axis", "T"] {
      // TensorFlow's writers leave out defaults.
      if let value = attributes[name]?.value { result[name == "T" ? "dtype" : name] = value }
    }
    if operation.hasPrefix("FakeQuant") {
      result["dtype"] = nil
      result["num_bits"] = result["num_bits"] ?? .integer(8)
      result["narrow_range"] = result["narrow_range"] ?? .bool(false)
    }
    let inputs = constants.inputs(node)
    if inputs.count >= 3, !operation.hasSuffix("Args"), result["min"] == nil {
      result["min"] = try constants.scalar(inputs[1])
      result["max"] = try constants.scalar(inputs[2])
    }
    return .object(result)
  }
}

extension JSONValue {
  /// Whether an object has more members: within functions the range comes from outside.
  fileprivate func knowsMore(than other: JSONValue?) -> Bool {
    guard case .object(let x) = self, case .object(let y)? = other else { return false }
    return x.count > y.count
  }
}
