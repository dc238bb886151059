import Foundation
import Testing

@testable import Statistics

@Suite struct TailsTests {
  private struct Pearson: Decodable { let mean, variance, third, x, logP: Double }

  @Test func pearsonIIIAgainstMpmath() throws {
    for example in try oracle("pearson3", as: Pearson.self) {
      let curve = try #require(
        PearsonIII(mean: example.mean, variance: example.variance, thirdMoment: example.third))
      #expect(
        close(curve.logUpperTail(example.x), example.logP, 1e-9, absolute: 1e-12),
        "skewness \(curve.skewness) at \(example.x)")
    }
    #expect(PearsonIII(mean: 0, variance: 0, thirdMoment: 0) == nil)
    // Beyond the end of the support the probability is 0, and still the p-value is not.
    let bounded = try #require(PearsonIII(mean: 0, variance: 1, thirdMoment: -2))
    #expect(bounded.logUpperTail(5) == -.infinity)
    #expect(bounded.pValue(of: 5, atLeast: 0x1p-40, reason: "").value == 0x1p-40)
  }

  @Test func besagCliffordAgainstHand() throws {
    // Every third draw is extreme: the fourth exceedance is draw 12.
    let early = try besagClifford(stoppingAt: 4, resamples: 999) { $0 % 3 == 0 }
    #expect(early.value == 4.0 / 12 && early.resamples == 12 && early.exceedances == 4)
    let interval = try #require(early.interval)
    // scipy.stats.beta.ppf(.025, 4, 9) and beta.ppf(.975, 4, 8)
    #expect(close(interval.lowerBound, 0.09924609, 1e-6) && close(interval.upperBound, 0.60974256, 1e-6))
    let full = try besagClifford(stoppingAt: 20, resamples: 99) { $0 == 7 }
    #expect(full.value == 2.0 / 100 && full.resamples == 99)
    #expect(try besagClifford(stoppingAt: 1, resamples: 9) { _ in true }.value == 1)
    #expect(throws: SampleError.self) { try besagClifford(stoppingAt: 0, resamples: 9) { _ in true } }
  }

  /// 4,000 runs under the null hypothesis; bounds of four binomial standard errors (false alarm below 10⁻⁴ each).
  @Test func besagCliffordCalibrationUnderNull() throws {
    var rejected = [0, 0]
    for run in 0..<4_000 {
      var random = Simulation(seed: 71, run)
      let observed = random.uniform()
      let p = try besagClifford(stoppingAt: 10, resamples: 199) { _ in random.uniform() >= observed }.value
      #expect(p > 0 && p <= 1)
      if p <= 0.05 { rejected[0] += 1 }
      if p <= 0.2 { rejected[1] += 1 }
    }
    #expect(rejected[0] <= 255 && rejected[0] >= 145, "\(rejected)")
    #expect(rejected[1] <= 901, "\(rejected)")
  }

  @Test func paretoTailAgainstExact() throws {
    // Quantiles of an exponential and of a bounded (uniform) distribution stand for 9,999 replicates.
    let exponential = (1...9_999).map { -log(Double($0) / 10_000) }
    let tail = try #require(ParetoTail(exponential, observed: 11))
    // scipy.optimize on the same profile: −.0337, ln P(T ≥ 9) = −9.413, for quantiles have no largest values.
    #expect(close(tail.shape, -0.0337, 0.02))
    #expect(close(log(tail.upperTail(9)), -9.413, 1e-3))
    // The floor 1/(10 m), whatever the fit says.
    #expect(tail.upperTail(100) == 1 / 99_990.0)
    let uniform = (1...9_999).map { Double($0) / 10_000 }
    let bounded = try #require(ParetoTail(uniform, observed: 1.01))
    #expect(bounded.upperTail(1.01) >= 1 / 99_990.0 && bounded.upperTail(1.01) < 1e-3)
  }

  @Test func paretoTailIsStrict() {
    let few = (1...2_499).map { Double($0) }
    #expect(ParetoTail(few, observed: 1e4) == nil)
    let enough = (1...2_500).map { -log(Double($0) / 2_501) }
    #expect(ParetoTail(enough, observed: 9) != nil)
    #expect(ParetoTail(enough, observed: 0.1) == nil, "not in the tail")
    #expect(ParetoTail(enough.map { _ in 1 }, observed: 2) == nil, "no spread")
    #expect(ParetoTail(enough.map { $0 > 5 ? .nan : $0 }, observed: 9) == nil)
  }

  @Test func replicatesUseTheTailOnlyWhereTheyAreFew() throws {
    let values = (1...9_999).map { -log(Double($0) / 10_000) }
    func replicates(_ observed: Double, isExhaustive: Bool = false) throws -> Replicates {
      try Replicates(statistics: 1, values: [observed] + values, isExhaustive: isExhaustive, liveUnits: 40)
    }
    let far = try replicates(10).pValueWithParetoTail(0)
    #expect(
      far.method == .gpd && far.value < 1e-4 && far.value >= 1e-5
        && far.warnings.contains { $0.contains("approximate") })
    #expect(close(log(far.value), -10.6257, 1e-3))
    #expect(try replicates(5).pValueWithParetoTail(0) == replicates(5).pValue(0))
    #expect(try replicates(12, isExhaustive: true).pValueWithParetoTail(0).method == .exact)
  }
}
