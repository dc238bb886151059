/// The operations of a model: those of its graph and of every function in it, with edges and, in place of attributes,
/// hashes that do not depend on names.
///
/// Nodes of all bodies lie in one list, body after body. A function's arguments and results, and what a signature names,
/// are nodes too. What an attribute is in detail is read when somebody asks.
///
/// ## Source
/// TensorFlow, `core/framework/{graph,function,node_def,op_def,attr_value}.proto`.
public struct ComputationGraph: Sendable {
  /// A graph, or a function.
  public struct Body: Sendable {
    /// The function's name; empty for the graph.
    public let name: String
    public let nodes: Range<Int>
    /// Whether it saves or restores variables: what it does follows from which variables there are.
    public internal(set) var isSaver = false
  }

  public struct Node: Sendable {
    public let name: String
    /// Index into ``ComputationGraph/operations``.
    public let operation: Int
    /// Of the operation and its attributes, without names and without the functions that they name.
    public let label: UInt64
    /// Indices into ``ComputationGraph/edges``: the inputs in their order, those for control last.
    public internal(set) var inputs: Range<Int>
    /// Functions that the node calls, as indices of bodies in the order of the attributes' names; −1 for unknown ones.
    public internal(set) var calls: [Int]
    /// What the variable is called that the node stands for; `nil` for any other node.
    public let variable: String?
    /// Where the node's message lies; empty for arguments, results and signatures.
    let message: Range<Int>
    /// Whether the node serves to save or restore variables and for nothing else.
    public internal(set) var isSaver = false
  }

  /// Where an input comes from.
  public struct Edge: Sendable, Hashable {
    /// Index of a node; −1 where the graph has no such node.
    public let node: Int
    /// Which output; of an edge for control and of a dangling one a number of its own.
    public let port: UInt64
    public var isControl: Bool { port == Edge.control }

    static let control = UInt64.max
  }

  /// Names of operations; those of arguments, results and signatures begin with an underscore.
  public internal(set) var operations: [String] = []
  public internal(set) var nodes: [Node] = []
  public internal(set) var edges: [Edge] = []
  /// The graph first, then the functions in the file's order.
  public internal(set) var bodies: [Body] = []
  let source: MessageSource
  /// Whether the elements of floating-point constants with axes are left out, as they are tensors of the model.
  let omitsWeights: Bool

  init(source: MessageSource, omitsWeights: Bool) {
    self.source = source
    self.omitsWeights = omitsWeights
  }

  /// How often each operation occurs, without what saves and restores.
  public var histogram: [String: Int] {
    var counts = [Int](repeating: 0, count: operations.count)
    for body in bodies where !body.isSaver {
      for index in body.nodes where !nodes[index].isSaver { counts[nodes[index].operation] += 1 }
    }
    var result: [String: Int] = [:]
    for (name, count) in zip(operations, counts) where count > 0 && !name.hasPrefix("_") { result[name] = count }
    return result
  }
}
