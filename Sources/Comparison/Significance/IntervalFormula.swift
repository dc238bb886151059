import CKernels
import Results
import Statistics

/// The quantities as functions of column sums over units.
struct IntervalFormula: Sendable {
  static let fields: [eqp_field] = [
    eqp_count, eqp_sum_a, eqp_sum_b, eqp_shifted_aa, eqp_shifted_bb, eqp_sum_aa, eqp_sum_bb, eqp_sum_ab, eqp_sum_d,
    eqp_sum_dd,
  ]
  let shift: Double
  private let bins: Int
  private let occupied: OccupiedBins
  private let width: Double
  private var hasHistograms: Bool
  private let dead: Set<Int>

  init(_ sample: UnitSample) {
    shift = sample.pair.pilot.shift
    bins = sample.sums.bins + 2
    occupied = sample.sums.occupiedBins()
    width = sample.sums.width
    hasHistograms = !sample.sums.histogramA.isEmpty
    dead = Set(deadUnits(sample.sums.normA)).union(deadUnits(sample.sums.normB))
  }

  /// Sums, norms of the units that live on both sides, histograms.
  var count: Int { Self.fields.count + 2 + (hasHistograms ? 2 * occupied.count : 0) }

  /// What is summed over the units, shape `[units, count]`.
  func values(_ sample: UnitSample) -> [Double] {
    let width = count
    let sums = sample.sums
    return [Double](unsafeUninitializedCapacity: sample.units * width) { values, initialized in
      for u in 0..<sample.units {
        let row = u * width
        for (j, field) in Self.fields.enumerated() { values[row + j] = sums[field, u] }
        let isDead = dead.contains(u)
        values[row + Self.fields.count] = isDead ? 0 : sums.normA[u]
        values[row + Self.fields.count + 1] = isDead ? 0 : sums.normB[u]
        guard hasHistograms else { continue }
        let first = row + Self.fields.count + 2
        sums.histogramA.withUnsafeBufferPointer { a in
          for (i, j) in occupied.places.enumerated() { values[first + i] = Double(a[u * bins + j]) }
        }
        sums.histogramB.withUnsafeBufferPointer { b in
          for (i, j) in occupied.places.enumerated() { values[first + occupied.count + i] = Double(b[u * bins + j]) }
        }
      }
      initialized = sample.units * width
    }
  }

  /// Sums over units, by halves, as ``pairwiseSum(_:)``.
  func totals(_ values: [Double]) -> [Double] {
    let width = count
    func sum(_ units: Range<Int>, _ values: UnsafeBufferPointer<Double>) -> [Double] {
      var total = [Double](repeating: 0, count: width)
      if units.count <= 8 {
        for u in units { for j in 0..<width { total[j] += values[u * width + j] } }
        return total
      }
      let middle = units.lowerBound + units.count / 2
      total = sum(units.lowerBound..<middle, values)
      let other = sum(middle..<units.upperBound, values)
      for j in 0..<width { total[j] += other[j] }
      return total
    }
    return values.withUnsafeBufferPointer { sum(0..<values.count / width, $0) }
  }

  func evaluate(_ sums: [Double]) -> [Double] {
    var output = [Double](repeating: .nan, count: PairIntervals.Quantity.allCases.count)
    sums.withUnsafeBufferPointer { sums in output.withUnsafeMutableBufferPointer { evaluate(sums, $0) } }
    return output
  }

  func evaluate(_ s: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>) {
    for i in output.indices { output[i] = .nan }
    let n = s[0]
    guard n > 0 else { return }
    let aa = s[5]
    let bb = s[6]
    let sa = s[1] - n * shift
    let sb = s[2] - n * shift
    let variance = (s[3] + s[4] - (sa + sb) * (sa + sb) / (2 * n)) / (2 * n)
    let deviation = max(0, variance).squareRoot()
    func set(_ quantity: PairIntervals.Quantity, _ value: Double?) { output[quantity.rawValue] = value ?? .nan }
    set(.meanShiftPerSD, s[8] / n / deviation)
    set(.meanUnitNormRatio, s[11] / s[10])
    set(.relativeL2, (s[9] / aa).squareRoot())
    set(.cosineSimilarity, clampedToUnit(s[7] / (aa.squareRoot() * bb.squareRoot())))
    set(.meanSquaredDifference, s[9] / n)
    set(.normRatio, (bb / aa).squareRoot())
    guard hasHistograms else { return }
    let a = UnsafeBufferPointer(rebasing: s[12..<12 + occupied.count])
    let b = UnsafeBufferPointer(rebasing: s[(12 + occupied.count)...])
    guard let distances = BinnedDistances(a, b, smoothing: PairSums.smoothing, occupied: occupied) else { return }
    set(.wasserstein1, distances.wassersteinInBins * width)
    set(.wasserstein1PerSD, distances.wassersteinInBins * width / deviation)
    set(.ks, distances.kolmogorovSmirnov)
    set(.jensenShannon, distances.jensenShannon)
    set(.klAB, distances.klAB)
    set(.klBA, distances.klBA)
  }

  /// The same without distances of histograms, which cost the most.
  var withoutHistograms: IntervalFormula {
    var plain = self
    plain.hasHistograms = false
    return plain
  }

  /// U ∂θ/∂w_u by central differences, by quantity, shape `[quantities][units]`. Every quantity is unchanged when all weights are
  /// doubled, so the values have mean 0. Those of divergences are NaN unless `withHistograms`.
  func influences(_ values: [Double], totals: [Double], withHistograms: Bool) -> [[Double]] {
    let step = 1e-4
    let formula = withHistograms ? self : withoutHistograms
    let units = values.count / count
    let factor = Double(units) / (2 * step)
    return transposed(
      (0..<units).map { u in
        let up = formula.evaluate(sum(totals, values, u, step, formula.count))
        let down = formula.evaluate(sum(totals, values, u, -step, formula.count))
        return zip(up, down).map { factor * ($0 - $1) }
      })
  }

  /// Jackknife influence values, shape `[quantities][units]`.
  func jackknife(_ values: [Double], totals: [Double]) -> [[Double]] {
    transposed((0..<values.count / count).map { evaluate(sum(totals, values, $0, -1, count)) }).map(jackknifeInfluence)
  }

  /// The first `taken` totals, and a unit's share of them `weight` times more.
  private func sum(_ totals: [Double], _ values: [Double], _ unit: Int, _ weight: Double, _ taken: Int) -> [Double] {
    (0..<taken).map { totals[$0] + weight * values[unit * count + $0] }
  }

  private func transposed(_ rows: [[Double]]) -> [[Double]] {
    PairIntervals.Quantity.allCases.indices.map { i in rows.map { $0[i] } }
  }
}
