import Checkpoints
import Results
import Tensors

/// What a tensor is for, from where it hangs in the object graph, its name, and its type.
///
/// ## Source
/// Names: TensorFlow, `python/training/slot_creator.py`, `python/training/saver.py`; Keras 2 and 3,
/// `optimizers`, `metrics`, `layers/normalization`, `random/seed_generator.py`.
func role(of tensor: StoredTensor) -> Role {
  if let recorded = tensor.recordedRole.flatMap(Role.init(rawValue:)) { return recorded }
  if tensor.key == "_CHECKPOINTABLE_OBJECT_GRAPH" { return .graph }
  let path = tensor.objectPath ?? tensor.key
  let parts = partsOf(path)
  let nameParts = tensor.fullName.map(partsOf) ?? []
  if tensor.elementType == .string || ends(tensor.key, in: ".ATTRIBUTES/table-keys")
    || ends(tensor.key, in: ".ATTRIBUTES/table-values")
  {
    return .table
  }
  if tensor.slotName != nil || hasPart(tensor.key, ".OPTIMIZER_SLOT") { return .optimizer }
  if parts.contains("metrics") || parts.contains("keras_api") || parts.contains("compiled_metrics") { return .metric }
  let last = nameParts.last ?? parts.last ?? ""
  if isCounter(tensor, last: last, parts: parts) || isCounter(tensor, last: last, parts: nameParts) { return .counter }
  if isOptimizer(parts: parts, nameParts: nameParts) { return .optimizer }
  if isState(tensor, last: last, parts: parts) { return .state }
  return .weight
}

/// What stands between slashes. By bytes: there are catalogues of many thousand names.
private func partsOf(_ name: String) -> [String] {
  var name = name
  return name.withUTF8 { bytes in
    var parts: [String] = []
    parts.reserveCapacity(4)
    var start = 0
    for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: "/") {
      if end > start { parts.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
      start = end + 1
    }
    return parts
  }
}

private func ends(_ key: String, in suffix: String) -> Bool {
  key.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
}

/// Whether one of the parts between slashes is `part`.
private func hasPart(_ key: String, _ part: String) -> Bool {
  key.utf8.contains(UInt8(ascii: ".")) && partsOf(key).contains(part)
}

private func isCounter(_ tensor: StoredTensor, last: String, parts: [String]) -> Bool {
  if parts.contains(where: { $0.hasPrefix("seed_generator") }) || last == "seed_generator_state" { return true }
  guard tensor.count == 1, tensor.elementType.kind == .integer else { return false }
  return counterNames.contains(last) || parts.contains(where: { counterNames.contains($0) })
}

private let counterNames: Set = [
  "global_step", "save_counter", "step", "steps", "iter", "iteration", "iterations", "_iterations", "epoch", "epochs",
  "step_counter", "_step_counter", "train_step",
]

private func isOptimizer(parts: [String], nameParts: [String]) -> Bool {
  // The optimizer also lists the variables that it trains, which are the model's.
  if parts.contains("_trainable_variables") { return false }
  if parts.contains(where: { $0 == "optimizer" || $0 == "_optimizer" || $0 == "optimizers" }) { return true }
  guard let last = nameParts.last ?? parts.last else { return false }
  if last == "beta1_power" || last == "beta2_power" { return true }
  // TF1 slots end in the optimizer's name, numbered when it has several: kernel/Adam, kernel/Adam_1.
  if isOptimizerSlot(last) { return true }
  // Estimators keep theirs below training/<optimizer>.
  let all = parts.isEmpty ? nameParts : parts
  if all.first == "training", let second = all.dropFirst().first ?? nameParts.first,
    optimizerFamilies.contains(second)
  {
    return true
  }
  return false
}

/// An optimizer's name, or that and a number: Adam, Adam_1.
private func isOptimizerSlot(_ part: String) -> Bool {
  // As they all begin; few other names do.
  guard let first = part.utf8.first, first >= UInt8(ascii: "A"), first <= UInt8(ascii: "Z") else { return false }
  let stem = part.split(separator: "_").first.map(String.init) ?? part
  return optimizerFamilies.contains(stem) && (part == stem || Int(part.dropFirst(stem.count + 1)) != nil)
}

private let optimizerFamilies: Set = [
  "Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "AdagradDA", "Adadelta", "Ftrl", "Momentum", "RMSProp", "RMSprop",
  "SGD",
  "ProximalAdagrad", "LAMB", "Lion", "Adafactor",
]

/// The name of an optimizer's variable less the optimizer's own, which not every version writes in front.
func withoutOptimizer(_ name: String) -> String {
  guard let slash = name.firstIndex(of: "/") else { return name }
  let first = name[..<slash].lowercased()
  return optimizerFamilies.contains { $0.lowercased() == first } ? String(name[name.index(after: slash)...]) : name
}

private func isState(_ tensor: StoredTensor, last: String, parts: [String]) -> Bool {
  if stateNames.contains(last) { return true }
  return tensor.trainable == false && tensor.elementType.kind == .floatingPoint
}

private let stateNames: Set = [
  "moving_mean", "moving_variance", "moving_avg", "running_mean", "running_var", "num_batches_tracked",
  "ExponentialMovingAverage", "mean", "variance", "count", "normalizer",
]
