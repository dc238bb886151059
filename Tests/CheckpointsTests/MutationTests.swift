import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct MutationTests {
  /// A model with everything that is read: several blocks and shards, strings, slices, names and metadata.
  private static func files(_ compression: TableWriter.Compression) -> [String: [UInt8]] {
    var bundle = BundleWriter(shardCount: 2)
    bundle.table.compression = compression
    for number in 0..<9 {
      bundle.add("layer-\(number)/.ATTRIBUTES/VARIABLE_VALUE", (0..<6).map { Float($0 * number) }, shard: number % 2)
    }
    bundle.add("words", strings: [Array("alpha".utf8), [], [UInt8](repeating: 9, count: 200)], shard: 1)
    bundle.tensors.append(
      BundleWriter.cut("grid", (0..<48).map(Float.init), shape: [6, 8], at: [[2, 3], [5]]))
    var graph = ObjectGraphWriter.variables((0..<9).map { ("layer-\($0)", "dense_\($0)/kernel") })
    graph.nodes[0].slots = [(original: 1, name: "m", node: 2)]
    bundle.addObjectGraph(graph.bytes)
    var files = bundle.files("variables/variables")
    var model = SavedModelWriter.Graph()
    model.objects = [((0..<9).map { ("layer-\($0)", $0 + 1) }, nil)] + (0..<9).map { ([], ("v\($0)", $0 % 2 == 0)) }
    files["saved_model.pb"] = SavedModelWriter(graphs: [model]).bytes
    files["keras_metadata.pb"] = SavedModelWriter.kerasMetadata([
      ("root", "_tf_keras_sequential", #"{"class_name": "Sequential", "training_config": {"a": [1, {"b": NaN}]}}"#)
    ])
    files["fingerprint.pb"] = Message { $0.unsigned(5, 12345) }.bytes
    return files
  }

  /// The tensor's value, when all its checksums hold.
  private static func value(_ tensor: StoredTensor, in model: any Checkpoint) -> [[UInt8]]? {
    do {
      if tensor.elementType == .string { return try model.strings(tensor) }
      try model.verify(tensor)
      return [try model.contents(tensor)]
    } catch { return nil }
  }

  /// Whatever happens to the files: no crash, and no value but the original one without an error.
  @Test(.timeLimit(.minutes(5)), arguments: [TableWriter.Compression.none, .copies])
  func damagedFilesNeverMislead(_ compression: TableWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let files = Self.files(compression)
    try folder.write(files)
    let sound = try openCheckpoint(at: folder.path)
    var originals: [String: (tensor: StoredTensor, value: [[UInt8]])] = [:]
    for tensor in sound.tensors { originals[tensor.key] = (tensor, try #require(Self.value(tensor, in: sound))) }
    #expect(originals.count == 12)
    // What is damaged most often is what is read most carefully.
    let names = files.keys.sorted() + Array(repeating: "variables/variables.index", count: 3)
    var random = SplitMix64(state: compression == .none ? 1 : 2)
    var readable = 0
    for round in 0..<1000 {
      let name = names[Int.random(in: 0..<names.count, using: &random)]
      var damaged = files[name] ?? []
      for _ in 0..<Int.random(in: 1...3, using: &random) { Mutation.apply(to: &damaged, &random) }
      try folder.write(name, damaged)
      if let model = try? openCheckpoint(at: folder.path) {
        _ = model.verifyFiles()
        for tensor in model.tensors {
          guard let value = Self.value(tensor, in: model) else { continue }
          readable += 1
          guard let original = originals[tensor.key], original.tensor.shape == tensor.shape,
            original.tensor.elementType == tensor.elementType, original.tensor.checksum == tensor.checksum
          else { continue }
          #expect(value == original.value, "round \(round): \(name), tensor '\(tensor.key)'")
        }
      }
      try folder.write(name, files[name] ?? [])
    }
    #expect(readable > 1000)
  }

  /// Damage that the table's checksums do not see: the readers behind them must stand alone.
  @Test(.timeLimit(.minutes(5))) func damagedMessagesUnderValidChecksumsNeverCrash() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(state: 3)
    var opened = 0
    for _ in 0..<1000 {
      var bundle = BundleWriter(shardCount: 1)
      bundle.add("a", [1, 2, 3])
      bundle.add("words", strings: [Array("alpha".utf8), Array("beta".utf8)])
      bundle.tensors.append(BundleWriter.cut("grid", (0..<48).map(Float.init), shape: [6, 8], at: [[2], [5]]))
      var graph = ObjectGraphWriter.variables([("a", "dense/kernel"), ("b", "dense/bias")]).bytes
      if random.next() & 1 == 0 { Mutation.apply(to: &graph, &random) }
      bundle.addObjectGraph(graph)
      var generator = random
      bundle.alterEntries = { entries in
        let target = Int.random(in: 0..<entries.count, using: &generator)
        Mutation.apply(to: &entries[target].value, &generator)
      }
      let alterBlocks = random.next() % 4 == 0
      bundle.table.alterBlock = { _, content in
        var content = content
        var generator = SplitMix64(state: UInt64(content.count))
        if alterBlocks { Mutation.apply(to: &content, &generator) }
        return content
      }
      try folder.write(bundle.files("model"))
      _ = random.next()
      guard let model = try? openCheckpoint(at: folder.file("model")) else { continue }
      opened += 1
      // A shape may claim more than memory: only what the file backs is read.
      for tensor in model.tensors where tensor.byteCount < 1 << 20 { _ = Self.value(tensor, in: model) }
    }
    #expect(opened > 100)
  }
}
