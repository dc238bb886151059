import Checkpoints
import Results
import Statistics
import Testing

@testable import Comparison

/// The tests of unit level through `compare`, on pairs small enough to enumerate every swap.
@Suite struct UnitTestsTests {
  struct Case: Decodable, Sendable {
    let units, inputs: Int
    let a, b: [Double]
    let p, value: [String: Double]
    let layer: Double
  }

  private func result(_ example: Case, _ alternative: Alternative) async throws -> ModelComparison {
    let (a, b) = modelPair(example.a, example.b, inputs: example.inputs, units: example.units)
    let options = testing {
      $0.significance?.resamples = 1_023
      $0.significance?.alternative = alternative
      $0.significance?.tests = [DriftTest.id, ScaleTest.id, ShapeTest.id]
    }
    return try await compare(a, b, options: options).result
  }

  @Test(arguments: 0..<13) func againstSciPy(index: Int) async throws {
    let example = try oracle("unit_tests", as: [Case].self)[index]
    for alternative in Alternative.allCases {
      let found = try await result(example, alternative)
      let pair = try found.pair("first/kernel")
      for (id, statistic) in [
        ("drift", "mean_difference"), ("scale", "mean_norm_difference"), ("scale", "signed_rank"),
      ] {
        let row = try pair.row(id, statistic)
        let expected = try #require(example.p["\(statistic) \(alternative.rawValue)"])
        #expect(close(row.pValue, expected), "\(statistic) \(alternative) of \(index)")
        #expect(row.method == "exact")
      }
      guard alternative == .twoSided else { continue }
      for statistic in ["wasserstein1", "ks", "jensen_shannon"] {
        let row = try pair.row("shape", statistic)
        #expect(close(row.pValue, try #require(example.p[statistic])), "\(statistic) of \(index)")
        #expect(close(row.value, try #require(example.value[statistic]), 1e-9, absolute: 1e-12))
        let (smallest, p) = (try #require(row.smallestPValue), try #require(row.pValue))
        #expect(smallest <= p)
      }
      #expect(close(try found.layer("first").pValue, example.layer), "layer of \(index)")
    }
  }

  /// Heights of maize in eighths of an inch: one weight a unit.
  @Test func againstDarwin() async throws {
    let d: [Double] = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    let a = (0..<15).map { Double($0) }
    let b = zip(a, d).map { $0 + $1 }
    let (x, y) = modelPair(a, b, inputs: 1, units: 15)
    for (alternative, p) in [(Alternative.twoSided, 1_726.0 / 32_768), (.greater, 863.0 / 32_768)] {
      let options = testing { $0.significance?.alternative = alternative }
      let row = try await compare(x, y, options: options).result.pair("first/kernel").row("drift", "mean_difference")
      #expect(close(row.pValue, p))
      #expect(row.unitCount == 15)
      #expect(row.smallestPValue == (alternative == .twoSided ? 0x1p-14 : 0x1p-15))
      #expect(close(row.value, 314.0 / 15))
    }
  }

  @Test func againstSleep() async throws {
    let d = [12, 24, 13, 13, 0, 10, 18, 8, 46, 14].map { Double($0) }
    let (x, y) = modelPair(d.map { _ in 1 }, d.map { $0 + 1 }, inputs: 1, units: 10)
    let row = try await compare(x, y, options: testing()).result.pair("first/kernel").row("drift", "mean_difference")
    // Nine differences are not zero, so the group has 512 elements: 2/512 is 4/1024.
    #expect(close(row.pValue, 4.0 / 1_024))
    #expect(row.smallestPValue == 2.0 / 512)
  }

  @Test func againstRoundedSums() async throws {
    // .1 + .2 − .3 is not 0 in doubles, but it ties with 0.
    let (x, y) = modelPair([0, 0, 0], [0.1, 0.2, -0.3], inputs: 1, units: 3)
    let options = testing { $0.significance?.alternative = .greater }
    let row = try await compare(x, y, options: options).result.pair("first/kernel").row("drift", "mean_difference")
    #expect(row.pValue == 0.625)
  }

  /// All differences of one sign: 2/2ⁿ, where a saddlepoint has no root; and no p is ever 0.
  @Test(arguments: [24, 60, 130]) func boundaryAgainstExact(units: Int) async throws {
    var random = Simulation(seed: UInt64(units))
    let a = random.normals(4 * units)
    let b = a.map { $0 * 1.5 }
    let (x, y) = modelPair(a, b, inputs: 4, units: units)
    let result = try await compare(x, y, options: testing()).result
    let row = try result.pair("first/kernel").row("scale", "mean_norm_difference")
    #expect(close(row.pValue, Double(sign: .plus, exponent: 1 - units, significand: 1), 1e-9))
    #expect(try result.layer("first").pValue == 1.0 / 200)
    for row in result.pairs.flatMap({ $0.tests ?? [] }) {
      if let p = row.pValue { #expect(p > 0 && p <= 1) }
    }
  }

  @Test func deadUnitsAreNamed() async throws {
    var random = Simulation(seed: 12)
    let a = random.normals(20 * 8)
    var b = a.map { $0 * 1.1 }
    for i in 0..<20 {
      b[i * 8 + 3] = 0
      b[i * 8 + 6] *= 1e-9
    }
    let (x, y) = modelPair(a, b, inputs: 20, units: 8)
    let result = try await compare(x, y, options: testing()).result
    let pair = try result.pair("first/kernel")
    #expect(pair.deadUnitsA == [])
    #expect(pair.deadUnitsB == [3, 6])
    #expect(pair.metrics[.deadUnitsB] == 2)
    #expect(try result.layer("first").deadUnitsB == 2)
    // The ratio of norms is over live units: 1.1 but for rounding.
    #expect(close(try pair.row("scale", "mean_norm_difference").effect?.value, 1.1, 1e-9))
  }

  @Test func elementsAreDescribedOnly() async throws {
    let (x, y) = modelPair([1, 2, 3, 4, 5, 6], [2, 2, 3, 5, 5, 7], inputs: 2, units: 3)
    let result = try await compare(x, y, options: testing { $0.unit = .element }).result
    let row = try result.pair("first/kernel").row("drift", "mean_difference")
    #expect(row.level == "weight")
    #expect(row.warnings.contains { $0.contains("descriptive only") })
    #expect(
      try await compare(x, y, options: testing()).result.pair("first/kernel").row("drift", "mean_difference").level
        == "unit")
  }

  @Test func roundingToANarrowerTypeIsNoShape() async throws {
    var random = Simulation(seed: 13)
    let a = random.normals(64 * 24)
    func model(_ tensor: MemoryCheckpoint.Tensor) -> MemoryCheckpoint {
      MemoryCheckpoint([tensor, .float32("second/kernel", [24, 1], random.normals(24))])
    }
    random = Simulation(seed: 14)
    let x = model(.float32("first/kernel", [64, 24], a))
    random = Simulation(seed: 14)
    let y = model(.bfloat16("first/kernel", [64, 24], a))
    let result = try await compare(x, y, options: testing()).result
    let row = try result.pair("first/kernel").row("shape", "wasserstein1")
    #expect(row.pValue == nil)
    #expect(row.warnings.contains { $0.contains("rounding") })
    #expect(try result.pair("first/kernel").row("drift", "mean_difference").pValue != nil)
    #expect(result.verdict == .different)
  }
}
