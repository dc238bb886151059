import Tensors
import Threads

/// A graph whose constants, of numbers and of strings, are its tensors.
///
/// Constants that are stored at once are read by position. Those in shorthand (one value for many elements, or none for
/// zeros) are expanded as they are read. The format has no checksums.
///
/// ## Source
/// TensorFlow, `core/framework/{graph,node_def,attr_value}.proto`; shorthand, `core/framework/tensor.cc`.
final class FrozenGraph: Checkpoint {
  enum Placement: Sendable {
    /// All bytes, from an offset in the file on.
    case content(offset: Int)
    /// A list of numbers within the message at this place.
    case list(message: Range<Int>)
    case damaged(CheckpointError)
  }

  let model: ModelDescription
  let tensors: [StoredTensor]
  private let source: MessageSource
  private let placements: [Placement]
  /// Strings that a shorthand may stand for: nothing in the file backs their number.
  private static let mostRepeated = 1 << 20
  /// The list that was read last.
  private let decoded = Locked<(index: Int, bytes: [UInt8])?>(nil)

  /// - Complexity: O(file), which is mapped, or else in memory, until the constants are listed.
  init(path: String) throws(CheckpointError) {
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    let source: MessageSource = path.hasSuffix(".pbtxt") ? try .text(file, as: "GraphDef") : .file(file)
    self.source = source
    var model = ModelDescription(path: path, format: FrozenGraphFormat.name)
    model.folder = Paths.folder(path)
    model.files = [Paths.name(path): file.size]
    (tensors, placements, model.fingerprint) = try source.withBytes { (bytes) throws(CheckpointError) in
      let (constants, operations) = try source.decoding("the graph") { () throws(WireError) in
        var operations = OperationCount()
        try operations.countGraph(bytes, 0..<bytes.count)
        return (try Constant.all(in: bytes), operations)
      }
      guard operations.nodes > 0 else {
        throw .corrupt(file: path, offset: 0, reason: "no nodes are in it, so this is no graph")
      }
      model.structure = .object([
        "nodes": .integer(operations.nodes), "functions": .integer(operations.functions),
        "operations": .object(operations.operations.mapValues { .integer($0) }),
      ])
      let (tensors, placements) = try Self.catalogue(constants, file: path)
      return (tensors, placements, hexadecimalDigits(Fingerprint64.of(bytes)))
    }
    if !tensors.contains(where: { $0.elementType.kind == .floatingPoint && !$0.shape.isEmpty }) {
      model.warnings.append("No constant looks like a weight: the graph may not be frozen.")
    }
    self.model = model
  }

