import Tensors

/// What Keras 2 writes with a SavedModel: the configuration of layers and of the training.
///
/// ## Source
/// Keras, `keras/protobuf/saved_metadata.proto`; JSON as `keras/saving/legacy/saved_model/` writes it. Before
/// TensorFlow 2.5 the same JSON is in the objects of the graph: `SavedUserObject` in
/// `core/protobuf/saved_object_graph.proto`.
struct KerasMetadata {
  struct Node {
    var path = ""
    var identifier = ""
    var json: [UInt8] = []
  }

  private(set) var metadata: [String: JSONValue] = [:]
  /// The layers' order, as ``KerasTopology`` tells it.
  private(set) var topology: JSONValue?
  private(set) var kerasVersion: String?
  private(set) var warnings: [String] = []

  /// Reads `keras_metadata.pb`.
  init(path: String) throws(CheckpointError) {
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    let nodes = try file.withContents { (bytes) throws(CheckpointError) in
      try decoding("Keras metadata", of: path) { () throws(WireError) in try Self.nodes(bytes) }
    }
    self.init(nodes)
  }

  /// - Parameter nodes: The root and what hangs from it, in the order in which they were saved.
  init(_ nodes: [Node]) {
    var layers: [String: JSONValue] = [:]
    var paths: [String: String] = [:]
    for node in nodes where node.identifier.hasPrefix("_tf_keras_") && node.identifier != "_tf_keras_metric" {
      let parsed: ParsedJSON
      do { parsed = try ParsedJSON(node.json) } catch {
        warnings.append("The Keras metadata of '\(node.path)' is not valid JSON and is left out.")
        continue
      }
      if parsed.hasNonFinite {
        warnings.append("The Keras metadata of '\(node.path)' holds NaN or Infinity, kept as text.")
      }
      let value = parsed.value.withoutSharedIdentifiers
      if node.path == "root" {
        readModel(value)
      } else {
        let name = value["config"]?["name"]?.text ?? value["name"]?.text ?? node.path
        let layer = JSONValue.object([
          "class_name": value["class_name"] ?? .null, "config": (value["config"] ?? .null).withoutLayers,
        ])
        if paths[name] == nil, node.path.hasPrefix("root.") {
          paths[name] = String(node.path.dropFirst(5)).replacing(".", with: "/")
        }
        // Layers of nested models may share a name; the path tells them apart.
        layers[layers[name] == nil ? name : "\(name) (\(node.path))"] = layer
      }
    }
    metadata["layers"] = .object(layers)
    if case .array(let listed)? = topology { topology = .array(listed.map { Self.located($0, paths) }) }
  }

  /// A layer with its path in the object graph, by which variables are told that do not bear its name.
  private static func located(_ layer: JSONValue, _ paths: [String: String]) -> JSONValue {
    guard case .object(var members) = layer, let name = members["name"]?.text,
      let path = paths[name.split(separator: "/").last.map(String.init) ?? name]
    else { return layer }
    members["path"] = .string(path)
    return .object(members)
  }

  private mutating func readModel(_ value: JSONValue) {
    var model: [String: JSONValue] = [:]
    for key in ["class_name", "name"] {
      if let member = value[key] { model[key] = member }
    }
    metadata["model"] = .object(model)
    if case .array? = value["config"]?["layers"] { topology = KerasTopology(value["config"]).json }
    if let training = value["training_config"], training != .null { metadata["training_config"] = training }
    if let version = value["keras_version"]?.text {
      kerasVersion = version
      metadata["keras_version"] = .string(version)
    }
    if let backend = value["backend"]?.text { metadata["backend"] = .string(backend) }
  }

  private static func nodes(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [Node] {
    var result: [Node] = []
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1, let range = field.range else { continue }
      var node = Node()
      var content = WireReader(bytes, range)
      while let field = try content.next() {
        guard let part = field.range else { continue }
        switch field.number {
        case 3: node.path = content.text(part)
        case 4: node.identifier = content.text(part)
        case 5: node.json = Array(content.slice(part))
        default: break
        }
      }
      result.append(node)
    }
    return result
  }
}

extension JSONValue {
  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// Without the numbers by which Keras refers from one object to another: they are no configuration, and depend on
  /// what was saved before.
  var withoutSharedIdentifiers: JSONValue {
    switch self {
    case .array(let values): .array(values.map(\.withoutSharedIdentifiers))
    case .object(let members):
      .object(members.filter { $0.key != "shared_object_id" }.mapValues(\.withoutSharedIdentifiers))
    default: self
    }
  }
}
