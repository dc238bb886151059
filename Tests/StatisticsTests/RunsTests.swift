import Testing

@testable import Statistics

/// Groups of runs: labellings, distances, and what R's vegan, SciPy and brute force say of the same.
@Suite struct RunsTests {
  private func distances(_ points: [[Double]]) throws -> RunDistances {
    let n = points.count
    var squared = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n { squared[i * n + j] = zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    }
    return try RunDistances(runs: n, squared: squared)
  }

  private func statistics(_ sizeA: Int, _ sizeB: Int, _ distances: RunDistances) throws -> RelabellingStatistics {
    try RelabellingStatistics(Labellings(sizeA: sizeA, sizeB: sizeB, generator: generator), distances)
  }

  // MARK: Against R's vegan

  @Test func varianceAndSpreadAgainstVegan() throws {
    struct Case: Decodable {
      var name: String, groups: [Int], squared: [Double], f, r2, total: Double, spreads: [Double]
    }
    let cases = try oracle("vegan", as: Case.self)
    #expect(cases.count == 13)
    for item in cases {
      let distances = try RunDistances(runs: item.groups.count, squared: item.squared)
      let variance = try PERMANOVA(distances, groups: item.groups)
      #expect(close(variance.fStatistic, item.f, 1e-10), "\(item.name)")
      #expect(close(variance.rSquared, item.r2, 1e-12), "\(item.name)")
      #expect(close(variance.totalSumOfSquares, item.total, 1e-12), "\(item.name)")
      guard let a = item.spreads.first, let b = item.spreads.last else { continue }
      let sizeA = item.groups.count { $0 == 0 }
      let spread = try statistics(sizeA, item.groups.count - sizeA, distances).spread
      #expect(close(spread.a, a, 1e-10) && close(spread.b, b, 1e-10), "\(item.name)")
    }
    let dune = try #require(cases.first)
    let variance = try PERMANOVA(RunDistances(runs: 20, squared: dune.squared), groups: dune.groups)
    #expect(close(variance.fStatistic, 2.76724, absolute: 5e-6))
    #expect(close(variance.rSquared, 0.3416107, absolute: 5e-8))
  }

  // MARK: Against brute force over all labellings

