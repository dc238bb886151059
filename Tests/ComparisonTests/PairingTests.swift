import Checkpoints
import Results
import Tensors
import Testing

@testable import Comparison

@Suite struct PairingTests {
  typealias Tensor = MemoryCheckpoint.Tensor

  private func pairing(
    _ a: [Tensor], _ b: [Tensor], roles: Set<Role> = [.weight, .state], map: [(a: String, b: String)] = []
  ) throws -> Pairing {
    try Pairing(Catalogue(MemoryCheckpoint(a)), Catalogue(MemoryCheckpoint(b)), roles: roles, map: map)
  }

  private func keys(_ pairing: Pairing) -> [[String]] {
    pairing.pairs.map { [$0.a.stored.key, $0.b.stored.key, $0.pairedBy] }
  }

  @Test func byObjectPath() throws {
    // Names were numbered anew by the second model of a process; paths say what belongs together.
    let a: [Tensor] = [
      .float32("a0", [2, 2], [1, 2, 3, 4], path: "layer_with_weights-0/kernel", fullName: "dense/kernel"),
      .float32("a1", [2, 2], [1, 2, 3, 4], path: "layer_with_weights-1/kernel", fullName: "dense_1/kernel"),
    ]
    let b: [Tensor] = [
      .float32("b0", [2, 2], [1, 2, 3, 4], path: "layer_with_weights-0/kernel", fullName: "dense_1/kernel"),
      .float32("b1", [2, 2], [1, 2, 3, 4], path: "layer_with_weights-1/kernel", fullName: "dense_2/kernel"),
    ]
    let found = try pairing(a, b)
    #expect(keys(found) == [["a0", "b0", "object_path"], ["a1", "b1", "object_path"]])
    #expect(found.warnings.count == 2)
  }

