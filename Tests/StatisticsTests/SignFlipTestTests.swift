import Foundation
import Testing

@testable import Statistics

@Suite struct SignFlipTestTests {
  private func p(
    _ differences: [Double], _ alternative: Alternative = .twoSided, _ method: SignFlipMethod = .automatic
  ) throws -> PValue {
    try signFlipTest(differences, alternative: alternative, method: method, generator: generator)
  }

  @Test func againstFishersMaize() throws {
    let greater = try p(darwinsMaize, .greater)
    #expect(greater.value == 863.0 / 32_768)
    #expect(greater.method == .exact && greater.exceedances == 863 && greater.resamples == 32_768)
    #expect(greater.smallestAttainable == 1.0 / 32_768)
    let twoSided = try p(darwinsMaize)
    #expect(twoSided.value == 2 * 863.0 / 32_768)
    #expect(close(twoSided.value, 0.0526733, absolute: 5e-8))
    #expect(try p(darwinsMaize, .less).value > 0.97)
  }

  @Test func againstSleep() throws {
    let sleep = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
    let result = try p(sleep)
    #expect(result.value == 4.0 / 1_024)
    #expect(result.smallestAttainable == 2.0 / 512)
    #expect(try p(sleep.map { -$0 }, .less).value == 2.0 / 1_024)
  }

  @Test func tiesButForRoundingAreTies() throws {
    #expect(try p([0.1, 0.2, -0.3], .greater).value == 0.625)
    #expect(try p([0.1, 0.2, -0.3], .less).value == 0.625)
    #expect(try p([0.1, 0.2, -0.3]).value == 1)
    #expect(try p([1e-200, 2e-200, -3e-200], .greater).value == 0.625)
  }

  @Test func againstExact() throws {
    struct Case: Decodable { var x: [Double], arrangements, greater, less, twoSided: Int }
    for item in try oracle("sign_flips", as: Case.self) {
      for (alternative, count) in [(Alternative.greater, item.greater), (.less, item.less), (.twoSided, item.twoSided)]
      {
        let result = try p(item.x, alternative)
        #expect(result.value == Double(count) / Double(item.arrangements), "\(item.x) \(alternative)")
      }
    }
  }

  /// coin's exact `symmetry_test` of the differences and `wilcoxsign_test` of their signed ranks.
  @Test func againstR() throws {
    struct Case: Decodable {
      var name: String
      var x: [Double]
      var twoSided: Double, greater: Double, less: Double, ranksTwoSided: Double
    }
    let cases = try oracle("paired_swaps", as: Case.self)
    #expect(cases.count > 25)
    for item in cases {
      for (alternative, expected) in [
        (Alternative.twoSided, item.twoSided), (.greater, item.greater), (.less, item.less),
      ] {
        let found = try p(item.x, alternative)
        #expect(found.method == .exact && close(found.value, expected, 1e-12), "\(item.name) \(alternative)")
      }
      #expect(close(try p(signedRanks(item.x)).value, item.ranksTwoSided, 1e-12), "\(item.name) by ranks")
    }
  }

  @Test func degenerateDataIsDefined() throws {
    for differences in [[], [0], [0, -0.0, 0]] as [[Double]] {
      for method in SignFlipMethod.allCases {
        let result = try p(differences, .greater, method)
        #expect(result.value == 1 && result.smallestAttainable == 1 && !result.warnings.isEmpty)
      }
    }
    #expect(try p([3]).value == 1)
    #expect(try p([3], .greater).value == 0.5)
    #expect(try p([-3], .greater).value == 1)
    #expect(try p([0, 5, 0], .greater).smallestAttainable == 0.5)
  }

