import Checkpoints
import Results
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The optimizer of a model in one place: what its configuration says, what its variables hold, and, where neither
/// names it, what the graph for training or else its slots betray.
///
/// ## Source
/// Names of slots and variables: TensorFlow, `python/training/{adam,adagrad,rmsprop,momentum,ftrl,adadelta}.py`;
/// Keras 2, `optimizers/legacy` and `optimizers`; Keras 3, `optimizers`.
struct OptimizerFacts {
  /// Class and hyperparameters; empty where nothing is known.
  private(set) var optimizer: [String: JSONValue] = [:]
  /// Steps and epochs, by name.
  private(set) var counters: [String: JSONValue] = [:]
  private(set) var warnings: [String] = []
  private var configured: Set<String> = []

  /// - Parameter graph: What the graph says, where it trains; variables complete it.
  init(_ catalogue: Catalogue, metadata: JSONValue, graph: GraphTraining? = nil) {
    readConfiguration(metadata["training_config"])
    if optimizer.isEmpty, let graph, !graph.optimizer.isEmpty {
      optimizer = graph.optimizer
      optimizer["class_name_source"] = .string("operations of its graph")
      if !graph.others.isEmpty { optimizer["others"] = .object(graph.others) }
    }
    let entries = catalogue.selected([.optimizer, .counter])
    if optimizer["class_name"] == nil, let name = Self.inferredClass(entries) {
      optimizer["class_name"] = .string(name)
      optimizer["class_name_source"] = .string("names of its variables")
    }
    for entry in entries where entry.stored.count == 1 && entry.stored.slotName == nil {
      let part = Self.plain(entry.part)
      let isHyperparameter = entry.role == .optimizer && Self.hyperparameters.contains(part)
      guard isHyperparameter || (entry.role == .counter && Self.isStep(entry, part)) else { continue }
      do throws(CheckpointError) {
        guard let value = try catalogue.checkpoint.scalar(entry.stored) else { continue }
        if isHyperparameter { set(part, value, entry.name) } else { count(part, value, entry) }
      } catch {
        warnings.append("'\(entry.name)' can't be read: \(error.description)")
      }
    }
    for (power, beta) in [("beta1_power", "beta_1"), ("beta2_power", "beta_2")] { replacePower(power, by: beta) }
  }

  /// The first TensorFlow's Adam keeps β to the power of its steps and one, which differs wherever steps do; where the
  /// number of steps is known and the root is a number that somebody may have chosen, β stands in its place. Where the
  /// graph says β, the power tells the steps.
  ///
  /// ## Source
  /// TensorFlow, `python/training/adam.py`.
  private mutating func replacePower(_ power: String, by name: String) {
    guard let value = optimizer[power]?.double, value > 1e-30, value < 1 else { return }
    if let beta = optimizer[name]?.double, beta > 0, beta < 1 {
      optimizer[power] = nil
      // After n steps it is the power n + 1.
      if counters["global_step"] == nil {
        counters["optimizer_steps"] = .integer(max(0, Int((log(value) / log(beta)).rounded()) - 1))
      }
      return
    }
    guard case .integer(let steps)? = counters["global_step"], steps > 0 else { return }
    let root = pow(value, 1 / Double(steps + 1))
    let rounded = (root * 1e4).rounded() / 1e4
    guard abs(root - rounded) < 2e-6, rounded < 1 else { return }
    optimizer[power] = nil
    optimizer[name] = .number(rounded)
  }

  private mutating func readConfiguration(_ training: JSONValue?) {
    guard let described = training?["optimizer_config"] ?? training?["optimizer"] else { return }
    if case .string(let name) = described { optimizer["class_name"] = .string(name) }
    guard let name = described["class_name"], case .string(let text) = name else { return }
    optimizer["class_name"] = .string(text.split(separator: ">").last.map(String.init) ?? text)
    guard case .object(let config)? = described["config"] else { return }
    for (key, value) in config where key != "name" && key != "class_name" {
      optimizer[key] = value
      configured.insert(key)
    }
  }

  /// A value that the configuration already has, to the precision of a variable, is not said twice.
  private mutating func set(_ name: String, _ value: JSONValue, _ variable: String) {
    guard let known = optimizer[name], known != .null else {
      optimizer[name] = value
      return
    }
    if isSameNumber(known, value) { return }
    // Two optimizers may train one model; a configuration has one rate, which a callback may have changed since.
    optimizer[configured.contains(name) ? name + "_variable" : variable] = value
  }

  private mutating func count(_ part: String, _ value: JSONValue, _ entry: Catalogue.Entry) {
    var name = withoutOptimizer(entry.name)
    if ["iter", "iteration", "iterations"].contains(part) { name = "iterations" }
    counters[counters[name] == nil ? name : entry.name] = value
  }

  /// Steps and epochs, not the seeds that share their role.
  private static func isStep(_ entry: Catalogue.Entry, _ part: String) -> Bool {
    entry.stored.elementType.kind == .integer && !part.contains("seed") && !entry.name.contains("seed_generator")
  }

  private static func plain(_ part: String) -> String { String(part.drop { $0 == "_" }) }

  private static let hyperparameters: Set = [
    "learning_rate", "current_learning_rate", "lr", "decay", "weight_decay", "beta_1", "beta_2", "beta1_power",
    "beta2_power", "momentum", "rho", "epsilon", "loss_scale", "current_loss_scale", "good_steps", "dynamic_scale",
    "step_counter", "l1_regularization_strength", "l2_regularization_strength", "initial_accumulator_value",
  ]

  /// The class that keeps such state, as far as names tell: Adam and AdamW keep the same.
  private static func inferredClass(_ entries: [Catalogue.Entry]) -> String? {
    let families = [
      "AdamW", "Adamax", "Nadam", "Adam", "AdagradDA", "Adagrad", "Adadelta", "Ftrl", "Momentum", "RMSprop", "RMSProp",
      "SGD", "Lion", "Lamb", "LAMB", "Adafactor", "Muon",
    ]
    for entry in entries where entry.role == .optimizer {
      for part in entry.name.split(separator: "/") {
        let stem = part.split(separator: "_").first.map(String.init) ?? ""
        if let family = families.first(where: { $0 == stem || $0.lowercased() == part }) { return family }
      }
    }
    let slots = Set(entries.compactMap(\.stored.slotName))
    switch slots {
    case ["m", "v"], ["momentum", "velocity"]: return "Adam"
    case ["m", "v", "vhat"], ["momentum", "velocity", "velocity_hat"]: return "Adam (amsgrad)"
    case ["momentum"]: return "SGD (momentum)"
    case ["rms"], ["rms", "momentum"], ["rms", "mg"], ["rms", "momentum", "mg"]: return "RMSprop"
    case ["accumulator"]: return "Adagrad"
    case ["accum_grad", "accum_var"], ["accumulated_grad", "accumulated_delta_var"]: return "Adadelta"
    case ["accumulator", "linear"]: return "Ftrl"
    default: break
    }
    let names = Set(entries.map { plain($0.part) })
    if names.isSuperset(of: ["beta1_power", "beta2_power"]) { return "Adam" }
    return nil
  }
}

/// Whether two numbers are the same, or would be once the longer was stored as float32, as variables are.
func isSameNumber(_ a: JSONValue, _ b: JSONValue) -> Bool {
  guard let x = a.double, let y = b.double else { return a == b }
  if x == y || (x.isNaN && y.isNaN) { return true }
  let isSingle = Double(Float(x)) == x || Double(Float(y)) == y
  return isSingle && Float(x) == Float(y) && Float(x).isFinite
}

extension JSONValue {
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
