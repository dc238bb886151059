import Checkpoints
import Comparison
import HDF5
import Tensors

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
    guard let datatype = type.storedDatatype, let width = type.byteWidth else {
      throw ExportError.unsupported(key: tensor.key, dtype: type.name)
    }
    let isFloating = datatype == .float32 || datatype == .float64
    let shape = tensor.shape + (components > 1 ? [components] : [])
    let chunks = RowMajorChunks(of: shape, byteWidth: datatype.byteWidth)
    // HDF5 has no chunks of a scalar or of nothing.
    let level = shape.isEmpty || tensor.count == 0 ? nil : options.deflateLevel
    let dataset = try group.createDataset(
      name, shape: shape, datatype, layout: level.map { .chunked(shape: chunks.chunk, deflate: $0) } ?? .contiguous,
      fill: isFloating ? .nan : nil)
    try dataset.describe(
      [
        ("_FillValue", datatype == .float32 ? .single(.nan) : datatype == .float64 ? .number(.nan) : nil),
        ("long_name", .text(longName)), ("units", type == .bool ? nil : .text("1")), ("dtype", .text(type.name)),
      ], options.strings)
    let pieces = TensorPieces(
      tensor: tensor, checkpoint: checkpoint, width: width, storedWidth: datatype.byteWidth, components: components,
      verifies: options.verifies, chunks: chunks, level: level)
    try await copy(pieces, to: dataset)
  }

  private func copy(_ pieces: TensorPieces, to dataset: borrowing HDF5Dataset) async throws {
    if options.verifies, tensor.checksum == nil { try checkpoint.verify(tensor) }
    var checksum: UInt32 = 0
    try await inOrder(count: pieces.chunks.count, width: options.threads) {
      try pieces.piece($0)
    } consume: { index, piece in
      checksum = CRC32C.combine(checksum, piece.checksum, secondCount: piece.byteCount)
      if pieces.level == nil {
        try dataset.write(bytes: piece.stored.span.bytes, at: pieces.chunks.elements(index).lowerBound)
      } else {
        try dataset.writeChunk(
          piece.stored.span.bytes, at: pieces.chunks.corner(index), filterMask: piece.filterMask)
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
