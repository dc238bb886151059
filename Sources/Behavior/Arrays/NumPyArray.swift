import CKernels
import Checkpoints
import Tensors

/// Reads one array of a `.npy` or `.npz` file.
func readNumPyArray(_ file: String, name: String?, path: String) throws -> NumericArray {
  let archive = try NumPyFormat.open(file, tag: nil)
  let tensors = archive.tensors
  let chosen: StoredTensor
  if let name {
    guard let found = tensors.first(where: { $0.key == name }) else {
      throw BehaviorError(file, "has no array '\(name)'; there are \(listed(tensors.map(\.key)))")
    }
    chosen = found
  } else if tensors.count == 1 {
    chosen = tensors[0]
  } else {
    throw BehaviorError(
      file,
      tensors.isEmpty
        ? "holds no array"
        : "holds \(tensors.count) arrays; choose one by \(file):NAME, of \(listed(tensors.map(\.key)))")
  }
  return try decode(chosen, of: archive, path: path)
}

/// A tensor's elements as doubles, after its checksums.
func decode(_ tensor: StoredTensor, of checkpoint: any Checkpoint, path: String) throws -> NumericArray {
  let width = try checkReal(tensor, path: path)
  try checkpoint.verify(tensor)
  let values = try decodedValues(of: tensor, in: checkpoint, width: width)
  let isInteger = [.integer, .boolean].contains(tensor.elementType.kind)
  if isInteger, let index = values.firstIndex(where: { abs($0) >= 0x1p53 }) {
    throw BehaviorError(path, "element \(index) is a whole number beyond 2⁵³, which is not read exactly")
  }
  return NumericArray(
    path: path, dtype: tensor.elementType.name, isInteger: isInteger, shape: tensor.shape, values: values)
}

/// Bytes of an element, which must be a real number.
@discardableResult
func checkReal(_ tensor: StoredTensor, path: String) throws(BehaviorError) -> Int {
  if let reason = tensor.unreadable { throw BehaviorError(path, "'\(tensor.key)' can't be read: \(reason)") }
  guard let width = tensor.elementType.byteWidth, tensor.elementType.kind != .complex else {
    throw BehaviorError(path, "'\(tensor.key)' holds \(tensor.elementType.name) elements; expected real numbers")
  }
  return width
}

/// Elements of a fixed width as doubles.
func decode(
  _ bytes: [UInt8], as type: ElementType, count: Int, path: String
) throws(BehaviorError) -> [Double] {
  var values = [Double](repeating: 0, count: count)
  guard bytes.withUnsafeBytes({ eqp_decode(type.rawValue, $0.baseAddress, &values, count) }) != 0 else {
    throw BehaviorError(path, "\(type.name) elements have no numeric value")
  }
  return values
}

private func decodedValues(
  of tensor: StoredTensor, in checkpoint: any Checkpoint, width: Int
) throws(CheckpointError) -> [Double] {
  let piece = 32_768
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * width, alignment: 16)
  defer { bytes.deallocate() }
  var values: [Double] = []
  values.reserveCapacity(tensor.count)
  var decoded = [Double](repeating: 0, count: piece)
  for first in stride(from: 0, to: tensor.count, by: piece) {
    let count = min(piece, tensor.count - first)
    try checkpoint.read(
      tensor, at: first * width, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * width)]))
    guard eqp_decode(tensor.elementType.rawValue, bytes.baseAddress, &decoded, count) != 0 else {
      throw .unsupported(file: tensor.key, reason: "\(tensor.elementType.name) elements have no numeric value")
    }
    values.append(contentsOf: decoded[..<count])
  }
  return values
}
