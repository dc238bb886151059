import Tensors

/// What Keras 2 writes beside a SavedModel: the configuration of layers and of the training.
///
/// ## Source
/// Keras, `keras/protobuf/saved_metadata.proto`; JSON as `keras/saving/legacy/saved_model/` writes it.
struct KerasMetadata {
  private(set) var metadata: [String: JSONValue] = [:]
  private(set) var kerasVersion: String?
  private(set) var warnings: [String] = []

  /// Reads `keras_metadata.pb`.
  init(path: String) throws(CheckpointError) {
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    let contents = try file.contents()
    let nodes = try contents.withBytes { (bytes) throws(CheckpointError) in
      try decoding("Keras metadata", of: path) { () throws(WireError) in try Self.nodes(bytes) }
    }
    var layers: [String: JSONValue] = [:]
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
          "class_name": value["class_name"] ?? .null, "config": value["config"] ?? .null,
        ])
        // Layers of nested models may share a name; the path tells them apart.
        layers[layers[name] == nil ? name : "\(name) (\(node.path))"] = layer
      }
    }
    metadata["layers"] = .object(layers)
  }

  private mutating func readModel(_ value: JSONValue) {
    var model: [String: JSONValue] = [:]
    for key in ["class_name", "name"] {
      if let member = value[key] { model[key] = member }
    }
    metadata["model"] = .object(model)
    if let training = value["training_config"], training != .null { metadata["training_config"] = training }
    if let version = value["keras_version"]?.text {
      kerasVersion = version
      metadata["keras_version"] = .string(version)
    }
    if let backend = value["backend"]?.text { metadata["backend"] = .string(backend) }
  }

  private struct Node {
    var path = ""
    var identifier = ""
    var json: [UInt8] = []
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
