import Foundation
import Results
import Testing

@testable import Comparison

/// Histograms, unit norms and fits of a pair against loops over its elements.
@Suite struct ProfileTests {
  private func profile(_ a: [Double], _ b: [Double], shape: [Int], profiles: Bool = true) async throws -> PairProfile? {
    var options = ComparisonOptions()
    options.profiles = profiles
    let left = MemoryCheckpoint([
      .float64("layer/kernel", shape, a),
      .float64("next/kernel", [shape[1], 3], Array(repeating: 1, count: shape[1] * 3)),
    ])
    let right = MemoryCheckpoint([
      .float64("layer/kernel", shape, b),
      .float64("next/kernel", [shape[1], 3], Array(repeating: 1, count: shape[1] * 3)),
    ])
    let result = try await compare(left, right, options: options).result
    return try #require(result.pairs.first { $0.name == "layer/kernel" }).profile
  }

  @Test func againstLoops() async throws {
    var random = Simulation(seed: 11)
    let shape = [40, 16]
    let a = random.normals(640)
    let b = random.normals(640, mean: 0.2, deviation: 1.5)
    let profile = try #require(try await profile(a, b, shape: shape))
    #expect(profile.countsA.reduce(0, +) == 640 && profile.countsB.reduce(0, +) == 640)
    let bins = profile.countsA.count - 2
    let width = (profile.edges[1] - profile.edges[0]) / Double(bins)
    for (values, counts) in [(a, profile.countsA), (b, profile.countsB)] {
      var expected = [Int](repeating: 0, count: bins + 2)
      for x in values { expected[max(0, min(bins + 1, Int(((x - profile.edges[0]) / width).rounded(.down)) + 1))] += 1 }
      #expect(zip(counts, expected).allSatisfy { abs($0 - $1) <= 1 }, "but for values that lie on an edge")
    }
    #expect(profile.minA == a.min() && profile.maxA == a.max() && profile.minB == b.min() && profile.maxB == b.max())
    let norms = (0..<16).map { unit in (0..<40).reduce(0) { $0 + b[$1 * 16 + unit] * b[$1 * 16 + unit] }.squareRoot() }
    #expect(profile.unitNormsB.count == 16)
    for (found, expected) in zip(profile.unitNormsB, norms) { #expect(close(found, expected, 1e-12)) }
    let mean = b.reduce(0, +) / 640
    let deviation = (b.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 640).squareRoot()
    let fit = try #require(profile.fits.first { $0.side == "b" && $0.family == "norm" })
    #expect(close(fit.location, mean, 1e-12) && close(fit.scale, deviation, 1e-12))
    #expect(profile.fits.map { "\($0.side) \($0.family)" } == ["a norm", "a laplace", "b norm", "b laplace"])
    let copy = try JSONDecoder().decode(PairProfile.self, from: JSONEncoder().encode(profile))
    #expect(copy == profile)
  }

  @Test func onlyOnRequest() async throws {
    let values = Array(repeating: 0.5, count: 640)
    #expect(try await profile(values, values, shape: [40, 16], profiles: false) == nil)
    let constant = try #require(try await profile(values, values, shape: [40, 16]))
    #expect(constant.fits.isEmpty, "a constant has no scale")
  }
}
