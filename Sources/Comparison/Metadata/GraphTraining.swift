import Checkpoints
import Results
import Tensors

/// What a graph for training, as the first TensorFlow wrote it, says of the training: the optimizer by the operations
/// that apply gradients, its hyperparameters by their inputs, regularisers by the terms of the loss.
///
/// ## Source
/// TensorFlow, `core/ops/training_ops.cc`; `python/keras/regularizers.py`, `contrib/layers/python/layers/regularizers.py`.
struct GraphTraining {
  /// Class and hyperparameters of the optimizer that trains most variables; empty without one.
  private(set) var optimizer: [String: JSONValue] = [:]
  /// Those of others, by class.
  private(set) var others: [String: JSONValue] = [:]
  /// Penalties by the variable that they are on.
  private(set) var regularizers: [String: JSONValue] = [:]

  /// Inputs by operation, without what is common to all: `Resource` in front. Those that are no hyperparameter are `_`.
  private static let inputs: [String: String] = [
    "ApplyGradientDescent": "_ learning_rate",
    "ApplyProximalGradientDescent": "_ learning_rate l1 l2",
    "SparseApplyProximalGradientDescent": "_ learning_rate l1 l2",
    "ApplyMomentum": "_ _ learning_rate _ momentum",
    "SparseApplyMomentum": "_ _ learning_rate _ _ momentum",
    "ApplyKerasMomentum": "_ _ learning_rate _ momentum",
    "SparseApplyKerasMomentum": "_ _ learning_rate _ _ momentum",
    "ApplyAdam": "_ _ _ _ _ learning_rate beta_1 beta_2 epsilon",
    "ApplyAdamWithAmsgrad": "_ _ _ _ _ _ learning_rate beta_1 beta_2 epsilon",
    "ApplyAdaMax": "_ _ _ _ learning_rate beta_1 beta_2 epsilon",
    "ApplyRMSProp": "_ _ _ learning_rate rho momentum epsilon",
    "SparseApplyRMSProp": "_ _ _ learning_rate rho momentum epsilon",
    "ApplyCenteredRMSProp": "_ _ _ _ learning_rate rho momentum epsilon",
    "SparseApplyCenteredRMSProp": "_ _ _ _ learning_rate rho momentum epsilon",
    "ApplyAdagrad": "_ _ learning_rate",
    "SparseApplyAdagrad": "_ _ learning_rate",
    "ApplyAdagradV2": "_ _ learning_rate epsilon",
    "SparseApplyAdagradV2": "_ _ learning_rate epsilon",
    "ApplyProximalAdagrad": "_ _ learning_rate l1 l2",
    "SparseApplyProximalAdagrad": "_ _ learning_rate l1 l2",
    "ApplyAdagradDA": "_ _ _ _ learning_rate l1 l2",
    "SparseApplyAdagradDA": "_ _ _ _ _ learning_rate l1 l2",
    "ApplyAdadelta": "_ _ _ learning_rate rho epsilon",
    "SparseApplyAdadelta": "_ _ _ learning_rate rho epsilon",
    "ApplyFtrl": "_ _ _ _ learning_rate l1 l2 learning_rate_power",
    "SparseApplyFtrl": "_ _ _ _ _ learning_rate l1 l2 learning_rate_power",
    "ApplyFtrlV2": "_ _ _ _ learning_rate l1 l2 l2_shrinkage learning_rate_power",
    "SparseApplyFtrlV2": "_ _ _ _ _ learning_rate l1 l2 l2_shrinkage learning_rate_power",
    "ApplyPowerSign": "_ _ learning_rate logbase sign_decay beta",
    "ApplyAddSign": "_ _ learning_rate alpha sign_decay beta",
  ]

  /// What an operation of the graph applies gradients by; `nil` for any other operation.
  private static func arguments(of operation: String) -> (name: String, inputs: String)? {
    let name = operation.hasPrefix("Resource") ? String(operation.dropFirst(8)) : operation
    return inputs[name].map { (name, $0) }
  }

  /// Whether a graph with these operations says anything of a training.
  static func isIn(_ operations: some Sequence<String>) -> Bool { operations.contains { arguments(of: $0) != nil } }

  /// - Complexity: O(nodes of the graph itself).
  init(_ constants: GraphConstants) throws(CheckpointError) {
    let graph = constants.graph
    guard let body = graph.bodies.first else { return }
    var found: [String: (count: Int, values: [String: JSONValue])] = [:]
    for node in body.nodes {
      guard let (operation, names) = Self.arguments(of: constants.operation(node)) else { continue }
      let name = Self.className(operation)
      found[name, default: (0, [:])].count += 1
      // One node speaks for all that an optimizer has; what it does not say, another may.
      let inputs = constants.inputs(node)
      for (place, argument) in names.split(separator: " ").enumerated()
      where argument != "_" && place < inputs.count && found[name]?.values[String(argument)] == nil {
        found[name]?.values[String(argument)] = try constants.value(inputs[place])
      }
      if try graph.attributes(of: node)["use_nesterov"]?.value == .bool(true) {
        found[name]?.values["nesterov"] = .bool(true)
      }
    }
    let ordered = found.sorted { $0.value.count == $1.value.count ? $0.key < $1.key : $0.value.count > $1.value.count }
    if let main = ordered.first {
      optimizer = main.value.values
      optimizer["class_name"] = .string(main.key)
    }
    for other in ordered.dropFirst() { others[other.key] = .object(other.value.values) }
    try findRegularizers(constants, body.nodes)
  }

  private static func className(_ operation: String) -> String {
    var name = operation
    for prefix in ["Sparse", "Apply"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    switch name {
    case "AdamWithAmsgrad": return "Adam (amsgrad)"
    case "AdaMax": return "Adamax"
    case "KerasMomentum": return "SGD (momentum)"
    case "CenteredRMSProp": return "RMSProp (centered)"
    default: return name.hasSuffix("V2") ? String(name.dropLast(2)) : name
    }
  }

  /// `dense/kernel/Regularizer/mul` is a factor times the sum of the squares or of the absolute values.
  private mutating func findRegularizers(_ constants: GraphConstants, _ nodes: Range<Int>) throws(CheckpointError) {
    for node in nodes where constants.operation(node) == "Mul" {
      let name = constants.graph.nodes[node].name
      guard let place = name.firstRange(of: "/Regularizer/") else { continue }
      let inputs = constants.inputs(node)
      guard inputs.count == 2 else { continue }
      for (factor, penalty) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
        guard let value = try constants.scalar(factor), penalty >= 0 else { continue }
        let terms = [penalty] + constants.inputs(penalty).prefix(1).filter { $0 >= 0 }
        for (operation, kind) in [("L2Loss", "l2_loss"), ("Square", "l2"), ("Abs", "l1")]
        where terms.contains(where: { constants.operation($0) == operation }) {
          let variable = String(name[..<place.lowerBound])
          var known: [String: JSONValue] = [:]
          if case .object(let members)? = regularizers[variable] { known = members }
          known[kind] = value
          regularizers[variable] = .object(known)
        }
      }
    }
  }
}
