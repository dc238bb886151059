import CKernels
import Tensors

extension PairPass {
  /// A core's second-level cache holds two of these.
  private static let readSize = 256 << 10
  /// Where a row is so long that few are read together, more is read: sums of columns go through the table once a read.
  private static let longestRead = 1 << 20, rowsTogether = 8
  private static let blockSize = 1_024

  /// Both sides are of one type whose bytes the kernels take as they are.
  var takesElements: Bool {
    a.tensor.elementType == b.tensor.elementType && eqp_takes_elements(a.tensor.elementType.rawValue) != 0
  }

  /// Real numbers that are read at a time: whole rows where units are columns.
  private var together: Int {
    let bytes = max(a.width, b.width)
    let plain = Self.readSize / bytes * components
    let row = view.units * inner
    if hasRows || row <= 0 || row * bytes / components * Self.rowsTogether > Self.longestRead { return plain }
    let rows = wantsUnitHistograms ? Self.longestRead / bytes * components / row : plain / row
    return max(rows, Self.rowsTogether) * row
  }

  /// Reads a range of real numbers piece by piece, and hands over position, bytes of a, bytes of b and the elements' count.
  ///
  /// - Parameter part: Gets checksums, where they are verified, and whether the bytes are the same; `nil` where that is known.
  func stream(
    _ range: Range<Int>, _ workspace: Workspace, checked part: inout Part,
    _ take: (Int, UnsafeRawPointer, UnsafeRawPointer, Int) throws -> Void
  ) throws {
    try stream(range, workspace) { position, x, y, n in
      // First, for that overlaps with waiting for memory; afterwards the piece is in a core's cache.
      try take(position, x, y, n)
      if verifies {
        part.crcA = eqp_crc32c(part.crcA, x, n * a.width)
        part.crcB = eqp_crc32c(part.crcB, y, n * b.width)
      }
      part.bytesA += n * a.width
      part.bytesB += n * b.width
      part.identical = part.identical && hasEqualBytes(x, y, n * a.width)
    }
  }

  /// The same for those who stream again.
  func stream(
    _ range: Range<Int>, _ workspace: Workspace,
    _ take: (Int, UnsafeRawPointer, UnsafeRawPointer, Int) throws -> Void
  ) throws {
    let each = min(together, range.count) / components
    let elements = range.lowerBound / components..<range.upperBound / components
    guard each > 0 else { return }
    var piecesA = TensorPieces(a, from: elements.lowerBound, room: &workspace.rawA, most: each)
    var piecesB = TensorPieces(b, from: elements.lowerBound, room: &workspace.rawB, most: each)
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: each) {
      try Task.checkCancellation()
      let piece = start..<min(start + each, elements.upperBound)
      let x = try piecesA.bytes(piece)
      let y = try piecesB.bytes(piece)
      try take(piece.lowerBound * components, x, y, piece.count)
      progress.advance(.reading, by: piece.count * (a.width + b.width))
    }
    try piecesA.finish()
    try piecesB.finish()
  }

  /// Decodes `n` elements block by block, and hands over the place of the first number, a, b, b − a and how many.
  func decode(
    _ x: UnsafeRawPointer, _ y: UnsafeRawPointer, _ n: Int, _ workspace: Workspace,
    _ take: (Int, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Void
  ) {
    let values = workspace.values.hold(3 * Self.blockSize)
    let a = values
    let b = values + Self.blockSize
    let d = values + 2 * Self.blockSize
    let typeA = self.a.tensor.elementType.rawValue
    let typeB = self.b.tensor.elementType.rawValue
    let perBlock = Self.blockSize / components
    for first in stride(from: 0, to: n, by: perBlock) {
      let some = min(perBlock, n - first)
      let atA = x + first * self.a.width
      let atB = y + first * self.b.width
      _ = eqp_decode(typeA, atA, a, some)
      _ = eqp_decode(typeB, atB, b, some)
      eqp_differences(typeA, typeB, atA, atB, a, b, d, some)
      take(first * components, a, b, d, some * components)
    }
  }

  /// Reads a range of real numbers, decodes it block by block, and hands over position, a, b, b − a and count.
  ///
  /// - Parameters:
  ///   - crcA, crcB: Continued over the bytes, where checksums are verified.
  ///   - identical: Stays true as long as the bytes are the same.
  func stream(
    _ range: Range<Int>, crcA: inout UInt32, crcB: inout UInt32, identical: inout Bool,
    _ take: (Int, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Void
  ) throws {
    let workspace = Workspace.borrow()
    defer { workspace.giveBack() }
    var part = Part(workspace: workspace, firstUnit: 0, units: 0, stride: 0, identical: identical)
    (part.crcA, part.crcB) = (crcA, crcB)
    try stream(range, workspace, checked: &part) { position, x, y, n in
      decode(x, y, n, workspace) { take(position + $0, $1, $2, $3, $4) }
    }
    (crcA, crcB, identical) = (part.crcA, part.crcB, part.identical)
  }

  /// Type, a, b and count of every piece of a range; what the kernels don't take as it is comes decoded, as float64.
  func forEachPiece(
    _ range: Range<Int>, _ workspace: Workspace,
    _ take: (Int32, UnsafeRawPointer, UnsafeRawPointer, Int) -> Void
  ) throws {
    let type = a.tensor.elementType
    let isKnown = takesElements
    try stream(range, workspace) { _, x, y, n in
      if isKnown { return take(type.rawValue, x, y, n) }
      decode(x, y, n, workspace) { take(ElementType.float64.rawValue, $1, $2, $4) }
    }
  }
}
