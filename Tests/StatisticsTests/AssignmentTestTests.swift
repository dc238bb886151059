import Foundation
import Testing

@testable import Statistics

@Suite struct AssignmentTestTests {
  private struct Case: Decodable {
    let n: Int
    let g: [Double]
    let mean, variance, third, matched, unmatched: Double
    let exceedances, arrangements: Int
  }

  @Test func againstBruteForce() async throws {
    for example in try oracle("assignments", as: Case.self) {
      let test = try AssignmentTest(example.g, units: example.n)
      #expect(close(test.mean, example.mean, 1e-11, absolute: 1e-12))
      #expect(close(test.variance, example.variance, 1e-11, absolute: 1e-12))
      if example.n > 2 { #expect(close(test.thirdMoment, example.third, 1e-9, absolute: 1e-10)) }
      #expect(close(test.matched, example.matched, 1e-12, absolute: 1e-14))
      #expect(close(test.unmatched, example.unmatched, 1e-12, absolute: 1e-14))
      let p = try await test.pValue(resamples: 9_999, generator: generator)
      #expect(p.method == .exact && p.resamples == example.arrangements)
      #expect(p.value == Double(example.exceedances) / Double(example.arrangements), "\(example.n)")
      // Random orders put p within their own interval; 9 in 10,000 would not.
      if example.n > 5 {
        let random = try await test.pValue(resamples: 500, generator: generator, confidence: 0.9999)
        #expect(random.method == .monteCarlo && random.interval?.contains(p.value) == true)
      }
    }
  }

  @Test func thirdMomentAgainstRandomOrders() async throws {
    // 33 units: closed moments against Monte Carlo, within three per cent of p at this seed.
    var random = Simulation(seed: 5)
    let n = 40
    var g = random.normals(n * n)
    for u in 0..<n { g[u * n + u] += 0.25 }
    let test = try AssignmentTest(g, units: n)
    let closed = try #require(test.closedPValue())
    let p = try await test.pValue(resamples: 20_000, generator: generator, confidence: 0.9999)
    #expect(closed.method == .pearson3)
    #expect(try #require(p.interval).contains(closed.value), "\(closed.value) \(p)")
    #expect(try AssignmentTest(Array(g[..<(32 * 32)]), units: 32).closedPValue() == nil)
  }

  /// 2,000 null data sets; bounds of four binomial standard errors (false alarm below 10⁻⁴).
  @Test func calibrationUnderNull() async throws {
    var rejected = 0
    for run in 0..<2_000 {
      var random = Simulation(seed: 72, run)
      let test = try AssignmentTest(random.normals(64), units: 8)
      if try await test.pValue(resamples: 99, generator: Philox(seed: UInt64(run), stream: 1)).value <= 0.05 {
        rejected += 1
      }
    }
    #expect((61...139).contains(rejected), "\(rejected)")
  }

  @Test func identicalUnitsTakeTheSmallestP() async throws {
    let n = 12
    let identity = (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0 }
    let test = try AssignmentTest(identity, units: n)
    #expect(test.matched == 1 && test.unmatched == 0)
    #expect(try await test.pValue(resamples: 999, generator: generator).value == 1.0 / 1_000)
    // All alike: no order is more extreme than another.
    let flat = try AssignmentTest([Double](repeating: 0.1, count: 16), units: 4)
    #expect(try await flat.pValue(resamples: 999, generator: generator).value == 1)
    #expect(flat.score == nil)
    #expect(throws: SampleError.self) { try AssignmentTest([1], units: 1) }
    #expect(throws: SampleError.self) { try AssignmentTest([1, .nan, 0, 1], units: 2) }
  }

  @Test func threadsChangeNothing() async throws {
    var random = Simulation(seed: 6)
    let test = try AssignmentTest(random.normals(400), units: 20)
    let one = try await test.pValue(resamples: 1_500, generator: generator, threads: 1)
    #expect(try await test.pValue(resamples: 1_500, generator: generator, threads: 4) == one)
  }
}
