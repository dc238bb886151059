import Checkpoints
import Results
import Tensors
import Threads

/// What a model says of itself and what its variables say of its training, brought together.
struct ModelFacts {
  /// The model's own metadata with `optimizer`, `counters` and `data`.
  let metadata: JSONValue
  let structure: JSONValue
  let data: TrainingData
  /// Of vocabularies that the graph holds.
  let tables: TableNames
  let warnings: [String]

  /// - Parameter names: What to call tensors, by key, where another name than the catalogue's is wanted.
  /// - Complexity: Reads scalars of the optimizer, counters, statistics and tables; no weight. The graph is read where its
  ///   operations train or quantise.
  init(_ catalogue: Catalogue, names: [String: String] = [:]) {
    let model = catalogue.checkpoint.model
    var trouble: [String] = []
    let constants = Self.constants(catalogue, &trouble)
    var training: GraphTraining?
    var quantization = JSONValue.object([:])
    do throws(CheckpointError) {
      training = try constants.map { (constants) throws(CheckpointError) in try GraphTraining(constants) }
      quantization = try QuantizationFacts(
        catalogue, names: names, layers: model.metadata["layers"], constants: constants
      ).json
    } catch { trouble.append("The graph's constants can't be read: \(error.description)") }
    let optimizer = OptimizerFacts(catalogue, metadata: model.metadata, graph: training)
    data = TrainingData(catalogue, names: names, layers: model.structure["layers"])
    warnings = trouble + optimizer.warnings + data.warnings
    structure = model.structure
    tables = TableNames(structure)
    guard case .object(var members) = model.metadata else {
      metadata = model.metadata
      return
    }
    if !optimizer.optimizer.isEmpty { members["optimizer"] = .object(optimizer.optimizer) }
    if let regularizers = training?.regularizers, !regularizers.isEmpty {
      members["regularizers"] = .object(regularizers)
    }
    if !quantization.isEmpty { members["quantization"] = quantization }
    if !optimizer.counters.isEmpty { members["counters"] = .object(optimizer.counters) }
    if let size = Self.batchSize(members["layers"]) { members["batch_size"] = size }
    var found = data.json
    if case .object(let lists)? = structure["text_constants"] {
      var tables: [String: JSONValue] = [:]
      if case .object(let known)? = found["tables"] { tables = known }
      found.set("tables", .object(tables.merging(self.tables.renamed(lists)) { first, _ in first }))
    }
    if !found.isEmpty { members["data"] = found }
    metadata = .object(members)
  }
}

extension ModelFacts {
  /// The graph, where its operations say anything of training or quantisation.
  private static func constants(_ catalogue: Catalogue, _ warnings: inout [String]) -> GraphConstants? {
    guard case .object(let operations)? = catalogue.checkpoint.model.structure["operations"],
      GraphTraining.isIn(operations.keys) || operations.keys.contains(where: QuantizationFacts.isQuantizing)
    else { return nil }
    do throws(CheckpointError) {
      guard let graph = try catalogue.checkpoint.graph() else { return nil }
      let entries = catalogue.entries
      let places = Dictionary(
        entries.indices.map { (entries[$0].stored.fullName ?? entries[$0].stored.key, $0) },
        uniquingKeysWith: { first, _ in first })
      return GraphConstants(graph: graph) { name in
        places[name].flatMap { try? catalogue.checkpoint.scalar(entries[$0].stored) }
      }
    } catch {
      warnings.append("The graph can't be read: \(error.description)")
      return nil
    }
  }

  /// The batch that an input is made for, where it is not left open.
  private static func batchSize(_ layers: JSONValue?) -> JSONValue? {
    guard case .object(let members)? = layers else { return nil }
    for (_, layer) in members.sorted(by: { $0.key < $1.key }) {
      for key in ["batch_input_shape", "batch_shape"] {
        guard case .array(let shape)? = layer["config"]?[key], case .integer? = shape.first else { continue }
        return shape.first
      }
    }
    return nil
  }
}