  @Test func relabellingsAgainstExact() throws {
    struct Case: Decodable {
      var sizeA, sizeB: Int, points: [[Double]], arrangements: Int
      var rSquared, energy, mmd, dispersion: Double
      var rSquaredExceedances, energyExceedances, mmdExceedances, dispersionExceedances: Int
    }
    for item in try oracle("relabellings", as: Case.self) {
      let statistics = try statistics(item.sizeA, item.sizeB, distances(item.points))
      #expect(statistics.labellings.total == Double(item.arrangements) && statistics.labellings.isExhaustive)
      for (column, value, count) in [
        (statistics.rSquared, item.rSquared, item.rSquaredExceedances),
        (statistics.energy, item.energy, item.energyExceedances),
        (statistics.maximumMeanDiscrepancy, item.mmd, item.mmdExceedances),
        (try #require(statistics.dispersion), item.dispersion, item.dispersionExceedances),
      ] {
        #expect(close(column.values[0], value, 1e-10, absolute: 1e-12), "\(item.sizeA) + \(item.sizeB)")
        let p = try statistics.labellings.pValue(column.values, scale: column.scale)
        #expect(p.value == Double(count) / Double(item.arrangements), "\(item.sizeA) + \(item.sizeB)")
        #expect(p.method == .exact && p.value >= p.smallestAttainable)
      }
    }
  }

  @Test func smallestPValuesAgainstExact() throws {
    let cases: [(a: Int, b: Int, labellings: Double)] = [
      (3, 3, 10), (4, 4, 35), (5, 5, 126), (6, 6, 462), (3, 4, 35), (2, 2, 3), (1, 4, 5),
    ]
    for (a, b, labellings) in cases {
      let expected = 1 / labellings
      #expect(Labellings.smallestPValue(sizeA: a, sizeB: b) == expected)
      // Two clusters far apart reach it.
      let points = (0..<a + b).map { run -> [Double] in
        let offset = 0.001 * Double(run * run)
        return [run < a ? offset : 100 + offset]
      }
      let statistics = try statistics(a, b, distances(points))
      #expect(try statistics.labellings.pValue(statistics.rSquared.values, scale: 1).value == expected)
    }
    #expect(close(Labellings.smallestPValue(sizeA: 5, sizeB: 5), 0.0079, absolute: 5e-5))
  }

  @Test func allTiesGiveOne() throws {
    // Runs that are all as far from one another: every labelling is as extreme.
    let n = 8
    let squared = (0..<n * n).map { $0 / n == $0 % n ? 0.0 : 3.7 }
    let statistics = try statistics(4, 4, RunDistances(runs: n, squared: squared))
    for column in [
      statistics.rSquared, statistics.energy, statistics.maximumMeanDiscrepancy, try #require(statistics.dispersion),
    ] {
      #expect(try statistics.labellings.pValue(column.values, scale: column.scale).value == 1)
    }
  }

  @Test func sameRunsEverywhereGiveOne() throws {
    let zero = try RunDistances(standardizing: Array(repeating: [1, 2, 3], count: 6))
    #expect(zero.isZero)
    let statistics = try statistics(3, 3, zero)
    for column in [statistics.rSquared, statistics.energy, try #require(statistics.dispersion)] {
      #expect(try statistics.labellings.pValue(column.values, scale: column.scale).value == 1)
    }
    #expect(try stepDownMaxT([statistics.rSquared.values]) == [nil])
    #expect(try zero.principalCoordinates().points.allSatisfy { $0 == [0, 0] })
  }

  @Test func groupsOfCopiesHaveInfiniteFAndTheSmallestP() throws {
    let statistics = try statistics(3, 3, distances([[0], [0], [0], [1], [1], [1]]))
    let variance = try PERMANOVA(statistics.distances, groups: [0, 0, 0, 1, 1, 1])
    #expect(variance.fStatistic == .infinity && variance.rSquared == 1 && variance.omegaSquared == 1)
    #expect(try statistics.labellings.pValue(statistics.rSquared.values, scale: 1).value == 0.1)
    #expect(try #require(statistics.dispersion).values[0] == 0)
  }

  // MARK: Random labellings

  @Test func randomLabellingsAreUniformAndRepeatable() throws {
    let labellings = try Labellings(sizeA: 3, sizeB: 4, limit: 30, generator: generator)
    #expect(!labellings.isExhaustive && labellings.rows == 31 && labellings.total == 35)
    #expect(try Labellings(sizeA: 3, sizeB: 4, limit: 30, generator: generator) == labellings)
    let many = try Labellings(sizeA: 10, sizeB: 12, limit: 5_000, generator: generator)
    for run in 0..<22 {
      let share = Double((1..<many.rows).count { many.isA[$0 * 22 + run] }) / 5_000
      // 10/22 ± 5 standard errors: a false alarm in 80,000 sets of seeds.
      #expect(abs(share - 10.0 / 22) < 0.0353)
    }
    for row in 0..<many.rows { #expect((0..<22).count { many.isA[row * 22 + $0] } == 10) }
  }

  @Test func fewLabellingsAgainstPhipsonAndSmyth() throws {
    // 462 labellings with groups apart, 99 of them drawn: permp(0, 99, 462).
    let labellings = try Labellings(sizeA: 5, sizeB: 6, limit: 99, generator: generator)
    #expect(labellings.distinct == 462)
    let p = try labellings.pValue(exceedances: 1)
    #expect(close(p.value, 0.0089564, absolute: 5e-8) && p.method == .monteCarlo && p.exceedances == 0)
    #expect(close(try labellings.pValue(exceedances: 6).value, 0.0589177, absolute: 5e-8))
  }

  @Test func monteCarloLiesInItsOwnInterval() throws {
    var random = Simulation(seed: 11)
    let points = (0..<12).map { i in random.normals(3).map { $0 + (i < 6 ? 0 : 0.8) } }
    let all = try statistics(6, 6, distances(points))
    let exact = try all.labellings.pValue(all.rSquared.values, scale: 1).value
    // 461 of 462 distinct ones may be drawn: more would be enumerated.
    let drawn = try RelabellingStatistics(
      Labellings(sizeA: 6, sizeB: 6, limit: 400, generator: generator), distances(points))
    let p = try drawn.labellings.pValue(drawn.rSquared.values, scale: 1, confidence: 0.9999)
    #expect(try #require(p.interval).contains(exact))
  }

  // MARK: Several layers

  @Test func stepDownAgainstNumPy() throws {
    struct Case: Decodable { var columns: [[Double]], counts: [Int] }
    for item in try oracle("step_down", as: Case.self) { #expect(try stepDownMaxT(item.columns) == item.counts) }
  }

  @Test func whatCannotVaryStaysOutOfTheFamily() throws {
    let column = [5.0, 1, 2, 3, 1, 2, 3]
    #expect(try stepDownMaxT([column]) == [1])
    #expect(
      try stepDownMaxT([nil, column, Array(repeating: 2, count: 7), [.nan, 1, 2, 3, 4, 5, 6]]) == [nil, 1, nil, nil])
    #expect(try stepDownMaxT([]) == [])
    #expect(try stepDownMaxT([nil]) == [nil])
    #expect(throws: SampleError.self) { try stepDownMaxT([[1, 2], [1, 2, 3]]) }
  }

  /// Fifty layers that all differ keep the p of one, .0079, where Bonferroni's and the smallest p's maximum give .33 or more.
  @Test func manyLayersKeepTheSmallestP() throws {
    var random = Simulation(seed: 5)
    let columns = try (0..<50).map { _ in
      let points = (0..<10).map { i in random.normals(2).map { $0 + (i < 5 ? 0 : 40) } }
      return try statistics(5, 5, distances(points)).rSquared.values
    }
    #expect(try stepDownMaxT(columns).allSatisfy { $0 == 1 })
  }

  /// The family-wise error of eight layers without a difference, α = .05. Of 400 sets more than 38 reject with probability
  /// 4·10⁻⁵; with two further layers that do differ strongly the other eight still reject no more often (strong control).
  @Test func calibrationUnderNullOfTheFamily() throws {
    var random = Simulation(seed: 23)
    let labellings = try Labellings(sizeA: 4, sizeB: 4, generator: generator)
    var (weak, strong) = (0, 0)
    for _ in 0..<400 {
      let columns = try (0..<10).map { layer in
        // One feature or twelve: their R² vary very differently.
        let points = (0..<8).map { i in
          random.normals(layer % 2 == 0 ? 1 : 12).map { $0 + (layer >= 8 && i >= 4 ? 30 : 0) }
        }
        return try RelabellingStatistics(labellings, distances(points)).rSquared.values
      }
      let limit = 35 / 20
      if try stepDownMaxT(Array(columns[..<8])).contains(where: { ($0 ?? 99) <= limit }) { weak += 1 }
      if try stepDownMaxT(columns)[..<8].contains(where: { ($0 ?? 99) <= limit }) { strong += 1 }
    }
    #expect(weak <= 38 && strong <= 38, "\(weak), \(strong)")
  }

  /// Runs of one recipe, 5 + 5, three features with heavy tails: the share of p ≤ .05 is at most 12/252 where p is exact. Of
  /// 1,000 sets more than 83 reject with probability 10⁻⁵ a statistic. Dispersion is approximate and allowed 100.
  @Test func calibrationUnderNull() throws {
    var random = Simulation(seed: 31)
    let labellings = try Labellings(sizeA: 5, sizeB: 5, generator: generator)
    var rejections = [0, 0, 0, 0]
    for _ in 0..<1_000 {
      let points = (0..<10).map { _ in random.laplaces(3) }
      let statistics = try RelabellingStatistics(labellings, distances(points))
      for (k, column) in [
        statistics.rSquared, statistics.energy, statistics.maximumMeanDiscrepancy, try #require(statistics.dispersion),
      ].enumerated() {
        if try labellings.pValue(column.values, scale: column.scale).value <= 0.05 { rejections[k] += 1 }
      }
    }
    for k in 0..<3 { #expect((18...83).contains(rejections[k]), "\(rejections)") }
    #expect((10...100).contains(rejections[3]), "\(rejections)")
  }

  /// E R² = 1/(n − 1) and E ω² near 0 without a difference: 1/9 at 5 + 5. Over all labellings the mean is exact.
  @Test func expectedEffectUnderNull() throws {
    var random = Simulation(seed: 37)
    let statistics = try statistics(5, 5, distances((0..<10).map { _ in random.normals(4) }))
    let r2 = statistics.rSquared.values
    #expect(close(r2.reduce(0, +) / Double(r2.count), 1.0 / 9, 1e-12))
  }

  /// Isotropic scatter in k directions is estimated as k, whatever lies between the groups: within 30 % from 60 runs, for these
  /// seeds.
  @Test(arguments: [1, 3, 8]) func directionsOfScatter(count: Int) throws {
    var random = Simulation(seed: 41, count)
    let points = (0..<60).map { i in random.normals(count).map { $0 + (i < 30 ? 0 : 5) } }
    let found = try #require(try statistics(30, 30, distances(points)).directions)
    #expect(abs(found - Double(count)) < 0.3 * Double(count), "\(found)")
    #expect(try statistics(2, 2, distances(Array(points[..<4]))).directions == nil)
    let copies = (0..<6).map { [$0 < 3 ? 0.0 : 1] }
    #expect(try statistics(3, 3, distances(copies)).directions == nil)
  }

  // MARK: Distances

  @Test func standardizedDistances() throws {
    // Two live features of two values each become ±1; the constant one is left out.
    let distances = try RunDistances(standardizing: [[1, 5, 10], [3, 5, 30], [1, 5, 30], [3, 5, 10]])
    #expect(close(distances[0, 1], 4) && close(distances[0, 2], 2) && close(distances[1, 2], 2))
    #expect(throws: SampleError.shapeMismatch(expected: 2, actual: 1)) {
      try RunDistances(standardizing: [[1, 2], [1]])
    }
    #expect(throws: SampleError.nonFinite(index: 1)) { try RunDistances(standardizing: [[1, 2], [1, .nan]]) }
    #expect(throws: SampleError.self) { try RunDistances(runs: 2, squared: [0, -1, -1, 0]) }
    let huge = try RunDistances(standardizing: [[1e300], [-1e300], [0]])
    #expect(huge.squared.allSatisfy(\.isFinite) && close(huge[0, 1], 6))
    let tiny = try RunDistances(standardizing: [[1e-310], [3e-310], [2e-310]])
    #expect(close(tiny[0, 1], 6, 1e-6))
    #expect(try RunDistances(standardizing: [[1], [1 + 1e-16], [1]]).isZero)
  }

  @Test func principalCoordinatesKeepDistances() throws {
    var random = Simulation(seed: 3)
    let points = (0..<9).map { _ in random.normals(2) }
    let distances = try distances(points)
    let (placed, shares) = try distances.principalCoordinates()
    #expect(close(shares.reduce(0, +), 1, 1e-10))
    for i in 0..<9 {
      for j in 0..<9 {
        let squared = zip(placed[i], placed[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(close(squared, distances[i, j], 1e-9, absolute: 1e-12))
      }
    }
    #expect(placed[0][0] <= 0 && placed[0][1] <= 0)
  }

  @Test func singularValuesAgainstNumPy() throws {
    struct Case: Decodable { var rows, columns: Int, x, values: [Double] }
    for item in try oracle("singular_values", as: Case.self) {
      var gram = GramMatrix(columns: item.columns)
      let first = item.rows / 2
      gram.add(rows: first, stride: item.columns, item.x)
      item.x.withUnsafeBufferPointer {
        if let start = $0.baseAddress {
          gram.add(rows: item.rows - first, stride: item.columns, start + first * item.columns)
        }
      }
      for (found, expected) in zip(try gram.singularValues(), item.values) {
        #expect(close(found, expected, 1e-9, absolute: 1e-7 * item.values[0]))
        if expected < 1e-12 { #expect(found == 0) }
      }
    }
  }

  @Test func intervalsAgainstSciPy() throws {
    struct Case: Decodable { var x, y: [Double], confidence, lower, upper: Double }
    for item in try oracle("welch", as: Case.self) {
      let interval = try #require(welchInterval(item.x, item.y, confidence: item.confidence))
      #expect(close(interval.lower, item.lower, 1e-9) && close(interval.upper, item.upper, 1e-9))
    }
    #expect(welchInterval([1], [1, 2]) == nil)
    #expect(welchInterval([1, .nan], [1, 2]) == nil)
    let same = try #require(welchInterval([1, 1], [3, 3]))
    #expect(same.lower == 2 && same.upper == 2)
    let ratio = try #require(geometricMeanRatio([1, 2, 4], [10, 20, 40]))
    #expect(close(ratio.ratio, 10) && ratio.interval.lower < 10 && ratio.interval.upper > 10)
    #expect(geometricMeanRatio([1, 0], [1, 2]) == nil)
  }

  @Test func malformedGroupsAreRefused() throws {
    #expect(throws: SampleError.self) { try Labellings(sizeA: 0, sizeB: 3, generator: generator) }
    #expect(throws: SampleError.self) { try Labellings(sizeA: 3, sizeB: 3, limit: 0, generator: generator) }
    let distances = try distances([[0], [1], [2]])
    #expect(throws: SampleError.self) { try PERMANOVA(distances, groups: [0, 0]) }
    #expect(throws: SampleError.self) { try PERMANOVA(distances, groups: [0, 0, 0]) }
    #expect(throws: SampleError.self) { try PERMANOVA(distances, groups: [0, 1, 2]) }
    #expect(throws: SampleError.self) {
      try RelabellingStatistics(Labellings(sizeA: 2, sizeB: 2, generator: generator), distances)
    }
    // One run against three has a place among four, and no spread.
    let lone = try RelabellingStatistics(Labellings(sizeA: 1, sizeB: 2, generator: generator), distances)
    #expect(lone.dispersion == nil && lone.spread.a == nil && lone.spread.b != nil)
    #expect(Labellings.count(sizeA: 500, sizeB: 500) > 1e299)
    #expect(close(Labellings.count(sizeA: 30, sizeB: 30), 118_264_581_564_861_424, 1e-14))
  }
}

/// Power by simulation.
@Suite struct RecipePowerTests {
  /// One direction: the exact test of labels comes close to the two-sample t-test, whose power is known. The share of 400
  /// experiments lies within 4.5 standard errors and .05 for what the tests differ in.
  @Test func nearTheTTestAgainstSciPy() throws {
    struct Case: Decodable { var size: Int, d, power: Double }
    for item in try oracle("t_test_power", as: Case.self) where item.size <= 8 {
      let plan = try RecipePower(runs: item.size, effect: item.d, resamples: 199)
      let share = Double(try plan.rejections(0..<400)) / 400
      let error = (item.power * (1 - item.power) / 400).squareRoot()
      #expect(abs(share - item.power) < 4.5 * error + 0.05, "\(item): \(share)")
    }
  }

  @Test func tooFewRunsHaveNoPower() throws {
    let plan = try RecipePower(runs: 3, effect: 100)
    #expect(plan.smallestPValue == 0.1)
    #expect(try plan.rejections(0..<10) == 0)
    #expect(try RecipePower(runs: 4, effect: 100).rejections(0..<10) == 10)
    #expect(try UnitPower(units: 5, effect: 100).rejections(0..<10) == 0)
    #expect(try UnitPower(units: 6, effect: 100).rejections(0..<10) == 10)
  }

  /// Without an effect power is the size: of 500 experiments more than 46 would reject at .05 with probability 3·10⁻⁵.
  @Test func calibrationUnderNull() throws {
    let alone = try RecipePower(runs: 4, effect: 0, dimensions: 3).rejections(0..<500)
    let family = try RecipePower(runs: 4, effect: 0, layers: 5).rejections(0..<500)
    let units = try UnitPower(units: 12, effect: 0).rejections(0..<500)
    #expect((2...46).contains(alone) && family <= 46 && (8...46).contains(units), "\(alone) \(family) \(units)")
  }

  @Test func experimentsAreNumbered() throws {
    let plan = try RecipePower(runs: 5, effect: 1.5, layers: 2)
    let parts = try plan.rejections(0..<30) + plan.rejections(30..<60)
    #expect(try plan.rejections(0..<60) == parts)
  }

  @Test func effectsBothWays() {
    #expect(close(RecipePower.omegaSquared(effect: 2), 0.5))
    #expect(close(RecipePower.effect(omegaSquared: RecipePower.omegaSquared(effect: 1.3)), 1.3))
  }

  @Test func malformedPlansAreRefused() {
    #expect(throws: SampleError.self) { try RecipePower(runs: 1, effect: 1) }
    #expect(throws: SampleError.self) { try RecipePower(runs: 3, effect: .nan) }
    #expect(throws: SampleError.self) { try RecipePower(runs: 3, effect: 1, dimensions: 0) }
    #expect(throws: SampleError.self) { try RecipePower(runs: 3, effect: 1, layers: 0) }
    #expect(throws: SampleError.self) { try RecipePower(runs: 3, effect: 1, alpha: 1) }
    #expect(throws: SampleError.self) { try UnitPower(units: 0, effect: 1) }
  }
}
