import Foundation
import Testing

@testable import Statistics

@Suite struct IntervalTests {
  /// Hours between failures of air-conditioning equipment.
  static let aircondit: [Double] = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]
  /// LSAT and GPA of 15 law schools.
  static let lawSchool: [(Double, Double)] = [
    (576, 3.39), (635, 3.30), (558, 2.81), (578, 3.03), (666, 3.44), (580, 3.07), (555, 3.00), (661, 3.43), (651, 3.36),
    (605, 3.13), (653, 3.12), (575, 2.74), (545, 2.76), (572, 2.88), (594, 2.96),
  ]

  @Test func percentileAgainstAircondit() async throws {
    let columns = try UnitColumns(units: 12, columns: 1, values: Self.aircondit)
    let result = try await UnitBootstrap(columns: columns, resamples: 20_000, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[0] / 12 }
    #expect(close(result[0, 0], 108.0833, absolute: 5e-5))
    let interval = try #require(percentileInterval(result.column(0)))
    #expect(abs(interval.lower - 46.8) < 1.5 && abs(interval.upper - 191.3) < 1.5)
  }

  /// The reference has 4·10⁶ samples, this 20,000: limits within .02.
  @Test func percentileAgainstLawSchool() async throws {
    let values = Self.lawSchool.flatMap { (lsat, gpa) -> [Double] in
      let x = lsat - 600
      let y = gpa - 3
      return [x, y, x * x, y * y, x * y]
    }
    let columns = try UnitColumns(units: 15, columns: 5, values: values)
    let result = try await UnitBootstrap(columns: columns, resamples: 20_000, generator: generator)
      .replicates(statistics: 1) { s, out in
        let xx = s[2] - s[0] * s[0] / 15
        let yy = s[3] - s[1] * s[1] / 15
        out[0] = (s[4] - s[0] * s[1] / 15) / (xx * yy).squareRoot()
      }
    #expect(close(result[0, 0], 0.776374491, absolute: 5e-10))
    let interval = try #require(percentileInterval(result.column(0)))
    #expect(abs(interval.lower - 0.460) < 0.02 && abs(interval.upper - 0.962) < 0.005)
  }

  @Test func quantilesAreTypeSix() {
    // scipy.stats.mstats.mquantiles([1, 2, 4, 8], alphap=0, betap=0)
    let values: [Double] = [1, 2, 4, 8]
    #expect(quantile(values, 0.25) == 1.25 && quantile(values, 0.5) == 3 && quantile(values, 0.75) == 7)
    #expect(quantile(values, 0.01) == 1 && quantile(values, 0.99) == 8)
    #expect(quantile([], 0.5) == nil)
  }

  @Test func badReplicatesGiveNoInterval() {
    #expect(percentileInterval([]) == nil)
    #expect(percentileInterval([.nan, .nan]) == nil)
    #expect(percentileInterval([1, 2, .infinity]) == nil)
    #expect(percentileInterval((0..<40).map { $0 == 3 ? .nan : Double($0) }) != nil)
    #expect(percentileInterval([1, 2], confidence: 1.5) == nil)
    #expect(biasCorrectedDivergence(estimate: .nan, replicates: [1]) == nil)
    #expect(percentileInterval([5, 5, 5])?.lower == 5)
  }

  @Test func biasCorrectionAgainstHand() throws {
    let (value, interval) = try #require(
      biasCorrectedDivergence(estimate: 1, replicates: [1, 1.2, 1.4, 1.6, 1.8], confidence: 0.5))
    // bias* = .4; quantiles 1.1 and 1.7 less .8
    #expect(close(value, 0.6) && close(interval.lower, 0.3) && close(interval.upper, 0.9))
    let small = try #require(biasCorrectedDivergence(estimate: 0.1, replicates: [0.4, 0.5, 0.6]))
    #expect(small.value == 0 && small.interval.lower == 0 && small.interval.upper == 0)
  }

  @Test func fadingBiasAgainstHand() throws {
    let replicates = [1, 1.2, 1.4, 1.6, 1.8]
    let (value, plain) = try #require(
      biasCorrectedDivergence(estimate: 1.4, replicates: replicates, confidence: 0.5, biasFades: true))
    // mean(θ*²) = 2.04 and v = .08; quantiles 1.1 and 1.7: √(1.21 − .16), √(2.89 − .08)
    #expect(close(value, 1.4) && close(plain.lower, 1.05.squareRoot()) && close(plain.upper, 2.81.squareRoot()))
    let (_, expanded) = try #require(
      biasCorrectedDivergence(estimate: 1.4, replicates: replicates, confidence: 0.5, units: 5, biasFades: true))
    // t₄ = .740697 at .75; Φ(−.740697 √1.25) = .2037998; the replicates' quantiles there are 1.0445598 and 1.7554402.
    #expect(close(expanded.lower, 0.9649379, absolute: 1e-6) && close(expanded.upper, 1.7325041, absolute: 1e-6))
    // v = 1.04 is more than the lower quantile's half square: the lower limit is 0.
    let near = try #require(
      biasCorrectedDivergence(estimate: 1, replicates: replicates, confidence: 0.5, biasFades: true))
    #expect(near.interval.lower == 0 && close(near.interval.upper, 1.85.squareRoot()))
    let large = try #require(
      biasCorrectedDivergence(
        estimate: 1.4e300, replicates: replicates.map { $0 * 1e300 }, confidence: 0.5, biasFades: true))
    #expect(close(large.interval.lower, 1.05.squareRoot() * 1e300, 1e-9))
    let moved = biasCorrectedReplicates(replicates, estimate: 1, biasFades: true)
    #expect(moved[0] == 0 && close(moved[4], 2.2.squareRoot()))
    #expect(close(biasCorrectedReplicates(replicates, estimate: 1, biasFades: false)[4], 1))
    #expect(biasCorrectedDivergence(estimate: 1, replicates: replicates, units: 1) == nil)
  }

  @Test func influenceAgainstStudentsT() throws {
    let sleep = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
    let mean = 1.58
    let interval = try #require(influenceInterval(estimate: mean, influence: sleep.map { $0 - mean }))
    // R: t.test(extra ~ group, paired = TRUE)
    #expect(close(interval.lower, 0.7001142, absolute: 5e-8) && close(interval.upper, 2.4598858, absolute: 5e-8))
  }

  @Test func influenceOutsideItsDomainIsNil() {
    #expect(influenceInterval(estimate: 0, influence: [1, -1], scale: .log) == nil)
    #expect(influenceInterval(estimate: 1, influence: [0, 0], scale: .atanh) == nil)
    #expect(influenceInterval(estimate: 1, influence: [0]) == nil)
    #expect(influenceInterval(estimate: 1, influence: [.nan, 0]) == nil)
    #expect(influenceInterval(estimate: 2, influence: [0, 0, 0], scale: .log)?.lower == 2)
  }

  /// 2,000 samples of 12 units; a binomial share has a standard error of .005, the bounds are [.93, .97].
  @Test(arguments: IntervalScale.allCases)
  func influenceCoverage(scale: IntervalScale) throws {
    let units = 12
    var covered = 0
    for data in 0..<2_000 {
      var simulation = Simulation(seed: 13, data)
      let x = simulation.normals(units)
      let interval: ConfidenceInterval?
      let truth: Double
      switch scale {
      case .identity:
        let mean = x.reduce(0, +) / Double(units)
        (interval, truth) = (influenceInterval(estimate: mean, influence: x.map { $0 - mean }, scale: scale), 0)
      case .log:
        // Mean of log-normal numbers.
        let y = x.map { exp(0.4 * $0) }
        let mean = y.reduce(0, +) / Double(units)
        (interval, truth) = (influenceInterval(estimate: mean, influence: y.map { $0 - mean }, scale: scale), exp(0.08))
      case .atanh:
        // Mean of numbers whose mean lies in (−1, 1).
        let y = x.map { 0.5 + 0.3 * $0 }
        let mean = y.reduce(0, +) / Double(units)
        (interval, truth) = (influenceInterval(estimate: mean, influence: y.map { $0 - mean }, scale: scale), 0.5)
      }
      if let interval, interval.lower <= truth, truth <= interval.upper { covered += 1 }
    }
    #expect((0.93...0.97).contains(Double(covered) / 2_000), "\(scale) \(covered)")
  }

  /// Two samples of 40 units with one distribution: the truth is 0, and an interval holds it by reaching 0. Of 120 data sets at
  /// least 88 % must; the plain percentile interval never does.
  @Test func divergenceCoverageAtEquality() async throws {
    var covered = 0
    var plain = 0
    for data in 0..<120 {
      var simulation = Simulation(seed: 17, data)
      var counts = [Double](repeating: 0, count: 40 * 16)
      for unit in 0..<40 {
        for draw in 0..<60 {
          let u = simulation.uniform()
          counts[unit * 16 + (draw % 2) * 8 + Int(8 * u * u)] += 1
        }
      }
      let columns = try UnitColumns(units: 40, columns: 16, values: counts)
      let result = try await UnitBootstrap(
        columns: columns, resamples: 199, generator: Philox(seed: UInt64(data), stream: 0), threads: 1
      ).replicates(statistics: 1) { sums, out in
        out[0] =
          jensenShannonDivergence(
            UnsafeBufferPointer(rebasing: sums[0..<8]), UnsafeBufferPointer(rebasing: sums[8..<16])) ?? .nan
      }
      let replicates = result.column(0)
      let corrected = try #require(biasCorrectedDivergence(estimate: result[0, 0], replicates: replicates))
      if corrected.interval.lower == 0 { covered += 1 }
      if let percentile = percentileInterval(replicates), percentile.lower <= 0 { plain += 1 }
    }
    #expect(covered >= 106, "\(covered)")
    #expect(plain == 0)
  }
}