  @Test func badDataThrows() {
    #expect(throws: SampleError.nonFinite(index: 1)) { try p([1, .nan]) }
    #expect(throws: SampleError.outOfRange(parameter: "resamples", value: 0)) {
      try signFlipTest([1, 2], resamples: 0, generator: generator)
    }
    #expect(throws: SampleError.outOfRange(parameter: "confidence", value: 1)) {
      try signFlipTest([1, 2], generator: generator, confidence: 1)
    }
    #expect(throws: SampleError.tooManyArrangements(units: 60, limit: 44)) {
      var simulation = Simulation(seed: 16)
      return try p(simulation.normals(60), .greater, .exact)
    }
  }

  /// One sign throughout: no root of the saddlepoint equation, 2⁻ⁿ exactly, at any n.
  @Test(arguments: [23, 35, 700, 5_000])
  func boundaryIsExact(n: Int) throws {
    var simulation = Simulation(seed: 4)
    let x = simulation.uniforms(n).map { $0 + 0.1 }
    for method in [SignFlipMethod.automatic, .saddlepoint] {
      let greater = try p(x, .greater, method)
      #expect(greater.method == .exact && greater.exceedances == 1)
      #expect(close(greater.value, max(exp2(-Double(n)), .leastNonzeroMagnitude), 1e-12))
      #expect(close(try p(x, .twoSided, method).value, max(exp2(1 - Double(n)), .leastNonzeroMagnitude), 1e-12))
      #expect(close(try p(x.map { -$0 }, .less, method).value, greater.value, 1e-12))
      #expect(greater.value > 0 && greater.smallestAttainable > 0)
    }
  }

  /// Near the boundary the tail is counted: one and three small flips among 40 against all 2⁴⁰ by halves.
  @Test func nearTheBoundaryIsCounted() throws {
    var simulation = Simulation(seed: 5)
    for flips in [1, 3] {
      var x = simulation.uniforms(40).map { $0 + 0.2 }.sorted()
      for index in 0..<flips { x[index] = -x[index] }
      let counted = try p(x)
      #expect(counted.method == .exact)
      #expect((counted.exceedances ?? 0) <= 2 * SignFlipProblem.tailLimit)
      #expect(close(counted.value, try p(x, .twoSided, .exact).value, 1e-12))
    }
  }

  @Test func dominatedDataGoesToMonteCarlo() throws {
    var simulation = Simulation(seed: 15)
    let x = [100] + simulation.normals(29)
    let result = try p(x)
    #expect(result.method == .monteCarlo && result.warnings.count == 1)
    let exact = try p(x, .twoSided, .exact).value
    #expect(abs(result.value - exact) < 4 * 0.005)
  }

  /// The 95 % interval covers the exact p except in 5 % of seeds at most; more than 25 of 200 happens once in 30,000.
  @Test func monteCarloIntervalHoldsTheExactP() throws {
    var misses = 0
    for seed in 0..<200 {
      let result = try signFlipTest(
        darwinsMaize, method: .monteCarlo, resamples: 999, generator: Philox(seed: UInt64(seed), stream: 0))
      let interval = try #require(result.interval)
      if !interval.contains(2 * 863.0 / 32_768) { misses += 1 }
      #expect(result.value >= 1.0 / 1_000 && result.smallestAttainable == 0.001)
    }
    #expect(misses <= 25)
  }

  /// 2,000 null data sets of 30 units: outside 62 … 142 rejections at 5 % lies one in 50,000.
  @Test(arguments: [0, 1])
  func calibrationUnderNull(kind: Int) throws {
    var rejections = 0
    for data in 0..<2_000 {
      var simulation = Simulation(seed: 6, data)
      let x = kind == 0 ? simulation.normals(30) : simulation.laplaces(30).map { $0 * abs($0) }
      if try p(x, .twoSided, .saddlepoint).value <= 0.05 { rejections += 1 }
    }
    #expect((62...142).contains(rejections), "\(rejections)")
  }

  @Test func twoSidedIsTwiceTheSmallerSide() throws {
    var simulation = Simulation(seed: 7)
    for n in [5, 19, 60] {
      let x = simulation.normals(n)
      let sides = [try p(x, .greater).value, try p(x, .less).value]
      #expect(close(try p(x).value, min(1, 2 * (sides.min() ?? 0)), 1e-9))
      #expect(close(try p(x).value, try p(x.map { -$0 }).value))
      #expect(sides[0] + sides[1] >= 1 - 1e-9)
    }
  }
}
