import CKernels
import Checkpoints
import Tensors

/// Tensors that are read whole, as they are facts about a model rather than weights.
extension Checkpoint {
  /// Elements beyond which a tensor is no such fact.
  static var mostValues: Int { 1 << 20 }

  /// The numbers of a tensor, complex ones as two; every checksum that covers them is checked.
  ///
  /// - Returns: `nil` for strings, for what has no numeric value, and for more than 2²⁰ elements.
  func numbers(_ tensor: StoredTensor) throws(CheckpointError) -> [Double]? {
    guard tensor.elementType.isNumeric, let width = tensor.elementType.byteWidth, tensor.unreadable == nil,
      tensor.count <= Self.mostValues
    else { return nil }
    try verify(tensor)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, tensor.count * width), alignment: 16)
    defer { buffer.deallocate() }
    try read(tensor, at: 0, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(tensor.count * width)]))
    let count = tensor.count * tensor.elementType.components
    return [Double](unsafeUninitializedCapacity: max(1, count)) { values, initialized in
      initialized = 0
      if let start = values.baseAddress, let bytes = buffer.baseAddress,
        eqp_decode(tensor.elementType.rawValue, bytes, start, count) == 1
      {
        initialized = count
      }
    }
  }

  /// The only number of a tensor, whole ones exactly; `nil` where it has more or none.
  func scalar(_ tensor: StoredTensor) throws(CheckpointError) -> JSONValue? {
    guard tensor.count == 1, tensor.elementType.components == 1 else { return nil }
    if tensor.elementType == .int64, tensor.unreadable == nil {
      try verify(tensor)
      var value: Int64 = 0
      var failure: CheckpointError?
      withUnsafeMutableBytes(of: &value) { buffer in
        do throws(CheckpointError) { try read(tensor, at: 0, into: buffer) } catch { failure = error }
      }
      if let failure { throw failure }
      return .integer(Int(Int64(littleEndian: value)))
    }
    guard let value = try numbers(tensor)?.first else { return nil }
    switch tensor.elementType.kind {
    case .integer: return .integer(Int(value))
    default: return tensor.elementType == .bool ? .bool(value != 0) : .number(value)
    }
  }

  /// The elements of a tensor as text: strings as they are, what is not UTF-8 repaired, numbers in digits.
  ///
  /// - Returns: `nil` for more than 2²⁸ bytes, or what has no value.
  func texts(_ tensor: StoredTensor) throws(CheckpointError) -> [String]? {
    guard tensor.unreadable == nil, tensor.byteCount <= 1 << 28 else { return nil }
    if tensor.elementType == .string {
      var result: [String] = []
      try forEachString(in: tensor) { (bytes) throws(CheckpointError) in
        result.append(String(decoding: bytes, as: UTF8.self))
      }
      return result
    }
    let isWhole = tensor.elementType.kind == .integer
    return try numbers(tensor)?.map { isWhole && abs($0) < 0x1p53 ? "\(Int($0))" : "\($0)" }
  }
}
