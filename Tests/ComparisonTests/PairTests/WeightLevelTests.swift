import Checkpoints
import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

/// `fit`, `flips`, `bins`, and divergences that read the weights again.
@Suite struct WeightLevelTests {
  private func result(
    _ a: [Double], _ b: [Double], inputs: Int, units: Int, _ change: (inout SignificanceOptions) -> Void
  ) async throws -> PairResult {
    let (x, y) = modelPair(a, b, inputs: inputs, units: units)
    let options = testing {
      $0.significance?.resamples = 99
      $0.metrics = []
      change(&$0.significance!)
    }
    return try await compare(x, y, options: options).result.pair("first/kernel")
  }

  private func laplaces(_ random: inout Simulation, _ count: Int) -> [Double] {
    (0..<count).map { _ in
      let u = random.uniform() - 0.5
      return (u < 0 ? 1 : -1) * log(1 - 2 * abs(u))
    }
  }

  @Test func fitFindsTheFamilies() async throws {
    var random = Simulation(seed: 61)
    var a = random.normals(40 * 30)
    for i in 0..<60 { a[i * 7] = 0 }
    let b = laplaces(&random, 40 * 30)
    let pair = try await result(a, b, inputs: 40, units: 30) { $0.tests = [FitTest.id] }
    let rows = try #require(pair.tests)
    #expect(rows.allSatisfy { $0.level == "weight" && $0.warnings.contains(weightLevelWarning) })
    let normal = try pair.row(FitTest.id, "a_normal")
    #expect(try #require(normal.value) < 0.002)
    #expect(close(normal.details?["atom_share"], 0.05))
    #expect(normal.warnings.contains { $0.contains("5 % of the weights are zero") })
    #expect(try #require(pair.row(FitTest.id, "a_laplace").value) > 0.01)
    #expect(try #require(pair.row(FitTest.id, "b_laplace").value) < 0.002)
    #expect(try #require(pair.row(FitTest.id, "b_normal").value) > 0.01)
    for side in ["a", "b"] {
      for name in ["ks", "anderson_darling", "cramer_von_mises"] {
        let row = try pair.row(FitTest.id, "\(side)_best_\(name)")
        #expect(try #require(row.pValue) > 0.01 && row.method == "bootstrap", "\(side) \(name)")
      }
    }
  }

  @Test func constantsHaveNoFamily() async throws {
    let pair = try await result(
      [Double](repeating: 2, count: 12), [Double](repeating: 0, count: 12), inputs: 3, units: 4
    ) { $0.tests = [FitTest.id] }
    for side in ["a", "b"] {
      let row = try pair.row(FitTest.id, "\(side)_none")
      #expect(row.pValue == nil && row.warnings.contains { $0.contains("no family fits") })
    }
    let nan = try await result([Double](repeating: .nan, count: 12), (0..<12).map { Double($0) }, inputs: 3, units: 4) {
      $0.tests = [FitTest.id, FlipsTest.id, BinsTest.id]
      $0.divergences = [.families, .knn]
    }
    #expect(nan.tests?.allSatisfy { $0.pValue == nil && !$0.warnings.isEmpty } == true)
  }

  @Test func theControlsRejectWhereUnitsShareNoise() async throws {
    // Each unit moves by its own amount: nothing shared by the units, but the weights of a unit move together.
    var random = Simulation(seed: 62)
    let (inputs, units) = (64, 20)
    let a = random.normals(inputs * units)
    var moves = random.normals(units, deviation: 0.6)
    let mean = moves.reduce(0, +) / Double(units)
    moves = moves.map { $0 - mean + 0.08 }
    let b = a.indices.map { a[$0] + moves[$0 % units] }
    let pair = try await result(a, b, inputs: inputs, units: units) {
      $0.tests = [DriftTest.id, FlipsTest.id, BinsTest.id]
    }
    let flips = try pair.row(FlipsTest.id, "mean_difference")
    let drift = try pair.row(DriftTest.id, "mean_difference")
    #expect(try #require(flips.pValue) < 0.01 * #require(drift.pValue))
    #expect(flips.level == "weight" && flips.warnings.contains { $0.contains("negative control") })
    #expect(try pair.row(BinsTest.id, "jensen_shannon").pValue == 0.01)
    #expect(close(flips.value, try #require(drift.value)))
  }

