import Checkpoints
import Results
import Tensors

/// What a node's input amounts to where the graph itself says it: a constant, a variable, or what is computed of
/// constants.
struct GraphConstants {
  let graph: ComputationGraph
  /// What a variable of the graph holds, by its name; only those that are asked for are read.
  let variable: (String) -> JSONValue?

  /// Operations that hand on what they take.
  private static let transparent: Set = [
    "Identity", "ReadVariableOp", "Cast", "PlaceholderWithDefault", "StopGradient", "Reshape", "Enter", "Snapshot",
  ]
  /// Nodes that are looked at for one value: a schedule is a few dozen.
  private static let most = 200

  /// The nodes that a node takes its inputs from, −1 for one that is not in the graph.
  func inputs(_ node: Int) -> [Int] {
    graph.edges[graph.nodes[node].inputs].filter { !$0.isControl }.map(\.node)
  }

  func operation(_ node: Int) -> String { graph.operations[graph.nodes[node].operation] }

  /// The only element of a constant or variable.
  func scalar(_ node: Int) throws(CheckpointError) -> JSONValue? {
    var node = node
    for _ in 0..<Self.most {
      guard node >= 0 else { return nil }
      if let name = graph.nodes[node].variable { return variable(name) }
      let operation = operation(node)
      if operation == "Const" {
        guard let value = try graph.attributes(of: node)["value"], value.elements?.count == 1 else { return nil }
        return value.elements?.first.map(Self.rounded)
      }
      guard Self.transparent.contains(operation), let next = inputs(node).first else { return nil }
      node = next
    }
    return nil
  }

  /// A value, or the class of a schedule with its constants by their names, as Keras writes one; `nil` for what is fed.
  func value(_ node: Int) throws(CheckpointError) -> JSONValue? {
    if let scalar = try scalar(node) { return scalar }
    guard node >= 0 else { return nil }
    let scope = graph.nodes[node].name.split(separator: "/").map(String.init)
    var constants: [String: JSONValue] = [:]
    var isRounded = false
    var seen: Set = [node]
    var queue = inputs(node)
    while let next = queue.popLast(), seen.count < Self.most {
      guard next >= 0, seen.insert(next).inserted else { continue }
      let operation = operation(next)
      if operation == "Const" {
        let name = graph.nodes[next].name.split(separator: "/").map(String.init)
        let shared = zip(name, scope).prefix { $0 == $1 }.count
        if let value = try scalar(next) {
          constants[name.dropFirst(min(shared, name.count - 1)).joined(separator: "/")] = value
        }
      } else if graph.nodes[next].variable == nil {
        isRounded = isRounded || operation == "Floor"
        queue += inputs(next)
      }
    }
    guard !constants.isEmpty else { return nil }
    let name = plainName(scope.count > 1 && operation(node) != "Identity" ? scope[scope.count - 1] : scope.first ?? "")
    for (written, meant) in Self.schedules[name] ?? [:] {
      if let value = constants.removeValue(forKey: written) { constants[meant] = value }
    }
    if isRounded { constants["staircase"] = .bool(true) }
    return .object(["class_name": .string(name), "config": .object(constants)])
  }

  /// What the constants of schedules stand for, which TensorFlow names after the conversion of each.
  ///
  /// ## Source
  /// TensorFlow, `python/keras/optimizer_v2/learning_rate_schedule.py`, `python/training/learning_rate_decay.py`.
  private static let schedules = [
    "ExponentialDecay": ["Cast/x": "decay_steps", "Cast_1/x": "decay_rate"],
    "InverseTimeDecay": ["Cast/x": "decay_steps", "Cast_1/x": "decay_rate"],
  ]

  /// A float32 as the shortest decimal that is it: 0.001 rather than 0.0010000000474974513.
  private static func rounded(_ value: JSONValue) -> JSONValue {
    guard case .number(let number) = value, number.isFinite, Double(Float(number)) == number else { return value }
    return .number(Double("\(Float(number))") ?? number)
  }
}
