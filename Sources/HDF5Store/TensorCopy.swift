import Checkpoints
import Comparison
import HDF5
import Tensors
import Threads

/// One tensor on its way from a model to a dataset, in pieces, checked as they come.
///
/// Pieces are read, widened and compressed side by side, outside HDF5's lock, and written in order.
struct TensorCopy {
  private let tensor: StoredTensor
  private let checkpoint: any Checkpoint
  private let options: ExportOptions
  private let progress: WorkProgress
  private var type: ElementType { tensor.elementType }
  /// Numbers in an element.
  private var components: Int { type.kind == .complex ? 2 : 1 }

  init(_ tensor: StoredTensor, of checkpoint: any Checkpoint, _ options: ExportOptions, _ progress: WorkProgress) {
    self.tensor = tensor
    self.checkpoint = checkpoint
    self.options = options
    self.progress = progress
  }

  /// Names of the scales of the dataset's axes.
  var scales: [String] { tensor.shape.indices.map(axisName) + (components > 1 ? [componentName] : []) }

  /// Writes the tensor as a dataset of a group.
  ///
  /// - Throws: `CheckpointError` or ``ExportError/changed(model:key:)`` if the bytes aren't those that were compared.
  func write(_ name: String, longName: String, in group: borrowing HDF5Group) async throws {
    if type == .string {
      try StringCopy(tensor, of: checkpoint, options.strings)
        .write(name, longName: longName, in: group)
      return
    }
    try await copy(to: makeDataset(name, longName: longName, in: group))
  }

  /// Makes the dataset that ``copy(to:run:)`` fills.
  ///
  /// - Parameter runs: Of how many runs it is to hold the tensor, along an axis before the others; `nil` for a tensor alone.
  func makeDataset(
    _ name: String, runs: Int? = nil, longName: String, in group: borrowing HDF5Group
  ) throws -> HDF5Dataset {
    let (datatype, chunks, level) = try plan()
    let isFloating = datatype == .float32 || datatype == .float64
    let layout = level.map { HDF5Layout.chunked(shape: (runs == nil ? [] : [1]) + chunks.chunk, deflate: $0) }
    let dataset = try group.createDataset(
      name, shape: (runs.map { [$0] } ?? []) + chunks.shape, datatype, layout: layout ?? .contiguous,
      fill: isFloating ? .nan : nil)
    try dataset.describe(
      [
        ("_FillValue", datatype == .float32 ? .single(.nan) : datatype == .float64 ? .number(.nan) : nil),
        ("long_name", .text(longName)), ("units", type == .bool ? nil : .text("1")), ("dtype", .text(type.name)),
      ], options.strings)
    return dataset
  }

  /// The type of the numbers, the pieces that they come in, and the level of their compression.
  private func plan() throws -> (datatype: HDF5Datatype, chunks: RowMajorChunks, level: Int?) {
    guard let datatype = type.storedDatatype, type.byteWidth != nil else {
      throw ExportError.unsupported(key: tensor.key, dtype: type.name)
    }
    let shape = tensor.shape + (components > 1 ? [components] : [])
    // HDF5 has no chunks of a scalar or of nothing.
    let level = shape.isEmpty || tensor.count == 0 ? nil : options.deflateLevel
    return (datatype, RowMajorChunks(of: shape, byteWidth: datatype.byteWidth), level)
  }

  /// Copies the values into a dataset.
  ///
  /// - Parameter run: The place of the tensor among those of all runs.
  /// - Throws: `CheckpointError` or ``ExportError/changed(model:key:)`` if the bytes aren't those that were compared.
  func copy(to dataset: borrowing HDF5Dataset, run: Int? = nil) async throws {
    let (datatype, chunks, level) = try plan()
    let pieces = TensorPieces(
      tensor: tensor, checkpoint: checkpoint, width: type.byteWidth ?? 1, storedWidth: datatype.byteWidth,
      components: components, verifies: options.verifies, chunks: chunks, level: level)
    let first = (run ?? 0) * chunks.shape.reduce(1, *)
    if options.verifies, tensor.checksum == nil { try checkpoint.verify(tensor) }
    var checksum: UInt32 = 0
    try await inOrder(count: pieces.chunks.count, width: options.threads) {
      try pieces.piece($0)
    } consume: { index, piece in
      checksum = CRC32C.combine(checksum, piece.checksum, secondCount: piece.byteCount)
      if pieces.level == nil {
        try dataset.write(bytes: piece.stored.span.bytes, at: first + pieces.chunks.elements(index).lowerBound)
      } else {
        try dataset.writeChunk(
          piece.stored.span.bytes, at: (run.map { [$0] } ?? []) + pieces.chunks.corner(index),
          filterMask: piece.filterMask)
      }
      progress.advance(.writing, by: piece.byteCount)
    }
    if options.verifies, let expected = tensor.checksum, expected != checksum {
      // The model knows the place in its files; if it finds nothing, they were changed under the reading.
      try checkpoint.verify(tensor)
      throw ExportError.changed(model: checkpoint.model.path, key: tensor.key)
    }
  }
}
