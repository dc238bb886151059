import Foundation
import Testing

@testable import Statistics

@Suite struct DistributionsTests {
  @Test func logNormalUpperTailAgainstMpmath() throws {
    struct Case: Decodable { var x, logQ: Double }
    for item in try oracle("normal_tails", as: Case.self) {
      #expect(close(logNormalUpperTail(item.x), item.logQ, 1e-13, absolute: 1e-300), "x = \(item.x)")
    }
    #expect(close(logNormalUpperTail(100), -5_005.52420869, absolute: 5e-9))
    #expect(logNormalUpperTail(.infinity) == -.infinity && logNormalUpperTail(-.infinity) == 0)
  }

  @Test func quantilesAgainstSciPyAndMpmath() throws {
    struct Case: Decodable { var p: Double, df: Double?, x: Double }
    for item in try oracle("quantiles", as: Case.self) {
      let value =
        try item.df.map { try studentTQuantile(item.p, degreesOfFreedom: $0) } ?? standardNormalQuantile(item.p)
      #expect(close(value, item.x, 1e-10, absolute: 1e-14), "p = \(item.p), df = \(item.df ?? .infinity)")
    }
  }

  @Test func badParametersThrow() {
    #expect(throws: SampleError.self) { try standardNormalQuantile(0) }
    #expect(throws: SampleError.self) { try studentTQuantile(.nan, degreesOfFreedom: 3) }
    #expect(throws: SampleError.self) { try studentTQuantile(0.1, degreesOfFreedom: 0) }
  }

  @Test func clopperPearsonAgainstSciPy() throws {
    struct Case: Decodable { var k, n: Int, confidence, lower, upper: Double }
    for item in try oracle("clopper_pearson", as: Case.self) {
      let interval = try clopperPearson(successes: item.k, trials: item.n, confidence: item.confidence)
      #expect(close(interval.lowerBound, item.lower, 1e-9, absolute: 1e-15), "\(item)")
      #expect(close(interval.upperBound, item.upper, 1e-9), "\(item)")
    }
    #expect(try clopperPearson(successes: 0, trials: 0) == 0...1)
    #expect(throws: SampleError.self) { try clopperPearson(successes: 3, trials: 2) }
    #expect(throws: SampleError.self) { try clopperPearson(successes: -1, trials: 2) }
    #expect(throws: SampleError.self) { try clopperPearson(successes: 1, trials: 2, confidence: .nan) }
  }
}
