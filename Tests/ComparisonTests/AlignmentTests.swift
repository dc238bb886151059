import Results
import Testing

@testable import Comparison

/// Pairs of tensors that have no name in common, and of those that must not become pairs.
@Suite struct AlignmentTests {
  typealias Tensor = MemoryCheckpoint.Tensor

  private func tensor(_ key: String, _ shape: [Int]) -> Tensor {
    .float32(key, shape, Array(repeating: 1, count: shape.reduce(1, *)))
  }

  private func pairing(_ a: [Tensor], _ b: [Tensor]) throws -> Pairing {
    try Pairing(Catalogue(MemoryCheckpoint(a)), Catalogue(MemoryCheckpoint(b)), roles: [.weight, .state])
  }

  private func keys(_ pairing: Pairing) -> [[String]] {
    pairing.pairs.map { [$0.a.stored.key, $0.b.stored.key, $0.pairedBy] }.sorted { $0[0] < $1[0] }
  }

  @Test(arguments: [
    ("dense_7/kernel", "dense/kernel"), ("net/conv2d_12/bias", "net/conv2d/bias"),
    ("hidden/weights/part_0", "hidden/weights"),
    ("hidden/weights/part_1", "hidden/weights/part"), ("layer_norm/gamma", "layer_norm/gamma"), ("w", "w"),
    ("_1/w", "_1/w"),
  ])
  func automaticNumbersAreFolded(name: String, folded: String) { #expect(foldedName(name) == folded) }

  @Test func renumberedLayersPairInOrder() throws {
    let a = [tensor("dense_2/kernel", [4, 3]), tensor("dense_2/bias", [3]), tensor("dense_10/kernel", [3, 2])]
    let b = [tensor("dense_5/kernel", [4, 3]), tensor("dense_5/bias", [3]), tensor("dense_6/kernel", [3, 2])]
    #expect(
      keys(try pairing(a, b)) == [
        ["dense_10/kernel", "dense_6/kernel", "folded_name"], ["dense_2/bias", "dense_5/bias", "folded_name"],
        ["dense_2/kernel", "dense_5/kernel", "folded_name"],
      ])
  }

