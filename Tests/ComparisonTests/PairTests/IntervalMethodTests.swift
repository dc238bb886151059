import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

@Suite struct IntervalMethodTests {
  private func pair(
    units: Int, _ change: (inout SignificanceOptions) -> Void
  ) async throws -> PairResult {
    var random = Simulation(seed: 81)
    let a = random.normals(16 * units)
    let (x, y) = modelPair(a, a.map { 0.9 * $0 + 0.1 + 0.2 * random.normal() }, inputs: 16, units: units)
    let options = testing {
      $0.significance?.intervalResamples = 499
      $0.significance?.resamples = 99
      $0.significance?.tests = [DriftTest.id, ScaleTest.id]
      change(&$0.significance!)
    }
    return try await compare(x, y, options: options).result.pair("first/kernel")
  }

  @Test(arguments: IntervalMethod.allCases) func everyMethodAgreesRoughly(method: IntervalMethod) async throws {
    let reference = try await pair(units: 70) { $0.intervalMethod = .auto }
    let found = try await pair(units: 70) { $0.intervalMethod = method }
    let expected = try #require(try reference.row(DriftTest.id, "mean_difference").effect?.interval)
    let effect = try #require(try found.row(DriftTest.id, "mean_difference").effect)
    let interval = try #require(effect.interval)
    let width = expected[1] - expected[0]
    // The pigeonhole draws inputs too and is wider by half here.
    #expect(abs(interval[0] - expected[0]) < 0.7 * width && abs(interval[1] - expected[1]) < 0.7 * width, "\(interval)")
    let value = try #require(effect.value)
    #expect(interval[0] <= value && value <= interval[1])
    #expect(try #require(effect.standardError) > 0)
    #expect(effect.mostInfluentialUnit != nil)
    if method == .pigeonhole {
      #expect(interval[1] - interval[0] > width)
      #expect(found.intervals?["jensen_shannon"] == nil)
    }
  }

  @Test func influenceAndItsStandardError() async throws {
    let effect = try #require(try await pair(units: 12) { _ in }.row(DriftTest.id, "mean_difference").effect)
    let interval = try #require(effect.interval)
    let half = try studentTQuantile(0.975, degreesOfFreedom: 11) * #require(effect.standardError)
    #expect(close(interval[1] - interval[0], 2 * half, 1e-9))
  }

  @Test(arguments: [12, 70]) func simultaneousIntervalsAreWider(units: Int) async throws {
    let found = try await pair(units: units) { $0.simultaneousIntervals = true }
    for (id, statistic) in [(DriftTest.id, "mean_difference"), (ScaleTest.id, "mean_norm_difference")] {
      let effect = try #require(try found.row(id, statistic).effect)
      let (one, all) = (try #require(effect.interval), try #require(effect.simultaneousInterval))
      #expect(all[1] - all[0] > one[1] - one[0])
      #expect(effect.simultaneousMethod == (units == 12 ? "bonferroni_t" : "simultaneous_maxT"))
    }
    let plain = try await pair(units: units) { _ in }
    #expect(try plain.row(DriftTest.id, "mean_difference").effect?.simultaneousInterval == nil)
  }

  @Test func aParetoTailReachesBeyondTheSwaps() async throws {
    var random = Simulation(seed: 82)
    let a = random.normals(30 * 40)
    let (x, y) = modelPair(a, random.normals(30 * 40, deviation: 1.25), inputs: 30, units: 40)
    let options = testing {
      $0.significance?.resamples = 2_999
      $0.significance?.usesParetoTail = true
      $0.significance?.tests = [ShapeTest.id]
      $0.metrics = []
    }
    let row = try await compare(x, y, options: options).result.pair("first/kernel").row(ShapeTest.id, "wasserstein1")
    #expect(row.method == "gpd")
    let p = try #require(row.pValue)
    #expect(p < 1.0 / 3_000 && p >= 1.0 / 30_000)
    #expect(row.warnings.contains { $0.contains("approximate") })
  }
}
