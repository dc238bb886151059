import Tensors
import Threads

extension MetaGraph {
  /// Signatures, counts of operations and functions, and assets, as an object.
  ///
  /// - Complexity: O(graph), reading of each node no more than its operation.
  func structure(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    var graphs = OperationCount()
    if let graph {
      let lists: [String: JSONValue]
      (graphs, lists) = try Self.contents(bytes, graph)
      if !lists.isEmpty { result["text_constants"] = .object(lists) }
    }
    result["nodes"] = .integer(graphs.nodes)
    result["functions"] = .integer(graphs.functions)
    result["operations"] = .object(graphs.operations.mapValues { .integer($0) })
    var signatures: [String: JSONValue] = [:]
    for entry in self.signatures {
      let reader = WireReader(bytes, entry)
      let (key, value) = try reader.mapEntry(entry)
      signatures[reader.text(key)] = try Self.signature(bytes, value)
    }
    result["signatures"] = .object(signatures)
    let assets = Set(try self.assets(bytes).values)
    if !assets.isEmpty { result["assets"] = .array(assets.sorted().map { .string($0) }) }
    let names = try collections.map { (entry) throws(WireError) in
      let reader = WireReader(bytes, entry)
      return reader.text(try reader.mapEntry(entry).key)
    }
    if !names.isEmpty { result["collections"] = .array(names.sorted().map { .string($0) }) }
    return result
  }

  /// Operations and constants that are texts: two passes over the nodes, side by side where these are many.
  private static func contents(
    _ bytes: UnsafeRawBufferPointer, _ graph: Range<Int>
  ) throws(WireError) -> (OperationCount, [String: JSONValue]) {
    nonisolated(unsafe) let bytes = bytes
    let operations: @Sendable () throws(WireError) -> OperationCount = { () throws(WireError) in
      var result = OperationCount()
      try result.countGraph(bytes, graph)
      return result
    }
    let texts: @Sendable () throws(WireError) -> [String: JSONValue] = { () throws(WireError) in
      try TextConstant.all(in: bytes, graph)
    }
    return graph.count < 1 << 20 ? (try operations(), try texts()) : try both(operations, texts)
  }

