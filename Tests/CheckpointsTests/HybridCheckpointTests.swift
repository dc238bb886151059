import Foundation
import Testing

@testable import Checkpoints

struct HybridCheckpointTests {
  private func checkpoint(_ folder: TemporaryFolder, _ name: String, _ change: (inout BundleWriter) -> Void) throws
    -> String
  {
    var writer = BundleWriter()
    change(&writer)
    try folder.write(writer.files(name))
    return folder.file(name)
  }

  private func values(_ key: String, _ bundle: any Checkpoint) throws -> [Float] {
    let tensor = try #require(bundle.tensors.first { $0.key == key })
    try bundle.verify(tensor)
    var result = [Float](repeating: 0, count: tensor.count)
    try result.withUnsafeMutableBytes { try bundle.read(tensor, at: 0, into: $0) }
    return result
  }

  @Test func takesTheDonorsTensorsAndNewValues() throws {
    let folder = try TemporaryFolder()
    let base = try checkpoint(folder, "base") {
      $0.shardCount = 2
      $0.add("a/kernel", [1, 2], shard: 1)
      $0.add("b/kernel", [3, 4])
      $0.add("c/kernel", [5, 6])
      $0.add("words", strings: [Array("one".utf8), Array("three".utf8)], shard: 1)
    }
    let donor = try checkpoint(folder, "donor") {
      $0.shardCount = 3
      $0.padding = 11
      $0.add("other", [7, 8], shard: 2)
      $0.add("a/kernel", [9, 9])
    }
    let values: [Float] = [-1, -2]
    let prefix = try HybridCheckpoint(base: base, donor: donor).write(
      to: folder.path, replaced: ["b/kernel": "other"], values: ["c/kernel": values.withUnsafeBytes { Array($0) }])
    let hybrid = try openCheckpoint(at: prefix)
    #expect(hybrid.tensors.map(\.key) == ["a/kernel", "b/kernel", "c/kernel", "words"])
    #expect(try self.values("a/kernel", hybrid) == [1, 2])
    #expect(try self.values("b/kernel", hybrid) == [7, 8])
    #expect(try self.values("c/kernel", hybrid) == values)
    var words: [String] = []
    try hybrid.forEachString(in: hybrid.tensors[3]) { words.append(String(decoding: $0, as: UTF8.self)) }
    #expect(words == ["one", "three"])
    // A second one takes the first one's place.
    _ = try HybridCheckpoint(base: base, donor: donor).write(to: folder.path, replaced: ["a/kernel": "a/kernel"])
    #expect(try self.values("a/kernel", openCheckpoint(at: prefix)) == [9, 9])
  }

  @Test func exchangesSlicedTensors() throws {
    let folder = try TemporaryFolder()
    let whole = try checkpoint(folder, "whole") { $0.add("a", [1, 2]) }
    let sliced = try checkpoint(folder, "sliced") {
      $0.tensors.append(BundleWriter.cut("a", [3, 4], shape: [2], at: [[1]]))
      $0.add("b", [5])
    }
    let intoWhole = try HybridCheckpoint(base: whole, donor: sliced).write(to: folder.path, replaced: ["a": "a"])
    #expect(try values("a", openCheckpoint(at: intoWhole)) == [3, 4])
    let intoSliced = try HybridCheckpoint(base: sliced, donor: whole).write(to: folder.path, replaced: ["a": "a"])
    #expect(try values("a", openCheckpoint(at: intoSliced)) == [1, 2])
    #expect(try values("b", openCheckpoint(at: intoSliced)) == [5])
    let new: [Float] = [6, 7]
    let valued = try HybridCheckpoint(base: sliced, donor: whole).write(
      to: folder.path, values: ["a": new.withUnsafeBytes { Array($0) }])
    #expect(try values("a", openCheckpoint(at: valued)) == new)
  }

  @Test(arguments: [(true, true), (true, false), (false, true)])
  func exchangesBetweenByteOrders(base: Bool, donor: Bool) throws {
    let folder = try TemporaryFolder()
    let first = try checkpoint(folder, "first") {
      $0.isBigEndian = base
      $0.add("a", [1, 2])
      $0.add("b", [3, 4])
    }
    let second = try checkpoint(folder, "second") {
      $0.isBigEndian = donor
      $0.add("a", [5, 6])
    }
    let new: [Float] = [7, 8]
    let prefix = try HybridCheckpoint(base: first, donor: second).write(
      to: folder.path, replaced: ["a": "a"], values: ["b": new.withUnsafeBytes { Array($0) }])
    let hybrid = try openCheckpoint(at: prefix)
    #expect(hybrid.model.warnings.isEmpty == !base)
    #expect(try values("a", hybrid) == [5, 6])
    #expect(try values("b", hybrid) == new)
  }

  @Test func saysWhatCantBeExchanged() throws {
    let folder = try TemporaryFolder()
    let base = try checkpoint(folder, "base") { $0.add("a", [1, 2]) }
    let hybrid = try HybridCheckpoint(base: base, donor: base)
    #expect(throws: CheckpointError.self) { try hybrid.write(to: folder.path, replaced: ["a": "none"]) }
    #expect(throws: CheckpointError.self) { try hybrid.write(to: folder.path, replaced: ["none": "a"]) }
  }
}

struct ServingInterfaceTests {
  private let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("data").path

  @Test(arguments: ["dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-export"])
  func ofBundledModels(name: String) throws {
    let found = try ServingInterface(at: "\(data)/\(name)", tag: nil)
    let signature = try #require(found.signatures["serving_default"])
    #expect(found.tags == ["serve"] && found.variableCount >= 6)
    #expect(signature.inputs.values.map(\.shape) == [[nil, 64]])
    #expect(signature.inputs.values.allSatisfy { $0.elementType == .float32 && $0.tensor.contains(":0") })
    #expect(signature.outputs.values.map(\.shape) == [[nil, 10]])
    #expect(found.restore != nil && found.variables == "\(data)/\(name)/variables/variables")
  }

  @Test func onlySavedModelsRun() {
    #expect(throws: CheckpointError.self) { try ServingInterface(at: "\(data)/test-labels.npy", tag: nil) }
    #expect(throws: CheckpointError.self) { try ServingInterface(at: "\(data)/dense-l2-1e-5-seed0", tag: "train") }
  }
}
