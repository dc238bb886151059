import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

@Suite struct PopulationTests {
  private func row(_ a: [Double], _ b: [Double], inputs: Int, units: Int) async throws -> TestResult {
    let (x, y) = modelPair(a, b, inputs: inputs, units: units)
    let options = testing { $0.significance?.tests = [PopulationTest.id] }
    return try await compare(x, y, options: options).result.pair("first/kernel").row(PopulationTest.id, "energy")
  }

  @Test func orderOfInputsDoesNotMatter() async throws {
    var random = Simulation(seed: 31)
    let (inputs, units) = (16, 9)
    let a = random.normals(inputs * units)
    let b = random.normals(inputs * units, mean: 0.3)
    let plain = try await row(a, b, inputs: inputs, units: units)
    // Every unit of B with its inputs turned round.
    let turned = (0..<inputs).flatMap { Array(b[(inputs - 1 - $0) * units..<(inputs - $0) * units]) }
    let reversed = try await row(a, turned, inputs: inputs, units: units)
    #expect(close(reversed.value, try #require(plain.value), 1e-9))
    #expect(reversed.pValue == plain.pValue && plain.method == "monte_carlo")
    #expect(plain.level == "unit" && plain.nullHypothesis == unitNullHypothesis)
  }

  @Test func aWiderPopulationIsSeen() async throws {
    var random = Simulation(seed: 32)
    let a = random.normals(20 * 24)
    let found = try await row(a, random.normals(20 * 24, deviation: 1.6), inputs: 20, units: 24)
    #expect(found.pValue == 1.0 / 200)
    #expect(try #require(found.effect?.value) > 0.2)
    // Six units: all 64 swaps are taken, of which no more than two are as extreme.
    let few = try await row(Array(a[..<120]), random.normals(120, deviation: 3), inputs: 20, units: 6)
    #expect(few.method == "exact" && few.pValue == 2.0 / 64 && few.smallestPValue == 2.0 / 64)
  }

  @Test func degenerate() async throws {
    var random = Simulation(seed: 33)
    let a = random.normals(40)
    let same = try await row(a, a, inputs: 5, units: 8)
    #expect(same.pValue == 1 && same.value == 0)
    let thin = try await row(Array(a[..<16]), Array(a[16..<32]), inputs: 2, units: 8)
    #expect(thin.pValue == nil && thin.warnings.contains { $0.contains("fewer than 4 weights") })
    let one = try await row(Array(a[..<8]), Array(a[8..<16]), inputs: 8, units: 1)
    #expect(one.pValue == nil && !one.warnings.isEmpty)
    let nan = try await row([Double](repeating: .nan, count: 40), a, inputs: 5, units: 8)
    #expect(nan.pValue == nil)
  }

  /// Above 512 units three moments, above 4,096 random features: both see what differs and accept what does not.
  @Test(arguments: [600, 4_200]) func manyUnits(units: Int) async throws {
    var random = Simulation(seed: 34)
    let a = random.normals(4 * units)
    let alike = random.normals(4 * units)
    let (x, y) = modelPair(a, alike, inputs: 4, units: units)
    let (v, w) = modelPair(a, alike.map { $0 * 1.3 }, inputs: 4, units: units)
    let options = testing {
      $0.significance?.tests = [PopulationTest.id]
      $0.significance?.resamples = 127
      $0.metrics = []
    }
    let wider = try #require(try await compare(v, w, options: options).result.pair("first/kernel").tests?.first)
    #expect(wider.method == (units == 600 ? "pearson3" : "group"))
    #expect(try #require(wider.pValue) <= 1.0 / 128)
    guard units == 600 else { return }
    let null = try #require(try await compare(x, y, options: options).result.pair("first/kernel").tests?.first)
    #expect(try #require(null.pValue) > 0.01)
  }
}