  @Test func byFullNameWherePathsSayNothing() throws {
    let a: [Tensor] = [
      .float32("variables/0", [2], [1, 2], path: "variables/0", fullName: "dense/kernel"),
      .float32("variables/1", [2], [1, 2], path: "variables/1", fullName: "dense/bias"),
    ]
    let b: [Tensor] = [
      .float32("variables/0", [2], [1, 2], path: "variables/0", fullName: "dense/bias"),
      .float32("variables/1", [2], [1, 2], path: "variables/1", fullName: "dense/kernel"),
    ]
    #expect(
      keys(try pairing(a, b)) == [
        ["variables/0", "variables/1", "full_name"], ["variables/1", "variables/0", "full_name"],
      ])
  }

  @Test func kerasTwoWithItsExport() throws {
    let a: [Tensor] = [
      .float32(
        "layer_with_weights-0/kernel", [2], [1, 2], path: "layer_with_weights-0/kernel", fullName: "dense_1/kernel"),
      .float32(
        "layer_with_weights-1/kernel", [2], [1, 2], path: "layer_with_weights-1/kernel", fullName: "output/kernel"),
    ]
    let b: [Tensor] = ["variables", "_all_variables"].flatMap { list -> [Tensor] in
      [
        .float32("\(list)/0", [2], [1, 2], path: "\(list)/0", fullName: "dense/dense_1/kernel"),
        .float32("\(list)/1", [2], [1, 2], path: "\(list)/1", fullName: "dense/output/kernel"),
      ]
    }
    let found = try pairing(a, b)
    #expect(found.pairs.map(\.b.stored.key) == ["variables/0", "variables/1"])
    #expect(found.unpairedB.isEmpty)
  }

  @Test func keyAgainstFullName() throws {
    // A TF1 checkpoint's keys are the names that a SavedModel keeps in its object graph.
    let found = try pairing(
      [.float32("dense/kernel", [2], [1, 2]), .float32("dense/bias", [1], [1])],
      [
        .float32("v/0", [2], [1, 2], path: "variables/0", fullName: "dense/kernel"),
        .float32("v/1", [1], [1], path: "variables/1", fullName: "dense/bias"),
      ])
    #expect(
      Set(found.pairs.map { [$0.a.stored.key, $0.b.stored.key] }) == [["dense/kernel", "v/0"], ["dense/bias", "v/1"]])
  }

  @Test func byHand() throws {
    let a: [Tensor] = [.float32("x/kernel", [2], [1, 2]), .float32("y/kernel", [2], [1, 2])]
    let b: [Tensor] = [.float32("x/kernel", [3], [1, 2, 3]), .float32("z/kernel", [2], [1, 2])]
    let mapped = keys(try pairing(a, b, map: [("x/kernel", "z/kernel")]))
    #expect(mapped == [["x/kernel", "z/kernel", "map"]])
    #expect(throws: PairingError.self) { try pairing(a, b, map: [("w/kernel", "z/kernel")]) }
    #expect(throws: PairingError.self) {
      try pairing(a, b, map: [("x/kernel", "z/kernel"), ("y/kernel", "z/kernel")])
    }
    do {
      _ = try pairing(a, b, map: [("x/kernal", "z/kernel")])
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains("similar: x/kernel"))
    }
  }

  @Test func slotsFollowRenamedVariables() throws {
    func model(_ layer: String, optimizer: String) -> [Tensor] {
      [
        .float32("v0", [2], [1, 2], path: "layer_with_weights-0/kernel", fullName: "\(layer)/kernel"),
        .float32("v1", [2], [1, 2], path: "optimizer/_variables/2", fullName: "\(optimizer)m/\(layer)/kernel"),
        .float32("v2", [2], [1, 2], path: "optimizer/_variables/3", fullName: "\(optimizer)v/\(layer)/kernel"),
      ]
    }
    let found = try pairing(
      model("dense", optimizer: "Adam/"), model("fc", optimizer: ""), roles: [.weight, .optimizer])
    #expect(
      Set(found.pairs.map { [$0.a.stored.key, $0.b.stored.key] }) == [["v0", "v0"], ["v1", "v1"], ["v2", "v2"]])
    #expect(found.pairs.filter { $0.role == .optimizer }.allSatisfy { $0.pairedBy == "full_name" })
  }

  @Test func shapesThatDifferAreMismatches() throws {
    let found = try pairing(
      [.float32("d/kernel", [2, 3], [1, 2, 3, 4, 5, 6]), .float32("only/a", [1], [1])],
      [.float32("d/kernel", [3, 2], [1, 2, 3, 4, 5, 6]), .float32("only/b", [1], [1])])
    #expect(found.pairs.isEmpty)
    #expect(found.mismatched.map(\.name) == ["d/kernel"])
    #expect(found.unpairedA.map(\.name) == ["only/a"])
    #expect(found.unpairedB.map(\.name) == ["only/b"])
  }

  @Test func aLayerPutInBetweenKeepsNoOthersApart() throws {
    func tensor(_ place: Int, _ name: String, _ shape: [Int]) -> Tensor {
      .float32(
        "p\(place)", shape, Array(repeating: 1, count: shape.reduce(1, *)), path: "layer_with_weights-\(place)/kernel",
        fullName: "\(name)/kernel")
    }
    let found = try pairing(
      [tensor(0, "first", [4, 8]), tensor(1, "output", [8, 2])],
      [tensor(0, "first", [4, 8]), tensor(1, "extra", [8, 8]), tensor(2, "output", [8, 2])])
    #expect(found.pairs.map(\.b.name) == ["first/kernel", "output/kernel"])
    #expect(found.unpairedB.map(\.name) == ["extra/kernel"])
  }

  @Test func numbersDoNotPairWithWords() async throws {
    let a = MemoryCheckpoint([
      .float32("x", [2], [1, 2]), .init("z", .complex64, [2], raw: [Float](repeating: 1, count: 4)),
    ])
    let b = MemoryCheckpoint([.strings("x", [2], ["1", "2"]), .float32("z", [2], [1, 2])])
    var options = ComparisonOptions()
    options.roles = Set(Role.allCases)
    let result = try await compare(a, b, options: options).result
    #expect(result.pairs.isEmpty)
    #expect(result.mismatched.map(\.name) == ["x", "z"])
  }

  @Test func rolesSelect() throws {
    let model: [Tensor] = [
      .float32("d/kernel", [1], [1]), .float32("d/moving_mean", [1], [1]),
      .init("global_step", .int64, [], raw: [Int64(3)]),
      .float32("d/kernel/Momentum", [1], [1]),
    ]
    #expect(try pairing(model, model).pairs.map(\.name) == ["d/kernel", "d/moving_mean"])
    #expect(try pairing(model, model, roles: [.counter]).pairs.map(\.name) == ["global_step"])
    #expect(try pairing(model, model, roles: [.optimizer]).pairs.map(\.name) == ["d/kernel/Momentum"])
  }

  @Test func verdicts() async throws {
    func verdict(_ a: [Tensor], _ b: [Tensor], roles: Set<Role> = [.weight, .state]) async throws -> Verdict {
      var options = ComparisonOptions()
      options.roles = roles
      options.metrics = [.ks]
      return try await compare(MemoryCheckpoint(a), MemoryCheckpoint(b), options: options).result.verdict
    }
    let x = Tensor.float64("d/kernel", [2], [0, 1])
    let zero = Tensor.float64("d/kernel", [2], [-0.0, 1])
    let other = Tensor.float64("d/kernel", [2], [0, 1.5])
    let slot = Tensor.float64("d/kernel/Momentum", [2], [0, 1])
    let otherSlot = Tensor.float64("d/kernel/Momentum", [2], [0, 2])
    #expect(try await verdict([x], [x]) == .identicalValues)
    // By value, whatever was measured: −0 is 0.
    #expect(try await verdict([x], [zero]) == .identicalValues)
    #expect(try await verdict([x], [other]) == .different)
    #expect(try await verdict([x], [x, .float64("e/kernel", [1], [1])]) == .different)
    #expect(try await verdict([x], [.float64("e/kernel", [1], [1])]) == .incomparable)
    // Differences of the optimizer are listed, not counted.
    #expect(try await verdict([x, slot], [x, otherSlot], roles: [.weight, .optimizer]) == .identicalValues)
    #expect(try await verdict([x, slot], [x, otherSlot], roles: [.optimizer]) == .different)
  }

  @Test func stringsByElement() async throws {
    var options = ComparisonOptions()
    options.roles = [.table]
    let a = MemoryCheckpoint([.strings("words", [3], ["a", "", "ccc"])])
    let b = MemoryCheckpoint([.strings("words", [3], ["a", "b", "ccc"])])
    let pair = try #require(try await compare(a, b, options: options).result.pairs.first)
    #expect(pair.metrics[.changedCount] == 1)
    #expect(!pair.identical)
    #expect(pair.metrics[.ks] == nil)
    let same = try #require(try await compare(a, a, options: options).result.pairs.first)
    #expect(same.identical)
  }
}
