import Testing

@testable import Statistics

@Suite struct SignSubgroupTests {
  private func integers(_ count: Int, seed: UInt64 = 3) -> [Double] {
    var simulation = Simulation(seed: seed)
    return simulation.uniforms(count).map { ($0 * 2_000 - 950).rounded() }
  }

  /// Sums under the signs as they are documented, in one block and in several.
  @Test(arguments: [(5, 7), (300, 100), (700, 9_999)])
  func againstPlainSums(units: Int, resamples: Int) async throws {
    let values = integers(units * 3)
    let flips = SignFlips(
      columns: try UnitColumns(units: units, columns: 3, values: values), resamples: resamples, generator: generator,
      mayEnumerate: false, usesSubgroup: true)
    #expect(
      flips.isSubgroup && flips.rows.nonzeroBitCount == 1 && flips.rows > resamples && flips.rows <= 2 * resamples + 2)
    let buckets = SignSubgroup(units: units, resamples: resamples, generator: generator).buckets
    let replicates = try await flips.replicates(statistics: 3) { sums, out in
      for column in 0..<3 { out[column] = sums[column] }
    }
    for row in [0, 1, 2, 5, flips.rows / 2 + 1, flips.rows - 1] {
      for column in 0..<3 {
        let expected = (0..<units).reduce(0.0) { sum, unit in
          let isFlipped = (Int(buckets[unit]) & row).nonzeroBitCount % 2 == 1
          return sum + (isFlipped ? -1 : 1) * values[unit * 3 + column]
        }
        #expect(replicates[row, column] == expected)
      }
    }
  }

  /// As long as there are more buckets than units nearly none is shared: of 500 units in 16,383 buckets four draws in a row
  /// are taken with a probability below 10⁻⁵ each.
  @Test func unitsMoveSeparately() {
    let buckets = SignSubgroup(units: 500, resamples: 9_999, generator: generator).buckets
    #expect(Set(buckets).count == 500 && !buckets.contains(0))
    // The units before are not moved by those that follow.
    #expect(SignSubgroup(units: 100, resamples: 9_999, generator: generator).buckets == Array(buckets.prefix(100)))
  }

  @Test func theReportedNumberIsRoundedUp() throws {
    let p = try signFlipTest(integers(400), method: .group, resamples: 9_999, generator: generator)
    #expect(p.method == .group && p.resamples == 16_383 && p.smallestAttainable == 1.0 / 16_384 && p.interval == nil)
    #expect(p.value == Double((p.exceedances ?? 0) + 1) / 16_384)
    #expect(try signFlipTest(integers(400), method: .group, resamples: 1_023, generator: generator).resamples == 1_023)
    // Differences of one sign: only the identity is as extreme, for no element flips all units at once.
    let extreme = try signFlipTest(
      (1...400).map(Double.init), alternative: .greater, method: .group, resamples: 1_023, generator: generator)
    #expect(extreme.value == 1.0 / 1_024)
  }

  /// Near the exact p of 400 units: 5 standard errors of 16,384 pairwise independent signs.
  @Test func againstSaddlepoint() throws {
    for seed in 0..<6 as Range<UInt64> {
      var simulation = Simulation(seed: 50 + seed)
      let x = simulation.normals(400).map { $0 + 0.03 * Double(seed) }
      let exact = try signFlipTest(x, method: .saddlepoint, generator: generator).value
      let group = try signFlipTest(x, method: .group, generator: Philox(seed: seed, stream: 1)).value
      #expect(abs(group - exact) < 5 * (exact * (1 - exact) / 16_384).squareRoot() + 1.0 / 16_384)
    }
  }

  /// 2,000 null data sets of 60 units, heavy tails: outside 62 … 142 rejections at 5 % lies one in 50,000.
  @Test func calibrationUnderNull() throws {
    var rejections = 0
    for data in 0..<2_000 {
      var simulation = Simulation(seed: 77, data)
      let x = simulation.laplaces(60).map { $0 * abs($0) }
      let p = try signFlipTest(x, method: .group, resamples: 255, generator: Philox(seed: UInt64(data), stream: 3))
      if p.value <= 0.05 { rejections += 1 }
    }
    #expect((62...142).contains(rejections), "\(rejections)")
  }

  @Test func resultsDoNotDependOnThreads() async throws {
    let columns = try UnitColumns(units: 300, columns: 2, values: integers(600).map { $0 * 0.1 })
    var results: [Replicates] = []
    for threads in [1, 2, 5] {
      let flips = SignFlips(
        columns: columns, resamples: 20_000, generator: generator, threads: threads, mayEnumerate: false,
        usesSubgroup: true)
      results.append(try await flips.replicates(statistics: 1) { sums, out in out[0] = abs(sums[0]) + abs(sums[1]) })
    }
    #expect(results[0].rows == 32_768 && results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func emptyDataIsDefined() async throws {
    let empty = try UnitColumns(units: 0, columns: 0, values: [])
    let flips = SignFlips(columns: empty, resamples: 9, generator: generator, mayEnumerate: false, usesSubgroup: true)
    let result = try await flips.replicates(statistics: 1) { _, out in out[0] = 1 }
    #expect(result.rows == 16 && result.pValue(0).value == 1 && result.pValue(0).method == .group)
    #expect(try signFlipTest([], method: .group, generator: generator).value == 1)
  }
}
