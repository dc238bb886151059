import Tensors

/// The graph that the first TensorFlow's `Saver` writes beside a checkpoint: `ckpt-10.meta`.
///
/// ## Source
/// TensorFlow, `python/training/saver.py` (`export_meta_graph`), `core/protobuf/meta_graph.proto`.
struct MetaGraphFile {
  let source: MessageSource

  /// - Returns: `nil` where there is none beside the checkpoint.
  init?(prefix: String) throws(CheckpointError) {
    let path = prefix + ".meta"
    guard FileStatus.isFile(path) else { return nil }
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    source = .file(file)
  }

  /// Completes what a checkpoint says of itself.
  func describe(_ model: inout ModelDescription, _ tensors: inout [StoredTensor]) throws(CheckpointError) {
    try source.withBytes { (bytes) throws(CheckpointError) in
      let (graph, structure, trained) = try source.decoding("the graph") { () throws(WireError) in
        let graph = try MetaGraph(bytes, 0..<bytes.count)
        return (graph, try graph.structure(bytes), try graph.trainableNames(bytes))
      }
      model.tags = graph.tags
      model.tensorFlowVersion = graph.tensorFlowVersion
      model.metadata.merge(["tensorflow": graph.versions])
      model.structure.merge(structure)
      if let trained { graph.mark(&tensors, trained: trained) }
    }
  }

  func graph() throws(CheckpointError) -> ComputationGraph? {
    try source.withBytes { (bytes) throws(CheckpointError) in
      try source.decoding("the graph") { () throws(WireError) in
        let graph = try MetaGraph(bytes, 0..<bytes.count)
        guard let range = graph.graph else { return nil }
        return try GraphReader.read(
          bytes, range, signatures: graph.signatures, assets: try graph.assets(bytes), source: source,
          omitsWeights: false)
      }
    }
  }
}

extension MetaGraph {
  /// What wrote the graph.
  var versions: JSONValue {
    var result: [String: JSONValue] = ["stripped_default_attributes": .bool(isStripped)]
    if let tensorFlowVersion { result["version"] = .string(tensorFlowVersion) }
    if let gitVersion { result["git_version"] = .string(gitVersion) }
    if strippedOperations > 0 { result["listed_operations"] = .integer(strippedOperations) }
    return .object(result)
  }

  /// Sets what is trained of the variables that no object graph tells of.
  func mark(_ tensors: inout [StoredTensor], trained: Set<String>) {
    for index in tensors.indices where tensors[index].objectPath == nil {
      let key = tensors[index].key
      tensors[index].trainable = trained.contains(key) || trained.contains(key + "/part_0")
    }
  }
}

extension JSONValue {
  /// Adds members to an object.
  fileprivate mutating func merge(_ members: [String: JSONValue]) {
    guard case .object(let known) = self else { return }
    self = .object(known.merging(members) { $1 })
  }
}