/// How two models' metadata and structure differ, noise left out: automatic numbers in names, options and counts of the
/// writer, the number of saves.
struct FactDifferences {
  private(set) var metadata: [Difference]
  private(set) var structure: [Difference]
  /// Of values that could not be read.
  private(set) var warnings: [String]
  /// `nil` where either model says nothing of itself.
  private(set) var hasSameMetadata: Bool?
  /// `nil` where either model has no graph, or one that can't be read.
  private(set) var hasSameGraph: Bool?

  init(_ a: Catalogue, _ b: Catalogue) {
    // Variables of any role tell which name of B is which of A's.
    let pairing = try? Pairing(a, b, roles: Set(Role.allCases))
    var names: [String: String] = [:]
    var variables: [String: String] = [:]
    var layers: [String: String] = [:]
    for pair in (pairing?.pairs ?? []) + (pairing?.mismatched ?? []) {
      names[pair.b.stored.key] = pair.a.name
      if let full = pair.b.stored.fullName, let other = pair.a.stored.fullName { variables[full] = other }
      if [.weight, .state].contains(pair.role), !pair.b.layer.isEmpty { layers[pair.b.layer] = pair.a.layer }
    }
    let factsA = ModelFacts(a)
    let factsB = ModelFacts(b, names: names)
    warnings = factsA.warnings.map { "A: \($0)" } + factsB.warnings.map { "B: \($0)" }
    let alignment = LayerAlignment(factsA.structure["layers"], factsB.structure["layers"], paired: layers)
    var treeA = factsA.metadata
    var treeB = factsB.metadata
    for path in Self.derived {
      treeA.remove(path)
      treeB.remove(path)
    }
    treeA = treeA.plain
    treeB = treeB.plain
    // Formats of Keras alone do not say what TensorFlow wrote them.
    if treeA["tensorflow"] == nil || treeB["tensorflow"] == nil {
      treeA.remove(["tensorflow"])
      treeB.remove(["tensorflow"])
    }
    let isUnknown = treeA.isEmpty || treeB.isEmpty
    treeB.set("layers", alignment.renamed(treeB["layers"]))
    if var quantization = treeB["quantization"] {
      quantization.set("layers", alignment.renamed(quantization["layers"]))
      treeB.set("quantization", quantization)
      // Layer by layer also where the other model has none.
      if treeA["quantization"] == nil { treeA.set("quantization", quantization.withoutMembers) }
    } else if let quantization = treeA["quantization"] {
      treeB.set("quantization", quantization.withoutMembers)
    }
    metadata =
      (Comparison.differences(treeA, treeB) + Comparison.differences(factsA.data, factsB.data)).filter {
        !Self.isAutomatic($0, treeA, treeB) && !$0.isOptionThatIsOff
      }
    hasSameMetadata = isUnknown ? nil : metadata.isEmpty
    structure = Self.structureDifferences(factsA.structure, factsB.structure) + alignment.differences
    compareGraphs(a, b, variables, tables: factsA.tables.names)
  }

  private mutating func compareGraphs(
    _ a: Catalogue, _ b: Catalogue, _ variables: [String: String], tables: [String: String]
  ) {
    @Sendable func graph(_ catalogue: Catalogue) -> Result<ComputationGraph?, CheckpointError> {
      Result { () throws(CheckpointError) in try catalogue.checkpoint.graph() }
    }
    let found = both({ graph(a) }, { graph(b) })
    var graphs: [ComputationGraph] = []
    for (name, result) in [("A", found.0), ("B", found.1)] {
      do throws(CheckpointError) {
        if let graph = try result.get(), !graph.nodes.isEmpty { graphs.append(graph) }
      } catch { warnings.append("\(name): the graph can't be compared: \(error.description)") }
    }
    guard graphs.count == 2 else { return }
    let differences = GraphDifferences(graphs[0], graphs[1], variables: variables, tables: tables)
    hasSameGraph = differences.isSame
    structure += differences.differences + differences.renames
    metadata += differences.tables.filter { table in !metadata.contains { $0.path == table.path } }
    if !differences.tables.isEmpty { hasSameMetadata = false }
    warnings += differences.warnings
  }

