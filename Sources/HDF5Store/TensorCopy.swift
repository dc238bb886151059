import Checkpoints
import Comparison
import HDF5
import Tensors

/// One tensor on its way from a model to a dataset, in pieces, checked as they come.
struct TensorCopy {
  private static let pieceSize = 1 << 20

  private let tensor: StoredTensor
  private let checkpoint: any Checkpoint
  private let options: ExportOptions
  private let progress: WorkProgress
  private let byteFloats: [Float]?
  private var type: ElementType { tensor.elementType }
  /// Numbers in an element.
  private var components: Int { type.kind == .complex ? 2 : 1 }

  init(_ tensor: StoredTensor, of checkpoint: any Checkpoint, _ options: ExportOptions, _ progress: WorkProgress) {
    self.tensor = tensor
    self.checkpoint = checkpoint
    self.options = options
    self.progress = progress
    byteFloats = tensor.elementType.byteFloats
  }

  /// Writes the tensor as a dataset of a group that has the scales of its axes.
  ///
  /// - Throws: `CheckpointError` or ``ExportError/changed(model:key:)`` if the bytes aren't those that were compared.
  func write(_ name: String, longName: String, in group: borrowing HDF5Group) throws {
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
    let dataset = try group.createDataset(
      name, shape: shape, datatype, layout: options.deflateLevel.map { .chunked(deflate: $0) } ?? .contiguous,
      fill: isFloating ? .nan : nil)
    try attachAxes(tensor.shape, to: dataset, in: group)
    if components > 1 { try dataset.attach(try group.dataset("component"), toAxis: tensor.shape.count) }
    try dataset.describe(
      [
        ("_FillValue", datatype == .float32 ? .single(.nan) : datatype == .float64 ? .number(.nan) : nil),
        ("long_name", .text(longName)), ("units", type == .bool ? nil : .text("1")), ("dtype", .text(type.name)),
      ], options.strings)
    try copy(to: dataset, width: width)
  }

  private func copy(to dataset: borrowing HDF5Dataset, width: Int) throws {
    if options.verifies, tensor.checksum == nil { try checkpoint.verify(tensor) }
    let perPiece = Self.pieceSize / max(width, dataset.datatype.byteWidth)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, min(perPiece, tensor.count) * width), alignment: 64)
    defer { buffer.deallocate() }
    var checksum: UInt32 = 0
    for start in stride(from: 0, to: tensor.count, by: perPiece) {
      try Task.checkCancellation()
      let count = min(perPiece, tensor.count - start)
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * width)])
      try checkpoint.read(tensor, at: start * width, into: piece)
      let bytes = UnsafeRawBufferPointer(piece)
      if options.verifies { checksum = CRC32C.checksum(of: bytes, continuing: checksum) }
      try write(bytes, to: dataset, at: start)
      progress.advance(.writing, by: bytes.count)
    }
    if options.verifies, let expected = tensor.checksum, expected != checksum {
      // The model knows the place in its files; if it finds nothing, they were changed under the reading.
      try checkpoint.verify(tensor)
      throw ExportError.changed(model: checkpoint.model.path, key: tensor.key)
    }
  }

  /// Writes the elements from `start` on.
  private func write(
    _ bytes: UnsafeRawBufferPointer, to dataset: borrowing HDF5Dataset, at start: Int
  ) throws(HDF5Error) {
    func halves(_ value: (UInt16) -> Float) -> [Float] {
      stride(from: 0, to: bytes.count, by: 2).map {
        value(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self)))
      }
    }
    switch type {
    case .float16: try dataset.write(halves(Float.init(half:)), at: start)
    case .bfloat16: try dataset.write(halves(Float.init(brain:)), at: start)
    case .int4: try dataset.write(bytes.map { Int8(lowest: 4, of: $0) }, at: start)
    case .int2: try dataset.write(bytes.map { Int8(lowest: 2, of: $0) }, at: start)
    default:
      guard let byteFloats else { return try dataset.write(bytes: bytes.bytes, at: start * components) }
      try dataset.write(bytes.map { byteFloats[Int($0)] }, at: start)
    }
  }
}

/// Gives each axis of a dataset its scale.
func attachAxes(_ shape: [Int], to dataset: borrowing HDF5Dataset, in group: borrowing HDF5Group) throws(HDF5Error) {
  for axis in shape.indices { try dataset.attach(try group.dataset(axisName(axis)), toAxis: axis) }
}
