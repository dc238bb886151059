import Checkpoints
import Tensors

/// What a model is fed: one array, or several by the names of the signature's inputs.
public struct ModelInputs: Sendable {
  public let arrays: [String: InputArray]
  /// As the user gave it.
  public let path: String
  /// Whether the names are those of inputs.
  public let isNamed: Bool

  /// Opens an array, or all arrays of an archive, whose names are then those of the signature's inputs.
  ///
  /// Arrays of NumPy's formats are read batch by batch.
  /// - Throws: ``BehaviorError`` and what the readers throw.
  public init(at path: String) throws {
    self.path = path
    if arrayFile(of: path) == path, path.lowercased().hasSuffix(".npz") {
      let archive = try NumPyFormat.open(path, tag: nil)
      var arrays: [String: InputArray] = [:]
      for tensor in archive.tensors {
        arrays[tensor.key] = try InputArray(tensor, of: archive, path: "\(path):\(tensor.key)")
      }
      self.arrays = arrays
      isNamed = arrays.count > 1
    } else if path.lowercased().hasSuffix(".npy"), FileStatus.find(path) != nil {
      let archive = try NumPyFormat.open(path, tag: nil)
      arrays = try ["": InputArray(archive.tensors[0], of: archive, path: path)]
      isNamed = false
    } else {
      arrays = ["": InputArray(try readArray(at: path))]
      isNamed = false
    }
    let counts = Set(arrays.values.map(\.count))
    guard counts.count == 1, let count = counts.first, count > 0 else {
      throw BehaviorError(
        path,
        counts.isEmpty
          ? "holds no array"
          : counts == [0]
            ? "holds no examples" : "its arrays have \(counts.sorted()) examples; expected as many in each")
    }
  }

  public var count: Int { arrays.values.first?.count ?? 0 }
}

/// An array of examples, in memory or where it is stored.
public struct InputArray: Sendable {
  private enum Source: Sendable {
    case memory(NumericArray)
    case stored(StoredTensor, any Checkpoint)
  }

  public let path: String
  public let dtype: String
  public let shape: [Int]
  private let source: Source

  init(_ array: NumericArray) {
    path = array.path
    dtype = array.dtype
    shape = array.shape
    source = .memory(array)
  }

  /// - Throws: ``BehaviorError`` for elements that are no real numbers; ``CheckpointError`` where a checksum fails.
  init(_ tensor: StoredTensor, of checkpoint: any Checkpoint, path: String) throws {
    try checkReal(tensor, path: path)
    try checkpoint.verify(tensor)
    self.path = path
    dtype = tensor.elementType.name
    shape = tensor.shape
    source = .stored(tensor, checkpoint)
  }

  public var count: Int { shape.first ?? 1 }

  /// Numbers an example.
  public var width: Int { shape.dropFirst().reduce(1, *) }

  var texts: [String]? {
    guard case .memory(let array) = source else { return nil }
    return array.texts
  }

  /// Examples `range` as the elements that a model wants.
  ///
  /// - Throws: ``BehaviorError`` for NaN, infinities and numbers that the type can't hold; ``CheckpointError``.
  func encoded(_ range: Range<Int>, as type: ElementType, input: String) throws -> [UInt8] {
    let numbers: NumericArray
    var stored: [UInt8]?
    switch source {
    case .memory(let array):
      numbers = NumericArray(
        path: path, dtype: dtype, isInteger: array.isInteger, shape: [range.count] + shape.dropFirst(),
        values: Array(array.values[range.lowerBound * width..<range.upperBound * width]))
    case .stored(let tensor, let checkpoint):
      let size = tensor.elementType.byteWidth ?? 1
      var bytes = [UInt8](repeating: 0, count: range.count * width * size)
      try bytes.withUnsafeMutableBytes { try checkpoint.read(tensor, at: range.lowerBound * width * size, into: $0) }
      numbers = NumericArray(
        path: path, dtype: dtype, isInteger: false, shape: [range.count] + shape.dropFirst(),
        values: try decode(bytes, as: tensor.elementType, count: range.count * width, path: path))
      // The very bytes: whole numbers beyond 2⁵³ keep their last digits.
      if tensor.elementType == type { stored = bytes }
    }
    try numbers.checkFinite(from: range.lowerBound)
    return try stored ?? numbers.encoded(as: type, input: input, from: range.lowerBound)
  }
}
