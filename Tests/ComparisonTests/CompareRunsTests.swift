import Checkpoints
import Foundation
import Results
import Statistics
import Testing

@testable import Comparison

/// Groups of runs through `compareRuns`, and references through `compareToReferences`.
@Suite struct CompareRunsTests {
  private func options(_ change: (inout ComparisonOptions) -> Void = { _ in }) -> ComparisonOptions {
    var options = ComparisonOptions()
    options.significance = SignificanceOptions()
    change(&options)
    return options
  }

  /// A run of a network of two kernels, its hidden units in any order.
  private func run(_ random: inout Simulation, scale: Double = 1, inputs: Int = 6, units: Int = 9) -> MemoryCheckpoint {
    MemoryCheckpoint([
      .float64("first/kernel", [inputs, units], random.normals(inputs * units, deviation: scale)),
      .float64("first/bias", [units], random.normals(units)),
      .float64("second/kernel", [units, 3], random.normals(units * 3)),
    ])
  }

  private func runs(_ count: Int, _ random: inout Simulation, scale: Double = 1) -> [MemoryCheckpoint] {
    (0..<count).map { _ in run(&random, scale: scale) }
  }

  private func bundledRuns(_ recipe: String, _ seeds: Range<Int> = 0..<5) throws -> [any Checkpoint] {
    try seeds.map { try openCheckpoint(at: bundled("\(recipe)-seed\($0)")) }
  }

  // MARK: Bundled models

  @Test(arguments: ["dense", "conv"]) func recipesApartReachTheSmallestP(network: String) async throws {
    let result = try await compareRuns(
      bundledRuns("\(network)-l2-1e-5"), bundledRuns("\(network)-l2-1e-2"), options: options())
    #expect(result.design.labellings == 252 && result.design.isExact)
    #expect(result.design.smallestPValue == 1.0 / 126 && close(1.0 / 126, 0.0079, absolute: 5e-5))
    #expect(result.verdict == .different && result.damaged.isEmpty && result.unshared.isEmpty)
    let kernels = result.tensors.filter { $0.name.hasSuffix("/kernel") }
    #expect(kernels.count == 3)
    for kernel in kernels {
      #expect(kernel.tests.first?.pValue == 1.0 / 126 && kernel.tests.first?.method == "exact", "\(kernel.name)")
      for statistic in ["energy", "mmd"] {
        #expect(kernel.tests.first { $0.statistic == statistic }?.pValue == 1.0 / 126, "\(kernel.name) \(statistic)")
      }
      let layer = try #require(result.layers.first { $0.layer == kernel.layer })
      #expect(layer.pAdjustedMaxT == 1.0 / 126 && layer.significant)
      #expect(layer.points.count == 10 && layer.points.map(\.group) == Array("aaaaabbbbb").map(String.init))
      let ratio = try #require(layer.normRatio?.interval)
      #expect(ratio[1] < 0.9, "the penalty shrinks \(kernel.name)")
      #expect(try #require(layer.effect?.value) > 0.15)
    }
    #expect(result.metadata.contains { $0.path.contains("kernel_regularizer") })
    #expect(result.warnings.isEmpty, "\(result.warnings)")
  }

  @Test func farFromSeedsOfTheOtherRecipe() async throws {
    let runs = try bundledRuns("dense-l2-1e-5")
    let other = try openCheckpoint(at: bundled("dense-l2-1e-2-seed0"))
    let references = Array(runs[1...])
    let found = try await compareToReferences(runs[0], other, references: references, options: options())
    #expect(found.smallestPValue == 0.2 && found.layers.count == 3)
    for layer in found.layers {
      #expect(layer.pValue == 0.2 && layer.pAdjustedMaxT == 0.2)
      #expect(try #require(layer.effect.value) > 1.2, "\(layer.layer)")
      #expect(!layer.significant)
    }
    #expect(found.warnings.contains { $0.contains("can't reach") })
    // A further seed of the same recipe stands among the references.
    let same = try await compareToReferences(runs[0], runs[4], references: Array(runs[1..<4]), options: options())
    for layer in same.layers { #expect(try #require(layer.effect.value) < 1.5, "\(layer.layer)") }
    // A copy of A lies nowhere: every reference is at least as far.
    let copy = try await compareToReferences(runs[0], runs[0], references: references, options: options())
    #expect(copy.layers.allSatisfy { $0.pValue == 1 && $0.distance == 0 })
    #expect(copy.warnings.contains { $0.contains("same values") })
  }

  // MARK: Under the null hypothesis and beyond

  /// Runs of one recipe, 4 + 4: the share of p ≤ .05 is at most 1/35 where labels are exchangeable. Of 300 experiments more than
  /// 24 then have a layer with adjusted p ≤ .05 with probability 8·10⁻⁶, and none at all with 2·10⁻⁴.
  @Test func calibrationUnderNull() async throws {
    var random = Simulation(seed: 53)
    var (unadjusted, family) = (0, 0)
    for _ in 0..<300 {
      let result = try await compareRuns(
        runs(4, &random), runs(4, &random), options: options { $0.threads = 1 })
      if try #require(result.layers[0].pValue) <= 0.05 { unadjusted += 1 }
      if result.layers.contains(where: \.significant) { family += 1 }
    }
    #expect((1...24).contains(unadjusted) && (1...24).contains(family), "\(unadjusted), \(family)")
  }

  @Test func onlyTheLayerThatDiffersStandsOut() async throws {
    var random = Simulation(seed: 59)
    let result = try await compareRuns(runs(5, &random), runs(5, &random, scale: 2), options: options())
    let first = try #require(result.layers.first { $0.layer == "first" })
    let second = try #require(result.layers.first { $0.layer == "second" })
    #expect(first.significant && first.pAdjustedMaxT == 1.0 / 126)
    #expect(!second.significant)
    let interval = try #require(first.normRatio?.interval)
    #expect(interval[0] < 2 && interval[1] > 2)
  }

  @Test func sameBytesAtAnyThreads() async throws {
    var random = Simulation(seed: 61)
    let (a, b) = (runs(3, &random), runs(4, &random))
    // 35 labellings, of which 20 at most are looked at: random ones.
    let one = try await compareRuns(
      a, b,
      options: options {
        $0.threads = 1
        $0.significance?.resamples = 20
      })
    let many = try await compareRuns(
      a, b,
      options: options {
        $0.threads = 5
        $0.significance?.resamples = 20
      })
    #expect(!one.design.isExact && one.layers[0].method == "monte_carlo")
    #expect(try encodedRuns(one) == encodedRuns(many))
  }

  // MARK: What can go wrong

  @Test func tooFewRuns() async throws {
    var random = Simulation(seed: 67)
    let (a, b) = (runs(1, &random), runs(3, &random))
    await #expect(throws: RunsError.self) { try await compareRuns(a, b, options: options()) }
    await #expect(throws: RunsError.self) { try await compareRuns(b, a, options: options()) }
    await #expect(throws: RunsError.self) {
      try await compareToReferences(b[0], b[1], references: [], options: options())
    }
    let small = try await compareRuns(Array(b[..<2]), runs(2, &random), options: options())
    #expect(small.warnings.contains { $0.contains("can't reach p = 0.05") })
    #expect(small.layers.allSatisfy { ($0.pValue ?? 0) >= 1.0 / 3 && !$0.significant })
  }

