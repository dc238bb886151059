import Tensors

/// A SavedModel: a graph, the variables it uses as a V2 checkpoint, and what else was saved with them.
///
/// ## Source
/// TensorFlow, `cc/saved_model/reader.cc`, `cc/saved_model/constants.h`.
final class SavedModel: Checkpoint {
  static let fingerprintName = "fingerprint.pb"
  static let metadataName = "keras_metadata.pb"
  static let variablesPrefix = "variables/variables"

  let folder: String
  let model: ModelDescription
  let tensors: [StoredTensor]
  private let bundle: (any Checkpoint)?
  private let graphFile: GraphFile
  let recordedFingerprints: [String: String]

  /// Opens the model in `folder`.
  ///
  /// - Parameters:
  ///   - path: As the user gave it, for the description.
  ///   - tag: Tags of the graph to describe, separated by commas; `nil` for the one meant for serving.
  /// - Throws: ``CheckpointError`` when the graph or the index of the variables can't be read. What is merely beside
  ///   them, such as Keras' metadata, gives a warning.
  /// - Complexity: O(graph + index).
  init(folder: String, path: String, tag: String?) throws(CheckpointError) {
    guard let graphFile = GraphFile.find(in: folder) else { throw Refusal.explain(folder) }
    let bundle = try Self.variables(in: folder, path: path)
    var model = bundle?.model ?? ModelDescription(path: path, format: "")
    model.format = "SavedModel"
    model.folder = folder
    model.files = Self.files(in: folder)
    var tensors = bundle?.tensors ?? []

    let source = try graphFile.read(in: folder)
    var metadata: [String: JSONValue] = [:]
    var structure: [String: JSONValue] = [:]
    var described: [KerasMetadata.Node] = []
    try source.withBytes { (bytes) throws(CheckpointError) in
      let graphs = try source.decoding("the model") { () throws(WireError) in try MetaGraph.all(in: bytes) }
      let graph = try MetaGraph.chosen(from: graphs, tag: tag, file: source.path)
      model.tags = graph.tags
      model.tensorFlowVersion = graph.tensorFlowVersion
      metadata["tensorflow"] = graph.versions
      structure = try source.decoding("the graph") { () throws(WireError) in try graph.structure(bytes) }
      if graphs.count > 1 {
        structure["tag_sets"] = .array(graphs.map { .array($0.tags.map { .string($0) }) })
      }
      try source.decoding("the objects") { () throws(WireError) in
        if let range = graph.objects {
          var objects = try SavedObjects(bytes, range)
          structure["objects"] = .integer(objects.count)
          try objects.complete(&tensors)
          described = try objects.kerasNodes()
          structure["text_constants"] = Self.owned(structure["text_constants"], try ConstantOwners(bytes, range).paths)
        }
        if let trained = try graph.trainableNames(bytes) {
          graph.mark(&tensors, trained: trained)
        }
      }
    }
    var keras: KerasMetadata?
    let metadataPath = Paths.join(folder, Self.metadataName)
    if FileStatus.isFile(metadataPath) {
      do { keras = try KerasMetadata(path: metadataPath) } catch {
        model.warnings.append("The Keras metadata can't be read: \(error)")
      }
    } else if !described.isEmpty {
      keras = KerasMetadata(described)
    }
    if let keras {
      metadata.merge(keras.metadata) { $1 }
      structure["layers"] = keras.topology
      model.kerasVersion = keras.kerasVersion
      model.warnings += keras.warnings
    }
    if bundle == nil { model.warnings.append(Self.absence(of: structure["operations"])) }
    model.structure = .object(structure)
    model.metadata = .object(metadata)
    recordedFingerprints =
      (try? RecordedFingerprint(path: Paths.join(folder, Self.fingerprintName)))?.values ?? [:]
    self.folder = folder
    self.graphFile = graphFile
    self.bundle = bundle
    self.tensors = tensors
    self.model = model
  }

  /// Lists of texts with the path of the object that each serves.
  private static func owned(_ lists: JSONValue?, _ owners: [String: String]) -> JSONValue? {
    guard case .object(var members)? = lists else { return lists }
    for (name, path) in owners {
      guard case .object(var list)? = members[name] else { continue }
      list["object"] = .string(path)
      members[name] = .object(list)
    }
    return .object(members)
  }

