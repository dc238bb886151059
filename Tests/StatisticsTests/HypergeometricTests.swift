import Foundation
import Testing

@testable import Statistics

@Suite struct HypergeometricTests {
  /// Exact probabilities over the support, by recurrence from the mode.
  private func probabilities(_ d: Hypergeometric) -> [Double] {
    let low = d.support.lowerBound
    var weights = [Double](repeating: 0, count: d.support.count)
    let mode = min(max((d.sample + 1) * (d.good + 1) / (d.good + d.bad + 2), low), d.support.upperBound)
    weights[mode - low] = 1
    func step(_ k: Int) -> Double {
      Double(d.good - k) * Double(d.sample - k) / (Double(k + 1) * Double(d.bad - d.sample + k + 1))
    }
    for k in mode..<max(mode, d.support.upperBound) { weights[k + 1 - low] = weights[k - low] * step(k) }
    for k in (low..<max(low, mode)).reversed() { weights[k - low] = weights[k + 1 - low] / step(k) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  private func draws(_ d: Hypergeometric, _ count: Int, seed: UInt64) -> [Int] {
    var words = PhiloxSequence(Philox(seed: seed, stream: 1), .relabel, replicate: 0)
    return (0..<count).map { _ in d.draw(&words) }
  }

  /// Chi-square of 12,000 draws against the exact probabilities, classes of at least 10 expected draws. A bound of
  /// df + 2 √(16 df) + 32 is passed by chance less than once in 10⁷ (Laurent & Massart 2000), over all cases once in 10⁵.
  @Test func againstExact() throws {
    var cases: [(Int, Int, Int)] = [
      (1, 1, 1), (3, 9, 5), (9, 3, 7), (25, 25, 25), (30, 400, 200), (400, 30, 200), (60, 60, 60), (45, 50, 80),
      (1_000, 1_000, 100), (1_000, 5_000, 4_000), (5_000, 1_000, 4_000), (11, 1_000_000, 900_000),
      (100_000, 100_000_000, 12_000), (20_000, 99_980_000, 50_000_000), (99_980_000, 20_000, 50_000_000),
    ]
    var simulation = Simulation(seed: 31)
    for _ in 0..<45 {
      let good = Int(exp(7 * simulation.uniform())) + 5
      let bad = Int(exp(9 * simulation.uniform())) + 5
      cases.append((good, bad, 1 + Int(Double(good + bad - 1) * simulation.uniform())))
    }
    for (index, (good, bad, sample)) in cases.enumerated() {
      let d = try Hypergeometric(good: good, bad: bad, sample: sample)
      let count = 12_000
      var seen = [Int](repeating: 0, count: d.support.count)
      for k in draws(d, count, seed: UInt64(index)) {
        try #require(d.support.contains(k), "\(d): \(k)")
        seen[k - d.support.lowerBound] += 1
      }
      var chiSquare = 0.0
      var classes = 0
      var expected = 0.0
      var observed = 0.0
      var left = Double(count)
      for (p, n) in zip(probabilities(d), seen) {
        expected += p * Double(count)
        observed += Double(n)
        left -= p * Double(count)
        guard expected >= 10, left >= 10 else { continue }
        chiSquare += (observed - expected) * (observed - expected) / expected
        classes += 1
        (expected, observed) = (0, 0)
      }
      if expected > 0 {
        chiSquare += (observed - expected) * (observed - expected) / max(expected, 1)
        classes += 1
      }
      let df = Double(max(1, classes - 1))
      #expect(chiSquare < df + 2 * (16 * df).squareRoot() + 32, "\(d): \(chiSquare) on \(df)")
    }
  }

  /// Ratio of uniforms is exact when its rectangle covers the region: |x − a| √(f(⌊x⌋)/f(mode)) ≤ h/2 for every x.
  @Test func theHatCovers() throws {
    var cases: [(Int, Int, Int)] = []
    for few in [20, 21, 23, 40, 77] {
      for many in [few, few + 1, few + 9, 3 * few, 40 * few] {
        for drawn in stride(from: 20, through: (few + many) / 2, by: max(1, many / 24)) {
          cases.append((few, many, drawn))
        }
      }
    }
    cases += [(5_000, 5_000, 5_000), (1_000, 90_000, 1_000), (30_000, 900_000, 400), (2_000, 3_000_000, 1_500_000)]
    var checked = 0
    for (few, many, drawn) in cases {
      let d = try Hypergeometric(good: few, bad: many, sample: drawn)
      guard case .ratioOfUniforms(let centre, let width, let mode) = d.method else { continue }
      checked += 1
      for k in d.support {
        let distance = max(abs(Double(k) - centre), abs(Double(k + 1) - centre))
        let logRatio = d.logRatio(Double(k), mode)
        #expect(logRatio <= 1e-12, "\(d): the mode is not where it should be")
        #expect(distance * exp(logRatio / 2) <= width / 2, "\(d) at \(k)")
      }
    }
    #expect(checked > 100)
  }

  struct Case: Decodable { var good, bad, sample: Int, k: [Int], logP: [Double] }

  /// Probabilities relative to the mode, and P(0), against 60 digits, up to 10¹⁵ objects.
  @Test func againstMpmath() throws {
    for item in try oracle("hypergeometrics", as: Case.self) {
      let d = try Hypergeometric(good: item.good, bad: item.bad, sample: item.sample)
      switch d.method {
      case .certain: Issue.record("\(d)")
      case .inversion(let atZero):
        guard item.k[0] == 0 else { continue }
        #expect(close(log(atZero), item.logP[0], 1e-9, absolute: 1e-12), "\(d)")
      case .ratioOfUniforms(_, _, let mode):
        func reflected(_ k: Int) -> Double {
          let rest = item.good + item.bad - item.sample
          let drawn = item.sample > rest ? item.good - k : k
          return Double(item.good > item.bad ? min(item.sample, rest) - drawn : drawn)
        }
        let first = d.logRatio(reflected(item.k[0]), mode) - item.logP[0]
        for (k, logP) in zip(item.k, item.logP) {
          #expect(close(d.logRatio(reflected(k), mode) - first, logP, absolute: 3e-8), "\(d) at \(k)")
        }
      }
    }
  }

  /// Mean and variance at 10⁸ objects: 5 standard errors, a false alarm in 10⁶.
  @Test(arguments: [(50_000_000, 50_000_000), (200_000, 50_000_000), (99_000_000, 30_000_000)])
  func momentsOfLargeNumbers(good: Int, sample: Int) throws {
    let d = try Hypergeometric(good: good, bad: 100_000_000 - good, sample: sample)
    let n = 40_000
    let z = draws(d, n, seed: 5).map { (Double($0) - d.mean) / d.variance.squareRoot() }
    let mean = z.reduce(0, +) / Double(n)
    let variance = z.reduce(0) { $0 + $1 * $1 } / Double(n)
    #expect(abs(mean) < 5 / Double(n).squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / Double(n)).squareRoot())
  }

  @Test func certainNumbersAreCertain() throws {
    for (good, bad, sample, value) in [(0, 9, 4, 0), (9, 0, 4, 4), (3, 4, 0, 0), (3, 4, 7, 3), (0, 0, 0, 0)] {
      let d = try Hypergeometric(good: good, bad: bad, sample: sample)
      #expect(d.support == value...value && draws(d, 3, seed: 1) == [value, value, value])
    }
    #expect(throws: SampleError.outOfRange(parameter: "sample", value: 8)) {
      try Hypergeometric(good: 3, bad: 4, sample: 8)
    }
    #expect(throws: SampleError.outOfRange(parameter: "bad", value: -1)) {
      try Hypergeometric(good: 3, bad: -1, sample: 1)
    }
    #expect(throws: SampleError.self) { try Hypergeometric(good: .max, bad: .max, sample: 1) }
  }

