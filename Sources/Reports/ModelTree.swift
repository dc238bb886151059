import Results
import Tensors

/// A model as a tree that is read at a glance: layers with their variables, optimizer, data, signatures, graph.
public func tree(_ inspection: Inspection) -> String {
  var root = TreeNode("\(inspection.model.path)   \(headline(inspection.model))")
  root.children = [
    layers(inspection), TreeNode("optimizer", optimizerLines(inspection.metadata)),
    TreeNode("data", dataTexts(inspection.metadata["data"])),
    TreeNode("signatures", signatureTexts(inspection.structure["signatures"])),
    TreeNode("graph", [graphText(inspection.structure)].filter { !$0.isEmpty }),
  ].filter { !$0.children.isEmpty }
  return ([root.text] + root.lines()).joined(separator: "\n") + "\n"
}

/// One line, and what hangs from it.
struct TreeNode {
  var text: String
  var children: [TreeNode]

  init(_ text: String, _ children: [String] = []) {
    self.text = text
    self.children = children.map { TreeNode($0) }
  }

  func lines(_ indent: String = "") -> [String] {
    children.enumerated().flatMap { index, child in
      let isLast = index == children.count - 1
      return [indent + (isLast ? "└─ " : "├─ ") + child.text] + child.lines(indent + (isLast ? "   " : "│  "))
    }
  }
}

private let mostLayers = 60

private func optimizerLines(_ metadata: JSONValue) -> [String] {
  [optimizerText(metadata["optimizer"]), trainingText(metadata), membersText(metadata["counters"])].filter {
    !$0.isEmpty
  }
}

/// Layers in the model's order: name, class and configuration, variables, weights.
private func layers(_ inspection: Inspection) -> TreeNode {
  let tensors = inspection.tensors.filter { $0.duplicateOf == nil && [.weight, .state, .table].contains($0.role) }
  var variables: [String: [Inspection.Tensor]] = [:]
  var order: [String] = []
  let places = layersByPath(inspection.structure["layers"])
  for tensor in tensors {
    let layer = places[objectPath(of: tensor)] ?? tensor.layer
    if variables[layer] == nil { order.append(layer) }
    variables[layer, default: []].append(tensor)
  }
  var rows: [(name: String, kind: String, tensors: [Inspection.Tensor])] = []
  if case .array(let described)? = inspection.structure["layers"] {
    for layer in described {
      guard case .string(let path)? = layer["name"] else { continue }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let config = inspection.metadata["layers"]?[path] ?? inspection.metadata["layers"]?[name]
      let kind = config.map { layerText($0) } ?? layer["class_name"]?.shortText ?? ""
      var found: [Inspection.Tensor] = []
      for layer in order where [path, name].contains(where: { layer == $0 || layer.hasPrefix($0 + "/") }) {
        found += variables.removeValue(forKey: layer) ?? []
      }
      rows.append((path, kind, found))
    }
  }
  for name in order { if let left = variables[name] { rows.append((name.isEmpty ? "(top)" : name, "", left)) } }
  let width = min(32, rows.prefix(mostLayers).map(\.name.count).max() ?? 0)
  let kindWidth = min(48, rows.prefix(mostLayers).map(\.kind.count).max() ?? 0)
  func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
  var node = TreeNode(
    "layers",
    rows.prefix(mostLayers).map { row in
      let parts = row.tensors.prefix(6).map { tensor in
        var part = tensor.name.split(separator: "/").last.map(String.init) ?? tensor.name
        if tensor.name.hasPrefix(row.name + "/") { part = String(tensor.name.dropFirst(row.name.count + 1)) }
        return tensor.shape.isEmpty ? part : "\(part) [\(tensor.shape.map(String.init).joined(separator: ", "))]"
      }
      let shown = parts.joined(separator: " · ") + (row.tensors.count > 6 ? " · and \(row.tensors.count - 6) more" : "")
      var line = padded(row.name, width)
      if kindWidth > 0, row.kind.count > 0 || row.name.count <= width { line += "  " + padded(row.kind, kindWidth) }
      if !shown.isEmpty { line += "  " + shown }
      while line.last == " " { line.removeLast() }
      return line
    })
  if rows.count > mostLayers { node.children.append(TreeNode("… and \(rows.count - mostLayers) more")) }
  return node
}

/// Names of layers by their paths in the object graph, for variables that do not bear their layer's name.
private func layersByPath(_ layers: JSONValue?) -> [String: String] {
  guard case .array(let listed)? = layers else { return [:] }
  var result: [String: String] = [:]
  for layer in listed {
    guard case .string(let path)? = layer["path"], case .string(let name)? = layer["name"] else { continue }
    result[path] = name
  }
  return result
}

/// The path of the object that a variable belongs to; empty without one.
private func objectPath(of tensor: Inspection.Tensor) -> String {
  let parts = tensor.key.split(separator: "/")
  guard let end = parts.firstIndex(of: ".ATTRIBUTES"), end > 1 else { return "" }
  return parts[..<(end - 1)].joined(separator: "/")
}
