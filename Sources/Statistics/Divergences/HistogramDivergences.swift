@preconcurrency import CGSL

// Divergences of two histograms over the same bins. Each comes twice: on buffers, which allocates nothing and serves every
// replicate of a resampling, and on arrays. Totals of the two may differ; each is divided by its own. Counts below 0, which
// only rounding can bring about, are taken as 0. `nil` when a total is not positive or the numbers of bins differ.

/// Returns KL(a‖b) of two histograms in nats, `smoothing` added to every count of both.
///
/// - Returns: At least 0; infinite without smoothing when b has an empty bin that a has not.
/// - Complexity: O(bins).
public func klDivergence(_ a: [Double], _ b: [Double], smoothing: Double = 0.5) -> Double? {
  a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in klDivergence(a, b, smoothing: smoothing) } }
}

public func klDivergence(
  _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, smoothing: Double = 0.5
) -> Double? {
  guard smoothing >= 0, smoothing.isFinite, let (totalA, totalB) = totals(a, b) else { return nil }
  let scaleA = 1 / (totalA + smoothing * Double(a.count))
  let scaleB = 1 / (totalB + smoothing * Double(b.count))
  var sum = 0.0
  for bin in 0..<a.count {
    let p = (max(0, a[bin]) + smoothing) * scaleA
    guard p > 0 else { continue }
    let q = (max(0, b[bin]) + smoothing) * scaleB
    guard q > 0 else { return .infinity }
    sum += p * log(p / q)
  }
  return max(0, sum)
}

/// Returns the Jensen-Shannon divergence of two histograms; needs no smoothing.
///
/// - Returns: Between 0 and 1 bit (ln 2 nats).
/// - Complexity: O(bins).
/// ## Source
/// Lin (1991), doi:10.1109/18.61115
public func jensenShannonDivergence(_ a: [Double], _ b: [Double], unit: InformationUnit = .bits) -> Double? {
  a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in jensenShannonDivergence(a, b, unit: unit) } }
}

public func jensenShannonDivergence(
  _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, unit: InformationUnit = .bits
) -> Double? {
  guard let (totalA, totalB) = totals(a, b) else { return nil }
  let scaleA = 1 / totalA
  let scaleB = 1 / totalB
  var sum = 0.0
  for bin in 0..<a.count {
    let p = max(0, a[bin]) * scaleA
    let q = max(0, b[bin]) * scaleB
    // In d = (p − q)/(p + q) the term is ¼ (p + q) f(d), even in d: exchanging the two changes no bit.
    let both = p + q
    guard both > 0 else { continue }
    sum += both * jensenShannonTerm(abs(p - q) / both)
  }
  return min(max(0, 0.25 * sum), SignFlipProblem.ln2) * unit.perNat
}

/// f(d) = (1 + d) ln(1 + d) + (1 − d) ln(1 − d) = Σ d^2k / (k (2k − 1)), for 0 ≤ d ≤ 1: the series near 0, where it is both
/// exact and quick.
@inline(__always)
private func jensenShannonTerm(_ d: Double) -> Double {
  if d < 0.125 {
    let s = d * d
    let high = 1.0 / 66 + s * (1.0 / 91 + s * (1.0 / 120))
    return s * (1 + s * (1.0 / 6 + s * (1.0 / 15 + s * (1.0 / 28 + s * (1.0 / 45 + s * high)))))
  }
  return d < 1 ? (1 + d) * log(1 + d) + (1 - d) * log(1 - d) : 2 * SignFlipProblem.ln2
}

/// Returns the 1-Wasserstein (earth mover's) distance of two histograms, in the unit of the edges.
///
/// ∫|F_a − F_b|, with values spread evenly over their bin and those of the two outer bins at the outer edge. So it is exact
/// for the area between edges up to the spread within bins, and a lower bound where the outer bins differ.
/// - Parameters:
///   - a: Counts, shape `[edges.count + 1]`: below the first edge, between edges, above the last.
///   - edges: Ascending.
/// - Complexity: O(bins).
/// ## Source
/// Vallender (1974), doi:10.1137/1118101
public func wassersteinDistance(_ a: [Double], _ b: [Double], edges: [Double]) -> Double? {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in edges.withUnsafeBufferPointer { wassersteinDistance(a, b, edges: $0) } }
  }
}

public func wassersteinDistance(
  _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, edges: UnsafeBufferPointer<Double>
) -> Double? {
  guard edges.count >= 1, a.count == edges.count + 1, let (totalA, totalB) = totals(a, b) else { return nil }
  let scaleA = 1 / totalA
  let scaleB = 1 / totalB
  var sum = 0.0
  var left = max(0, a[0]) * scaleA - max(0, b[0]) * scaleB
  for bin in 1..<edges.count {
    let right = left + (max(0, a[bin]) * scaleA - max(0, b[bin]) * scaleB)
    let (low, high) = (abs(left), abs(right))
    // The difference of the distribution functions is linear over a bin and may cross 0 in it.
    let area = left * right >= 0 ? low + high : (low * low + high * high) / (low + high)
    sum += 0.5 * area * (edges[bin] - edges[bin - 1])
    left = right
  }
  return sum.isFinite ? sum : nil
}

/// Returns the Kolmogorov-Smirnov statistic of two histograms: the largest difference of the distribution functions at bin
/// edges, a lower bound of the one of the samples.
///
/// - Returns: Between 0 and 1.
/// - Complexity: O(bins).
public func kolmogorovSmirnovStatistic(_ a: [Double], _ b: [Double]) -> Double? {
  a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in kolmogorovSmirnovStatistic(a, b) } }
}

public func kolmogorovSmirnovStatistic(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double? {
  guard let (totalA, totalB) = totals(a, b) else { return nil }
  let scaleA = 1 / totalA
  let scaleB = 1 / totalB
  var difference = 0.0
  var largest = 0.0
  for bin in 0..<a.count - 1 {
    difference += max(0, a[bin]) * scaleA - max(0, b[bin]) * scaleB
    largest = max(largest, abs(difference))
  }
  return min(largest, 1)
}

/// Both totals; `nil` unless both are positive and finite and the numbers of bins equal.
private func totals(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> (Double, Double)? {
  guard a.count == b.count else { return nil }
  var totalA = 0.0
  var totalB = 0.0
  for bin in 0..<a.count {
    // NaN is kept by the sum, not by `max`.
    totalA += a[bin] < 0 ? 0 : a[bin]
    totalB += b[bin] < 0 ? 0 : b[bin]
  }
  return totalA > 0 && totalB > 0 && totalA.isFinite && totalB.isFinite ? (totalA, totalB) : nil
}
