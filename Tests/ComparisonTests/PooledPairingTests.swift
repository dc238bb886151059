import Checkpoints
import Results
import Statistics
import Testing

@testable import Comparison

/// `--pairing independent` through `compare`, on pairs small enough to enumerate every labelling.
@Suite struct PooledPairingTests {
  @Test(arguments: 0..<8) func againstSciPy(index: Int) async throws {
    let example = try oracle("pooled_tests", as: [UnitTestsTests.Case].self)[index]
    let (x, y) = modelPair(example.a, example.b, inputs: example.inputs, units: example.units)
    for alternative in Alternative.allCases {
      let options = testing {
        $0.significance?.resamples = 1_023
        $0.significance?.alternative = alternative
        $0.significance?.pairing = .independent
        $0.significance?.tests = [DriftTest.id, ScaleTest.id, ShapeTest.id]
      }
      let found = try await compare(x, y, options: options).result
      let pair = try found.pair("first/kernel")
      for (id, statistic) in [
        ("drift", "mean_difference"), ("scale", "mean_norm_difference"), ("scale", "rank_sum"),
      ] {
        let row = try pair.row(id, statistic)
        let expected = try #require(example.p["\(statistic) \(alternative.rawValue)"])
        #expect(close(row.pValue, expected), "\(statistic) \(alternative) of \(index)")
        #expect(row.method == "exact" && row.nullHypothesis.contains("exchangeable"))
        let (smallest, p) = (try #require(row.smallestPValue), try #require(row.pValue))
        #expect(smallest <= p)
      }
      guard alternative == .twoSided else { continue }
      for statistic in ["wasserstein1", "ks", "jensen_shannon"] {
        let expected = try #require(example.p[statistic])
        #expect(close(try pair.row("shape", statistic).pValue, expected), "\(statistic) of \(index)")
      }
      for (id, statistic) in [("scale", "rank_sum"), ("shape", "wasserstein1")] {
        #expect(close(try pair.row(id, statistic).value, try #require(example.value[statistic]), 1e-9))
      }
      #expect(close(try found.layer("first").pValue, example.layer), "layer of \(index)")
      #expect(found.significance?.pairing == "independent")
    }
  }

  /// Student's sleep, its two groups taken as independent: one weight a unit.
  @Test func againstSleep() async throws {
    let a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
    let b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    let (x, y) = modelPair(a, b, inputs: 1, units: 10)
    let options = testing { $0.significance?.pairing = .independent }
    let row = try await compare(x, y, options: options).result.pair("first/kernel").row("drift", "mean_difference")
    #expect(close(row.pValue, 0.0814479638, absolute: 5e-11))
    #expect(row.smallestPValue == 2.0 / 184_756)
  }

  @Test func divergenceHasTheHypothesisOfShape() async throws {
    let (x, y) = modelPair([1, 2, 3, 4, 5, 6], [1, 3, 2, 5, 4, 7], inputs: 1, units: 6)
    for pairing in UnitPairing.allCases {
      let options = testing { $0.significance?.pairing = pairing }
      let rows = try await compare(x, y, options: options).result.pair("first/kernel").tests ?? []
      let hypotheses = Dictionary(grouping: rows, by: \.id).mapValues { Set($0.map(\.nullHypothesis)) }
      #expect(hypotheses["divergence"]?.count == 1 && hypotheses["divergence"] == hypotheses["shape"])
    }
  }

  /// The size at .05 of 400 pairs without a difference, of drift, scale, shape and the layer: 7 to 36 of 400, which a sound
  /// test leaves once in 2,000 times.
  @Test func calibrationUnderNull() async throws {
    var rejections = [0, 0, 0, 0]
    for replicate in 0..<400 {
      // Seeds far apart: neighbours share all but one number.
      var random = Simulation(seed: 7 + 1_000_003 * UInt64(replicate))
      let (x, y) = modelPair(random.normals(20 * 6), random.normals(20 * 6), inputs: 6, units: 20)
      let options = testing {
        $0.significance?.pairing = .independent
        $0.threads = 1 + replicate % 2
      }
      let found = try await compare(x, y, options: options).result
      let pair = try found.pair("first/kernel")
      let p = [
        try pair.row("drift", "mean_difference").pValue, try pair.row("scale", "mean_norm_difference").pValue,
        try pair.row("shape", "wasserstein1").pValue, try found.layer("first").pValue,
      ]
      for (test, value) in p.enumerated() where try #require(value) <= 0.05 { rejections[test] += 1 }
    }
    for count in rejections { #expect((7...36).contains(count), "\(rejections)") }
  }
}