  /// 150 pairs of independent weights, where the controls hold their level; four binomial standard errors.
  @Test func controlsCalibrationUnderNull() async throws {
    var rejected = (0, 0)
    for run in 0..<150 {
      var random = Simulation(seed: 9_000 + 1_000_003 * UInt64(run))
      let pair = try await result(random.normals(32), random.normals(32), inputs: 4, units: 8) {
        $0.tests = [FlipsTest.id, BinsTest.id]
        $0.seed = UInt64(run)
      }
      if try #require(pair.row(FlipsTest.id, "mean_difference").pValue) <= 0.05 { rejected.0 += 1 }
      if try #require(pair.row(BinsTest.id, "jensen_shannon").pValue) <= 0.05 { rejected.1 += 1 }
    }
    #expect(rejected.0 <= 18 && rejected.1 <= 18, "\(rejected)")
  }

  @Test func divergencesOfFamiliesAndNeighbours() async throws {
    var random = Simulation(seed: 63)
    let a = random.normals(50 * 40)
    let b = random.normals(50 * 40, mean: 0.5, deviation: 1.5)
    let pair = try await result(a, b, inputs: 50, units: 40) {
      $0.tests = [DivergenceTest.id]
      $0.divergences = [.families, .knn]
    }
    // KL(N(0,1)‖N(.5,1.5²)) = ln 1.5 + (1 + .25)/4.5 − ½ = .1832; 2,000 weights: standard error about .01.
    for statistic in ["best_kl_ab", "generalized_normal_kl_ab", "student_t_kl_ab", "knn_kl_ab"] {
      let row = try pair.row(DivergenceTest.id, statistic)
      #expect(close(row.value, 0.1832, 0.35), "\(statistic) \(row.value ?? .nan)")
      #expect(row.pValue == nil && row.warnings.contains { $0.contains("asked by shape") })
    }
    #expect(pair.tests?.contains { $0.statistic.hasPrefix("histogram") || $0.statistic.hasPrefix("normal") } == false)
    let ties = try await result((0..<40).map { Double($0 % 3) }, (0..<40).map { Double($0 % 4) }, inputs: 4, units: 10)
    {
      $0.tests = [DivergenceTest.id]
      $0.divergences = [.knn]
    }
    let refused = try ties.row(DivergenceTest.id, "knn_kl_ab")
    #expect(refused.value == nil && refused.warnings.contains { $0.contains("ties") })
  }

  @Test func plugInBiasIsStated() async throws {
    var random = Simulation(seed: 64)
    let pair = try await result(random.normals(400), random.normals(400), inputs: 20, units: 20) {
      $0.tests = [DivergenceTest.id]
    }
    let row = try pair.row(DivergenceTest.id, "histogram_kl_ab")
    let bins = try #require(row.details?["occupied_bins"])
    #expect(close(row.details?["plug_in_bias"], (bins - 1) / 2 * (2 / 400.0)))
  }

  @Test func samplesAreTheSamePlacesOnBothSides() throws {
    let values = (0..<5_000).map { Double($0) }
    let model = MemoryCheckpoint([.float64("a", [50, 100], values), .float64("b", [50, 100], values.map { -$0 })])
    let pass = try PairPass(
      a: TensorSource(model, model.tensors[0]), b: TensorSource(model, model.tensors[1]),
      view: UnitView(units: 100, inner: 1, name: ""), histograms: [], verifies: false)
    let sample = try WeightSample(pass, limit: 300, generator: Philox(seed: 1, stream: 1))
    #expect(sample.a.count == 300 && Set(sample.a).count == 300 && sample.a == sample.a.sorted())
    #expect(zip(sample.a, sample.b).allSatisfy { $0 == -$1 })
    // Spread over the tensor: the mean of 300 of 0 … 4,999 has a standard error of 81.
    #expect(abs(sample.a.reduce(0, +) / 300 - 2_499.5) < 330)
    #expect(try WeightSample(pass, limit: 5_000, generator: Philox(seed: 1, stream: 1)).a.count == 5_000)
  }
}
