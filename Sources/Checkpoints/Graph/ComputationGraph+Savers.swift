extension ComputationGraph {
  /// Operations that write or read checkpoints.
  ///
  /// ## Source
  /// TensorFlow, `python/training/saver.py`, `python/checkpoint/functional_saver.py`.
  private static let savers: Set = [
    "Save", "SaveSlices", "SaveV2", "Restore", "RestoreSlice", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename",
    "ShardedFilespec",
  ]

  private static let restored: Set = ["Assign", "AssignVariableOp", "Identity", "IdentityN", "NoOp"]

  /// Marks what saves and restores: the operations that do, calls of functions that hold them, what feeds nothing else,
  /// and what takes the values read to the variables.
  mutating func markSavers() {
    let isSaver = operations.map(Self.savers.contains)
    for index in bodies.indices.dropFirst() {
      bodies[index].isSaver = bodies[index].nodes.contains { isSaver[nodes[$0].operation] }
    }
    guard let graph = bodies.first else { return }
    var consumers = [[Int]](repeating: [], count: graph.nodes.count)
    for node in graph.nodes {
      for edge in edges[nodes[node].inputs] where edge.node >= 0 {
        consumers[edge.node - graph.nodes.lowerBound].append(node)
      }
    }
    var remaining = consumers.map(\.count)
    // Reads that nothing uses were made for older savers.
    let isRead = operations.map { $0 == "ReadVariableOp" }
    var found = graph.nodes.filter { node in
      isSaver[nodes[node].operation] || nodes[node].calls.contains { bodies[$0].isSaver }
        || (isRead[nodes[node].operation] && remaining[node - graph.nodes.lowerBound] == 0)
    }
    for node in found { nodes[node].isSaver = true }
    func mark(_ node: Int) {
      guard !nodes[node].isSaver else { return }
      nodes[node].isSaver = true
      found.append(node)
    }
    while let node = found.popLast() {
      for edge in edges[nodes[node].inputs] where edge.node >= 0 {
        remaining[edge.node - graph.nodes.lowerBound] -= 1
        if remaining[edge.node - graph.nodes.lowerBound] == 0 { mark(edge.node) }
      }
      for consumer in consumers[node - graph.nodes.lowerBound]
      where Self.restored.contains(operations[nodes[consumer].operation]) {
        let inputs = edges[nodes[consumer].inputs]
        let isOnly = inputs.allSatisfy { $0.node < 0 || nodes[$0.node].isSaver }
        let hasValue = inputs.contains {
          !$0.isControl && $0.node >= 0 && nodes[$0.node].isSaver && nodes[$0.node].variable == nil
        }
        if isOnly || hasValue { mark(consumer) }
      }
    }
  }
}