  /// Names of assets' files by the nodes that hold their paths.
  ///
  /// ## Source
  /// TensorFlow, `AssetFileDef` in `core/protobuf/meta_graph.proto`.
  func assets(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [String: String] {
    var result: [String: String] = [:]
    for asset in try assetFiles + assetsInCollections(bytes) {
      var file: String?
      var node = ""
      var reader = WireReader(bytes, asset)
      while let field = try reader.next() {
        guard let part = field.range else { continue }
        if field.number == 2 { file = reader.text(part) }
        guard field.number == 1 else { continue }
        var tensor = WireReader(bytes, part)
        while let field = try tensor.next() {
          if field.number == 1, let name = field.range { node = variableName(tensor.text(name)) }
        }
      }
      // Without a node an asset is listed all the same.
      if let file { result[node.isEmpty ? "^\(file)" : node] = file }
    }
    return result
  }

  /// Assets as the first TensorFlow lists them, while its list of files is empty.
  ///
  /// ## Source
  /// TensorFlow, `ASSETS_KEY` in `python/saved_model/constants.py`.
  private func assetsInCollections(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for entry in collections {
      let reader = WireReader(bytes, entry)
      let (key, value) = try reader.mapEntry(entry)
      guard reader.isEqual(key, "saved_model_assets") else { continue }
      // CollectionDef.any_list, its values, and the content of each.
      var level = [value]
      for number in [5, 1, 2] {
        var inner: [Range<Int>] = []
        for range in level {
          var content = WireReader(bytes, range)
          while let field = try content.next() {
            if field.number == number, let part = field.range { inner.append(part) }
          }
        }
        level = inner
      }
      result += level
    }
    return result
  }

  /// ## Source
  /// TensorFlow, `SignatureDef` in `core/protobuf/meta_graph.proto`.
  private static func signature(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) -> JSONValue {
    var inputs: [String: JSONValue] = [:]
    var outputs: [String: JSONValue] = [:]
    var result: [String: JSONValue] = [:]
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1, 2:
        let (key, value) = try reader.mapEntry(part)
        let tensor = try tensorInformation(bytes, value)
        if field.number == 1 { inputs[reader.text(key)] = tensor } else { outputs[reader.text(key)] = tensor }
      case 3: result["method"] = .string(reader.text(part))
      default: break
      }
    }
    result["inputs"] = .object(inputs)
    result["outputs"] = .object(outputs)
    return .object(result)
  }

  private static func tensorInformation(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(WireError) -> JSONValue {
    var result: [String: JSONValue] = [:]
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let name)): result["tensor"] = .string(reader.text(name))
      case (2, .varint): result["dtype"] = .string(elementTypeName(field.int ?? 0))
      case (3, .bytes(let shape)):
        let dimensions = try TensorShapeMessage(bytes, shape).dimensions
        result["shape"] = dimensions.map { .array($0.map { .integer($0) }) } ?? .null
      case (4, .bytes): result["encoding"] = .string("sparse")
      case (5, .bytes): result["encoding"] = .string("composite")
      default: break
      }
    }
    return .object(result)
  }

  /// Names of the variables that a TF1 graph lists as trained; `nil` when it lists none.
  ///
  /// ## Source
  /// TensorFlow, `core/framework/variable.proto`; `GraphKeys.TRAINABLE_VARIABLES` in `python/framework/ops.py`.
  func trainableNames(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Set<String>? {
    for entry in collections {
      let reader = WireReader(bytes, entry)
      let (key, value) = try reader.mapEntry(entry)
      guard reader.isEqual(key, "trainable_variables") else { continue }
      var names = Set<String>()
      var collection = WireReader(bytes, value)
      while let field = try collection.next() {
        guard field.number == 2, let list = field.range else { continue }
        var items = WireReader(bytes, list)
        while let field = try items.next() {
          guard field.number == 1, let item = field.range else { continue }
          var variable = WireReader(bytes, item)
          while let field = try variable.next() {
            if field.number == 1, let name = field.range { names.insert(variableName(variable.text(name))) }
          }
        }
      }
      return names
    }
    return nil
  }
}

/// TensorFlow's name of a type number, or the number.
func elementTypeName(_ number: Int) -> String {
  let base = number > 100 ? number - 100 : number
  guard let type = Int32(exactly: base).flatMap(ElementType.init(rawValue:)), type != .unknown else {
    return "type \(number)"
  }
  return number > 100 ? type.name + "_ref" : type.name
}

/// Counts of operations in a graph and its functions.
///
/// ## Source
/// TensorFlow, `core/framework/{graph,function,node_def}.proto`.
struct OperationCount {
  private(set) var nodes = 0
  private(set) var functions = 0
  /// A graph has many nodes and few operations: their names are compared where they lie.
  private var counts: [(name: [UInt8], count: Int)] = []
  /// Indices into `counts` by the name's hash; names may share one.
  private var indices: [UInt64: [Int]] = [:]

  /// By name of the operation.
  var operations: [String: Int] {
    counts.reduce(into: [:]) { $0[String(decoding: $1.name, as: UTF8.self), default: 0] += $1.count }
  }

  /// Counts the `GraphDef` in `range`.
  mutating func countGraph(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard let part = field.range else { continue }
      if field.number == 1 {
        nodes += 1
        try countNode(bytes, part)
      } else if field.number == 2 {
        var library = WireReader(bytes, part)
        while let field = try library.next() {
          guard field.number == 1, let function = field.range else { continue }
          functions += 1
          var content = WireReader(bytes, function)
          while let field = try content.next() {
            if field.number == 3, let node = field.range { try countNode(bytes, node) }
          }
        }
      }
    }
  }

  private mutating func countNode(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard field.number == 2, let name = field.range else { continue }
      count(reader.slice(name))
      return
    }
  }

  private mutating func count(_ name: UnsafeRawBufferPointer) {
    let hash = Fingerprint64.of(name)
    let known = indices[hash]?.first {
      counts[$0].name.count == name.count && counts[$0].name.elementsEqual(name)
    }
    if let known {
      counts[known].count += 1
    } else {
      indices[hash, default: []].append(counts.count)
      counts.append((Array(name), 1))
    }
  }
}
