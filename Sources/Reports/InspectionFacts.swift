import Results
import Tensors

/// What a model says of its training, its data and its structure, in a block that is read at a glance.
func factBlock(_ inspection: Inspection) -> [String] {
  var rows: [(String, [String])] = []
  let metadata = inspection.metadata
  rows.append(("optimizer", [optimizerText(metadata["optimizer"])]))
  rows.append(("training", [trainingText(metadata)]))
  rows.append(("counters", [membersText(metadata["counters"])]))
  rows.append(("layers", layerTexts(metadata, inspection.structure)))
  rows.append(("penalties", [penaltyText(metadata["regularizers"])]))
  rows.append(("quantised", quantizationTexts(metadata["quantization"])))
  rows.append(("data", dataTexts(metadata["data"])))
  rows.append(("signature", signatureTexts(inspection.structure["signatures"])))
  rows.append(("graph", [graphText(inspection.structure)]))
  var lines: [String] = []
  for (title, texts) in rows {
    for (index, text) in texts.filter({ !$0.isEmpty }).enumerated() {
      let head = index == 0 ? title : ""
      lines.append(head + String(repeating: " ", count: 11 - head.count) + text)
    }
  }
  return lines
}

/// `Adam: learning_rate 0.001, beta_1 0.9 …`, without options that are off.
func optimizerText(_ optimizer: JSONValue?) -> String {
  guard case .object(let members)? = optimizer else { return "" }
  let first = ["learning_rate", "momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay"]
  let rest = members.keys.filter { !first.contains($0) && !$0.hasPrefix("class_name") && $0 != "others" }.sorted()
  let shown = (first + rest).compactMap { key -> String? in
    guard let value = members[key], value != .null, value != .bool(false) else { return nil }
    // What belongs to averages of weights, which are off.
    if key.hasPrefix("ema_"), members["use_ema"] != .bool(true) { return nil }
    return "\(key) \(described(value))"
  }
  let name = members["class_name"]?.shortText ?? "unknown class"
  let source = members["class_name_source"].map { " (by the \($0.shortText))" } ?? ""
  var others = ""
  if case .object(let found)? = members["others"] {
    for (name, values) in found.sorted(by: { $0.key < $1.key }) { others += "; \(name): \(membersText(values))" }
  }
  return name + source + (shown.isEmpty ? "" : ": " + shown.joined(separator: ", ")) + others
}

/// A value, and of an object with a class its configuration.
private func described(_ value: JSONValue) -> String {
  guard case .object(let members) = value, let name = members["class_name"]?.shortText else { return value.shortText }
  guard case .object(let config)? = members["config"] else { return name }
  let shown = config.filter { $0.key != "name" && $0.key != "dtype" && $0.value != .null }.sorted { $0.key < $1.key }
  return shown.isEmpty
    ? name : name + "(" + shown.map { "\($0.key) \($0.value.shortText)" }.joined(separator: ", ") + ")"
}

func trainingText(_ metadata: JSONValue) -> String {
  guard let training = metadata["training_config"] else { return "" }
  var parts: [String] = []
  if let loss = training["loss"], loss != .null { parts.append("loss \(described(loss))") }
  var metrics: [String] = []
  for key in ["metrics", "weighted_metrics"] { collectNames(training[key], into: &metrics) }
  if !metrics.isEmpty { parts.append("metrics \(metrics.joined(separator: ", "))") }
  if let batch = metadata["batch_size"] { parts.append("batch size \(batch.shortText)") }
  return parts.joined(separator: " · ")
}

private func collectNames(_ value: JSONValue?, into names: inout [String]) {
  switch value {
  case .string(let name)?: names.append(name)
  case .array(let values)?: for value in values { collectNames(value, into: &names) }
  case .object(let members)?:
    if let name = members["config"]?["name"] ?? members["class_name"] {
      names.append(name.shortText)
    } else {
      for (_, value) in members.sorted(by: { $0.key < $1.key }) { collectNames(value, into: &names) }
    }
  default: break
  }
}

func membersText(_ value: JSONValue?) -> String {
  guard case .object(let members)? = value else { return "" }
  return members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.shortText)" }.joined(separator: ", ")
}

