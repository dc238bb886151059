import Testing

@testable import Statistics

@Suite struct ReplicatesTests {
  private func replicates(_ values: [Double], statistics: Int = 1, isExhaustive: Bool = false) throws -> Replicates {
    try Replicates(statistics: statistics, values: values, isExhaustive: isExhaustive, liveUnits: 20)
  }

  @Test func pIsNeverZero() throws {
    let p = try replicates([9] + [Double](repeating: 0, count: 99)).pValue(0)
    #expect(p.value == 0.01 && p.exceedances == 0 && p.resamples == 99 && p.smallestAttainable == 0.01)
    #expect(p.interval?.lowerBound == 0)
  }

  @Test func allTiesGiveOne() throws {
    #expect(try replicates([Double](repeating: 2, count: 50)).pValue(0).value == 1)
    #expect(try replicates([Double](repeating: 2, count: 64), isExhaustive: true).pValue(0).value == 1)
  }

  @Test func tiesAreThoseOfTheTerms() throws {
    let values = [0, -1e-15, -1e-12, 1, -1]
    #expect(try replicates(values, isExhaustive: true).pValue(0).exceedances == 2)
    #expect(try replicates(values, isExhaustive: true).pValue(0, scale: 0.6).exceedances == 3)
  }

  @Test func whatIsNotANumberNeverHelps() throws {
    let p = try replicates([3, .nan, 1, 2]).pValue(0)
    #expect(p.value == 0.5 && p.warnings.count == 1)
    #expect(try replicates([.nan, 1, 2]).pValue(0).value == 1)
    #expect(try replicates([.infinity, 1, .infinity]).pValue(0).exceedances == 1)
    #expect(try replicates([1, 2]).pValue(5).value == 1)
  }

  @Test func maxTAgainstHand() throws {
    // Statistic 1 is statistic 0 times 10 with the observed row most extreme; statistic 2 is constant.
    let rows: [[Double]] = [[3, 50, 4], [1, 10, 4], [5, 20, 4], [2, 0, 4]]
    let all = try replicates(rows.flatMap { $0 }, statistics: 3, isExhaustive: true)
    let (p, leading) = all.standardizedMaxT([0, 1, 2])
    #expect(leading == 1)
    #expect(p.value == 0.25 && p.exceedances == 1)
    // Means 2.75 and 20, SDs √2.1875 and √350: row 0 1.604, row 2 1.521.
    let (only, first) = all.standardizedMaxT([0])
    #expect(first == 0 && only.value == 0.5)
  }

  @Test func maxTWithoutVariationIsOne() throws {
    let (p, leading) = try replicates([4, 4 * (1 + 1e-15), 4, 4]).standardizedMaxT([0])
    #expect(p.value == 1 && leading == nil && p.warnings.count == 1)
    let (none, _) = try replicates([1, 2]).standardizedMaxT([])
    #expect(none.value == 1)
    let (infinite, _) = try replicates([1, .infinity, 1, 2, 3, 2], statistics: 2).standardizedMaxT([0, 1])
    #expect(infinite.warnings.count == 1)
  }

  /// Family-wise rejections of 300 null data sets, five correlated statistics of 12 units: 95 % of such sets reject between 8
  /// and 23 times at 5 %; outside 4 … 30 lies one in 3,000.
  @Test func maxTCalibrationUnderNull() async throws {
    var rejections = 0
    for data in 0..<300 {
      var simulation = Simulation(seed: 3, data)
      let columns = try UnitColumns(units: 12, columns: 5, values: simulation.normals(60))
      let flips = SignFlips(
        columns: columns, resamples: 99, generator: Philox(seed: UInt64(data), stream: 1), threads: 1)
      let result = try await flips.replicates(statistics: 5) { sums, out in
        for column in 0..<5 { out[column] = abs(sums[column] + sums[0]) }
      }
      if result.standardizedMaxT([0, 1, 2, 3, 4]).pValue.value <= 0.05 { rejections += 1 }
    }
    #expect((4...30).contains(rejections))
  }

  @Test func badShapesThrow() {
    #expect(throws: SampleError.self) {
      try Replicates(statistics: 2, values: [1, 2, 3], isExhaustive: true, liveUnits: 1)
    }
    #expect(throws: SampleError.self) { try Replicates(statistics: 0, values: [], isExhaustive: true, liveUnits: 1) }
  }
}