  private static func catalogue(
    _ constants: [Constant], file: String
  ) throws(CheckpointError) -> ([StoredTensor], [Placement]) {
    var tensors: [StoredTensor] = []
    var placements: [Placement] = []
    var previous: String?
    for constant in constants.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      let type = constant.elementType
      // Handles and objects mean nothing outside the program that made them.
      guard let width = type.byteWidth ?? (type == .string ? 1 : nil) else { continue }
      guard constant.name != previous else {
        throw .corrupt(
          file: file, offset: constant.message.lowerBound, reason: "two nodes are named '\(constant.name)'")
      }
      previous = constant.name
      let shape = constant.value.shape.dimensions ?? []
      let count = elementCount(of: shape)
      let size = count.map { $0.multipliedReportingOverflow(by: width) }
      let placement: Placement
      if let size, !size.overflow, constant.value.shape.dimensions != nil {
        switch type == .string ? nil : constant.value.content {
        case .some(let range) where range.count == size.partialValue: placement = .content(offset: range.lowerBound)
        // An empty content stands for none.
        case .some(let range) where !range.isEmpty:
          placement = .damaged(
            .corrupt(
              file: file, offset: range.lowerBound,
              reason: "'\(constant.name)' has \(range.count) bytes, expected \(size.partialValue)"))
        default: placement = .list(message: constant.message)
        }
      } else {
        placement = .damaged(
          .corrupt(
            file: file, offset: constant.message.lowerBound,
            reason: "'\(constant.name)' has the shape \(shape), which can't be counted"))
      }
      let byteCount =
        type == .string ? constant.message.count : size.map { $0.overflow ? 0 : $0.partialValue } ?? 0
      tensors.append(
        StoredTensor(
          index: tensors.count, key: constant.name, elementType: type, shape: shape, count: count ?? 0,
          byteCount: byteCount, fullName: constant.name, recordedRole: role(of: type, shape)))
      placements.append(placement)
    }
    return (tensors, placements)
  }

  /// Of numbers, weights have axes and are no plain integers; strings are told by their type.
  private static func role(of type: ElementType, _ shape: [Int]) -> String? {
    if type == .string { return nil }
    return [.floatingPoint, .quantized].contains(type.kind) && !shape.isEmpty ? nil : "constant"
  }

  private func locate(_ tensor: StoredTensor) throws(CheckpointError) -> (StoredTensor, Placement) {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: source.path, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    return (tensors[tensor.index], placements[tensor.index])
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    if case .damaged(let error) = placement { throw error }
    guard tensor.elementType != .string else {
      throw .unsupported(
        file: source.path, reason: "'\(tensor.key)' can't be read as numbers: its elements are strings")
    }
    guard offset >= 0, offset <= tensor.byteCount, buffer.count <= tensor.byteCount - offset else {
      throw .corrupt(
        file: source.path, offset: 0,
        reason:
          "\(buffer.count) bytes from byte \(offset) on were asked of '\(tensor.key)', which has \(tensor.byteCount)")
    }
    guard buffer.count > 0 else { return }
    switch placement {
    case .content(let start): try source.fill(buffer, at: start + offset)
    case .list(let message): try expand(try values(of: tensor, message), tensor, at: offset, into: buffer)
    case .damaged(let error): throw error
    }
  }

  /// Fills `buffer` with listed values, then with the last of them, or with zeros where there is none.
  private func expand(
    _ values: [UInt8], _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let width = tensor.elementType.byteWidth ?? 1
    for index in 0..<buffer.count {
      let position = offset + index
      if position < values.count {
        buffer[index] = values[position]
      } else {
        buffer[index] = values.isEmpty ? 0 : values[values.count - width + position % width]
      }
    }
  }

  private func values(of tensor: StoredTensor, _ message: Range<Int>) throws(CheckpointError) -> [UInt8] {
    if let known = decoded.withLock({ $0?.index == tensor.index ? $0?.bytes : nil }) { return known }
    let stored = try source.bytes(at: message.lowerBound, count: message.count)
    let bytes = try stored.withBytes { (bytes) throws(CheckpointError) in
      try source.decoding("'\(tensor.key)'", at: message.lowerBound) { () throws(WireError) in
        try TensorMessage(bytes, 0..<bytes.count).numbers(bytes, of: tensor.elementType, limit: tensor.count)
      }
    }
    decoded.withLock { $0 = (tensor.index, bytes) }
    return bytes
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    if case .damaged(let error) = placement { throw error }
    guard tensor.elementType == .string, case .list(let message) = placement else {
      throw .unsupported(
        file: source.path,
        reason: "'\(tensor.key)' can't be read as strings: its elements are \(tensor.elementType.name)")
    }
    let stored = try source.bytes(at: message.lowerBound, count: message.count)
    try stored.withBytes { (bytes) throws(CheckpointError) in
      let strings = try source.decoding("'\(tensor.key)'", at: message.lowerBound) { () throws(WireError) in
        try TensorMessage(bytes, 0..<bytes.count).strings(bytes, count: tensor.count)
      }
      guard tensor.count <= max(strings.count, Self.mostRepeated) else {
        throw .unsupported(
          file: source.path,
          reason: "'\(tensor.key)' repeats \(strings.count) strings to \(tensor.count), more than \(Self.mostRepeated)")
      }
      for index in 0..<tensor.count {
        let range = index < strings.count ? strings[index] : strings.last ?? 0..<0
        try body(bytes.part(range) ?? UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
  }

  var hasChecksums: Bool { false }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    // No checksum is recorded: that the bytes are there and decode is all there is to check.
    switch try locate(tensor) {
    case (_, .damaged(let error)): throw error
    case (let tensor, .list) where tensor.elementType == .string:
      try forEachString(in: tensor) { (_) throws(CheckpointError) in }
    case (let tensor, .list(let message)): _ = try values(of: tensor, message)
    case (let tensor, .content(let start)):
      guard start + tensor.byteCount <= source.size else {
        throw .truncated(
          file: source.path, offset: start, expected: tensor.byteCount, found: max(0, source.size - start))
      }
    }
  }

  func verifyFiles() -> FileVerification { FileVerification() }

  func graph() throws(CheckpointError) -> ComputationGraph? {
    try source.withBytes { (bytes) throws(CheckpointError) in
      try source.decoding("the graph") { () throws(WireError) in
        try GraphReader.read(bytes, 0..<bytes.count, source: source, omitsWeights: true)
      }
    }
  }
}
