import Checkpoints
import Comparison
import Foundation
import HDF5
import Results
import Testing

@testable import HDF5Store

/// What is written of the bundled models, read back.
struct BundledPairTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func write(
    _ models: Compared, _ name: String = "pairs.h5", _ change: (inout ExportOptions) -> Void = { _ in }
  ) async throws -> HDF5File {
    var options = ExportOptions()
    change(&options)
    try await writeHDF5(models, to: folder.file(name), options: options)
    return try HDF5File(reading: folder.file(name))
  }

  /// SHA-256 of every tensor of a bundled model, as TensorFlow reads it, by key.
  private func truth(_ model: String) throws -> [String: String] {
    struct Truth: Decodable {
      struct Model: Decodable { var tensors: [String: Tensor] }
      struct Tensor: Decodable { var sha256: String }
      var models: [String: Model]
    }
    let document = try JSONDecoder().decode(Truth.self, from: bytes(of: "\(data)/truth.json"))
    return try #require(document.models[model]).tensors.mapValues(\.sha256)
  }

  @Test func tensorsAreTheModelsOwnAgainstTensorFlow() async throws {
    let models = try await densePair.value
    let file = try await write(models)
    let (truthA, truthB) = (try truth("dense-l2-1e-5-seed0"), try truth("dense-l2-1e-2-seed0"))
    let paths = try file.root.strings("results/tensors/path")
    #expect(paths.count == 6)
    for (path, tensors) in zip(paths, models.tensors) {
      let group = try file.root.group(path)
      for (name, tensor, checkpoint, truth) in [
        ("a", tensors.a, models.a, truthA), ("b", tensors.b, models.b, truthB),
      ] {
        let dataset = try group.dataset(name)
        #expect(try dataset.contents() == checkpoint.contents(tensor))
        #expect(try sha256(of: tensor, in: checkpoint) == truth[tensor.key])
        #expect(dataset.shape == tensor.shape)
        #expect(try group.readAttribute("key_\(name)") == tensor.key)
        #expect(try dataset.readAttribute("dtype") == "float32")
        #expect(try dataset.readAttribute("_FillValue", as: Float.self).isNaN)
        for axis in tensor.shape.indices {
          let scale = try group.dataset("axis_\(axis)")
          #expect(try scale.isScale())
          #expect(try dataset.isAttached(scale, toAxis: axis))
          #expect(try scale.read(Int32.self) == (0..<Int32(tensor.shape[axis])).map { $0 })
        }
      }
    }
  }

  @Test func rootSaysWhereItComesFrom() async throws {
    let models = try await densePair.value
    let file = try await write(models)
    #expect(try file.root.readAttribute("Conventions") == "Equipoise-1")
    #expect(try file.root.readAttribute("schema_version", as: Int.self) == hdf5SchemaVersion)
    #expect(try file.root.readAttribute("created_by") == "equipoise \(equipoiseVersion)")
    #expect(try file.root.readAttribute("seed", as: UInt64.self) == 0)
    #expect(try file.root.readAttribute("verdict") == "different")
    let provenance = try JSONDecoder().decode(
      Provenance.self, from: Data(file.root.readAttribute("provenance", as: String.self).utf8))
    #expect(provenance.resamples == 99)
    #expect(provenance.inputs.map(\.path) == [models.a.model.path, models.b.model.path])
    #expect(try file.root.names() == ["pairs", "results", "units", "document"])
  }

  @Test func tableOfPairsIsTheResult() async throws {
    let pairs = try await densePair.value.result.pairs
    let group = try await write(try await densePair.value).root.group("results/tensors")
    #expect(try group.strings("tensor") == pairs.map(\.name))
    #expect(try group.strings("layer") == pairs.map(\.layer))
    #expect(try group.strings("role") == pairs.map(\.role.rawValue))
    #expect(try group.strings("key_b") == pairs.map(\.b.key))
    #expect(try group.strings("shape") == pairs.map { "\($0.shape)" })
    #expect(try group.counts("count") == pairs.map(\.count))
    #expect(try group.flags("identical") == pairs.map(\.identical))
    #expect(try group.dataset("identical").readAttribute("dtype") == "bool")
    for metric in Metric.allCases {
      #expect(try bits(group.numbers(metric.rawValue)) == bits(pairs.map { $0.metrics[metric] }), "\(metric)")
    }
    let scale = try group.dataset("tensor")
    #expect(try scale.isScale())
    for name in try group.names().dropFirst() {
      let column = try group.dataset(name)
      #expect(try column.isAttached(scale, toAxis: 0))
      #expect(try !column.readAttribute("long_name", as: String.self).isEmpty)
    }
  }

  @Test func tablesOfTestsAndLayersAreTheResult() async throws {
    let models = try await densePair.value
    let result = models.result
    let file = try await write(models)
    let tests = result.pairs.flatMap { $0.tests ?? [] }
    let group = try file.root.group("results/tests")
    #expect(try group.strings("id") == tests.map(\.id))
    #expect(try bits(group.numbers("p_value")) == bits(tests.map(\.pValue)))
    #expect(try bits(group.numbers("effect_upper")) == bits(tests.map { $0.effect?.interval?.last }))
    #expect(try group.strings("tensor") == result.pairs.flatMap { pair in (pair.tests ?? []).map { _ in pair.name } })
    #expect(try bits(group.numbers("resamples")) == bits(tests.map { $0.resamples.map(Double.init) }))
    let layers = try #require(result.layers)
    let summary = try file.root.group("results/layers")
    #expect(try summary.strings("layer") == layers.map(\.layer))
    #expect(try bits(summary.numbers("p_adjusted")) == bits(layers.map(\.pAdjusted)))
    #expect(try summary.flags("significant") == layers.map(\.significant))
    #expect(try bits(summary.numbers("p_drift")) == bits(layers.map { $0.pByTest["drift"] }))
    #expect(try summary.readAttribute("alpha", as: Double.self) == 0.05)
    let metadata = try file.root.group("results/metadata")
    #expect(try metadata.strings("path") == result.metadata.map(\.path))
    let place = try #require(result.metadata.firstIndex { $0.path.contains("l2") })
    #expect(try metadata.strings("b")[place].hasPrefix("0.0"))
    #expect(try file.root.dataset("results/structure/path").count == result.structure.count)
    #expect(try !file.root.contains("results/unpaired"))
    #expect(try !file.root.contains("results/damaged"))
  }

  @Test func unitSumsAddUpToTheMetrics() async throws {
    let models = try await densePair.value
    let file = try await write(models)
    for (pair, path) in zip(models.result.pairs, try file.root.strings("results/tensors/path")) {
      let group = try file.root.group(path.replacing("/pairs/", with: "/units/"))
      #expect(try group.readAttribute("unit_name") == pair.unit)
      #expect(try group.counts("count").reduce(0, +) == pair.count)
      #expect(try group.counts("unit") == Array(0..<pair.unitCount))
      let mean = try group.numbers("sum_dd").reduce(0, +) / Double(pair.count)
      let metric = try #require(pair.metrics[.meanSquaredDifference])
      #expect(abs(mean - metric) <= 1e-12 * metric)
      #expect(try group.numbers("norm_a") == group.numbers("sum_aa").map { $0.squareRoot() })
      guard let dead = pair.deadUnitsB else { continue }
      let flags = try group.flags("dead_b")
      #expect(flags.indices.filter { flags[$0] } == dead)
    }
  }

  @Test func sameComparisonGivesSameBytes() async throws {
    let models = try await densePair.value
    _ = try await write(models, "1.h5")
    _ = try await write(models, "2.h5")
    let alone = try await bundled("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0", threads: 1, tests: true)
    _ = try await write(alone, "3.h5")
    let first = try bytes(of: folder.file("1.h5"))
    #expect(try first == bytes(of: folder.file("2.h5")))
    #expect(try first == bytes(of: folder.file("3.h5")))
  }

  @Test func fixedStringsEverywhere() async throws {
    let models = try await densePair.value
    let file = try await write(models) { $0.strings = .fixed }
    var count = 0
    try file.root.walk { path, dataset in
      #expect(dataset.datatype != .string, "\(path)")
      if case .fixedString = dataset.datatype { count += 1 }
      let longName: String = try dataset.readAttribute("long_name")
      #expect(!longName.isEmpty)
    }
    #expect(count > 30)
    #expect(try file.root.strings("results/tensors/tensor") == models.result.pairs.map(\.name))
    #expect(try file.root.readAttribute("created_by") == "equipoise \(equipoiseVersion)")
  }

  @Test func deflatedTensorsAreTheSame() async throws {
    let models = try await densePair.value
    let plain = try await write(models, "plain.h5")
    let packed = try await write(models, "packed.h5") { $0.deflateLevel = 9 }
    for path in try plain.root.strings("results/tensors/path") {
      #expect(
        try plain.root.dataset(path + "/a").read(Float.self) == packed.root.dataset(path + "/a").read(Float.self))
    }
  }

  @Test func tensorsAreLeftOutOnWish() async throws {
    let file = try await write(try await densePair.value) { $0.includesTensors = false }
    let group = try file.root.group("pairs/output/kernel")
    #expect(try group.names().isEmpty)
    #expect(try group.readAttribute("name") == "output/kernel")
    #expect(try file.root.contains("units/output/kernel/sum_dd"))
  }

  @Test func everyRoleOfAConvolutionalPair() async throws {
    let models = try await bundled("conv-l2-1e-5-seed0", "conv-l2-1e-5-seed1", roles: Set(Role.allCases))
    let file = try await write(models)
    var scalars = 0
    var graphs = 0
    for (tensors, path) in zip(models.tensors, try file.root.strings("results/tensors/path")) {
      let group = try file.root.group(path)
      for (name, tensor, checkpoint) in [("a", tensors.a, models.a), ("b", tensors.b, models.b)] {
        let dataset = try group.dataset(name)
        #expect(dataset.shape == tensor.shape)
        if tensor.shape.isEmpty { scalars += 1 }
        if tensor.elementType == .string {
          graphs += 1
          #expect(try dataset.readAttribute("encoding") == "base64")
          var expected = Data()
          try checkpoint.forEachString(in: tensor) { expected += Data($0) }
          #expect(try Data(base64Encoded: dataset.readStrings()[0]) == expected)
          #expect(try !file.root.contains(path.replacing("/pairs/", with: "/units/")))
        } else {
          #expect(try dataset.contents() == checkpoint.contents(tensor))
        }
      }
    }
    #expect(scalars > 4)
    #expect(graphs == 2)
    #expect(models.result.pairs.contains { $0.name.hasSuffix("moving_variance") && $0.role == .state })
  }
}
