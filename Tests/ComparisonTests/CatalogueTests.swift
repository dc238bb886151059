import Checkpoints
import Results
import Tensors
import Testing

@testable import Comparison

@Suite struct CatalogueTests {
  private func stored(
    _ key: String, _ type: ElementType = .float32, _ shape: [Int] = [2], path: String? = nil, fullName: String? = nil,
    slot: String? = nil, trainable: Bool? = nil
  ) -> StoredTensor {
    StoredTensor(
      index: 0, key: key, elementType: type, shape: shape, count: shape.reduce(1, *), byteCount: 0, objectPath: path,
      fullName: fullName, slotName: slot, trainable: trainable)
  }

  @Test func roles() {
    #expect(role(of: stored("_CHECKPOINTABLE_OBJECT_GRAPH", .string, [])) == .graph)
    #expect(role(of: stored("a/kernel", path: "layer_with_weights-0/kernel", fullName: "dense/kernel")) == .weight)
    #expect(role(of: stored("m", path: "layer_with_weights-1/moving_mean", fullName: "bn/moving_mean")) == .state)
    #expect(
      role(of: stored("k", path: "layer_with_weights-0/kernel", fullName: "dense/kernel", trainable: false)) == .state)
    #expect(role(of: stored("k/.OPTIMIZER_SLOT/optimizer/m", slot: "m")) == .optimizer)
    #expect(role(of: stored("o", path: "optimizer/_variables/3", fullName: "Adam/m/dense/kernel")) == .optimizer)
    #expect(role(of: stored("dense/kernel/Adam_1", fullName: nil)) == .optimizer)
    #expect(role(of: stored("beta1_power", .float32, [])) == .optimizer)
    #expect(role(of: stored("o", path: "optimizer/_trainable_variables/0", fullName: "dense/kernel")) == .weight)
    #expect(role(of: stored("s", .int64, [], path: "save_counter", fullName: "save_counter")) == .counter)
    #expect(role(of: stored("global_step", .int64, [])) == .counter)
    #expect(role(of: stored("s", .uint32, [2], path: "_layers/3/seed_generator/seed_generator_state")) == .counter)
    #expect(role(of: stored("k", path: "keras_api/metrics/0/count", fullName: "count")) == .metric)
    #expect(role(of: stored("t/.ATTRIBUTES/table-keys", .int64)) == .table)
    #expect(role(of: stored("words", .string)) == .table)
  }

  @Test func namesLoseTheirCommonPrefix() {
    let catalogue = Catalogue(
      MemoryCheckpoint([
        .float32("variables/0", [2], [1, 2], fullName: "net/block/dense/kernel"),
        .float32("variables/1", [2], [1, 2], fullName: "net/block/dense_1/kernel"),
        .float32("variables/2", [1], [1], fullName: "net/head/kernel"),
      ]))
    #expect(catalogue.entries.map(\.name) == ["block/dense/kernel", "block/dense_1/kernel", "head/kernel"])
    #expect(catalogue.entries.map(\.layer) == ["block/dense", "block/dense_1", "head"])
    #expect(catalogue.entries.map(\.part) == ["kernel", "kernel", "kernel"])
  }

  @Test func commonPrefixes() {
    #expect(commonPrefix(["a/b/c", "a/b/d"]) == "a/")
    #expect(commonPrefix(["a/b", "a/c"]) == "")
    #expect(commonPrefix(["a/b/c"]) == "")
    #expect(commonPrefix([]) == "")
    #expect(commonPrefix(["ab/x/y", "a/x/y"]) == "")
    #expect(commonPrefix(["m/n/a/k", "m/n/b"]) == "m/")
  }

  @Test func repeatedNamesGiveWayToPathsAndKeys() {
    let catalogue = Catalogue(
      MemoryCheckpoint([
        .float32("k0", [1], [1], path: "left/kernel", fullName: "dense/kernel"),
        .float32("k1", [2], [1, 2], path: "right/kernel", fullName: "dense/kernel"),
        .float32("k2", [1], [1], path: nil, fullName: ""),
      ]))
    #expect(catalogue.entries.map(\.name) == ["left/kernel", "right/kernel", "k2"])
    #expect(Set(catalogue.entries.map(\.name)).count == 3)
  }

  @Test func doubledListsCountOnce() {
    // Keras 3 stores `variables/N` and, in another order, `_all_variables/N`.
    let catalogue = Catalogue(
      MemoryCheckpoint([
        .float32("_all_variables/0/.V", [2], [1, 2], path: "_all_variables/0", fullName: "dense/bias"),
        .float32("_all_variables/1/.V", [3], [1, 2, 3], path: "_all_variables/1", fullName: "dense/kernel"),
        .float32("variables/0/.V", [3], [1, 2, 3], path: "variables/0", fullName: "dense/kernel"),
        .float32("variables/1/.V", [2], [1, 2], path: "variables/1", fullName: "dense/bias"),
      ]))
    #expect(catalogue.entries.map(\.duplicateOf) == [3, 2, nil, nil])
    #expect(catalogue.selected([.weight]).map(\.name) == ["dense/kernel", "dense/bias"])
  }

  @Test func twoVariablesOfOneNameAreNoDuplicates() {
    let catalogue = Catalogue(
      MemoryCheckpoint([
        .float32("variables/0", [2], [1, 2], path: "variables/0", fullName: "dense/kernel"),
        .float32("variables/1", [2], [3, 4], path: "variables/1", fullName: "dense/kernel"),
      ]))
    #expect(catalogue.entries.allSatisfy { $0.duplicateOf == nil })
    #expect(Set(catalogue.entries.map(\.name)).count == 2)
  }

  @Test func naturalOrder() {
    let ordered = ["", "a", "a/b", "dense", "dense_1", "dense_2", "dense_10", "dense_10/bias", "dense_010/kernel", "e"]
    // Digits by value, so dense_10/bias and dense_010/kernel go by what follows.
    for (i, x) in ordered.enumerated() {
      #expect(!naturallyPrecedes(x, x))
      for y in ordered[(i + 1)...] {
        #expect(naturallyPrecedes(x, y), "\(x) \(y)")
        #expect(!naturallyPrecedes(y, x), "\(y) \(x)")
      }
    }
    #expect(naturallyPrecedes("x0", "x1"))
    #expect(naturallyPrecedes("x01", "x1") != naturallyPrecedes("x1", "x01"))
    #expect(naturallyPrecedes("x99999999999999999999999", "x100000000000000000000000"))
  }

  @Test func patternsMatchNamesAndLayers() {
    var options = ComparisonOptions()
    options.include = ["dense_?", "*/bias"]
    options.exclude = ["dense_2/*"]
    let names = ["dense_1/kernel", "dense_10/kernel", "conv/bias", "dense_2/bias", "conv/kernel"]
    #expect(names.filter(options.isIncluded) == ["dense_1/kernel", "conv/bias"])
    #expect(ComparisonOptions().isIncluded("anything"))
  }

  @Test func differencesOfTrees() {
    let a = JSONValue.object([
      "x": .integer(1), "list": .array([.integer(1), .string("s")]), "same": .null, "gone": .bool(true),
    ])
    let b = JSONValue.object([
      "x": .number(1), "list": .array([.integer(2), .string("s"), .null]), "same": .null, "new": .null,
    ])
    let found = differences(a, b)
    #expect(found.map(\.path) == ["gone", "list[0]", "list[2]", "new"])
    #expect(found.first == Difference(path: "gone", a: .bool(true), b: nil))
    #expect(differences(a, a).isEmpty)
  }
}
