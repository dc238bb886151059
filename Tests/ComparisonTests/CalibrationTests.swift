import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

/// Simulated pairs between which nothing systematic differs, through `compare`.
@Suite struct CalibrationTests {
  enum Setting: String, CaseIterable {
    case independent
    /// Weights of a unit share something: correlation .02.
    case correlated
    /// Units differ in scale, a_u and b_u alike: lognormal, σ = .3.
    case lognormal
  }

  static let inputs = 16, units = 20, pairs = 300

  private func pair(_ setting: Setting, _ random: inout Simulation) -> (a: [Double], b: [Double]) {
    func kernel() -> [Double] {
      let share = setting == .correlated ? 0.02 : 0
      let common = random.normals(Self.units, deviation: share.squareRoot())
      let scales = random.normals(Self.units).map { setting == .lognormal ? exp(0.3 * $0) : 1 }
      return (0..<Self.inputs * Self.units).map { i in
        let unit = i % Self.units
        return 0.1 * scales[unit] * (common[unit] + (1 - share).squareRoot() * random.normal())
      }
    }
    return (kernel(), kernel())
  }

  /// The share of p ≤ .05 is at most .05 under the null, where p-values are exact. Of 300 pairs more than 33 then reject with
  /// probability 9·10⁻⁶, and fewer than 3 with 3·10⁻⁵: over 12 counts a false alarm in 2,200 sets of seeds.
  @Test(arguments: Setting.allCases) func calibrationUnderNull(setting: Setting) async throws {
    var random = Simulation(seed: setting == .independent ? 101 : setting == .correlated ? 102 : 103)
    var rejections: [String: Int] = [:]
    let options = testing {
      $0.metrics = []
      $0.include = ["first"]
      $0.threads = 1
      $0.significance?.intervalResamples = 1
      $0.significance?.tests = [DriftTest.id, ScaleTest.id, ShapeTest.id]
    }
    for _ in 0..<Self.pairs {
      let (a, b) = pair(setting, &random)
      let (x, y) = modelPair(a, b, inputs: Self.inputs, units: Self.units)
      let result = try await compare(x, y, options: options).result
      let rows = try result.pair("first/kernel")
      for (id, statistic) in [
        ("drift", "mean_difference"), ("scale", "mean_norm_difference"), ("shape", "wasserstein1"),
      ] {
        let p = try #require(try rows.row(id, statistic).pValue)
        if p <= 0.05 { rejections[id, default: 0] += 1 }
      }
      if try #require(try result.layer("first").pValue) <= 0.05 { rejections["layer", default: 0] += 1 }
    }
    for name in ["drift", "scale", "shape", "layer"] {
      #expect((3...33).contains(rejections[name] ?? 0), "\(name): \(rejections[name] ?? 0) of \(Self.pairs)")
    }
  }
}
