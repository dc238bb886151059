import Foundation

@testable import Checkpoints
@testable import Tensors

extension FuzzTarget {
  /// Sound inputs to begin with: small, and with everything that the reader reads.
  func seeds() throws -> [[UInt8]] {
    switch self {
    case .tensorBundle: Self.bundleSeeds()
    case .tensorSlices: Self.sliceSeeds()
    case .savedModel: Self.savedModelSeeds()
    case .frozenGraph: [Parcel([[0], Self.graph]).bytes]
    case .safetensors: Self.safetensorsSeeds()
    case .numPy: Self.numPySeeds()
    case .kerasArchive: try Self.kerasArchiveSeeds()
    case .kerasHDF5: try Self.weights().enumerated().map { Parcel([[UInt8($0 % 2)], $1]).bytes }
    }
  }

  /// Numbers, strings, slices, variants, quantised and unknown types, an object graph with slots.
  static func bundle(isBigEndian: Bool = false, shardCount: Int = 2) -> BundleWriter {
    var writer = BundleWriter(shardCount: shardCount)
    writer.isBigEndian = isBigEndian
    for number in 0..<3 {
      writer.add(
        "layer-\(number)/.ATTRIBUTES/VARIABLE_VALUE", (0..<4).map { Float($0 * number) }, shard: number % shardCount)
    }
    writer.add("words", strings: [Array("alpha".utf8), [], [UInt8](repeating: 9, count: 20)], shard: shardCount - 1)
    writer.tensors.append(
      BundleWriter.cut(
        "grid", (0..<12).map(Float.init), shape: [3, 4], at: [[1], [2]], isBigEndian: isBigEndian))
    writer.tensors.append(.init(key: "half", type: .bfloat16, shape: [2], data: [0, 1, 2, 3]))
    writer.tensors.append(.init(key: "quantized", type: .qint8, shape: [3], data: [1, 2, 3]))
    writer.tensors.append(.init(key: "complex", type: .complex64, shape: [], data: [0, 1, 2, 3, 4, 5, 6, 7]))
    writer.tensors.append(.init(key: "empty", type: .float64, shape: [0, 3]))
    writer.tensors.append(.init(key: "variant", type: .variant, shape: [1], data: [1, 7, 0, 0, 0, 0]))
    writer.tensors.append(.init(key: "unknown", type: .unknown, shape: [1], data: [1]))
    var graph = ObjectGraphWriter.variables((0..<3).map { ("layer-\($0)", "dense_\($0)/kernel") })
    graph.nodes[0].slots = [(original: 1, name: "m", node: 2)]
    graph.nodes[2].children = [("loop", 0)]
    writer.addObjectGraph(graph.bytes)
    return writer
  }