  /// Every kind has the hypergeometric mean and variance; 5 standard errors over 6 kinds, a false alarm in 10⁵.
  @Test func kindsAddUp() throws {
    let counts = [0, 5, 40_000_000, 300, 2_000_000, 1]
    let sample = 15_000_000
    let d = try MultivariateHypergeometric(counts: counts, sample: sample)
    let total = counts.reduce(0, +)
    let n = 10_000
    var sums = [Double](repeating: 0, count: counts.count)
    var squares = sums
    var drawn = [Int](repeating: 0, count: counts.count)
    for replicate in 0..<n {
      var words = PhiloxSequence(generator, .relabel, replicate: UInt32(replicate))
      drawn.withUnsafeMutableBufferPointer { d.draw(&words, into: $0) }
      try #require(drawn.reduce(0, +) == sample && zip(drawn, counts).allSatisfy { $0 <= $1 })
      for kind in counts.indices {
        let marginal = Hypergeometric(unchecked: counts[kind], total - counts[kind], sample)
        let deviation = Double(drawn[kind]) - marginal.mean
        sums[kind] += deviation
        squares[kind] += deviation * deviation
      }
    }
    for kind in counts.indices {
      let marginal = Hypergeometric(unchecked: counts[kind], total - counts[kind], sample)
      #expect(abs(sums[kind]) <= 5 * (marginal.variance * Double(n)).squareRoot())
      // A fourth moment of 3 at most but for the kind of one object, whose two values have a smaller one.
      #expect(
        abs(squares[kind] / Double(n) - marginal.variance) <= 5 * marginal.variance * (2 / Double(n)).squareRoot())
    }
    #expect(throws: SampleError.self) { try MultivariateHypergeometric(counts: [1, -1], sample: 0) }
    #expect(throws: SampleError.self) { try MultivariateHypergeometric(counts: [1, 1], sample: 3) }
  }
}
