import Tensors
import Threads

/// A V1 checkpoint: tables whose first entry lists the tensors and whose others hold their slices as messages.
///
/// A slice is decoded whole when it is read: memory holds the few that were read last.
///
/// ## Source
/// TensorFlow, `core/util/saved_tensor_slice.proto`, `core/util/tensor_slice_reader.cc`.
final class TensorSliceCheckpoint: Checkpoint {
  /// Where a tensor's slices are.
  enum Placement: Sendable {
    case numbers(SlicedTensor)
    case strings(SlicedTensor)
    case damaged(CheckpointError)
  }

  struct Slice: Hashable {
    var tensor: Int
    var number: Int
  }

  let model: ModelDescription
  let tensors: [StoredTensor]
  /// What the names of the checkpoint's files begin with; the graph is beside them.
  private let prefix: String
  private let tables: [Table]
  private let placements: [Placement]
  private let decoded = Locked<[(slice: Slice, bytes: [UInt8])]>([])

  /// Slices that stay decoded: neighbours in a partitioned tensor are read by turns.
  private static let mostDecoded = 4

  /// - Parameters:
  ///   - files: All files of the checkpoint.
  ///   - path: As the user gave it.
  /// - Complexity: O(first block of each file + graph).
  init(files: [String], path: String, warnings: [String] = []) throws(CheckpointError) {
    var tables: [Table] = []
    var listed = ListedTensors()
    for (number, path) in files.enumerated() {
      let file = try RandomAccessFile.opened(path)
      try GitLFS.refusePointer(file)
      let table = try Table(file: file)
      try listed.add(table, number)
      tables.append(table)
    }
    self.tables = tables
    let catalogue = listed.catalogue(files)
    placements = catalogue.placements
    var tensors = catalogue.tensors
    var model = ModelDescription(path: path, format: "V1 checkpoint", warnings: warnings)
    model.folder = Paths.folder(files.first ?? path)
    for table in tables { model.files[Paths.name(table.file.path)] = table.file.size }
    if let first = tables.first { model.fingerprint = hexadecimalDigits(try Fingerprint64.of(first.file)) }
    let prefix = TensorSliceFormat.prefix(of: files.first ?? path)
    self.prefix = prefix
    let graph = prefix + ".meta"
    if let status = FileStatus.find(graph), status.kind == .regular { model.files[Paths.name(graph)] = status.size }
    do { try MetaGraphFile(prefix: prefix)?.describe(&model, &tensors) } catch {
      model.warnings.append("The graph beside the checkpoint can't be read: \(error)")
    }
    self.tensors = tensors
    self.model = model
  }

  func graph() throws(CheckpointError) -> ComputationGraph? { try MetaGraphFile(prefix: prefix)?.graph() }