  @Test func sameRunTwice() async throws {
    var random = Simulation(seed: 71)
    let (a, b) = (runs(3, &random), runs(3, &random))
    let result = try await compareRuns([a[0], a[1], a[0]], b, options: options())
    #expect(result.warnings.contains { $0.contains("same values") && $0.contains("no replicate") })
    let all = try await compareRuns([a[0], a[0]], [a[0], a[0]], options: options())
    #expect(all.verdict == .identicalValues)
    #expect(all.layers.allSatisfy { $0.pValue == 1 && $0.pAdjusted == nil && $0.pAdjustedMaxT == nil })
  }

  /// A frozen layer stays out of the family.
  @Test func frozenLayersStayOut() async throws {
    var random = Simulation(seed: 73)
    let frozen = random.normals(20)
    func run(_ scale: Double) -> MemoryCheckpoint {
      MemoryCheckpoint([
        .float64("frozen/kernel", [4, 5], frozen),
        .float64("tuned/kernel", [5, 4], random.normals(20, deviation: scale)),
      ])
    }
    let result = try await compareRuns((0..<4).map { _ in run(1) }, (0..<4).map { _ in run(9) }, options: options())
    #expect(result.layers.map(\.pValue) == [1, 1.0 / 35])
    #expect(result.layers.map(\.pAdjusted) == [nil, 1.0 / 35])
    #expect(result.layers.map(\.pAdjustedMaxT) == [nil, 1.0 / 35])
    #expect(result.layers[0].warnings == [RecipeTest.constantWarning])
  }

  @Test func tensorsThatNotAllRunsHave() async throws {
    var random = Simulation(seed: 79)
    var (a, b) = (runs(2, &random), runs(2, &random))
    b[1] = MemoryCheckpoint([
      .float64("first/kernel", [6, 8], random.normals(48)), .float64("first/bias", [9], random.normals(9)),
      .float64("extra/kernel", [2, 2], random.normals(4)),
    ])
    let result = try await compareRuns(a, b, options: options())
    #expect(result.tensors.map(\.name) == ["first/bias"])
    #expect(Set(result.unshared.map(\.name)) == ["first/kernel", "second/kernel", "extra/kernel"])
    #expect(result.unshared.first { $0.name == "first/kernel" }?.reason.contains("[6, 8]") == true)
    a[0] = MemoryCheckpoint([.float64("other/kernel", [2, 2], [1, 2, 3, 4])])
    #expect(try await compareRuns(a, b, options: options()).verdict == .incomparable)
  }

  @Test func damagedTensorsLeaveTheOthers() async throws {
    var random = Simulation(seed: 83)
    let a = runs(2, &random)
    let good = runs(1, &random)
    let bad = MemoryCheckpoint([
      MemoryCheckpoint.Tensor.float64("first/kernel", [6, 9], random.normals(54)).with { $0.checksum = 7 },
      .float64("first/bias", [9], random.normals(9)), .float64("second/kernel", [9, 3], random.normals(27)),
    ])
    let result = try await compareRuns(a, good + [bad], options: options())
    #expect(result.damaged.count == 1 && result.damaged[0].isCorrupt && result.damaged[0].name.contains("first/kernel"))
    #expect(result.tensors.map(\.name) == ["first/bias", "second/kernel"] && result.verdict == .different)
  }

  @Test func valuesThatAreNotFinite() async throws {
    var random = Simulation(seed: 89)
    func run(_ value: Double) -> MemoryCheckpoint {
      MemoryCheckpoint([.float64("x/kernel", [3, 4], [value] + random.normals(11))])
    }
    let result = try await compareRuns([run(.nan), run(1)], [run(.infinity), run(2)], options: options())
    #expect(result.tensors[0].warnings.contains { $0.contains("not finite") })
    #expect(try #require(result.layers[0].pValue) > 0)
  }

  private func encodedRuns(_ result: RunComparison) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(result)
  }
}
