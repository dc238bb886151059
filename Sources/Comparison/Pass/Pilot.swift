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
    var pooled = x + y
    if !pooled.allSatisfy(\.isFinite) { pooled.removeAll { !$0.isFinite } }
    guard !pooled.isEmpty else { return }
    let count = Double(pooled.count)
    let mean = pairwiseSum(pooled[...]) / count
    for i in pooled.indices { pooled[i] = (pooled[i] - mean) * (pooled[i] - mean) }
    let deviation = (pairwiseSum(pooled[...]) / count).squareRoot()
    guard mean.isFinite, deviation.isFinite, (4 * deviation).isFinite else { return }
    if abs(mean) > deviation / 4 { shift = mean }
    // Not so narrow that the number of bins per unit of the values would overflow.
    let half = max(deviation > 0 ? 4 * deviation : max(abs(mean), 1), 0x1p-990)
    if mean - half < mean + half { (low, high) = (mean - half, mean + half) }
    isGridA = Self.isGrid(x)
    isGridB = Self.isGrid(y)
  }

  private static func isGrid(_ values: [Double]) -> Bool {
    func counts(_ value: Double) -> Bool { value.isFinite && value != 0 }
    let count = values.count(where: counts)
    guard count >= 1_000 else { return false }
    var distinct = Set<Double>(minimumCapacity: count / 20 + 1)
    // Weights that are no grid show it after a few.
    for value in values where counts(value) && distinct.insert(value).inserted && distinct.count * 20 > count {
      return false
    }
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
    let most = ranges.map(\.count).max() ?? 0
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: most * source.width, alignment: 16)
    defer { bytes.deallocate() }
    var values = [Double](repeating: 0, count: ranges.reduce(0) { $0 + $1.count } * components)
    var filled = 0
    for range in ranges where !range.isEmpty {
      try source.read(range, into: bytes)
      values.withUnsafeMutableBufferPointer {
        _ = eqp_decode(
          source.tensor.elementType.rawValue, bytes.baseAddress, $0.baseAddress.map { $0 + filled }, range.count)
      }
      filled += range.count * components
    }
    return values
  }
}
