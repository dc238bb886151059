import Foundation
import Results

/// Rows of one table of differences that are shown at most.
private let shownDifferences = 300

/// What was recorded of training, and other metadata.
///
/// - Parameter short: The differences of training in a few words each.
func trainingSection(_ metadata: [Difference], short: [String]) throws -> PageSection {
  var order: [String] = []
  var groups: [String: [Difference]] = [:]
  for difference in metadata {
    let first = difference.path.prefix { $0 != "." && $0 != "[" }
    let name = first == "layers" ? "Layers' configuration" : first == "training_config" ? "Training" : "Other metadata"
    if groups[name] == nil { order.append(name) }
    groups[name, default: []].append(difference)
  }
  let intro =
    metadata.isEmpty
    ? "No recorded difference. Only what the files record can be compared: most formats keep nothing of the data, the seed "
      + "or the schedule."
    : short.isEmpty
      ? "\(metadata.count) \(metadata.count == 1 ? "place differs" : "places differ"), none of them in training or layers."
      : "In short: \(short.joined(separator: "; "))."
  return PageSection(
    id: "training", short: "Training", title: "Training and metadata",
    body: try Templates.render(
      PackageResources.differences_mustache,
      [
        "intro": intro,
        "groups": order.map { table(name: $0, heading: "path", groups[$0] ?? []) },
      ]))
}

/// Tensors as a tree, and where the graphs differ.
func structureSection(_ result: ModelComparison) throws -> PageSection {
  var tables: [[String: Any]] = []
  if !result.structure.isEmpty { tables.append(table(name: "Graph", heading: "path", result.structure)) }
  let tree = TensorTree(result)
  return PageSection(
    id: "structure", short: "Structure", title: "Structure",
    why: """
      <p>Tensors by name, as they were paired. A graph may differ though all weights agree, as after export or saving again; \
      that is listed, and does not count against the models being the same.</p>
      """,
    body: tree.html
      + (try Templates.render(
        PackageResources.differences_mustache,
        [
          "intro": result.structure.isEmpty ? "The graphs, as far as they are recorded, do not differ." : "",
          "groups": tables,
        ]
      )))
}

private func table(name: String, heading: String, _ differences: [Difference]) -> [String: Any] {
  var context: [String: Any] = [
    "name": name, "label": "Differences: \(name)", "heading": heading,
    "rows": differences.prefix(shownDifferences).map { ["path": $0.path, "a": $0.textA, "b": $0.textB] },
  ]
  if differences.count > shownDifferences {
    context["more"] = "and \(differences.count - shownDifferences) more, in document.json"
  }
  return context
}

/// Tensors by the parts of their names.
struct TensorTree {
  private final class Node {
    var children: [(name: String, node: Node)] = []
    var tag: String?
    var differs = false

    func child(_ name: String) -> Node {
      if let found = children.first(where: { $0.name == name }) { return found.node }
      let node = Node()
      children.append((name, node))
      return node
    }

    var leaves: Int { tag == nil ? children.reduce(0) { $0 + $1.node.leaves } : 1 }
    var differing: Int {
      (differs ? 1 : 0) + children.reduce(0) { $0 + $1.node.differing }
    }
  }

  private let root = Node()

  init(_ result: ModelComparison) {
    for pair in result.pairs {
      let changed = !pair.identical && pair.metrics[.changedCount] != 0
      var tag = "[\(pair.shape.map(String.init).joined(separator: ", "))] \(pair.a.dtype)"
      if pair.a.dtype != pair.b.dtype { tag += " → \(pair.b.dtype)" }
      let count = pair.metrics[.changedCount].map {
        "\(Numbers.count(Int($0))) of \(Numbers.count(pair.count)) changed"
      }
      tag += changed ? " · \(count ?? "changed")" : " · same"
      if pair.role != .weight { tag += " · \(pair.role.rawValue)" }
      add(pair.name, tag, differs: changed)
    }
    for pair in result.mismatched { add(pair.name, "\(pair.shapeA) in A, \(pair.shapeB) in B", differs: true) }
    for tensor in result.unpaired.a { add(tensor.name, "\(tensor.shape) only in A", differs: true) }
    for tensor in result.unpaired.b { add(tensor.name, "\(tensor.shape) only in B", differs: true) }
    for damage in result.damaged { add(damage.name, "left out: \(damage.reason)", differs: true) }
  }

  private func add(_ name: String, _ tag: String, differs: Bool) {
    var node = root
    for part in name.split(separator: "/") { node = node.child(String(part)) }
    // Two tensors of one name stand side by side.
    if node.tag != nil || !node.children.isEmpty { node = node.child("(another)") }
    node.tag = tag
    node.differs = differs
  }

  var html: String {
    guard !root.children.isEmpty else { return "<p>No tensors.</p>" }
    return list(root, depth: 0)
  }

  private func list(_ node: Node, depth: Int) -> String {
    var result = "<ul class=\"tree\">"
    for (first, next) in node.children {
      var (name, child) = (first, next)
      // A chain without a fork is one line.
      while child.tag == nil, child.children.count == 1 {
        name += "/" + child.children[0].name
        child = child.children[0].node
      }
      let style = child.differing > 0 ? "tag differs" : "tag"
      if let tag = child.tag {
        result += "<li><code>\(escaped(name))</code> <span class=\"\(style)\">\(escaped(tag))</span></li>"
      } else {
        let counts = "\(child.differing) of \(child.leaves) differ"
        result +=
          "<li><details\(depth == 0 && root.leaves <= 40 ? " open" : "")><summary><code>\(escaped(name))</code> <span class=\"\(style)\">\(counts)</span></summary>"
          + list(child, depth: depth + 1) + "</details></li>"
      }
    }
    return result + "</ul>"
  }
}
