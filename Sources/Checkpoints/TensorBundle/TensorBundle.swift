import Tensors

/// A V2 checkpoint: an index of tensors and the shards that hold their bytes.
///
/// Opening reads the index alone, and the object graph. A shard that is missing or damaged is an error of the tensors
/// in it, when they are read.
///
/// ## Source
/// TensorFlow, `core/util/tensor_bundle/tensor_bundle.cc`.
final class TensorBundle: Checkpoint {
  /// Where a tensor's bytes are.
  enum Placement: Sendable {
    case whole(shard: Int, offset: Int, size: Int, maskedChecksum: UInt32)
    case sliced(SlicedTensor)
    /// The catalogue lists it, and its parts do not make a tensor.
    case damaged(CheckpointError)
  }

  let prefix: String
  let model: ModelDescription
  let tensors: [StoredTensor]
  let placements: [Placement]
  let shards: ShardFiles
  let isBigEndian: Bool

  var indexPath: String { prefix + ".index" }

  /// Key of the object graph, a scalar string tensor.
  static let objectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH"

  /// Opens the checkpoint whose files begin with `prefix`, with the graph beside it, if the first TensorFlow wrote it.
  ///
  /// - Parameters:
  ///   - path: As the user gave it, for the description.
  ///   - warnings: What a person should know of how the checkpoint was found.
  /// - Throws: ``CheckpointError`` when the index can't be read.
  /// - Complexity: O(index).
  init(prefix: String, path: String, warnings: [String] = []) throws(CheckpointError) {
    let index = try Self.readIndex(prefix + ".index")
    self.prefix = prefix
    isBigEndian = index.header.isBigEndian
    shards = ShardFiles(prefix: prefix, count: index.header.shardCount)
    let catalogue = Self.catalogue(index, file: prefix + ".index")
    placements = catalogue.placements
    var model = ModelDescription(
      path: path, format: "V2 checkpoint", files: Self.files(prefix), fingerprint: index.fingerprint,
      warnings: warnings)
    model.folder = Paths.folder(prefix)
    var tensors = catalogue.tensors
    if let graph = tensors.first(where: { $0.key == Self.objectGraphKey }) {
      do {
        let stored = try StringTensor(
          graph, at: placements[graph.index], in: shards, isBigEndian: isBigEndian, index: prefix + ".index")
        let objects = try ObjectGraph(stored)
        objects.name(&tensors)
        model.structure = .object(["objects": .integer(objects.nodeCount)])
      } catch {
        model.warnings.append("The object graph can't be read, so variables have no names: \(error)")
      }
    }
    do {
      try MetaGraphFile(prefix: prefix)?.describe(&model, &tensors)
    } catch {
      model.warnings.append("The graph beside the checkpoint can't be read: \(error)")
    }
    if index.header.isBigEndian { model.warnings.append("Stored in big-endian byte order; read as little-endian.") }
    self.tensors = tensors
    self.model = model
  }

  func graph() throws(CheckpointError) -> ComputationGraph? { try MetaGraphFile(prefix: prefix)?.graph() }

  /// Sizes of the index and of every file beside it that belongs to it.
  private static func files(_ prefix: String) -> [String: Int] {
    let folder = Paths.folder(prefix)
    let name = Paths.name(prefix)
    var result: [String: Int] = [:]
    for file in Paths.names(in: folder)
    where file == name + ".index" || file == name + ".meta" || file.hasPrefix(name + ".data-") {
      if let status = FileStatus.find(Paths.join(folder, file)), status.kind == .regular { result[file] = status.size }
    }
    return result
  }

  /// Looks up the tensor as it is listed, and where it is, after making sure that it is one of this checkpoint's.
  func locate(_ tensor: StoredTensor) throws(CheckpointError) -> (StoredTensor, Placement) {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: indexPath, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    return (tensors[tensor.index], placements[tensor.index])
  }
}