  private static func bundleSeeds() -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for isBigEndian in [false, true] {
      for compression in [TableWriter.Compression.none, .copies] {
        var writer = bundle(isBigEndian: isBigEndian)
        writer.table.compression = compression
        let (files, entries) = writer.contents("model")
        let shards = (0..<2).map { files["model.data-0000\($0)-of-00002"] ?? [] }
        let index = files["model.index"] ?? []
        for flags in [0, 2] as [UInt8] { seeds.append(Parcel([[flags], index] + shards).bytes) }
        let pairs = entries.flatMap { [$0.key, $0.value] }
        let snappy: UInt8 = compression == .none ? 0 : 4
        for flags in [1, 3, 11] as [UInt8] { seeds.append(Parcel([[flags | snappy]] + shards + pairs).bytes) }
      }
    }
    return seeds
  }

  /// Every kind of list a value can be in, slices, strings.
  static func slices() -> TensorSliceWriter {
    var writer = TensorSliceWriter()
    writer.add("float", .float32, [2, 2]) { $0.data(5, floats([1, -2, 3, -4])) }
    writer.add("double", .float64, []) { $0.data(6, littleEndian(Double(0.5).bitPattern)) }
    writer.add("small", .int8, [3]) { $0.data(7, [1, 0, 127]) }
    writer.add("half", .float16, [2]) { $0.data(13, [1, 2]) }
    writer.add("long", .int64, [2]) { $0.data(10, [1, 2]) }
    writer.add("whole", .uint8, [3]) { $0.data(4, [1, 2, 3]) }
    writer.add("flag", .bool, [1]) { $0.number(11, 1) }
    writer.add("words", .string, [2]) {
      $0.text(8, "alpha")
      $0.text(8, "")
    }
    let cut = BundleWriter.cut("grid", (0..<12).map(Float.init), shape: [3, 4], at: [[1], [2]])
    writer.tensors.append(
      .init(
        name: "grid", type: .float32, shape: [3, 4],
        slices: cut.slices.map { slice in (slice.extents, Message { $0.data(5, slice.data) }.bytes) }))
    return writer
  }

  private static func sliceSeeds() -> [[UInt8]] {
    var writer = slices()
    let plain = writer.file
    let entries = writer.entries.flatMap { [$0.key, $0.value] }
    writer.table.compression = .copies
    var other = TensorSliceWriter()
    other.add("other", .int32, [2]) { $0.data(7, [1, 2]) }
    return [
      Parcel([[0], plain]).bytes, Parcel([[2], plain]).bytes, Parcel([[2], writer.file]).bytes,
      Parcel([[1]] + entries).bytes, Parcel([[13]] + entries).bytes, Parcel([[18], plain, other.file]).bytes,
    ]
  }

  private static func savedModelSeeds() -> [[UInt8]] {
    var graph = SavedModelWriter.Graph()
    graph.objects = [([("layer-0", 1), ("layer-1", 2)], nil), ([], ("v0", true)), ([("loop", 0)], ("v1", false))]
    let metadata = SavedModelWriter.kerasMetadata([
      ("root", "_tf_keras_sequential", #"{"class_name": "Sequential", "training_config": {"a": [1, {"b": NaN}]}}"#)
    ])
    let name = "variables/variables"
    let files = bundle(shardCount: 1).files(name)
    let index = files[name + ".index"] ?? []
    let data = files[name + ".data-00000-of-00001"] ?? []
    let fingerprint = Message { $0.unsigned(5, index.withUnsafeBytes(Fingerprint64.of)) }.bytes
    var seeds: [[UInt8]] = []
    for isDescending in [false, true] {
      graph.descending = isDescending
      let model = SavedModelWriter(graphs: [graph, SavedModelWriter.Graph(tags: ["train", "gpu"])]).bytes
      seeds.append(Parcel([[0], model, metadata, fingerprint, index, data]).bytes)
      seeds.append(Parcel([[0], model, [], [], index, data]).bytes)
      seeds.append(Parcel([[0], model]).bytes)
    }
    return seeds
  }

  /// Constants stored at once, listed and in shorthand, and one in a function.
  static let graph = Message { graph in
    func constant(
      _ message: inout Message, _ field: Int, _ name: String, _ type: ElementType, _ shape: [Int],
      _ value: (inout Message) -> Void
    ) {
      let tensor = Message {
        $0.number(1, Int(type.rawValue))
        $0.shape(2, shape)
        value(&$0)
      }
      message.message(field) {
        $0.text(1, name)
        $0.text(2, "Const")
        $0.entry(5, key: "dtype") { $0.number(6, Int(type.rawValue)) }
        $0.entry(5, key: "value") { $0.data(8, tensor.bytes) }
      }
    }
    constant(&graph, 1, "weights", .float32, [2, 2]) { $0.data(4, floats([1, 2, 3, 4])) }
    constant(&graph, 1, "listed", .int32, [3]) { $0.data(7, [1, 2, 3]) }
    constant(&graph, 1, "one for all", .float32, [10]) { $0.data(5, floats([1.5])) }
    constant(&graph, 1, "last repeats", .int16, [5]) { $0.data(7, [7, 8]) }
    constant(&graph, 1, "zeros", .float64, [2, 3]) { _ in }
    constant(&graph, 1, "tiny", .float8e5m2, [2]) { $0.data(18, [1, 2]) }
    constant(&graph, 1, "words", .string, [1]) { $0.text(8, "text") }
    graph.message(2) { library in
      library.message(1) { function in
        function.message(1) { $0.text(1, "inner") }
        constant(&function, 3, "bias", .float32, [1]) { $0.data(4, floats([9])) }
      }
    }
    graph.message(4) { $0.number(1, 1395) }
  }.bytes

  private static func safetensorsSeeds() -> [[UInt8]] {
    let header = Array(
      #"""
      {"__metadata__": {"format": "pt", "note": "a \"b\" \u00e9 \ud83d\ude00"},
       "layer.0.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
       "half": {"data_offsets": [24, 28], "shape": [2], "dtype": "BF16"},
       "scalar": {"dtype": "I64", "shape": [], "data_offsets": [28, 36]},
       "empty": {"dtype": "F32", "shape": [2, 0], "data_offsets": [36, 36]},
       "packed": {"dtype": "F4", "shape": [4], "data_offsets": [36, 38]}}  
      """#.utf8)
    let data = (0..<38).map { UInt8($0) }
    let other = Array(#"{"bias": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}"#.utf8)
    let index = Array(
      #"""
      {"metadata": {"total_size": 40}, "weight_map": {"layer.0.weight": "a.safetensors", "half": "a.safetensors",
       "scalar": "a.safetensors", "empty": "a.safetensors", "packed": "a.safetensors", "bias": "b.safetensors"}}
      """#.utf8)
    return [
      Parcel([[0], header, data]).bytes, Parcel([[1], littleEndian(UInt64(header.count)) + header + data]).bytes,
      Parcel([[2], header, data, other, [1, 2, 3, 4], index]).bytes,
    ]
  }

  private static func numPySeeds() -> [[UInt8]] {
    func header(_ descriptor: String, _ shape: String, fortran: Bool = false) -> [UInt8] {
      Array("{'descr': \(descriptor), 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n".utf8)
    }
    let arrays = [
      header("'<f4'", "(2, 3)"), (0..<24).map { UInt8($0) }, header("'>c8'", "(1, 2)"), (0..<16).map { UInt8($0) },
      header("'>i2'", "(2, 3, 2)", fortran: true), (0..<24).map { UInt8($0) }, header("'|O'", "(1,)"), [0x80, 4],
      header("[('a', '<f4'), ('b', '<i4')]", "(1,)"), [UInt8](repeating: 0, count: 8), header("'|b1'", "()"), [1],
    ]
    func file(_ index: Int) -> [UInt8] {
      NumPyHeader.magic + [1, 0] + littleEndian(UInt16(arrays[index].count)) + arrays[index] + arrays[index + 1]
    }
    var seeds: [[UInt8]] = []
    for index in stride(from: 0, to: arrays.count, by: 2) {
      seeds.append(Parcel([[1], arrays[index], arrays[index + 1]]).bytes)
      seeds.append(Parcel([[0], file(index)]).bytes)
    }
    for flags in [3, 7] as [UInt8] { seeds.append(Parcel([[flags]] + arrays).bytes) }
    for isDeflated in [false, true] {
      for is64Bit in [false, true] {
        var zip = ZipWriter()
        zip.is64Bit = is64Bit
        zip.comment = Array("a comment".utf8)
        for index in stride(from: 0, to: arrays.count, by: 2) {
          zip.add("dense/\(index).npy", file(index), deflated: isDeflated, is64Bit: is64Bit)
        }
        zip.add("folder/", [])
        seeds.append(Parcel([[8], zip.bytes]).bytes)
      }
    }
    return seeds
  }
}

private func floats(_ values: [Float]) -> [UInt8] { bytes(values) }
