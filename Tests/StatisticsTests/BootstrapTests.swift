import Foundation
import Testing

@testable import Statistics

@Suite struct BootstrapTests {
  private struct Case: Decodable {
    let shape, acceleration, estimate, z0, sd: Double
    let basic, percentile, bca: [Double]
  }

  /// Quantiles of a gamma distribution, as in R's script, by bisection of its distribution function.
  private func gammaQuantiles(_ shape: Double) -> [Double] {
    (1...999).map { i in
      GSL.root(from: 1e-12, to: 60, relative: 1e-14) {
        gammaCumulative($0, shape) - Double(i) / 1_000
      }! / shape
    }
  }

  private func gammaCumulative(_ x: Double, _ shape: Double) -> Double {
    // Through the Pearson III curve of the same gamma distribution.
    let curve = PearsonIII(mean: shape, variance: shape, thirdMoment: 2 * shape)!
    return -expm1(curve.logUpperTail(x))
  }

  @Test func againstRBoot() throws {
    var quantiles: [Double: [Double]] = [:]
    for example in try oracle("bootstrap_intervals", as: Case.self) {
      let t = quantiles[example.shape] ?? gammaQuantiles(example.shape)
      quantiles[example.shape] = t
      let percentile = try #require(percentileInterval(t))
      #expect(
        close(percentile.lower, example.percentile[0], 1e-7) && close(percentile.upper, example.percentile[1], 1e-7))
      let basic = try #require(basicInterval(estimate: example.estimate, t))
      #expect(close(basic.lower, example.basic[0], 1e-7) && close(basic.upper, example.basic[1], 1e-7))
      #expect(close(bootstrapStandardError(t), example.sd, 1e-7))
      // R interpolates between order statistics on the normal scale, this on the probability's.
      let bca = try #require(bcaInterval(estimate: example.estimate, t, acceleration: example.acceleration))
      #expect(close(bca.lower, example.bca[0], 5e-3, absolute: 2e-3), "\(bca) \(example.bca)")
      #expect(close(bca.upper, example.bca[1], 5e-3, absolute: 2e-3), "\(bca) \(example.bca)")
    }
  }

  private struct LawSchool: Decodable {
    let jackknife, influence: [Double]
    let influenceAcceleration, standardError: Double
  }

  private func correlation(_ weights: [Double]) -> Double {
    var s = [Double](repeating: 0, count: 6)
    for (w, (lsat, gpa)) in zip(weights, IntervalTests.lawSchool) {
      let x = lsat - 600
      let y = gpa - 3
      for (i, value) in [1, x, y, x * x, y * y, x * y].enumerated() { s[i] += w * value }
    }
    let (xx, yy) = (s[3] - s[1] * s[1] / s[0], s[4] - s[2] * s[2] / s[0])
    return (s[5] - s[1] * s[2] / s[0]) / (xx * yy).squareRoot()
  }

  /// Influence values by central differences, as intervals compute them.
  private var lawInfluence: [Double] {
    (0..<15).map { u in
      func value(_ step: Double) -> Double {
        var weights = [Double](repeating: 1, count: 15)
        weights[u] += step
        return correlation(weights)
      }
      return 15 * (value(1e-4) - value(-1e-4)) / 2e-4
    }
  }

  /// The same as R's `empinf` has them: a unit's weight raised by .001/n, the others lowered for it.
  private var lawInfinitesimal: [Double] {
    let epsilon = 0.001 / 15
    let plain = correlation(Array(repeating: 1, count: 15))
    return (0..<15).map { u in
      let weights = (0..<15).map { (1 - epsilon) + ($0 == u ? 15 * epsilon : 0) }
      return (correlation(weights) - plain) / epsilon
    }
  }

  private var lawJackknife: [Double] {
    jackknifeInfluence(
      leftOut: (0..<15).map { u in correlation((0..<15).map { $0 == u ? 0 : 1 }) })
  }

  @Test func accelerationsAgainstRBoot() throws {
    let expected = try #require(try oracle("law_school", as: LawSchool.self).first)
    #expect(close(correlation(Array(repeating: 1, count: 15)), 0.776374491, absolute: 5e-10))
    for (value, reference) in zip(lawInfinitesimal, expected.influence) {
      #expect(close(value, reference, 1e-6, absolute: 1e-8))
    }
    // R's steps are finite, these nearly none.
    for (value, reference) in zip(lawInfluence, expected.influence) { #expect(close(value, reference, 2e-3)) }
    // R's are about the estimate, ours about their mean.
    let centre = expected.jackknife.reduce(0, +) / 15
    for (value, reference) in zip(lawJackknife, expected.jackknife) { #expect(close(value, reference - centre, 1e-9)) }
    // The catalogue's figures.
    #expect(close(acceleration(influence: lawJackknife), -0.0756716, absolute: 5e-8))
    #expect(close(acceleration(influence: lawInfinitesimal), -0.0816827, absolute: 5e-8))
    #expect(close(acceleration(influence: lawInfinitesimal), expected.influenceAcceleration, 1e-7))
    #expect(close(acceleration(influence: lawInfluence), -0.0816827, absolute: 1e-5))
    // Ours divides by U (U − 1), R's by U².
    #expect(
      close(influenceStandardError(lawInfinitesimal), expected.standardError * (15.0 / 14).squareRoot(), 1e-7))
    #expect(acceleration(influence: [0, 0]) == 0 && influenceStandardError([1]) == nil)
  }

  /// The references have 4·10⁶ samples, these 40,000: limits within .015 and .006.
  @Test func bcaAgainstLawSchoolAndAircondit() async throws {
    let values = IntervalTests.lawSchool.flatMap { (lsat, gpa) -> [Double] in
      let (x, y) = (lsat - 600, gpa - 3)
      return [x, y, x * x, y * y, x * y]
    }
    let law = try await UnitBootstrap(
      columns: UnitColumns(units: 15, columns: 5, values: values), resamples: 40_000, generator: generator
    ).replicates(statistics: 1) { s, out in
      out[0] = (s[4] - s[0] * s[1] / 15) / ((s[2] - s[0] * s[0] / 15) * (s[3] - s[1] * s[1] / 15)).squareRoot()
    }
    for (a, low, high) in [(-0.0756716, 0.332, 0.942), (-0.0816827, 0.324, 0.941)] {
      let bca = try #require(bcaInterval(estimate: law[0, 0], law.column(0), acceleration: a))
      #expect(abs(bca.lower - low) < 0.015 && abs(bca.upper - high) < 0.006, "\(bca)")
    }
    let air = try await UnitBootstrap(
      columns: UnitColumns(units: 12, columns: 1, values: IntervalTests.aircondit), resamples: 40_000,
      generator: generator
    ).replicates(statistics: 1) { s, out in out[0] = s[0] / 12 }
    let mean = air[0, 0]
    let bca = try #require(
      bcaInterval(
        estimate: mean, air.column(0), acceleration: acceleration(influence: IntervalTests.aircondit.map { $0 - mean }))
    )
    #expect(abs(bca.lower - 56.9) < 1.5 && abs(bca.upper - 226.2) < 3, "\(bca)")
  }

  @Test func basicOnItsScale() throws {
    let t = (1...99).map { Double($0) / 50 }
    let basic = try #require(basicInterval(estimate: 1, t, confidence: 0.8, scale: .log))
    #expect(close(basic.lower, 1 / 1.8) && close(basic.upper, 5))
    #expect(basicInterval(estimate: 0, t, scale: .log) == nil)
    #expect(bcaInterval(estimate: 9, t, acceleration: 0) == nil, "all below the estimate")
    #expect(bcaInterval(estimate: 1, [1, 1], acceleration: 0)?.lower == 1)
    #expect(basicInterval(estimate: .nan, t) == nil)
  }

  /// Mean and variance of Poisson weights: 1 and 1, from 200,000 of them (standard errors .0022 and .004).
  @Test func poissonWeights() async throws {
    let columns = try UnitColumns(
      units: 100, columns: 100, values: (0..<10_000).map { $0 % 101 == 0 ? 1 : 0 })
    let draws = try await UnitBootstrap(
      columns: columns, resamples: 2_000, generator: generator, weighting: .poisson
    ).replicates(statistics: 100) { sums, out in for i in 0..<100 { out[i] = sums[i] } }
    let weights = Array(draws.values.dropFirst(100))
    let mean = weights.reduce(0, +) / Double(weights.count)
    let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(weights.count)
    #expect(abs(mean - 1) < 0.009 && abs(variance - 1) < 0.016)
    #expect(weights.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
    // P(0) = 1/e, standard error .0011.
    #expect(abs(Double(weights.filter { $0 == 0 }.count) / Double(weights.count) - exp(-1)) < 0.0045)
  }

  /// Variance of a mean of cells a_i + b_j + e_ij: σ_a²/R + σ_b²/C + …, at least what the pigeonhole gives.
  @Test func pigeonholeAgainstExact() async throws {
    var random = Simulation(seed: 77)
    let (rows, columns) = (30, 20)
    let (a, b) = (random.normals(rows), random.normals(columns))
    let cells = (0..<rows * columns).map { a[$0 / columns] + b[$0 % columns] }
    let result = try await PigeonholeBootstrap(
      rows: rows, columns: columns, fields: [cells], resamples: 4_000, generator: generator
    ).replicates(statistics: 1) { s, out in out[0] = s[0] / Double(rows * columns) }
    func spread(_ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count * x.count)
    }
    let expected = (spread(a) + spread(b)).squareRoot()
    #expect(close(bootstrapStandardError(result.column(0)), expected, 0.05))
    #expect(close(result[0, 0], cells.reduce(0, +) / Double(cells.count), 1e-12, absolute: 1e-14))
    #expect(throws: SampleError.self) {
      try PigeonholeBootstrap(rows: 2, columns: 2, fields: [[1]], resamples: 9, generator: generator)
    }
  }

  /// The mean of 3,000 units: the averaged limits are those of σ/√n within 10 %.
  @Test func littleBootstrapsAgainstExact() throws {
    var random = Simulation(seed: 78)
    let x = random.normals(3_000)
    let columns = try UnitColumns(units: 3_000, columns: 2, values: x.flatMap { [$0, 1] })
    let bag = LittleBootstraps(columns: columns, subsets: 6, resamples: 60, generator: generator)
    #expect(bag.size == 272)
    let interval = try #require(
      try bag.intervals(statistics: 1, confidence: 0.9) { s, out in out[0] = s[0] / s[1] }[0])
    let half = 1.645 / 3_000.0.squareRoot()
    #expect(abs((interval.upper - interval.lower) / (2 * half) - 1) < 0.15, "\(interval)")
    #expect(interval.method == "bag_of_little_bootstraps")
  }

  /// Two copies of one estimate cost nothing, two independent ones what the largest of two |normal| costs: 2.236.
  @Test func simultaneousAgainstExact() throws {
    var random = Simulation(seed: 79)
    let x = random.normals(20_000)
    let y = random.normals(20_000)
    func half(_ replicates: [[Double]]) throws -> Double {
      let intervals = simultaneousIntervals(
        estimates: [0, 0], replicates: replicates, scales: [.identity, .identity])
      return try #require(intervals[0]).upper
    }
    #expect(close(try half([x, x.map { 2 * $0 }]), 1.96, 0.02))
    #expect(close(try half([x, y]), 2.236, 0.02))
    #expect(simultaneousIntervals(estimates: [1], replicates: [[1, 1]], scales: [.identity]) == [nil])
  }
}
