import Checkpoints
import Tensors

/// Whether two models consist of files of the same names and bytes.
///
/// Recorded fingerprints carry a random identifier, so only a copy has them all alike.
/// - Complexity: O(bytes), in pieces of 256 KiB; nothing is read where names or sizes differ.
func haveSameFiles(_ a: ModelDescription, _ b: ModelDescription) -> Bool {
  guard !a.files.isEmpty, a.files == b.files else { return false }
  return a.files.keys.allSatisfy { name in
    hasSameBytes(join(a.folder, name), join(b.folder, name))
  }
}

private func join(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }

/// Whether two files have the same bytes; `false` where one can't be read.
func hasSameBytes(_ a: String, _ b: String) -> Bool {
  guard let x = try? RandomAccessFile(path: a), let y = try? RandomAccessFile(path: b), x.size == y.size else {
    return false
  }
  let size = 256 << 10
  let buffers = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * size, alignment: 16)
  defer { buffers.deallocate() }
  for offset in stride(from: 0, to: x.size, by: size) {
    let count = min(size, x.size - offset)
    let left = UnsafeMutableRawBufferPointer(rebasing: buffers[..<count])
    let right = UnsafeMutableRawBufferPointer(rebasing: buffers[size..<size + count])
    guard (try? x.read(at: offset, into: left)) != nil, (try? y.read(at: offset, into: right)) != nil,
      let start = left.baseAddress, let other = right.baseAddress, hasEqualBytes(start, other, count)
    else { return false }
  }
  return true
}
