import Testing

@testable import Statistics

@Suite struct UnitColumnsTests {
  @Test func integersKeepStepOne() throws {
    let columns = try UnitColumns(units: 3, columns: 2, values: [1, 0.5, -7, 0.25, 4_000_000_000_000, 0])
    #expect(columns.steps[0] == 1)
    #expect(columns.grid == [1, columns.grid[1], -7, columns.grid[3], 4_000_000_000_000, 0])
    #expect(columns.grid[1] * columns.steps[1] == 0.5)
  }

  @Test(arguments: [1.0, 1e-300, 100 * .leastNonzeroMagnitude, 1e300, 1.7e308, 123.456, 0x1p52])
  func sumsStayExact(scale: Double) throws {
    var simulation = Simulation(seed: 1)
    let values = simulation.uniforms(200).map { scale * ($0 - 0.3) }
    let columns = try UnitColumns(units: 200, columns: 1, values: values)
    let step = columns.steps[0]
    #expect(step.significand == 1 || step == .leastNonzeroMagnitude)
    #expect(columns.grid.reduce(0) { $0 + abs($1) } < 0x1p52)
    #expect(columns.grid.allSatisfy { $0 == $0.rounded() })
    for (value, grid) in zip(values, columns.grid) { #expect(abs(grid * step - value) <= step / 2) }
  }

  @Test func badDataThrows() {
    #expect(throws: SampleError.nonFinite(index: 1)) { try UnitColumns(units: 2, columns: 1, values: [0, .nan]) }
    #expect(throws: SampleError.nonFinite(index: 0)) { try UnitColumns(units: 1, columns: 1, values: [.infinity]) }
    #expect(throws: SampleError.shapeMismatch(expected: 6, actual: 1)) {
      try UnitColumns(units: 2, columns: 3, values: [0])
    }
    #expect(throws: SampleError.self) { try UnitColumns(units: .max, columns: 3, values: [0]) }
    #expect(throws: SampleError.self) { try UnitColumns(units: -1, columns: 0, values: []) }
  }

  @Test func emptyAndZeroAreDefined() throws {
    #expect(try UnitColumns(units: 0, columns: 4, values: []).steps == [1, 1, 1, 1])
    #expect(try UnitColumns(units: 2, columns: 1, values: [0, -0.0]).isLive(1) == false)
  }

  @Test func joinedPadsWithZeros() throws {
    let long = try UnitColumns(units: 3, columns: 1, values: [1, 2, 3])
    let short = try UnitColumns(units: 1, columns: 2, values: [8, 9])
    let joined = UnitColumns.joined([long, short])
    #expect(joined.units == 3 && joined.columns == 3)
    #expect(joined.grid == [1, 8, 9, 2, 0, 0, 3, 0, 0])
  }
}
