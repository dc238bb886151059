import Foundation
import HDF5
import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct KerasTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ writer: WeightsWriter, _ name: String) throws -> any Checkpoint {
    try writer.write(to: folder.file(name))
    return try openCheckpoint(at: folder.file(name))
  }

  private func check(
    _ words: String, _ kind: String, _ name: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.file(name)) }
    #expect(
      error?.kind == kind && error?.description.contains(words) == true, "\(words): \(error as Any)",
      sourceLocation: location)
  }

  private func names(_ model: any Checkpoint) -> [String: String] {
    Dictionary(uniqueKeysWithValues: model.tensors.map { ($0.key, $0.fullName ?? "") })
  }

  private static let configuration = #"""
    {"class_name": "Functional", "config": {"name": "net", "layers": [
      {"class_name": "InputLayer", "config": {"name": "in"}, "shared_object_id": 7},
      {"class_name": "Dense", "config": {"name": "mix", "use_bias": true}},
      {"class_name": "BatchNormalization", "config": {"name": "norm", "center": false, "scale": true}},
      {"class_name": "Dense", "config": {"name": "out", "use_bias": false}},
      {"class_name": "Mine>Odd", "config": {"name": "odd", "trainable": false}}]},
     "compile_config": {"optimizer": {"class_name": "Adam", "config":
       {"learning_rate": 0.1, "amsgrad": false, "use_ema": false, "gradient_accumulation_steps": null}}, "loss": "mse"}}
    """#

  /// Weights as Keras 3 writes them.
  private static func weights(named: Bool = true) -> WeightsWriter {
    var writer = WeightsWriter()
    writer.add("layers/dense/vars/0", [3, 4])
    writer.add("layers/dense/vars/1", [4])
    writer.add("layers/batch_normalization/vars/0", [4])
    writer.add("layers/batch_normalization/vars/1", [4])
    writer.add("layers/batch_normalization/vars/2", [4])
    writer.add("layers/dense_1/vars/0", [4, 2])
    writer.add("layers/odd/vars/0", [5])
    writer.add("optimizer/vars/1", [])
    for (number, shape) in [[3, 4], [4], [4], [4, 2]].enumerated() {
      writer.add("optimizer/vars/\(2 + 2 * number)", shape)
      writer.add("optimizer/vars/\(3 + 2 * number)", shape)
    }
    writer.counters = ["optimizer/vars/0": 12]
    if named {
      writer.objectNames = ["": "net", "layers/dense": "mix", "layers/dense_1": "out", "optimizer": "adam_7"]
    }
    return writer
  }

  private func archive(
    _ configuration: String? = Self.configuration, deflated: Bool = false, alter: (inout ZipWriter) -> Void = { _ in }
  ) throws -> String {
    try Self.weights(named: false).write(to: folder.file("inner.h5"))
    let content = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("inner.h5"))))
    var zip = ZipWriter()
    zip.add("metadata.json", Array(#"{"keras_version": "3.9.9"}"#.utf8), deflated: deflated)
    if let configuration { zip.add("config.json", Array(configuration.utf8), deflated: deflated) }
    zip.add("model.weights.h5", content, deflated: deflated)
    alter(&zip)
    return try folder.write("model.keras", zip.bytes)
  }

  @Test(arguments: [false, true]) func archives(deflated: Bool) throws {
    let model = try openCheckpoint(at: archive(deflated: deflated))
    #expect(model.model.format == "Keras 3 model" && model.model.kerasVersion == "3.9.9")
    let metadata = model.model.metadata
    #expect(metadata["layers"]?["norm"]?["class_name"] == .string("BatchNormalization"))
    #expect(metadata["model"]?["name"] == .string("net"))
    #expect(metadata["training_config"]?["loss"] == .string("mse"))
    let names = names(model)
    #expect(names["layers/dense/vars/0"] == "mix/kernel" && names["layers/dense/vars/1"] == "mix/bias")
    #expect(names["layers/batch_normalization/vars/0"] == "norm/gamma")
    #expect(names["layers/batch_normalization/vars/2"] == "norm/moving_variance")
    #expect(names["layers/dense_1/vars/0"] == "out/kernel" && names["layers/odd/vars/0"] == "odd/0")
    #expect(
      names["optimizer/vars/0"] == "optimizer/iteration" && names["optimizer/vars/1"] == "optimizer/learning_rate")
    let velocity = try model.tensor("optimizer/vars/9")
    #expect(velocity.slotName == "velocity" && velocity.slotOf == "layers/dense_1/vars/0")
    #expect(velocity.fullName == "optimizer/out_kernel_velocity")
    #expect(try model.tensor("optimizer/vars/4").slotOf == "layers/dense/vars/1")
    let kernel = try model.tensor("layers/dense/vars/0")
    let expected = bytes((0..<12).map(Float.init))
    for step in [1, 3, 4, 7, 100] { #expect(try model.contents(kernel, step: step) == expected) }
    try model.verify(kernel)
    #expect(try sha256(of: kernel, in: model).count == 64)
  }

  @Test func optimizersThatDoNotFitAreOnlyNumbered() throws {
    let other = Self.configuration.replacing("\"amsgrad\": false", with: "\"amsgrad\": true")
    let model = try openCheckpoint(at: archive(other))
    #expect(try model.tensor("optimizer/vars/4").slotName == nil)
    #expect(
      names(model)["optimizer/vars/4"] == "optimizer/4" && names(model)["optimizer/vars/0"] == "optimizer/iteration")
  }

  @Test func weightsAlone() throws {
    let model = try open(Self.weights(), "model.weights.h5")
    #expect(model.model.format == "Keras 3 weights")
    let names = names(model)
    #expect(names["layers/dense/vars/1"] == "mix/bias" && names["layers/dense_1/vars/0"] == "out/kernel")
    // Three of a normalization's four: which of the first two is missing is not written.
    #expect(names["layers/batch_normalization/vars/0"] == "batch_normalization/0")
    #expect(names["layers/batch_normalization/vars/1"] == "batch_normalization/moving_mean")
    #expect(names["layers/odd/vars/0"] == "odd/0" && names["optimizer/vars/1"] == "adam/learning_rate")
    #expect(names["optimizer/vars/5"] == "adam/5")
  }

  @Test func legacyModels() throws {
    var writer = WeightsWriter()
    writer.add("model_weights/dense/dense/kernel:0", [2, 3])
    writer.add("model_weights/norm/mean:0", [2])
    writer.add("model_weights/inner/dense_1/kernel:0", [3, 3])
    writer.add("optimizer_weights/Adam/m/dense/kernel:0", [2, 3])
    writer.add("optimizer_weights/training/Adam/dense_1/kernel/v:0", [3, 3])
    writer.counters = ["optimizer_weights/iteration:0": 4]
    writer.attributes = [
      "": [
        "keras_version": "2.1.0", "backend": "tensorflow", "model_config": Self.configuration,
        "training_config": #"{"loss": "mae", "optimizer_config": {"class_name": "Adam", "config": {}}, "x": NaN}"#,
      ]
    ]
    let model = try open(writer, "model.h5")
    #expect(model.model.format == "Keras HDF5 model" && model.model.kerasVersion == "2.1.0")
    #expect(model.model.metadata["training_config"]?["loss"] == .string("mae"))
    #expect(model.model.metadata["backend"] == .string("tensorflow"))
    #expect(model.model.warnings.contains { $0.contains("NaN") })
    let names = names(model)
    #expect(names["model_weights/dense/dense/kernel:0"] == "dense/kernel")
    #expect(names["model_weights/norm/mean:0"] == "norm/mean")
    #expect(names["model_weights/inner/dense_1/kernel:0"] == "dense_1/kernel")
    let slot = try model.tensor("optimizer_weights/Adam/m/dense/kernel:0")
    #expect(slot.slotName == "m" && slot.slotOf == "model_weights/dense/dense/kernel:0")
    let older = try model.tensor("optimizer_weights/training/Adam/dense_1/kernel/v:0")
    #expect(older.slotName == "v" && older.slotOf == "model_weights/inner/dense_1/kernel:0")
    #expect(try model.tensor("optimizer_weights/iteration:0").objectPath == "optimizer/iteration")
  }

  @Test func encodings() throws {
    var writer = WeightsWriter()
    writer.also = { (root) throws(HDF5Error) in
      try WeightsWriter.write([1, 2, 3, 4], as: .opaque, to: "brain", in: root)
      try WeightsWriter.write([1, 2, 3, 4], as: .opaque, to: "unknown", in: root)
      try WeightsWriter.write([0, 0x3c, 0, 0x40], as: .half, to: "half", in: root)
      try WeightsWriter.write([0, 1, 1], as: .boolean, to: "mask", in: root)
      try WeightsWriter.write([0x3f, 0x80, 0, 0], as: .bigEndian, to: "big", in: root)
      try root.dataset("brain").writeAttribute("dtype", "bfloat16")
      try root.createDataset("words", shape: [2], .string).write(["alpha", ""])
      try root.createDataset("empty", shape: [0, 3], .float64).write([Double]())
    }
    let model = try open(writer, "any.hdf5")
    #expect(model.model.format == "HDF5" && model.model.warnings.count == 1)
    for (key, type, content) in [
      ("brain", .bfloat16, [1, 2, 3, 4]), ("half", .float16, [0, 0x3c, 0, 0x40]), ("mask", .bool, [0, 1, 1]),
      ("big", .float32, [0, 0, 0x80, 0x3f]), ("empty", .float64, []),
    ] as [(String, ElementType, [UInt8])] {
      let tensor = try model.tensor(key)
      #expect(tensor.elementType == type)
      #expect(try model.contents(tensor) == content, "\(key)")
      #expect(try model.contents(tensor, step: 1) == content, "\(key)")
      try model.verify(tensor)
    }
    #expect(try model.strings(model.tensor("words")) == [Array("alpha".utf8), []])
    let unknown = try model.tensor("unknown")
    #expect(unknown.unreadable?.contains("2 opaque bytes") == true)
    #expect(failure { () throws(CheckpointError) in _ = try model.verify(unknown) }?.kind == "unsupported")
  }

  @Test func severalFiles() throws {
    var first = WeightsWriter()
    first.add("layers/dense/vars/0", [2, 2])
    first.objectNames = ["layers/dense": "head"]
    var second = WeightsWriter()
    second.add("layers/dense/vars/1", [2])
    try first.write(to: folder.file("m_00000.weights.h5"))
    try second.write(to: folder.file("m_00001.weights.h5"))
    func index(_ map: String) throws {
      try folder.write("m.weights.json", Array("{\"metadata\": {}, \"weight_map\": \(map)}".utf8))
    }
    try index(#"{"/layers/dense/vars": ["m_00000.weights.h5", "m_00001.weights.h5"]}"#)
    let model = try openCheckpoint(at: folder.file("m.weights.json"))
    #expect(names(model) == ["layers/dense/vars/0": "head/kernel", "layers/dense/vars/1": "head/bias"])
    #expect(model.model.files.count == 3)
    #expect(try model.contents(model.tensor("layers/dense/vars/1")) == bytes([Float(0), 1]))
    try index(#"{"/layers/dense/vars": ["m_00002.weights.h5"]}"#)
    check("missing", "notFound", "m.weights.json")
    try index(#"{"/layers/dense/vars": "../m_00000.weights.h5"}"#)
    check("beside the index", "corrupt", "m.weights.json")
    try index(#"{"/layers/other/vars": "m_00000.weights.h5"}"#)
    check("none is there", "corrupt", "m.weights.json")
    try index("[]")
    check("weight_map", "corrupt", "m.weights.json")
    try first.write(to: folder.file("m_00003.weights.h5"))
    try index(#"{"/layers/dense/vars": ["m_00000.weights.h5", "m_00003.weights.h5"]}"#)
    check("is in this file and in", "corrupt", "m.weights.json")
  }

  @Test func damagedFilesAreErrors() throws {
    try folder.write("none.h5", [1, 2, 3])
    check("no HDF5 file", "corrupt", "none.h5")
    try folder.write("empty.h5", [])
    check("truncated", "truncated", "empty.h5")
    try folder.write("none.keras", [1, 2, 3] + [UInt8](repeating: 0, count: 40))
    check("no directory", "corrupt", "none.keras")
    try Self.weights().write(to: folder.file("whole.h5"))
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.h5"))))
    for count in [9, 100, whole.count / 2, whole.count - 1] {
      try folder.write("cut.h5", Array(whole.prefix(count)))
      check("cut.h5", "corrupt", "cut.h5")
    }
    var result = WeightsWriter()
    result.add("pairs/dense/kernel/a", [2])
    result.attributes = ["": ["Conventions": "Equipoise-1"]]
    try result.write(to: folder.file("pairs.h5"))
    check("pairs.h5/a' or", "unsupported", "pairs.h5")
    var loop = WeightsWriter()
    loop.also = { (root) throws(HDF5Error) in
      try WeightsWriter.link("again", in: root)
      try WeightsWriter.link("and again", in: root)
    }
    try loop.write(to: folder.file("loop.h5"))
    check("nested", "corrupt", "loop.h5")
    var soft = Self.weights()
    soft.also = { (root) throws(HDF5Error) in try WeightsWriter.link("soft", softlyTo: "/layers", in: root) }
    let model = try open(soft, "soft.h5")
    #expect(model.tensors.count == 17 && model.model.warnings.contains { $0.contains("not followed") })
    let error = failure { () throws(CheckpointError) in
      _ = try openCheckpoint(at: folder.file("soft.h5"), tag: "serve")
    }
    #expect(error?.kind == "unsupported")
  }

  @Test func damagedArchivesAreErrors() throws {
    _ = try archive { $0.members.removeLast() }
    check("without 'model.weights.h5'", "unsupported", "model.keras")
    _ = try archive { $0.members[2].alterEntry = { $0[8] = 1 } }
    check("encrypted", "unsupported", "model.keras")
    _ = try archive { $0.members[2].alterEntry = { $0[16] ^= 1 } }
    check("CRC-32", "corrupt", "model.keras")
    _ = try archive(deflated: true) { $0.members[2].alterEntry = { $0[24] ^= 1 } }
    check("come out", "corrupt", "model.keras")
    _ = try archive { $0.members[2].content = [1, 2, 3] }
    check("model.keras/model.weights.h5", "corrupt", "model.keras")
    for configuration in [nil, "{"] {
      let model = try openCheckpoint(at: archive(configuration))
      #expect(model.model.warnings.count == 1 && model.tensors.count == 17)
      #expect(names(model)["layers/dense/vars/0"] == "dense/kernel")
    }
  }

  @Test func temporaryFilesLoseTheirNames() throws {
    let scratch = try ScratchFile(keepsName: true)
    #expect(FileStatus.isFile(scratch.path))
    scratch.removeName()
    #expect(FileStatus.find(scratch.path) == nil && FileStatus.find(Paths.folder(scratch.path)) == nil)
    try [UInt8]([1, 2, 3]).span.withUnsafeBytes { (bytes) throws(CheckpointError) in
      try scratch.write(bytes, at: 5)
    }
    let read = try OwnedBytes(count: 2, file: "") { (buffer) throws(CheckpointError) in
      try scratch.fill(buffer, at: 6)
    }
    #expect(read.withBytes { Array($0) } == [2, 3])
    #expect(
      failure { () throws(CheckpointError) in
        _ = try OwnedBytes(count: 2, file: "") { (buffer) throws(CheckpointError) in
          try scratch.fill(buffer, at: 7)
        }
      }?.kind == "truncated")
  }

  @Test func classesBecomeGroups() {
    for (name, group) in [
      ("Dense", "dense"), ("Conv2D", "conv2d"), ("Conv2DTranspose", "conv2d_transpose"), ("PReLU", "p_re_lu"),
      ("ReLU", "re_lu"), ("LSTM", "lstm"), ("SimpleRNN", "simple_rnn"), ("BatchNormalization", "batch_normalization"),
      ("MultiHeadAttention", "multi_head_attention"), ("ConvLSTM2D", "conv_lstm2d"), ("MyHTTPLayer", "my_http_layer"),
      ("InputLayer", "input_layer"), ("MaxPooling2D", "max_pooling2d"), ("", ""),
    ] { #expect(KerasConfiguration.snakeCase(name) == group) }
  }

  @Test(.timeLimit(.minutes(5))) func damagedArchivesNeverMislead() throws {
    let path = try archive(deflated: true)
    let sound = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let model = try openCheckpoint(at: path)
    var originals: [String: [UInt8]] = [:]
    for tensor in model.tensors { originals[tensor.key] = try model.contents(tensor) }
    var random = SplitMix64(state: 11)
    var opened = 0
    for round in 0..<600 {
      var damaged = sound
      Mutation.apply(to: &damaged, &random)
      try folder.write("model.keras", damaged)
      guard let model = try? openCheckpoint(at: path) else { continue }
      opened += 1
      for tensor in model.tensors { #expect(try model.contents(tensor) == originals[tensor.key], "round \(round)") }
    }
    #expect(opened > 10)
  }
}
