import Tensors

/// What an optimizer's numbered variables are: `optimizer/vars/2` may be the momentum of the first kernel.
///
/// ## Source
/// Keras 3, `optimizers/base_optimizer.py` (`__init__`, `build`, `add_optimizer_variables`, which interleaves) and
/// `build` of each optimizer.
struct KerasOptimizer {
  struct Variable {
    var name: String
    var slot: String?
    /// The index of the variable that it belongs to, in the list that was given.
    var variable: Int?
  }

  /// Names the variables.
  ///
  /// - Parameters:
  ///   - shapes: Of the optimizer's variables, in their order; all must fit, or only the first are named.
  ///   - types: Of the same.
  ///   - trained: The model's trained variables in the optimizer's order, with their shapes; `nil` where unknown.
  static func variables(
    _ optimizer: (className: String, config: JSONValue)?, shapes: [[Int]], types: [ElementType],
    trained: [(name: String, shape: [Int])]?
  ) -> [Variable] {
    var head: [Variable] = []
    if types.first?.kind == .integer, shapes.first == [] { head.append(Variable(name: "iteration")) }
    let hasRate = shapes.count > 1 && shapes[1] == [] && types[1].kind == .floatingPoint
    if head.count == 1, hasRate, optimizer.map({ hasNumber($0.config["learning_rate"]) }) ?? true {
      head.append(Variable(name: "learning_rate"))
    }
    if let optimizer, let trained, let groups = slots(of: optimizer) {
      var all = head
      for slots in groups {
        for (index, variable) in trained.enumerated() {
          for slot in slots {
            let owner = variable.name.replacing("/", with: "_")
            all.append(Variable(name: "\(owner)_\(slot)", slot: slot, variable: index))
          }
        }
      }
      let expected = all.map { variable in variable.variable.map { trained[$0].shape } ?? [] }
      if expected == shapes { return all }
    }
    return head + (head.count..<max(head.count, shapes.count)).map { Variable(name: "\($0)") }
  }

  /// A schedule is no variable.
  private static func hasNumber(_ value: JSONValue?) -> Bool {
    switch value {
    case .number, .integer: true
    default: false
    }
  }

  /// Slots that are interleaved among each other, in the order of these groups; `nil` for a class that is not known.
  private static func slots(of optimizer: (className: String, config: JSONValue)) -> [[String]]? {
    let config = optimizer.config
    func isOn(_ key: String) -> Bool { config[key] == .bool(true) }
    func isPositive(_ key: String) -> Bool {
      switch config[key] {
      case .number(let value): value != 0
      case .integer(let value): value != 0
      default: false
      }
    }
    var groups: [[String]] = []
    if isOn("use_ema") { groups.append(["average"]) }
    if case .integer? = config["gradient_accumulation_steps"] { groups.append(["gradient_accumulator"]) }
    switch optimizer.className {
    case "Adam", "AdamW":
      groups.append(["momentum", "velocity"])
      if isOn("amsgrad") { groups.append(["velocity_hat"]) }
    case "Lamb": groups.append(["momentum", "velocity"])
    case "Adamax": groups.append(["momentum", "norm"])
    case "SGD": if isPositive("momentum") { groups.append(["momentum"]) }
    case "RMSprop":
      groups.append(["velocity"])
      if isPositive("momentum") { groups.append(["momentum"]) }
      if isOn("centered") { groups.append(["average_gradient"]) }
    case "Adagrad": groups.append(["accumulator"])
    case "Adadelta": groups.append(["accumulated_grad", "accumulated_delta_var"])
    case "Ftrl": groups.append(["accumulator", "linear"])
    case "Lion": groups.append(["momentum"])
    default: return nil
    }
    return groups
  }
}
