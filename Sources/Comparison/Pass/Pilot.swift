import CKernels
import Checkpoints
import Tensors

/// A look at a few elements before the pass, to place the histogram's edges and the shift of the sums.
///
/// Both tensors are pooled, so the edges don't know which is which, and the places are fixed, so the
/// same input gives the same edges.
package struct Pilot: Sendable {
  /// Subtracted in the centred sums; 0 unless the values lie far from 0 for their spread.
  package var shift = 0.0
  package var low = -1.0, high = 1.0
  /// Few distinct values, as quantisation leaves: ties would pass for a difference in shape.
  package var isGridA = false, isGridB = false
  /// Stored as different types: the rounding of the narrower one would pass for a difference in shape too.
  package var differsInType = false

  static let wholeBelow = 65_536
  private static let pieces = 16, pieceCount = 4_096

  package init() {}

  init(_ a: TensorSource, _ b: TensorSource) throws(CheckpointError) {
    differsInType = a.tensor.elementType != b.tensor.elementType
    let x = try Self.sample(a)
    let y = try Self.sample(b)
    let pooled = (x + y).filter(\.isFinite)
    guard !pooled.isEmpty else { return }
    let count = Double(pooled.count)
    let mean = pairwiseSum(pooled[...]) / count
    let variance = pairwiseSum(pooled.map { ($0 - mean) * ($0 - mean) }[...]) / count
    let deviation = variance.squareRoot()
    guard mean.isFinite, deviation.isFinite, (4 * deviation).isFinite else { return }
    if abs(mean) > deviation / 4 { shift = mean }
    // Not so narrow that the number of bins per unit of the values would overflow.
    let half = max(deviation > 0 ? 4 * deviation : max(abs(mean), 1), 0x1p-990)
    if mean - half < mean + half { (low, high) = (mean - half, mean + half) }
    isGridA = Self.isGrid(x)
    isGridB = Self.isGrid(y)
  }

  private static func isGrid(_ values: [Double]) -> Bool {
    let finite = values.filter { $0.isFinite && $0 != 0 }
    guard finite.count >= 1_000 else { return false }
    var distinct: Set<Double> = []
    // Weights that are no grid show it after a few.
    for value in finite where distinct.insert(value).inserted && distinct.count * 20 > finite.count { return false }
    return true
  }

  private static func sample(_ source: TensorSource) throws(CheckpointError) -> [Double] {
    let count = source.tensor.count
    var ranges = [0..<count]
    if count > wholeBelow {
      ranges = (0..<pieces).map { piece in
        let start = (count - pieceCount) / (pieces - 1) * piece
        return start..<start + pieceCount
      }
    }
    let components = source.tensor.elementType.components
    var values: [Double] = []
    for range in ranges where !range.isEmpty {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count * source.width, alignment: 16)
      defer { bytes.deallocate() }
      try source.read(range, into: bytes)
      var piece = [Double](repeating: 0, count: range.count * components)
      _ = piece.withUnsafeMutableBufferPointer {
        eqp_decode(source.tensor.elementType.rawValue, bytes.baseAddress, $0.baseAddress, range.count)
      }
      values += piece
    }
    return values
  }
}
