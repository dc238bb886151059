@preconcurrency import CGSL

/// Returns KL(p‖q) of two samples of real numbers by the distances to their k-th neighbours, in nats.
///
/// (1/n) Σ ln(ν_k(i)/ρ_k(i)) + ln(m/(n − 1)), ρ_k(i) the distance of x_i to its k-th neighbour among the other x, ν_k(i) among
/// the y. Consistent, but biased where a density changes within the reach of k neighbours; may come out below 0.
/// - Parameters:
///   - x: A sample of p, n > k values.
///   - y: A sample of q, m ≥ k values.
/// - Returns: `nil` with too few values, or where ties leave a distance of 0: then there is no density to speak of.
/// - Complexity: O((n + m) log(n + m) + n k).
/// ## Source
/// Wang, Kulkarni & Verdú (2009), doi:10.1109/TIT.2009.2016060
public func neighborDivergence(_ x: [Double], _ y: [Double], neighbors k: Int = 5) -> Double? {
  guard k >= 1, x.count > k, y.count >= k, x.allSatisfy(\.isFinite), y.allSatisfy(\.isFinite) else { return nil }
  let own = x.sorted()
  let other = y.sorted()
  var sum = 0.0
  var place = 0
  for (i, value) in own.enumerated() {
    let near = neighborDistance(own, to: value, around: i, k: k, isOwn: true)
    while place < other.count, other[place] < value { place += 1 }
    let far = neighborDistance(other, to: value, around: place, k: k, isOwn: false)
    guard near > 0, far > 0 else { return nil }
    sum += log(far / near)
  }
  return sum / Double(own.count) + log(Double(other.count) / Double(own.count - 1))
}

/// The k-th smallest distance from `value` to ascending values; `around` is its own place, or where it would stand.
private func neighborDistance(_ ascending: [Double], to value: Double, around: Int, k: Int, isOwn: Bool) -> Double {
  var left = around - 1
  var right = isOwn ? around + 1 : around
  var distance = 0.0
  for _ in 0..<k {
    let below = left >= 0 ? value - ascending[left] : .infinity
    let above = right < ascending.count ? ascending[right] - value : .infinity
    if below <= above {
      distance = below
      left -= 1
    } else {
      distance = above
      right += 1
    }
  }
  return distance
}

/// Bias of a plug-in estimate from histograms of independent values, in nats: what is left on average when the two
/// distributions are equal.
///
/// Kullback-Leibler (K − 1)/2 · (1/n + 1/m), Jensen-Shannon (K − 1)/8 · (1/n + 1/m), K bins that hold values.
/// ## Source
/// Paninski (2003), doi:10.1162/089976603321780272
public func plugInBias(bins: Int, n: Double, m: Double) -> (kullbackLeibler: Double, jensenShannon: Double) {
  guard bins > 1, n > 0, m > 0 else { return (0, 0) }
  let excess = Double(bins - 1) * (1 / n + 1 / m)
  return (excess / 2, excess / 8)
}

/// Returns KL(p‖q) of any two fitted families: in closed form where there is one, else by quadrature, in nats.
///
/// - Returns: `nil` where it is not finite, as for Student's t with ν ≤ 2 against a normal distribution.
public func klDivergence(of p: any ContinuousDensity, from q: any ContinuousDensity) -> Double? {
  switch (p, q) {
  case (let p as NormalFit, let q as NormalFit): klDivergence(p, q)
  case (let p as LaplaceFit, let q as LaplaceFit): klDivergence(p, q)
  case (let p as LaplaceFit, let q as NormalFit): klDivergence(p, q)
  case (let p as NormalFit, let q as LaplaceFit): klDivergence(p, q)
  case (let p as GeneralizedNormalFit, let q as GeneralizedNormalFit) where p.location == q.location: klDivergence(p, q)
  case (let p as StudentTFit, is NormalFit) where p.degreesOfFreedom <= 2: nil
  default: klDivergence(p, quadratureFrom: q)
  }
}
