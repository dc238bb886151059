import Tensors

/// Hugging Face's safetensors: one file, or several with an index (`model.safetensors.index.json`).
public enum SafetensorsFormat: CheckpointFormat {
  public static let name = "safetensors"
  private static let ending = ".safetensors"
  private static let indexEnding = ".safetensors.index.json"

  public static func recognizes(_ path: String) -> Bool {
    let lower = path.lowercased()
    guard FileStatus.find(path).map({ $0.kind != .directory }) == true else { return false }
    if lower.hasSuffix(ending) || lower.hasSuffix(indexEnding) { return true }
    guard let file = try? RandomAccessFile(path: path), file.size >= 9,
      let head = try? file.bytes(at: 0, count: 9).withBytes({ Array($0) })
    else { return false }
    return head[8] == UInt8(ascii: "{") && head[5...7].allSatisfy { $0 == 0 }
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag { throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel") }
    if path.lowercased().hasSuffix(indexEnding) { return try sharded(path) }
    return try single(path)
  }

  private static func describe(
    _ path: String, _ files: [RandomAccessFile], _ metadata: [String: JSONValue]
  ) -> ModelDescription {
    var model = ModelDescription(path: path, format: name)
    model.folder = Paths.folder(path)
    for file in files { model.files[Paths.name(file.path)] = file.size }
    model.metadata = .object(metadata)
    return model
  }

  private static func single(_ path: String) throws(CheckpointError) -> any Checkpoint {
    let file = try RandomAccessFile.opened(path)
    let header = try SafetensorsHeader(file)
    var arrays: [StoredArray] = []
    for entry in header.entries { arrays.append(try entry.array(in: file, number: 0, dataStart: header.dataStart)) }
    var model = describe(path, [file], header.metadata.mapValues { .string($0) })
    if let total = shardCount(Paths.name(path)), total > 1 {
      model.warnings.append(
        "This is one of \(total) files of a model; pass the file that ends in '\(indexEnding)' for all of it.")
    }
    return ArrayCheckpoint(model: model, arrays: arrays, files: [file])
  }

  /// The number of files in `model-00001-of-00003.safetensors`.
  private static func shardCount(_ name: String) -> Int? {
    name.dropLast(ending.count).split(separator: "-of-").dropFirst().last.flatMap { Int($0) }
  }

  /// ## Source
  /// huggingface/huggingface_hub, `serialization/_base.py`, `_torch.py`: `metadata`, `weight_map`.
  private static func sharded(_ path: String) throws(CheckpointError) -> any Checkpoint {
    let index = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(index)
    var map: [String: String] = [:]
    let contents = try index.contents(limit: SafetensorsHeader.largest)
    var metadata: [String: JSONValue] = [:]
    do {
      try contents.withBytes { (text) throws(JSONScanner.Failure) in
        var scanner = JSONScanner(text)
        var hasMap = false
        try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
          guard name == "weight_map", !hasMap else { return try scanner.skip() }
          hasMap = true
          try scanner.object { (scanner, tensor) throws(JSONScanner.Failure) in
            guard map[tensor] == nil else { throw scanner.failure("the name '\(tensor)' occurs twice") }
            map[tensor] = try scanner.string()
          }
        }
        try scanner.end()
        if !hasMap { throw scanner.failure("no 'weight_map' says which file holds which tensor") }
      }
    } catch {
      throw .corrupt(file: path, offset: error.offset, reason: "the index is damaged: \(error.reason)")
    }
    if let parsed = try? ParsedJSON(contents.withBytes { Array($0) }),
      case .object(let members)? = parsed.value["metadata"]
    {
      metadata = members
    }

    var files: [RandomAccessFile] = [index]
    var arrays: [StoredArray] = []
    for name in Set(map.values).sorted() {
      // An index names files beside it; anything else would read what the user did not pass.
      guard !name.isEmpty, !name.contains("/"), !name.contains("\0"), name != "." && name != ".." else {
        throw .corrupt(file: path, offset: 0, reason: "'\(name)' is no name of a file beside the index")
      }
      let place = Paths.join(Paths.folder(path), name)
      guard FileStatus.find(place) != nil else {
        throw .notFound(
          file: place, reason: "the index names this file, which is missing; fetch all files of the model")
      }
      let file = try RandomAccessFile.opened(place)
      let header = try SafetensorsHeader(file)
      var listed = 0
      for entry in header.entries where map[entry.name] == name {
        arrays.append(try entry.array(in: file, number: files.count, dataStart: header.dataStart))
        listed += 1
      }
      let wanted = map.filter { $0.value == name }
      guard listed == wanted.count else {
        let known = Set(header.entries.map(\.name))
        let missing = wanted.keys.filter { !known.contains($0) }.sorted().first ?? ""
        throw .corrupt(
          file: place, offset: 8, reason: "the index expects the tensor '\(missing)' in this file, and it is not there")
      }
      metadata.merge(header.metadata.mapValues { .string($0) }) { first, _ in first }
      files.append(file)
    }
    return ArrayCheckpoint(model: describe(path, files, metadata), arrays: arrays, files: files)
  }
}