  @Test func shiftedNumbersDoNotPairTheWrongLayers() throws {
    // Three layers of one shape, numbered from 0 in A and from 1 in B: equal names are not the same layers.
    func model(from first: Int) -> [Tensor] {
      (0..<3).map { i in
        let name = first + i == 0 ? "dense" : "dense_\(first + i)"
        return .float32("variables/\(i)", [2, 2], [1, 2, 3, 4], path: "variables/\(i)", fullName: "\(name)/kernel")
      }
    }
    let found = try pairing(model(from: 0), model(from: 1))
    #expect(keys(found) == (0..<3).map { ["variables/\($0)", "variables/\($0)", "folded_name"] })
    #expect(
      keys(try pairing(model(from: 0), model(from: 0)))
        == (0..<3).map {
          ["variables/\($0)", "variables/\($0)", "full_name"]
        })
  }

  @Test func namesThatFoldAlikeInOtherNumbersAreNotGuessed() throws {
    let a = [tensor("dense_2/kernel", [4, 3]), tensor("dense_3/kernel", [4, 3])]
    let b = [tensor("dense_7/kernel", [4, 3])]
    let found = try pairing(a, b)
    #expect(found.pairs.isEmpty)
    #expect(found.unpairedA.count == 2 && found.unpairedB.count == 1)
  }

  @Test func shapesAndOrderPairWhatIsOtherwiseTheSameNetwork() throws {
    let a = [
      tensor("encoder/kernel", [4, 3]), tensor("encoder/bias", [3]), tensor("head/kernel", [3, 2]),
      tensor("head/bias", [2]),
    ]
    let b = [tensor("w/0", [4, 3]), tensor("w/1", [3]), tensor("w/2", [3, 2]), tensor("w/3", [2])]
    let found = try pairing(a, b)
    #expect(
      keys(found) == [
        ["encoder/bias", "w/1", "shape_order"], ["encoder/kernel", "w/0", "shape_order"],
        ["head/bias", "w/3", "shape_order"], ["head/kernel", "w/2", "shape_order"],
      ])
    #expect(found.warnings.contains { $0.contains("shape and order alone") })
  }

  @Test func aLayerMoreLeavesTheOthersInOrder() throws {
    // Foreign names throughout, and B has a layer that A has not: the rest is certain all the same.
    let a = [
      tensor("encoder/kernel", [4, 3]), tensor("encoder/bias", [3]), tensor("head/kernel", [3, 2]),
      tensor("head/bias", [2]),
    ]
    let b = [
      tensor("l1/w", [4, 3]), tensor("l1/b", [3]), tensor("l2/w", [3, 3]), tensor("l2/b", [3]), tensor("l3/w", [3, 2]),
      tensor("l3/b", [2]),
    ]
    let found = try pairing(a, b)
    // Either bias of three could be the encoder's: named, not guessed.
    #expect(
      keys(found) == [
        ["encoder/kernel", "l1/w", "shape_order"], ["head/bias", "l3/b", "shape_order"],
        ["head/kernel", "l3/w", "shape_order"],
      ])
    #expect(found.unpairedA.map(\.name) == ["encoder/bias"])
    #expect(found.warnings.contains { $0.contains("could belong to several of B") && $0.contains("encoder/bias") })
  }

  /// Against all alignments of short random sequences, enumerated.
  @Test func certainPairsAgainstExact() {
    var state: UInt64 = 5
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<300 {
      let a = (0..<next(7)).map { _ in next(3) }
      let b = (0..<next(7)).map { _ in next(3) }
      var longest: [[[Int]]] = [[]]
      func extend(_ path: [[Int]], _ i: Int, _ j: Int) {
        if path.count > longest[0].count {
          longest = [path]
        } else if path.count == longest[0].count {
          longest.append(path)
        }
        for x in i..<max(i, a.count) {
          for y in j..<max(j, b.count) where a[x] == b[y] { extend(path + [[x, y]], x + 1, y + 1) }
        }
      }
      extend([], 0, 0)
      let inAll = longest.dropFirst().reduce(Set(longest[0])) { $0.intersection($1) }
      let found = OrderedAlignment(left: a.count, right: b.count) { a[$0] == b[$1] }
      #expect(found.length == longest[0].count)
      #expect(Set(found.certain.map { [$0.0, $0.1] }) == inAll, "\(a) \(b)")
      #expect(found.ambiguous.count == Set(longest.joined().filter { !inAll.contains($0) }.map { $0[0] }).count)
    }
  }

  @Test func unlikeNetworksDoNotPairByAFewEqualShapes() throws {
    let a = [tensor("encoder/kernel", [4, 3]), tensor("head/bias", [2])]
    let b = [tensor("conv/kernel", [3, 3, 1, 8]), tensor("out/b", [2])]
    let found = try pairing(a, b)
    #expect(found.pairs.isEmpty && found.mismatched.isEmpty)
    #expect(found.unpairedA.count == 2 && found.unpairedB.count == 2)
  }

  @Test func aLayerPutInBetweenKeepsTheOthersTogether() throws {
    func layer(_ position: Int, _ name: String, _ shape: [Int]) -> Tensor {
      .float32(
        "layer_with_weights-\(position)/kernel", shape, Array(repeating: 1, count: shape.reduce(1, *)),
        path: "layer_with_weights-\(position)/kernel", fullName: "\(name)/kernel")
    }
    let a = [layer(0, "first", [4, 3]), layer(1, "last", [3, 2])]
    let b = [layer(0, "first", [4, 3]), layer(1, "between", [3, 3]), layer(2, "last", [3, 2])]
    let found = try pairing(a, b)
    #expect(
      keys(found) == [
        ["layer_with_weights-0/kernel", "layer_with_weights-0/kernel", "object_path"],
        ["layer_with_weights-1/kernel", "layer_with_weights-2/kernel", "full_name"],
      ])
    #expect(found.unpairedB.map(\.name) == ["between/kernel"])
  }

  @Test func slotsFollowTheirVariable() throws {
    func model(_ name: String, _ optimizer: String) -> [Tensor] {
      [
        .float32(
          "layer_with_weights-0/kernel", [2], [1, 2], path: "layer_with_weights-0/kernel", fullName: "\(name)/kernel"),
        .float32(
          "optimizer/_variables/1", [2], [1, 2], path: "optimizer/_variables/1",
          fullName: "\(optimizer)m/\(name)/kernel"),
      ]
    }
    let found = try Pairing(
      Catalogue(MemoryCheckpoint(model("dense", "Adam/"))), Catalogue(MemoryCheckpoint(model("fc", ""))),
      roles: [.weight, .optimizer])
    #expect(found.pairs.count == 2 && found.unpairedA.isEmpty && found.unpairedB.isEmpty)
    #expect(found.pairs.last?.pairedBy == "full_name")
  }
}
