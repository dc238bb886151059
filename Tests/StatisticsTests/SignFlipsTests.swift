import Testing

@testable import Statistics

@Suite struct SignFlipsTests {
  /// Sums under the signs as they are documented, one unit at a time.
  private func plainSums(_ values: [Double], units: Int, columns: Int, replicate: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for unit in 0..<units {
      let words = generator.block(.swap, replicate: UInt32(replicate), block: UInt32(unit / 128))
      let isFlipped = replicate > 0 && words[(unit % 128) / 32] >> UInt32(unit % 32) & 1 == 1
      for column in 0..<columns {
        let value = values[unit * columns + column]
        sums[column] += isFlipped ? -value : value
      }
    }
    return sums
  }

  private func integers(_ count: Int) -> [Double] {
    var simulation = Simulation(seed: 2)
    return simulation.uniforms(count).map { ($0 * 2_000 - 900).rounded() }
  }

  @Test(arguments: [(17, 1), (40, 16), (128, 3), (300, 35)])
  func againstPlainSums(units: Int, columns: Int) async throws {
    let values = integers(units * columns)
    let flips = SignFlips(
      columns: try UnitColumns(units: units, columns: columns, values: values), resamples: 60, generator: generator)
    #expect(!flips.isExhaustive && flips.rows == 61)
    let replicates = try await flips.replicates(statistics: columns) { sums, out in
      for column in 0..<sums.count { out[column] = sums[column] }
    }
    for row in [0, 1, 2, 33, 60] {
      let expected = plainSums(values, units: units, columns: columns, replicate: row)
      #expect((0..<columns).map { replicates[row, $0] } == expected)
    }
  }

  @Test func exhaustiveIsEverySignVectorOnce() async throws {
    // Unit 1 is dead: 2³ arrangements of the others.
    let columns = try UnitColumns(units: 4, columns: 2, values: [1, 10, 0, 0, 2, 20, 4, 40])
    let flips = SignFlips(columns: columns, resamples: 7, generator: generator)
    #expect(flips.isExhaustive && flips.rows == 8 && flips.liveUnits == [0, 2, 3])
    let replicates = try await flips.replicates(statistics: 2) { sums, out in
      out[0] = sums[0]
      out[1] = sums[1]
    }
    #expect(replicates[0, 0] == 7)
    #expect(replicates.column(0, includingObserved: true).sorted() == [-7, -5, -3, -1, 1, 3, 5, 7])
    #expect((0..<8).allSatisfy { replicates[$0, 1] == 10 * replicates[$0, 0] })
    let p = replicates.pValue(0)
    #expect(p.value == 0.125 && p.method == .exact && p.resamples == 8 && p.exceedances == 1 && p.interval == nil)
    #expect(p.smallestAttainable == 0.25)
    #expect(!SignFlips(columns: columns, resamples: 6, generator: generator).isExhaustive)
  }

  /// More rows than a block, so that threads have something to share.
  @Test func resultsDoNotDependOnThreads() async throws {
    let columns = try UnitColumns(units: 50, columns: 2, values: integers(100).map { $0 * 0.1 })
    var results: [Replicates] = []
    for threads in [0, 1, 2, 7] {
      let flips = SignFlips(columns: columns, resamples: 2_500, generator: generator, threads: threads)
      results.append(try await flips.replicates(statistics: 1) { sums, out in out[0] = abs(sums[0]) + abs(sums[1]) })
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func signsDoNotDependOnOtherColumns() async throws {
    let units = 150
    let one = try UnitColumns(units: units, columns: 1, values: integers(units).map { $0 / 7 })
    let other = try UnitColumns(units: units, columns: 20, values: integers(units * 20))
    let alone = try await SignFlips(columns: one, resamples: 300, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[0] }
    let joined = try await SignFlips(columns: .joined([other, one]), resamples: 300, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[20] }
    #expect(alone.values == joined.values)
    // Nor on units that follow.
    let padded = try UnitColumns(units: 200, columns: 1, values: one.grid + [Double](repeating: 0, count: 50))
    let longer = try await SignFlips(columns: padded, resamples: 300, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[0] * one.steps[0] }
    #expect(alone.values == longer.values)
  }

  @Test func scalarMonteCarloUsesTheSameSigns() async throws {
    let values = integers(40)
    let replicates = try await SignFlips(
      columns: try UnitColumns(units: 40, columns: 1, values: values), resamples: 400, generator: generator
    ).replicates(statistics: 1) { sums, out in out[0] = abs(sums[0]) }
    var scalar = try signFlipTest(values, method: .monteCarlo, resamples: 400, generator: generator)
    scalar.reason = replicates.pValue(0).reason
    #expect(scalar == replicates.pValue(0))
  }

  @Test func deadDataIsDefined() async throws {
    let columns = try UnitColumns(units: 3, columns: 2, values: [Double](repeating: 0, count: 6))
    let replicates = try await SignFlips(columns: columns, resamples: 99, generator: generator)
      .replicates(statistics: 1) { sums, out in out[0] = sums[0] }
    #expect(replicates.rows == 1)
    #expect(replicates.pValue(0).value == 1)
    #expect(replicates.pValue(0).smallestAttainable == 1)
    let empty = try UnitColumns(units: 0, columns: 0, values: [])
    let nothing = try await SignFlips(columns: empty, resamples: 9, generator: generator)
      .replicates(statistics: 0) { _, _ in }
    #expect(nothing.values.isEmpty)
  }

  @Test func cancellationIsHeard() async throws {
    let columns = try UnitColumns(units: 64, columns: 1, values: integers(64))
    let task = Task {
      try await Task.sleep(for: .milliseconds(1))
      return try await SignFlips(columns: columns, resamples: 1_000_000, generator: generator)
        .replicates(statistics: 1) { _, _ in }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
