import Checkpoints
import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

/// Layers, families and what may not change a result.
@Suite struct LayerTestsTests {
  private func bundledPair(_ a: String, _ b: String, _ options: ComparisonOptions) async throws -> ModelComparison {
    try await compare(openCheckpoint(at: bundled(a)), openCheckpoint(at: bundled(b)), options: options).result
  }

  private func p(_ result: ModelComparison, _ id: String, _ statistic: String) -> [Double?] {
    result.pairs.map { pair in pair.tests?.first { $0.id == id && $0.statistic == statistic }?.pValue ?? nil }
  }

  @Test func aSavedCopyIsIdentical() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-resaved", testing())
    #expect(result.verdict == .identicalValues)
    #expect(result.pairs.allSatisfy { $0.identical })
    for row in result.pairs.flatMap({ $0.tests ?? [] }) where row.id != "divergence" {
      #expect(row.pValue == 1, "\(row.statistic)")
      #expect(row.pAdjusted == nil)
    }
    for layer in result.layers ?? [] {
      #expect(layer.pValue == 1)
      #expect(!layer.significant)
      #expect(layer.relativeL2 == 0)
    }
  }

  @Test func theInitialisedLayerStandsOutAlone() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit", testing())
    #expect(result.verdict == .different)
    #expect(result.layers?.filter(\.significant).map(\.layer) == ["dense_2"])
    #expect(try result.layer("dense_1").pValue == 1)
    #expect(try result.layer("output").pValue == 1)
    // The others are out of the family, so nothing is multiplied.
    #expect(try result.layer("dense_2").pAdjusted == result.layer("dense_2").pValue)
  }

  @Test func thePenaltyChangesTheScaleOfEveryKernel() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0", testing())
    for pair in result.pairs where pair.name.hasSuffix("kernel") {
      let row = try pair.row("scale", "mean_norm_difference")
      #expect(try #require(row.pAdjusted) <= 0.05, "\(pair.name)")
      #expect(try #require(row.effect?.value) < 1)
    }
    #expect(result.layers?.allSatisfy { $0.significant } == true)
    #expect(try result.pair("output/kernel").unit == "input row")
    #expect(try result.pair("output/bias").row("drift", "mean_difference").pValue == nil)
    let dead = try #require(try result.pair("dense_1/kernel").deadUnitsB)
    #expect((14...23).contains(dead.count))
  }

  @Test func includingOneLayerLeavesItsResultsAsTheyWere() async throws {
    let all = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", testing())
    let one = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", testing { $0.include = ["dense_2"] })
    #expect(one.pairs.map(\.name) == ["dense_2/bias", "dense_2/kernel"])
    for var pair in one.pairs {
      var other = try all.pair(pair.name)
      // Adjusted p-values are of the family, which is another.
      for i in pair.tests?.indices ?? 0..<0 {
        pair.tests?[i].pAdjusted = nil
        other.tests?[i].pAdjusted = nil
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      #expect(try encoder.encode(pair) == encoder.encode(other))
    }
    #expect(try one.layer("dense_2").pValue == all.layer("dense_2").pValue)
  }

  @Test func threadsChangeNoByte() async throws {
    let one = try await bundledPair("conv-l2-1e-5-seed0", "conv-l2-1e-2-seed0", testing { $0.threads = 1 })
    let two = try await bundledPair("conv-l2-1e-5-seed0", "conv-l2-1e-2-seed0", testing { $0.threads = 2 })
    #expect(try encoded(one) == encoded(two))
  }

  @Test func seedsChangeMonteCarloOnly() async throws {
    let zero = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", testing())
    let seven = try await bundledPair(
      "dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", testing { $0.significance?.seed = 7 })
    var moved = 0
    for (pair, other) in zip(zero.pairs, seven.pairs) {
      #expect(pair.metrics.values == other.metrics.values)
      for (row, again) in zip(pair.tests ?? [], other.tests ?? []) {
        #expect(row.value == again.value)
        if row.method == "monte_carlo" {
          moved += row.pValue == again.pValue ? 0 : 1
        } else {
          #expect(row.pValue == again.pValue)
        }
      }
    }
    #expect(moved > 0)
  }

  /// Four layers: one changed, one the same, one with three units, one with NaN everywhere.
  @Test func familiesLeaveOutWhatCouldNotBeSignificant() async throws {
    var random = Simulation(seed: 2)
    func kernel(_ layer: String, _ shape: [Int], _ values: [Double]) -> MemoryCheckpoint.Tensor {
      .float64("\(layer)/kernel", shape, values)
    }
    let first = random.normals(8 * 20)
    let second = random.normals(20 * 9)
    let third = random.normals(9 * 3)
    let broken = [Double](repeating: .nan, count: 12)
    let a = MemoryCheckpoint([
      kernel("a", [8, 20], first), kernel("b", [20, 9], second), kernel("c", [9, 3], third),
      kernel("d", [3, 4], broken),
      kernel("e", [4, 1], [1, 2, 3, 4]),
    ])
    let b = MemoryCheckpoint([
      kernel("a", [8, 20], first.map { $0 * 1.3 + 0.2 }), kernel("b", [20, 9], second),
      kernel("c", [9, 3], third.map { $0 * 1.3 + 0.2 }), kernel("d", [3, 4], broken.map { _ in 1 }),
      kernel("e", [4, 1], [1, 2, 3, 4]),
    ])
    let result = try await compare(a, b, options: testing { $0.significance?.adjustment = .bonferroni }).result
    let adjusted = try ["a", "b", "c", "d"].map { try result.layer($0).pAdjusted }
    #expect(adjusted[0] == (try result.layer("a").pValue))
    #expect(adjusted[1...].allSatisfy { $0 == nil })
    // Three units can't do better than 2/2³.
    #expect(try result.pair("c/kernel").row("scale", "mean_norm_difference").smallestPValue == 0.25)
    #expect(try result.pair("c/kernel").row("shape", "wasserstein1").smallestPValue == 0.25)
    #expect(try result.layer("d").pValue == nil)
    #expect(try result.layer("d").warnings.contains("no finite elements"))
    // One-sided, five units can: 1/32.
    let five = try await oneSided(units: 5)
    #expect(five.pValue == 1.0 / 32)
    #expect(five.significant)
    #expect(try await oneSided(units: 4).significant == false)
  }

  private func oneSided(units: Int) async throws -> LayerResult {
    let a = (0..<3 * units).map { Double($0 % 7) - 3 }
    let b = a.map { $0 + 1 }
    let (x, y) = modelPair(a, b, inputs: 3, units: units)
    let options = testing {
      $0.significance?.alternative = .greater
      $0.significance?.tests = [DriftTest.id]
    }
    return try await compare(x, y, options: options).result.layer("first")
  }

  /// Only a few units differ in their histograms: no swap of the others moves the distance.
  @Test func smallestPOfShapeCountsUnitsThatDiffer() async throws {
    let inputs = 4
    let units = 8
    let a = (0..<inputs * units).map { Double($0 % 5) }
    var b = a.map { $0 + 1e-9 }
    b[3] = 0.5
    b[5] = 1.5
    let (x, y) = modelPair(a, b, inputs: inputs, units: units)
    let result = try await compare(x, y, options: testing()).result.pair("first/kernel")
    #expect(try result.row("shape", "wasserstein1").smallestPValue == 0.5)
    #expect(try result.row("drift", "mean_difference").smallestPValue == 2.0 / 256)
  }

  @Test func layerNamesItsLeader() async throws {
    var random = Simulation(seed: 4)
    let a = random.normals(12 * 16)
    let b = a.map { $0 * 2 }
    let (x, y) = modelPair(a, b, inputs: 12, units: 16)
    let scale = testing { $0.significance?.tests = [DriftTest.id, ScaleTest.id] }
    let layer = try await compare(x, y, options: scale).result.layer("first")
    #expect(layer.leading == "first/kernel scale mean_norm_difference")
    #expect(layer.pValue == 1.0 / 200)
    #expect(layer.combination == "standardized_maxT")
    #expect(Set(layer.pByTest.keys) == [DriftTest.id, ScaleTest.id])
  }

  @Test func documentsCarryNoNumberThatJSONLacks() async throws {
    let result = try await bundledPair("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-finetuned", testing())
    let data = try encoded(result)
    let decoded = try JSONDecoder().decode(ModelComparison.self, from: data)
    #expect(try encoded(decoded) == data)
    #expect(result.layers?.map(\.layer) == ["dense_1", "dense_2", "output"])
  }
}
