import Tensors

/// What Keras 3's numbered variables are called: `layers/dense/vars/0` is `dense/kernel`.
///
/// ## Source
/// Keras 3, `saving/saving_lib.py` (`_save_state`, `_save_container_state`), `layers/layer.py` (`save_own_variables`:
/// what is trained before what is not), and `add_weight` in the layers' `build`.
struct KerasVariables {
  private let layers: [String: KerasConfiguration.Layer]
  private let objectNames: [String: String]

  /// - Parameters:
  ///   - configuration: Empty where the file has weights only.
  ///   - objectNames: Names that the file gives to objects, by path; older versions give none.
  init(_ configuration: KerasConfiguration, objectNames: [String: String]) {
    layers = Dictionary(configuration.layers.map { ($0.path, $0) }) { first, _ in first }
    self.objectNames = objectNames
  }

  /// Splits `layers/dense/vars/0`; `nil` for other paths.
  static func split(_ path: String) -> (object: String, variable: String)? {
    let parts = path.split(separator: "/")
    guard parts.count >= 2, parts[parts.count - 2] == "vars" else { return nil }
    return (parts.dropLast(2).joined(separator: "/"), String(parts[parts.count - 1]))
  }

  /// The object's name, as a variable's begins with it.
  func name(of object: String) -> String {
    let parts = object.split(separator: "/").map(String.init)
    var names: [String] = []
    for (index, part) in parts.enumerated() {
      let path = parts[...index].joined(separator: "/")
      if let name = objectNames[path] ?? layers[path]?.name {
        names.append(name)
      } else if !Self.isContainer(part) {
        names.append(part)
      }
    }
    return names.isEmpty ? objectNames[""] ?? "" : names.joined(separator: "/")
  }

  private static func isContainer(_ part: String) -> Bool {
    ["layers", "_layers", "_layer_checkpoint_dependencies", "cells"].contains(part) || part.hasPrefix("container")
  }

  /// The names of an object's variables, as far as its class tells.
  ///
  /// - Parameter count: The number of its variables.
  /// - Returns: As many names; a number where the class does not tell.
  func variables(of object: String, count: Int) -> [String] {
    let part = object.split(separator: "/").last.map(String.init) ?? ""
    let layer = layers[object]
    var candidates = [Self.withoutNumber(part)]
    if let layer { candidates.insert(KerasConfiguration.snakeCase(layer.className), at: 0) }
    if let name = objectNames[object] { candidates.append(Self.withoutNumber(name)) }
    for candidate in candidates {
      if let names = Self.names(of: candidate, layer?.config ?? .null, count: count) {
        return names + (names.count..<max(names.count, count)).map { "\($0)" }
      }
    }
    return (0..<count).map { "\($0)" }
  }

  /// `dense` of `dense_1`: Keras numbers names in the order in which a process makes objects.
  static func withoutNumber(_ name: String) -> String {
    guard let underscore = name.lastIndex(of: "_"), Int(name[name.index(after: underscore)...]) != nil else {
      return name
    }
    return String(name[..<underscore])
  }

  private static let kernelAndBias: Set = [
    "dense", "einsum_dense", "conv1d", "conv2d", "conv3d", "conv1d_transpose", "conv2d_transpose", "conv3d_transpose",
    "depthwise_conv1d", "depthwise_conv2d",
  ]
  private static let cells: Set = [
    "cell", "lstm_cell", "gru_cell", "simple_rnncell", "simple_rnn_cell", "conv_lstmcell", "conv_lstm_cell",
  ]

  /// Names for at most `count` variables; `nil` for a class that is not known, or has another number of them.
  private static func names(of kind: String, _ config: JSONValue, count: Int) -> [String]? {
    func isOff(_ key: String) -> Bool { config[key] == .bool(false) }
    var names: [String]
    switch kind {
    case _ where kernelAndBias.contains(kind) || kind.hasSuffix("_dense"): names = ["kernel", "bias"]
    case _ where cells.contains(kind): names = ["kernel", "recurrent_kernel", "bias"]
    case "separable_conv1d", "separable_conv2d": names = ["depthwise_kernel", "pointwise_kernel", "bias"]
    case "batch_normalization":
      names = ["gamma", "beta", "moving_mean", "moving_variance"]
      if isOff("scale") { names.removeAll { $0 == "gamma" } }
      if isOff("center") { names.removeAll { $0 == "beta" } }
      // Without its configuration, what is certain is that the statistics come last.
      if config == .null, count == 2 { names = ["moving_mean", "moving_variance"] }
      if config == .null, count == 3 { names = ["0", "moving_mean", "moving_variance"] }
      return names.count == count ? names : nil
    case "layer_normalization", "group_normalization":
      names = ["gamma", "beta"]
      if isOff("scale") { names.removeAll { $0 == "gamma" } }
      if isOff("center") { names.removeAll { $0 == "beta" } }
      return names.count == count ? names : nil
    case "rms_normalization": names = ["scale"]
    case "embedding": names = ["embeddings"]
    case "normalization": names = ["mean", "variance", "count"]
    case "p_re_lu": names = ["alpha"]
    case "seed_generator": names = ["seed_generator_state"]
    default: return nil
    }
    if isOff("use_bias") { names.removeAll { $0 == "bias" } }
    // More than the class has: quantised, or adapted at low rank. Only the kernel is certain to come first.
    if count > names.count, names.first == "kernel" { return ["kernel"] }
    return Array(names.prefix(count))
  }

  /// Names of variables that are no subject of training.
  static let untrained: Set = ["moving_mean", "moving_variance", "mean", "variance", "count", "seed_generator_state"]

  /// The objects whose variables the optimizer keeps state for, in its order.
  ///
  /// - Parameter objects: All objects that have variables.
  /// - Returns: `nil` where the order can't be known: without a configuration, or for layers with parts of their own
  ///   other than a recurrent layer's.
  static func trained(_ configuration: KerasConfiguration, objects: Set<String>) -> [String]? {
    var result: [String] = []
    var seen: Set<String> = []
    var frozen: [String] = []
    for layer in configuration.layers {
      if layer.config["trainable"] == .bool(false) { frozen.append(layer.path + "/") }
      for part in ["", "/cell", "/forward_layer/cell", "/backward_layer/cell", "/seed_generator"] {
        let object = layer.path + part
        guard objects.contains(object), seen.insert(object).inserted else { continue }
        if !frozen.contains(where: { (object + "/").hasPrefix($0) }) { result.append(object) }
      }
    }
    let others = objects.filter { !seen.contains($0) && $0 != "optimizer" }
    return result.isEmpty || !others.isEmpty ? nil : result
  }
}
