import CKernels
import Statistics

/// A random sample of a pair's weights, read again: positions are drawn from the seed and are the same on both sides.
struct WeightSample: Sendable {
  private(set) var a: [Double] = []
  private(set) var b: [Double] = []
  /// Numbers in each tensor.
  let total: Int

  /// - Parameter limit: Positions at most; all of them where there are no more. Pairs that are not finite are left out.
  init(_ pass: PairPass, limit: Int, generator: Philox) throws {
    let count = pass.ranges.last?.upperBound ?? 0
    total = count
    let positions = Self.positions(limit, of: count, generator)
    var next = 0
    let progress = pass.progress
    progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var (crcA, crcB, identical): (UInt32, UInt32, Bool) = (0, 0, false)
    for range in pass.ranges {
      try pass.stream(range, crcA: &crcA, crcB: &crcB, identical: &identical) { start, x, y, _, n in
        while next < positions.count, positions[next] < start + n {
          let i = positions[next] - start
          if x[i].isFinite, y[i].isFinite {
            a.append(x[i])
            b.append(y[i])
          }
          next += 1
        }
      }
    }
  }

  /// Ascending and distinct, each subset as likely (Floyd's algorithm).
  private static func positions(_ limit: Int, of count: Int, _ generator: Philox) -> [Int] {
    if count <= limit { return Array(0..<count) }
    var words = PhiloxSequence(generator, .pilot, replicate: 2)
    var chosen: Set<Int> = []
    for last in count - limit..<count {
      let candidate = min(last, Int(words.uniform() * Double(last + 1)))
      if !chosen.insert(candidate).inserted { chosen.insert(last) }
    }
    return chosen.sorted()
  }

  /// One side with its atom at zero taken out.
  struct Side {
    let values: [Double]
    let atomShare: Double
    /// The mean of what is left, where every family is placed.
    let location: Double

    init(_ weights: [Double]) {
      let square = pairwiseSum(weights.map { $0 * $0 }[...]) / Double(max(weights.count, 1))
      let limit = 1e-6 * square.squareRoot()
      values = weights.filter { abs($0) >= limit && $0 != 0 }
      atomShare = weights.isEmpty ? 0 : Double(weights.count - values.count) / Double(weights.count)
      location = Self.mean(values)
    }

    static func mean(_ x: [Double]) -> Double { x.isEmpty ? 0 : pairwiseSum(x[...]) / Double(x.count) }
  }
}