  /// Why there are no variables: whoever copies the graph alone has a model that does not run.
  private static func absence(of operations: JSONValue?) -> String {
    var count = 0
    for name in ["VarHandleOp", "VariableV2", "Variable"] {
      if case .integer(let found)? = operations?[name] { count += found }
    }
    if count == 0 { return "The model has no variables: there is no 'variables' folder." }
    return "The graph has \(count) variables, and their values are not here: copy the 'variables' folder too."
  }

  /// Opens the variables; `nil` where the model has none.
  private static func variables(in folder: String, path: String) throws(CheckpointError) -> (any Checkpoint)? {
    let prefix = Paths.join(folder, variablesPrefix)
    if FileStatus.find(prefix + ".index") != nil { return try TensorBundle(prefix: prefix, path: path) }
    let names = Paths.names(in: Paths.folder(prefix))
    if let data = names.first(where: { $0.hasPrefix("variables.data-") }) {
      throw .notFound(
        file: prefix + ".index", reason: "the index of '\(data)' is missing; copy all of the 'variables' folder")
    }
    // As the oldest versions wrote them; a file of such a name is one, or it is damaged.
    let shards = Paths.names(in: Paths.folder(prefix)).contains { $0.hasPrefix("variables-") }
    let old = [
      FileStatus.isFile(prefix) ? prefix : nil, shards ? prefix + "-?????-of-?????" : nil,
      FileStatus.isFile(Paths.join(folder, "saved_model_variables"))
        ? Paths.join(folder, "saved_model_variables") : nil,
    ]
    guard let first = old.compactMap({ $0 }).first else { return nil }
    return try TensorSliceCheckpoint(files: try TensorSliceFormat.files(of: first), path: path)
  }

  private static func files(in folder: String) -> [String: Int] {
    var result: [String: Int] = [:]
    for name in GraphFile.allCases.map(\.rawValue) + [fingerprintName, metadataName] {
      if let status = FileStatus.find(Paths.join(folder, name)), status.kind == .regular { result[name] = status.size }
    }
    // Labels that somebody put beside the model.
    for name in Paths.names(in: folder) where LabelMap.isNamed(name) {
      if let status = FileStatus.find(Paths.join(folder, name)), status.kind == .regular { result[name] = status.size }
    }
    for inner in ["variables", "assets", "assets.extra", "debug"] {
      for (name, size) in Paths.sizes(under: Paths.join(folder, inner)) { result["\(inner)/\(name)"] = size }
    }
    return result
  }

  private func variables(of tensor: StoredTensor) throws(CheckpointError) -> any Checkpoint {
    guard let bundle else {
      throw .notFound(file: folder, reason: "the model has no variables, so no tensor '\(tensor.key)'")
    }
    return bundle
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    try variables(of: tensor).read(tensor, at: offset, into: buffer)
  }

  func place(of tensor: StoredTensor) -> FilePlace? { bundle?.place(of: tensor) }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try variables(of: tensor).forEachString(in: tensor, body)
  }

  var hasChecksums: Bool { bundle?.hasChecksums ?? true }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    try variables(of: tensor).verify(tensor)
  }

  func graph() throws(CheckpointError) -> ComputationGraph? {
    let source = try graphFile.read(in: folder)
    return try source.withBytes { (bytes) throws(CheckpointError) in
      let graphs = try source.decoding("the model") { () throws(WireError) in try MetaGraph.all(in: bytes) }
      // The one that was described.
      let chosen = try MetaGraph.chosen(from: graphs, tag: model.tags.joined(separator: ","), file: source.path)
      guard let range = chosen.graph else { return nil }
      return try source.decoding("the graph") { () throws(WireError) in
        try GraphReader.read(
          bytes, range, signatures: chosen.signatures, assets: try chosen.assets(bytes), source: source,
          omitsWeights: false)
      }
    }
  }

  func verifyFiles() -> FileVerification {
    var result = bundle?.verifyFiles() ?? FileVerification()
    let path = Paths.join(folder, Self.fingerprintName)
    guard FileStatus.find(path) != nil else { return result }
    do {
      let recorded = try RecordedFingerprint(path: path)
      recorded.checkGraph(Paths.join(folder, GraphFile.binary.rawValue), &result)
      if let bundle = bundle as? TensorBundle { recorded.checkIndex(bundle.indexPath, &result) }
    } catch {
      result.checked += 1
      result.failures.append(error)
    }
    return result
  }
}
