import Tensors

/// Names in the HDF5 files that Keras 2 wrote, and Keras 3 writes on request.
///
/// ## Source
/// Keras, `saving/legacy/hdf5_format.py`: a group per layer, in it datasets by the variables' names; those of the
/// optimizer below `optimizer_weights`.
enum LegacyNames {
  private static let weights = "model_weights/"
  private static let optimizer = "optimizer_weights/"

  /// - Parameter isWhole: Whether layers are below `model_weights` and not at the root.
  static func complete(_ tensors: inout [StoredTensor], isWhole: Bool) {
    var variables: [String: Int] = [:]
    for index in tensors.indices {
      let key = tensors[index].key
      guard !key.hasPrefix(optimizer) else { continue }
      let path = isWhole && key.hasPrefix(weights) ? String(key.dropFirst(weights.count)) : key
      let parts = path.split(separator: "/")
      // The layer's group comes before the name, which mostly begins with the layer too.
      let name = parts.count > 2 ? parts.dropFirst().joined(separator: "/") : path
      tensors[index].fullName = withoutOutput(name)
      tensors[index].objectPath = withoutOutput(path)
      variables[withoutOutput(name)] = index
    }
    for index in tensors.indices where tensors[index].key.hasPrefix(optimizer) {
      let name = withoutOutput(String(tensors[index].key.dropFirst(optimizer.count)))
      tensors[index].fullName = name
      tensors[index].objectPath = "optimizer/" + name
      tensors[index].topLevelChild = "optimizer"
      if let (slot, owner) = slot(name, variables, tensors[index].shape, tensors) {
        tensors[index].slotName = slot
        tensors[index].slotOf = tensors[owner].key
      }
    }
  }

  private static func withoutOutput(_ name: String) -> String {
    name.hasSuffix(":0") ? String(name.dropLast(2)) : name
  }

  /// Finds the variable in `Adam/m/dense/kernel`, or in the older `training/Adam/dense/kernel/m`.
  private static func slot(
    _ name: String, _ variables: [String: Int], _ shape: [Int], _ tensors: [StoredTensor]
  ) -> (slot: String, owner: Int)? {
    let parts = name.split(separator: "/").map(String.init)
    guard parts.count >= 3 else { return nil }
    for end in [parts.count, parts.count - 1] {
      for start in 1..<end {
        guard let owner = variables[parts[start..<end].joined(separator: "/")], tensors[owner].shape == shape else {
          continue
        }
        return (end == parts.count ? parts[start - 1] : parts[end], owner)
      }
    }
    return nil
  }
}