// MARK: Layers

/// Names, classes and configurations in the model's order.
func layerTexts(_ metadata: JSONValue, _ structure: JSONValue) -> [String] {
  guard case .object(let layers)? = metadata["layers"] else { return [] }
  var names = layers.keys.sorted()
  if case .array(let ordered)? = structure["layers"] {
    let known = ordered.compactMap { layer -> String? in
      guard case .string(let name)? = layer["name"] else { return nil }
      return layers[name] != nil ? name : name.split(separator: "/").last.map(String.init)
    }.filter { layers[$0] != nil }
    names = known + names.filter { !known.contains($0) }
  }
  let most = 40
  let width = min(24, names.prefix(most).map(\.count).max() ?? 0)
  let lines = names.prefix(most).map { name in
    name + String(repeating: " ", count: max(0, width - name.count)) + "  " + layerText(layers[name])
  }
  return lines + (names.count > most ? ["… and \(names.count - most) more"] : [])
}

/// `Dense(128, relu) · L2 1e-05 · GlorotUniform`
func layerText(_ layer: JSONValue?) -> String {
  let name = layer?["class_name"]?.shortText.split(separator: ">").last.map(String.init) ?? "?"
  guard let config = layer?["config"] else { return name }
  func value(_ key: String) -> JSONValue? { config[key] == .null ? nil : config[key] }
  var inner: [String] = []
  for key in ["units", "filters", "kernel_size", "pool_size", "input_dim", "output_dim", "rate", "num_heads"] {
    if let found = value(key) {
      inner.append(["units", "filters"].contains(key) ? found.shortText : "\(key) \(found.shortText)")
    }
  }
  if let activation = value("activation"), activation.shortText != "linear" { inner.append(described(activation)) }
  if let batch = value("batch_input_shape") ?? value("batch_shape") {
    inner.append(batch.shortText.replacing("none", with: "?"))
  }
  var parts = [name + (inner.isEmpty ? "" : "(" + inner.joined(separator: ", ") + ")")]
  for key in ["kernel", "bias", "activity", "recurrent", "embeddings", "gamma", "beta"] {
    if let regularizer = value("\(key)_regularizer") {
      parts.append("\(key == "kernel" ? "" : key + " ")\(described(regularizer))")
    }
  }
  for key in ["kernel", "recurrent", "embeddings"] {
    if let initializer = value("\(key)_initializer") { parts.append(described(initializer)) }
  }
  for key in ["momentum", "epsilon", "vocabulary_size", "max_tokens"] {
    if let found = value(key) { parts.append("\(key) \(found.shortText)") }
  }
  let policy = value("dtype").map { $0["config"]?["name"]?.shortText ?? $0.shortText }
  if let policy, policy != "float32" { parts.append(policy) }
  if value("quantize_config") != nil || policy?.hasPrefix("int8") == true { parts.append("quantised") }
  if value("trainable") == .bool(false) { parts.append("not trained") }
  return parts.joined(separator: " · ")
}

/// `dense/kernel l2 0.0001, …`
func penaltyText(_ regularizers: JSONValue?) -> String {
  guard case .object(let members)? = regularizers else { return "" }
  let texts = members.sorted { $0.key < $1.key }.map { "\($0.key) \(membersText($0.value))" }
  return texts.prefix(20).joined(separator: "; ") + (texts.count > 20 ? " and \(texts.count - 20) more" : "")
}

/// Types and operations in one line, then a line a layer.
func quantizationTexts(_ quantization: JSONValue?) -> [String] {
  guard let quantization else { return [] }
  var totals: [String] = []
  if case .object(let types)? = quantization["dtypes"] {
    totals += types.sorted { $0.key < $1.key }.map { name, counts in
      "\(name): \(counts["tensors"]?.shortText ?? "?") tensors, \(counts["elements"]?.shortText ?? "?") weights"
    }
  }
  if case .object(let operations)? = quantization["operations"] {
    totals += operations.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.shortText)" }
  }
  var lines = totals.isEmpty ? [] : [totals.joined(separator: "; ")]
  guard case .object(let layers)? = quantization["layers"] else { return lines }
  let most = 20
  for (name, parts) in layers.sorted(by: { $0.key < $1.key }).prefix(most) {
    guard case .object(let members) = parts else { continue }
    let texts = members.sorted { $0.key < $1.key }.map { part, value in
      value["operation"] == nil ? "\(part) \(value.shortText)" : quantizerText(value)
    }
    lines.append((name.isEmpty ? "" : name + ": ") + texts.joined(separator: "; "))
  }
  if layers.count > most { lines.append("… and \(layers.count - most) more layers") }
  return lines
}