  /// What is said in another place, or tells of the writer alone.
  private static let derived = [
    ["data"], ["batch_size"], ["optimizer", "class_name_source"], ["training_config", "optimizer_config"],
    ["training_config", "optimizer"],
    ["tensorflow", "listed_operations"], ["tensorflow", "stripped_default_attributes"], ["counters", "save_counter"],
  ]

  /// A name that differs only in the number that Keras gave it.
  private static func isAutomatic(_ difference: Difference, _ a: JSONValue, _ b: JSONValue) -> Bool {
    guard let x = difference.a?.text, let y = difference.b?.text else { return false }
    if difference.path == "model.name" {
      return isAutomaticName(x, of: a["model"]?["class_name"]?.text ?? "")
        && isAutomaticName(y, of: b["model"]?["class_name"]?.text ?? "")
    }
    guard difference.path.hasPrefix("layers."), difference.path.hasSuffix(".config.name"),
      let className = a["layers"]?[String(difference.path.dropFirst(7).dropLast(12))]?["class_name"]?.text
    else { return false }
    return isAutomaticName(x, of: className) && isAutomaticName(y, of: className)
  }

  /// Signatures, assets, collections, tag sets; graphs and layers are compared elsewhere.
  private static func structureDifferences(_ a: JSONValue, _ b: JSONValue) -> [Difference] {
    // A model without a graph has no signatures to differ.
    guard a["signatures"] != nil, b["signatures"] != nil else { return [] }
    func plain(_ structure: JSONValue) -> JSONValue {
      guard case .object(var members) = structure else { return structure }
      for key in ["nodes", "functions", "operations", "objects", "layers", "text_constants"] { members[key] = nil }
      if let signatures = members["signatures"] { members["signatures"] = signatures.withoutTensorNames }
      return .object(members)
    }
    return Comparison.differences(plain(a), plain(b))
  }
}

extension Difference {
  /// An option that one version writes as off and another leaves out.
  fileprivate var isOptionThatIsOff: Bool { (a == nil && b == .bool(false)) || (a == .bool(false) && b == nil) }
}

extension JSONValue {
  /// Whether this is an object without members.
  var isEmpty: Bool { self == .object([:]) }

  /// Removes the member at a path of objects.
  mutating func remove(_ path: [String]) {
    guard let first = path.first, case .object(var members) = self else { return }
    if path.count == 1 {
      members[first] = nil
    } else {
      members[first]?.remove(Array(path.dropFirst()))
    }
    self = .object(members)
  }

  mutating func set(_ key: String, _ value: JSONValue?) {
    guard case .object(var members) = self else { return }
    members[key] = value
    self = .object(members)
  }

  /// The same objects within an object, but empty.
  fileprivate var withoutMembers: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.mapValues { _ in .object([:]) })
  }

  /// As Keras 2 and 3 both would write it: without the module that a class comes from, a precision by its name, and
  /// without members that say nothing.
  fileprivate var plain: JSONValue {
    switch self {
    case .object(var members):
      if case .string(let name)? = members["class_name"], ["Policy", "DTypePolicy"].contains(name),
        let policy = members["config"]?["name"]
      {
        return policy
      }
      if members["class_name"]?.text == "__tuple__", let items = members["items"] { return items.plain }
      for key in ["module", "registered_name", "build_config"] { members[key] = nil }
      return .object(members.filter { $0.value != .null }.mapValues(\.plain))
    case .array(let values): return .array(values.map(\.plain))
    default: return self
    }
  }

  /// Signatures without the names of the nodes behind them.
  fileprivate var withoutTensorNames: JSONValue {
    switch self {
    case .object(let members):
      .object(members.filter { $0.key != "tensor" || $0.value.text == nil }.mapValues(\.withoutTensorNames))
    case .array(let values): .array(values.map(\.withoutTensorNames))
    default: self
    }
  }
}
