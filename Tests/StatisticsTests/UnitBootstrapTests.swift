import Testing

@testable import Statistics

@Suite struct UnitBootstrapTests {
  private func ones(_ units: Int) throws -> UnitColumns {
    try UnitColumns(units: units, columns: 1, values: [Double](repeating: 1, count: units))
  }

  @Test func weightsAddUpAndTheFirstRowIsTheSample() async throws {
    let values = (0..<40).map { Double($0) + 0.5 }
    let columns = UnitColumns.joined([try ones(40), try UnitColumns(units: 40, columns: 1, values: values)])
    let result = try await UnitBootstrap(columns: columns, resamples: 500, generator: generator)
      .replicates(statistics: 2) { sums, out in (out[0], out[1]) = (sums[0], sums[1]) }
    #expect(result.rows == 501 && result[0, 1] == values.reduce(0, +))
    #expect(result.column(0, includingObserved: true).allSatisfy { $0 == 40 })
    // The bootstrap's standard error of the mean is the plug-in one; 500 samples give it within 15 %.
    let fit = try #require(NormalFit(samples: result.column(1).map { $0 / 40 }))
    let spread = try #require(NormalFit(samples: values)).standardDeviation / 40.0.squareRoot()
    #expect(abs(fit.standardDeviation / spread - 1) < 0.15)
    #expect(abs(fit.mean - 20) < 5 * spread / 500.0.squareRoot())
  }

  @Test func resultsDoNotDependOnThreadsOrOtherColumns() async throws {
    var simulation = Simulation(seed: 14)
    let one = try UnitColumns(units: 30, columns: 1, values: simulation.normals(30))
    let many = try UnitColumns(units: 30, columns: 20, values: simulation.normals(600))
    var results: [[Double]] = []
    for threads in [1, 2, 5] {
      results.append(
        try await UnitBootstrap(columns: one, resamples: 700, generator: generator, threads: threads)
          .replicates(statistics: 1) { sums, out in out[0] = sums[0] }.values)
      results.append(
        try await UnitBootstrap(columns: .joined([many, one]), resamples: 700, generator: generator, threads: threads)
          .replicates(statistics: 1) { sums, out in out[0] = sums[20] }.values)
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func manyUnitsAreDrawnInBlocks() async throws {
    let units = 2_500
    let values = (0..<units).map { Double($0 % 7) }
    let columns = UnitColumns.joined([try ones(units), try UnitColumns(units: units, columns: 1, values: values)])
    let bootstrap = UnitBootstrap(columns: columns, resamples: 50, generator: generator)
    #expect(bootstrap.blocks == 512)
    let result = try await bootstrap.replicates(statistics: 2) { sums, out in (out[0], out[1]) = (sums[0], sums[1]) }
    #expect(result[0, 0] == 2_500 && result[0, 1] == values.reduce(0, +))
    // Blocks hold 4 or 5 units: sample sizes vary, by 512 draws of a variance of about ¼.
    #expect(result.column(0).allSatisfy { abs($0 - 2_500) < 6 * 11.4 })
  }

  /// Draws go by blocks of words until one is rejected: with this seed that is word 362 of replicate 67.
  @Test(arguments: [(361, 481), (361, 1), (361, 2), (361, 3), (361, 6), (5, 512)])
  func drawsAgainstWordByWord(seed: UInt64, units: Int) async throws {
    let generator = Philox(seed: seed, stream: 0)
    let values = (0..<units).map { Double($0 * $0 + 1) }
    let found = try await UnitBootstrap(
      columns: try UnitColumns(units: units, columns: 1, values: values), resamples: 70, generator: generator
    ).replicates(statistics: 1) { sums, out in out[0] = sums[0] }.values
    var expected = [values.reduce(0, +)]
    for replicate in 1...70 as ClosedRange<UInt32> {
      var words = PhiloxSequence(generator, .bootstrap, replicate: replicate)
      expected.append((0..<units).reduce(0) { sum, _ in sum + values[words.index(below: UInt32(units))] })
    }
    #expect(found == expected)
    let block = generator.block(.bootstrap, replicate: 67, block: 90)
    if units == 481 { #expect(UInt64(block[2]) &* 481 & 0xffff_ffff < (1 << 32) % 481) }
  }

  @Test func emptyDataIsDefined() async throws {
    let empty = try UnitColumns(units: 0, columns: 1, values: [])
    let result = try await UnitBootstrap(columns: empty, resamples: 5, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[0] }
    #expect(result.values == [Double](repeating: 0, count: 6))
  }
}