/// `FakeQuantWithMinMaxVars 8 bits, narrow, −1 to 1`
private func quantizerText(_ value: JSONValue) -> String {
  var parts: [String] = []
  if let bits = value["num_bits"] { parts.append("\(bits.shortText) bits") }
  if value["narrow_range"] == .bool(true) { parts.append("narrow range") }
  if let low = value["min"], let high = value["max"] { parts.append("\(low.shortText) to \(high.shortText)") }
  if let mode = value["mode"] { parts.append(mode.shortText) }
  let name = value["operation"]?.shortText ?? ""
  return name + (parts.isEmpty ? "" : " (" + parts.joined(separator: ", ") + ")")
}

// MARK: Data, signatures, graph

func dataTexts(_ data: JSONValue?) -> [String] {
  var lines: [String] = []
  func list(_ key: String, _ text: (JSONValue) -> String) {
    guard case .object(let members)? = data?[key] else { return }
    let ordered = members.sorted { $0.key < $1.key }
    lines += ordered.prefix(20).map { ($0.key.isEmpty ? "" : $0.key + ": ") + text($0.value) }
    if ordered.count > 20 { lines.append("… and \(ordered.count - 20) more") }
  }
  list("statistics") { value in
    guard case .object(let parts) = value else { return "" }
    return parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.shortText)" }.joined(separator: "; ")
  }
  list("tables") { "\($0["count"]?.shortText ?? "?") entries \($0["first"]?.shortText ?? "")" }
  list("label_maps") { "\($0["count"]?.shortText ?? "?") labels \($0["first"]?.shortText ?? "")" }
  list("assets") { value in
    guard let lines = value["lines"] else { return "\(value["bytes"]?.shortText ?? "?") bytes" }
    return "\(lines.shortText) lines \(value["first"]?.shortText ?? "")"
  }
  return lines
}

/// `serving_default: x float32 [?, 64] → output float32 [?, 10]`
func signatureTexts(_ signatures: JSONValue?) -> [String] {
  guard case .object(let members)? = signatures else { return [] }
  func side(_ value: JSONValue?) -> String {
    guard case .object(let tensors)? = value, !tensors.isEmpty else { return "nothing" }
    return tensors.sorted { $0.key < $1.key }.map { name, tensor in
      var shape = "of any shape"
      if case .array(let sizes)? = tensor["shape"] {
        shape = "[" + sizes.map { $0 == .integer(-1) ? "?" : $0.shortText }.joined(separator: ", ") + "]"
      }
      return "\(name) \(tensor["dtype"]?.shortText ?? "") \(shape)"
    }.joined(separator: ", ")
  }
  // TensorFlow's own names begin with two underscores.
  return members.filter { !$0.key.hasPrefix("__") }.sorted { $0.key < $1.key }.map {
    "\($0.key): \(side($0.value["inputs"])) → \(side($0.value["outputs"]))"
  }
}

func graphText(_ structure: JSONValue) -> String {
  guard case .integer(let nodes)? = structure["nodes"], case .object(let operations)? = structure["operations"] else {
    return ""
  }
  let counts = operations.compactMap { name, value -> (String, Int)? in
    if case .integer(let count) = value { (name, count) } else { nil }
  }.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
  let functions = structure["functions"]?.shortText ?? "0"
  let shown = counts.prefix(6).map { "\($0.0) \(Numbers.count($0.1))" }.joined(separator: ", ")
  return "\(Numbers.count(nodes)) nodes, \(functions) functions: \(shown)"
    + (counts.count > 6 ? " and \(counts.count - 6) other operations" : "")
}