  private func locate(_ tensor: StoredTensor) throws(CheckpointError) -> (StoredTensor, Placement) {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: model.path, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    return (tensors[tensor.index], placements[tensor.index])
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    let sliced: SlicedTensor
    switch placement {
    case .numbers(let value): sliced = value
    case .strings:
      throw .unsupported(file: model.path, reason: "'\(tensor.key)' can't be read as numbers: its elements are strings")
    case .damaged(let error): throw error
    }
    guard offset >= 0, offset <= tensor.byteCount, buffer.count <= tensor.byteCount - offset else {
      throw .corrupt(
        file: model.path, offset: 0,
        reason:
          "\(buffer.count) bytes from byte \(offset) on were asked of '\(tensor.key)', which has \(tensor.byteCount)")
    }
    try sliced.read(at: offset, into: buffer) { (piece, position, part) throws(CheckpointError) in
      let bytes = try self.bytes(of: piece, tensor)
      bytes.withUnsafeBytes { all in
        if let wanted = all.part(position..<position + part.count) { part.copyMemory(from: wanted) }
      }
    }
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    switch placement {
    case .strings(let sliced):
      let slices = try sliced.pieces.map { (piece) throws(CheckpointError) in try strings(of: piece, tensor) }
      try sliced.forEachElement { (piece, element) throws(CheckpointError) in
        try slices[piece][element].withBytes(body)
      }
    case .numbers:
      throw .unsupported(
        file: model.path,
        reason: "'\(tensor.key)' can't be read as strings: its elements are \(tensor.elementType.name)")
    case .damaged(let error): throw error
    }
  }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    switch placement {
    case .numbers(let sliced):
      // Afresh: what is decoded already was right when it was read.
      for piece in sliced.pieces { _ = try decode(piece, tensor) }
    case .strings: try forEachString(in: tensor) { (_) throws(CheckpointError) in }
    case .damaged(let error): throw error
    }
  }

  func verifyFiles() -> FileVerification {
    var result = FileVerification()
    for table in tables {
      result.checked += 1
      do { try table.forEachEntry { (_, _, _) throws(CheckpointError) in } } catch { result.failures.append(error) }
    }
    return result
  }

  private func bytes(of piece: SlicedTensor.Piece, _ tensor: StoredTensor) throws(CheckpointError) -> [UInt8] {
    let slice = Slice(tensor: tensor.index, number: piece.number)
    if let known = decoded.withLock({ $0.first { $0.slice == slice }?.bytes }) { return known }
    let bytes = try decode(piece, tensor)
    decoded.withLock {
      $0.removeAll { $0.slice == slice }
      if $0.count >= Self.mostDecoded { $0.removeFirst() }
      $0.append((slice, bytes))
    }
    return bytes
  }

  /// Finds the slice and decodes its numbers.
  private func decode(_ piece: SlicedTensor.Piece, _ tensor: StoredTensor) throws(CheckpointError) -> [UInt8] {
    let count = piece.size / (tensor.elementType.byteWidth ?? 1)
    return try find(piece, tensor, expected: piece.size, unit: "bytes") { (value, bytes) throws(WireError) in
      if let content = value.content { return bytes.part(content).map { Array($0) } ?? [] }
      return try value.numbers(bytes, of: tensor.elementType, limit: count)
    }
  }

  /// Finds the slice and copies its strings.
  private func strings(of piece: SlicedTensor.Piece, _ tensor: StoredTensor) throws(CheckpointError) -> [[UInt8]] {
    try find(piece, tensor, expected: piece.size, unit: "strings") { (value, bytes) throws(WireError) in
      try value.strings(bytes, count: piece.size).map { bytes.part($0).map { Array($0) } ?? [] }
    }
  }

  /// Finds the slice by its name and place, decodes it and checks how much there is.
  private func find<Element>(
    _ piece: SlicedTensor.Piece, _ tensor: StoredTensor, expected: Int, unit: String,
    _ decode: (TensorMessage, UnsafeRawBufferPointer) throws(WireError) -> [Element]
  ) throws(CheckpointError) -> [Element] {
    let table = tables[piece.shard]
    var result: [Element]?
    try SavedSlice.forEach(named: tensor.key, in: table) { (slice, bytes, offset) throws(CheckpointError) in
      guard result == nil, slice.isAt(piece, in: tensor.shape) else { return }
      let found = try decoding("'\(tensor.key)'", of: table.file.path, at: offset) { () throws(WireError) in
        try decode(slice.value, bytes)
      }
      guard found.count == expected else {
        throw .corrupt(
          file: table.file.path, offset: offset,
          reason: "a slice of '\(tensor.key)' has \(found.count) \(unit), expected \(expected)")
      }
      result = found
    }
    guard let result else { throw missing(tensor, table) }
    return result
  }

  private func missing(_ tensor: StoredTensor, _ table: Table) -> CheckpointError {
    .corrupt(
      file: table.file.path, offset: 0, reason: "'\(tensor.key)' is listed, and a slice of it is not in the file")
  }
}
