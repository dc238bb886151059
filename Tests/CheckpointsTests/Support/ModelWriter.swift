/// Writes object graphs as checkpoints hold them.
struct ObjectGraphWriter {
  struct Node {
    var children: [(name: String, node: Int)] = []
    var attributes: [(name: String, fullName: String, key: String)] = []
    var slots: [(original: Int, name: String, node: Int)] = []
  }

  var nodes: [Node] = []

  /// A root whose children are variables `names`, each with its full name.
  static func variables(_ names: [(path: String, fullName: String)]) -> ObjectGraphWriter {
    var graph = ObjectGraphWriter(nodes: [Node()])
    for (number, name) in names.enumerated() {
      graph.nodes[0].children.append((name.path, number + 1))
      graph.nodes.append(
        Node(attributes: [("VARIABLE_VALUE", name.fullName, "\(name.path)/.ATTRIBUTES/VARIABLE_VALUE")]))
    }
    return graph
  }

  var bytes: [UInt8] {
    Message { message in
      for node in nodes {
        message.message(1) { content in
          for child in node.children {
            content.message(1) {
              $0.number(1, child.node)
              $0.text(2, child.name)
            }
          }
          for attribute in node.attributes {
            content.message(2) {
              $0.text(1, attribute.name)
              $0.text(2, attribute.fullName)
              $0.text(3, attribute.key)
            }
          }
          for slot in node.slots {
            content.message(3) {
              $0.number(1, slot.original)
              $0.text(2, slot.name)
              $0.number(3, slot.node)
            }
          }
        }
      }
    }.bytes
  }
}

/// Writes `saved_model.pb` and what lies beside it.
struct SavedModelWriter {
  struct Graph {
    var tags = ["serve"]
    var version = "2.99.0"
    /// Operations of the graph's nodes.
    var operations = ["Const", "VarHandleOp", "VarHandleOp"]
    /// Operations of the nodes of each function.
    var functions: [[String]] = [["MatMul", "Relu"], ["MatMul"]]
    /// The objects: children, and a variable's name and whether it is trained.
    var objects: [(children: [(name: String, node: Int)], variable: (name: String, isTrainable: Bool)?)] = []
    /// Writes the highest field first, as some writers do.
    var descending = false
  }

  var graphs = [Graph()]

  var bytes: [UInt8] {
    Message { model in
      model.number(1, 1)
      for graph in graphs { model.data(2, Self.metaGraph(graph)) }
    }.bytes
  }

  private static func metaGraph(_ graph: Graph) -> [UInt8] {
    var fields: [[UInt8]] = []
    fields.append(
      Message {
        $0.message(1) { information in
          for tag in graph.tags { information.text(4, tag) }
          information.text(5, graph.version)
          information.text(6, "v\(graph.version)-test")
          information.number(7, 1)
        }
      }.bytes)
    fields.append(
      Message {
        $0.message(2) { definition in
          for (number, operation) in graph.operations.enumerated() {
            definition.message(1) { node(&$0, "node_\(number)", operation) }
          }
          definition.message(2) { library in
            for (number, operations) in graph.functions.enumerated() {
              library.message(1) { function in
                function.message(1) { $0.text(1, "function_\(number)") }
                for operation in operations { function.message(3) { node(&$0, "inner", operation) } }
              }
            }
          }
        }
      }.bytes)
    fields.append(
      Message {
        $0.entry(5, key: "serving_default") { signature in
          signature.entry(1, key: "pixels") {
            $0.text(1, "serving_default_pixels:0")
            $0.number(2, 1)
            $0.shape(3, [-1, 64])
          }
          signature.entry(2, key: "output") {
            $0.text(1, "StatefulPartitionedCall:0")
            $0.number(2, 1)
            $0.message(3) { $0.number(3, 1) }
          }
          signature.text(3, "tensorflow/serving/predict")
        }
      }.bytes)
    fields.append(
      Message {
        $0.message(7) { objects in
          for object in graph.objects {
            objects.message(1) { content in
              for child in object.children {
                content.message(1) {
                  $0.number(1, child.node)
                  $0.text(2, child.name)
                }
              }
              if let variable = object.variable {
                content.message(7) {
                  $0.number(1, 1)
                  $0.number(3, variable.isTrainable ? 1 : 0)
                  $0.text(6, variable.name)
                }
              }
            }
          }
        }
      }.bytes)
    return (graph.descending ? fields.reversed() : fields).flatMap { $0 }
  }

  private static func node(_ message: inout Message, _ name: String, _ operation: String) {
    message.text(1, name)
    message.text(2, operation)
  }

  /// `keras_metadata.pb` with nodes of (path, identifier, JSON).
  static func kerasMetadata(_ nodes: [(path: String, identifier: String, json: String)]) -> [UInt8] {
    Message { metadata in
      for (number, node) in nodes.enumerated() {
        metadata.message(1) {
          $0.number(2, number)
          $0.text(3, node.path)
          $0.text(4, node.identifier)
          $0.text(5, node.json)
        }
      }
    }.bytes
  }
}
