import Tensors
import Threads

/// An array that lies somewhere in a file, as a format's catalogue describes it.
struct StoredArray: Sendable {
  var key: String
  var fullName: String
  var elementType: ElementType
  var shape: [Int]
  var place: Place
  /// Bytes of each number when they lie in big-endian order; 1 when nothing is to be reversed.
  var reversedWidth = 1
  /// Whether the first axis varies fastest, as in Fortran.
  var isColumnMajor = false
  /// Bytes in the file.
  var byteCount: Int
  var unreadable: String?

  enum Place: Sendable {
    /// From an offset in one of the checkpoint's files on.
    case file(Int, offset: Int)
    /// From an offset in a compressed archive member's content on.
    case member(ZipMember, offset: Int)
  }
}

/// A model in a format that is no more than arrays with names: safetensors, NumPy's.
///
/// Such formats have no checksums of their own; what an archive adds is checked by ``verify(_:)``.
final class ArrayCheckpoint: Checkpoint {
  let model: ModelDescription
  let tensors: [StoredTensor]
  private let arrays: [StoredArray]
  private let files: [RandomAccessFile]
  private let archive: ZipArchive?
  /// The column-major array that was read last, in row-major order.
  private let reordered = Locked<(index: Int, bytes: OwnedBytes)?>(nil)

  /// - Parameter arrays: In any order, with different keys, inside their files; counts and sizes were checked.
  init(model: ModelDescription, arrays: [StoredArray], files: [RandomAccessFile], archive: ZipArchive? = nil) {
    let arrays = arrays.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    self.model = model
    self.arrays = arrays
    self.files = files
    self.archive = archive
    tensors = arrays.enumerated().map { index, array in
      StoredTensor(
        index: index, key: array.key, elementType: array.elementType, shape: array.shape,
        count: elementCount(of: array.shape) ?? 0, byteCount: array.byteCount, fullName: array.fullName,
        unreadable: array.unreadable)
    }
  }

  private func locate(_ tensor: StoredTensor) throws(CheckpointError) -> StoredArray {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: model.path, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    let array = arrays[tensor.index]
    if let reason = array.unreadable { throw .unsupported(file: model.path, reason: "'\(array.key)': \(reason)") }
    return array
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let array = try locate(tensor)
    guard offset >= 0, offset <= array.byteCount, buffer.count <= array.byteCount - offset else {
      throw .corrupt(
        file: model.path, offset: 0,
        reason: "\(buffer.count) bytes from byte \(offset) on were asked of '\(array.key)', which has "
          + "\(array.byteCount)")
    }
    guard buffer.count > 0 else { return }
    if array.isColumnMajor {
      let bytes = try rowMajor(array, index: tensor.index)
      bytes.withBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count])) }
    } else {
      try ordered(array, at: offset, into: buffer)
    }
  }

  func place(of tensor: StoredTensor) -> FilePlace? {
    guard let array = try? locate(tensor), !array.isColumnMajor, array.reversedWidth == 1,
      case .file(let number, let start) = array.place, start <= files[number].size,
      array.byteCount <= files[number].size - start
    else { return nil }
    return FilePlace(file: files[number], offset: start)
  }

  /// Reads bytes in the order of the file, each number little-endian.
  private func ordered(
    _ array: StoredArray, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let width = array.reversedWidth
    guard width > 1 else { return try stored(array, at: offset, into: buffer) }
    let middle = min(buffer.count, (width - offset % width) % width)
    let whole = (buffer.count - middle) / width * width
    // Numbers that lie across an end of the buffer are read byte by byte from their mirrored places.
    try stored(
      array, at: offset + middle, into: UnsafeMutableRawBufferPointer(rebasing: buffer[middle..<middle + whole]))
    for start in stride(from: middle, to: middle + whole, by: width) {
      for index in 0..<width / 2 { buffer.swapAt(start + index, start + width - 1 - index) }
    }
    for index in Array(0..<middle) + Array(middle + whole..<buffer.count) {
      let position = offset + index
      let mirrored = position - position % width + (width - 1 - position % width)
      try stored(array, at: mirrored, into: UnsafeMutableRawBufferPointer(rebasing: buffer[index..<index + 1]))
    }
  }

  /// Reads bytes as they lie.
  private func stored(
    _ array: StoredArray, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    switch array.place {
    case .file(let number, let start): try files[number].fill(buffer, at: start + offset)
    case .member(let member, let start):
      guard let archive else { return }
      try archive.fill(buffer, from: member, at: start + offset)
    }
  }

  /// The whole of a column-major array in row-major order.
  ///
  /// - Complexity: O(array) memory, which the file backs; that of the array read last is kept.
  private func rowMajor(_ array: StoredArray, index: Int) throws(CheckpointError) -> OwnedBytes {
    if let known = reordered.withLock({ $0?.index == index ? $0?.bytes : nil }) { return known }
    let columns = try OwnedBytes(count: array.byteCount, file: model.path) { (buffer) throws(CheckpointError) in
      try ordered(array, at: 0, into: buffer)
    }
    let width = array.elementType.byteWidth ?? 1
    let shape = array.shape
    // Elements that one step along each axis passes in the file.
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    let rows = try OwnedBytes(count: array.byteCount, file: model.path) { (buffer) throws(CheckpointError) in
      columns.withBytes { source in
        var position = [Int](repeating: 0, count: shape.count)
        var from = 0
        for to in 0..<array.byteCount / width {
          for byte in 0..<width { buffer[to * width + byte] = source[from * width + byte] }
          for axis in shape.indices.reversed() {
            position[axis] += 1
            from += strides[axis]
            if position[axis] < shape[axis] { break }
            from -= strides[axis] * shape[axis]
            position[axis] = 0
          }
        }
      }
    }
    reordered.withLock { $0 = (index, rows) }
    return rows
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    throw .unsupported(file: model.path, reason: "'\(tensor.key)' can't be read as strings")
  }

  var hasChecksums: Bool { archive != nil }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    let array = try locate(tensor)
    switch array.place {
    case .file(let number, let start):
      // Seen again, as the file may have shrunk since it was opened.
      let size = FileStatus.find(files[number].path)?.size ?? files[number].size
      guard start <= size, array.byteCount <= size - start else {
        throw .truncated(
          file: files[number].path, offset: start, expected: array.byteCount, found: max(0, size - start))
      }
      try archive?.verify(holding: start)
    case .member(let member, _): try archive?.verify(member)
    }
  }

  func verifyFiles() -> FileVerification { FileVerification() }
}
