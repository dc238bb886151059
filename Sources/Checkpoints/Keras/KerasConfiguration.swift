import Tensors

/// What a Keras model says of itself as JSON: layers, optimizer, training.
///
/// ## Source
/// Keras 2 and 3: `saving/legacy/hdf5_format.py` (`model_config`, `training_config`), `saving/saving_lib.py`
/// (`config.json`, `metadata.json`), `saving/serialization_lib.py`.
struct KerasConfiguration {
  struct Layer {
    var name: String
    var className: String
    var config: JSONValue
    /// Where Keras 3 puts its variables, from the root.
    var path: String
  }

  /// In the laying out of ``KerasMetadata``.
  private(set) var metadata: [String: JSONValue] = [:]
  /// The layers' order, as ``KerasTopology`` tells it; `nil` where the file has weights only.
  private(set) var topology: JSONValue?
  /// In the model's order; a nested model comes before its layers.
  private(set) var layers: [Layer] = []
  private(set) var optimizer: (className: String, config: JSONValue)?
  private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - model: The model's JSON; `nil` where the file has weights only.
  ///   - training: The training's; `nil` where it is within the model's, as in Keras 3, or was not saved.
  init(model: [UInt8]?, training: [UInt8]? = nil, version: String? = nil, backend: String? = nil) {
    if let version { metadata["keras_version"] = .string(version) }
    if let backend { metadata["backend"] = .string(backend) }
    if let model, let value = parse(model, "The model's configuration") {
      var described: [String: JSONValue] = [:]
      described["class_name"] = value["class_name"]
      described["name"] = value["config"]?["name"]
      metadata["model"] = .object(described)
      list(value["config"], under: "", depth: 0)
      topology = KerasTopology(value["config"]).json
      var named: [String: JSONValue] = [:]
      for layer in layers {
        // Layers of nested models may share a name; the path tells them apart.
        let name = named[layer.name] == nil ? layer.name : "\(layer.name) (\(layer.path))"
        named[name] = .object(["class_name": .string(layer.className), "config": layer.config.withoutLayers])
      }
      metadata["layers"] = .object(named)
      if let training = value["compile_config"], training != .null { readTraining(training) }
    }
    if let training, let value = parse(training, "The training's configuration") { readTraining(value) }
  }

  private mutating func parse(_ text: [UInt8], _ what: String) -> JSONValue? {
    guard let parsed = try? ParsedJSON(text) else {
      warnings.append("\(what) is not valid JSON and is left out.")
      return nil
    }
    if parsed.hasNonFinite { warnings.append("\(what) holds NaN or Infinity, kept as text.") }
    return parsed.value.withoutSharedIdentifiers
  }

  private mutating func readTraining(_ value: JSONValue) {
    metadata["training_config"] = value
    let described = value["optimizer"] ?? value["optimizer_config"]
    if let described, let name = described["class_name"]?.text {
      optimizer = (name.split(separator: ">").last.map(String.init) ?? name, described["config"] ?? .null)
    }
  }

  private mutating func list(_ config: JSONValue?, under prefix: String, depth: Int) {
    guard depth < 32, case .array(let values)? = config?["layers"] else { return }
    var uses: [String: Int] = [:]
    for value in values {
      guard let className = value["class_name"]?.text, let config = value["config"] else { continue }
      let stem = Self.snakeCase(className.split(separator: ">").last.map(String.init) ?? className)
      let number = uses[stem, default: 0]
      uses[stem] = number + 1
      let path = prefix + "layers/" + stem + (number == 0 ? "" : "_\(number)")
      let name = config["name"]?.text ?? value["name"]?.text ?? stem
      layers.append(Layer(name: name, className: className, config: config, path: path))
      list(config, under: path + "/", depth: depth + 1)
    }
  }

  /// ## Source
  /// Keras 3, `utils/naming.py` (`to_snake_case`): an underscore before a capital that begins a word of small letters,
  /// and before one that follows a small letter.
  static func snakeCase(_ name: String) -> String {
    let characters = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }.map { $0 }
    var first: [Character] = []
    var index = 0
    while index < characters.count {
      first.append(characters[index])
      if index + 2 < characters.count, characters[index + 1].isUppercase, characters[index + 2].isLowercase {
        first.append("_")
        first.append(characters[index + 1])
        index += 2
        while index < characters.count, characters[index].isLowercase {
          first.append(characters[index])
          index += 1
        }
      } else {
        index += 1
      }
    }
    var result = ""
    var previous: Character?
    for character in first {
      if character.isUppercase, previous?.isLowercase == true { result += "_" }
      result.append(character)
      previous = character
    }
    return result.lowercased()
  }
}
