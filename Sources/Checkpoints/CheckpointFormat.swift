/// A kind of model on disk.
///
/// To add one: a folder with a type that conforms, and a line in ``checkpointFormats``.
public protocol CheckpointFormat: Sendable {
  /// For people: `SavedModel`.
  static var name: String { get }

  /// Whether `path` is, or belongs to, a model of this kind. Looks at names and beginnings only.
  static func recognizes(_ path: String) -> Bool

  /// Opens the model that `path` is or belongs to.
  ///
  /// - Parameter tag: Tags of the graph to describe, separated by commas; `nil` for the usual one.
  static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint
}

/// Every format that is read, the more particular first.
public let checkpointFormats: [any CheckpointFormat.Type] = [
  SavedModelFormat.self,
  TensorBundleFormat.self,
  TensorSliceFormat.self,
  FrozenGraphFormat.self,
  SafetensorsFormat.self,
  NumPyFormat.self,
  ExportFormat.self,
  KerasFormat.self,
]

/// Opens the model that `path` is or belongs to.
///
/// - Parameters:
///   - path: A SavedModel's folder or any file of it; a checkpoint's prefix, any file of it, or a folder with a
///     `checkpoint` state file; a frozen graph; a file of Keras, safetensors or NumPy, or its index;
///     `a` or `b` below a file that was exported.
///   - tag: Tags of the SavedModel's graph to describe, separated by commas, all that it has; `nil` for the one meant
///     for serving.
/// - Returns: The model with its catalogue read; tensors are read on demand.
/// - Throws: ``CheckpointError``, which says what was found at `path` and what to pass instead.
/// - Complexity: O(catalogue + graph); no tensor is read but the object graph.
public func openCheckpoint(at path: String, tag: String? = nil) throws(CheckpointError) -> any Checkpoint {
  let trimmed = Paths.trimmed(path)
  for format in checkpointFormats where format.recognizes(trimmed) {
    return try format.open(trimmed, tag: tag)
  }
  throw Refusal.explain(trimmed)
}
