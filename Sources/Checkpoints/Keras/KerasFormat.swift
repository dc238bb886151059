import HDF5
import Tensors

/// Keras models in HDF5: `.h5`, `.weights.h5`, several of these with a `.weights.json`, and `.keras` archives.
///
/// ## Source
/// Keras 2 and 3, `saving/legacy/hdf5_format.py`; Keras 3, `saving/saving_lib.py` (`H5IOStore`, `ShardedH5IOStore`).
public enum KerasFormat: CheckpointFormat {
  public static let name = "Keras"
  private static let indexEnding = ".weights.json"
  private static let archiveEnding = ".keras"
  /// No configuration is longer.
  private static let largestText = 256 << 20

  public static func recognizes(_ path: String) -> Bool {
    let lower = path.lowercased()
    guard FileStatus.find(path).map({ $0.kind != .directory }) == true else { return false }
    if [indexEnding, archiveEnding, ".h5", ".hdf5"].contains(where: lower.hasSuffix) { return true }
    guard let file = try? RandomAccessFile(path: path), file.size >= 8 else { return false }
    let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    return (try? file.bytes(at: 0, count: 8).withBytes { $0.elementsEqual(magic) }) == true
  }

  public static func open(_ path: String, tag: String?) throws(CheckpointError) -> any Checkpoint {
    if let tag { throw .unsupported(file: path, reason: "tags ('\(tag)') choose a graph of a SavedModel") }
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    guard file.size > 0 else { throw .truncated(file: path, offset: 0, expected: 1, found: 0) }
    var model = ModelDescription(path: path, format: "")
    model.folder = Paths.folder(path)
    model.files = [Paths.name(path): file.size]
    let isArchive = try file.bytes(at: 0, count: min(2, file.size)).withBytes { $0.elementsEqual([0x50, 0x4b]) }
    let lower = path.lowercased()
    if isArchive || lower.hasSuffix(archiveEnding) { return try archive(file, model) }
    if lower.hasSuffix(indexEnding) { return try sharded(file, model) }
    return try single(path, model)
  }

  private static func single(_ path: String, _ model: ModelDescription) throws(CheckpointError) -> any Checkpoint {
    let file = try WeightsFile(path: path, name: path)
    var model = model
    let attributes = file.attributes
    if attributes["Conventions"]?.hasPrefix("Equipoise-") == true, file.topLevel.contains("pairs") {
      throw .unsupported(
        file: path,
        reason: "two models were exported to this file; pass '\(path)/a' or '\(path)/b' for one of them")
    }
    let isNumbered = file.datasets.contains { KerasVariables.split($0.path) != nil } || file.objectNames[""] != nil
    switch true {
    case file.topLevel.contains("model_weights"): model.format = "Keras HDF5 model"
    case isNumbered: model.format = "Keras 3 weights"
    case attributes["keras_version"] != nil: model.format = "Keras HDF5 weights"
    default:
      model.format = "HDF5"
      model.warnings.append("Nothing in the file says that Keras wrote it; every dataset in it is listed.")
    }
    let configuration = KerasConfiguration(
      model: attributes["model_config"].map { Array($0.utf8) },
      training: attributes["training_config"].map { Array($0.utf8) }, version: attributes["keras_version"],
      backend: attributes["backend"])
    return try KerasWeights(model: model, files: [file], configuration: configuration)
  }

  private static func sharded(
    _ index: RandomAccessFile, _ model: ModelDescription
  ) throws(CheckpointError) -> any Checkpoint {
    var model = model
    model.format = "Keras 3 weights"
    let text = try index.contents(limit: largestText).withBytes { Array($0) }
    var files: [WeightsFile] = []
    let map = try weightMap(text, file: index.path)
    for name in Set(map.values.joined()).sorted() {
      let path = Paths.join(Paths.folder(index.path), name)
      guard let status = FileStatus.find(path) else {
        throw .notFound(file: path, reason: "the index names this file, which is missing; copy all files of the model")
      }
      try GitLFS.refusePointer(RandomAccessFile.opened(path))
      model.files[name] = status.size
      files.append(try WeightsFile(path: path, name: path))
    }
    try check(map, files)
    return try KerasWeights(model: model, files: files, configuration: KerasConfiguration(model: nil))
  }

  /// Which files hold the variables of each group.
  private static func weightMap(_ text: [UInt8], file: String) throws(CheckpointError) -> [String: [String]] {
    var map: [String: [String]] = [:]
    let corrupt = { (reason: String) in CheckpointError.corrupt(file: file, offset: 0, reason: reason) }
    guard let parsed = try? ParsedJSON(text), case .object(let entries)? = parsed.value["weight_map"] else {
      throw corrupt("the index is not valid JSON, or has no 'weight_map' that says which file holds which variables")
    }
    for (group, value) in entries {
      var names: [String] = []
      if let name = value.text { names = [name] }
      if case .array(let values) = value { names = values.compactMap(\.text) }
      guard !names.isEmpty else { throw corrupt("no file is named for '\(group)'") }
      for name in names where name.isEmpty || name.contains("/") || name.contains("\0") || [".", ".."].contains(name) {
        throw corrupt("'\(name)' is no name of a file beside the index")
      }
      map[group] = names
    }
    return map
  }

  private static func check(_ map: [String: [String]], _ files: [WeightsFile]) throws(CheckpointError) {
    for (group, names) in map.sorted(by: { $0.key < $1.key }) {
      let prefix = group.drop { $0 == "/" } + "/"
      for file in files where names.contains(Paths.name(file.name)) {
        guard file.datasets.contains(where: { $0.path.hasPrefix(prefix) }) else {
          throw .corrupt(
            file: file.name, offset: 0,
            reason: "the index expects variables of '\(group)' in this file, and none is there")
        }
      }
    }
  }

  private static func archive(
    _ file: RandomAccessFile, _ model: ModelDescription
  ) throws(CheckpointError) -> any Checkpoint {
    var model = model
    model.format = "Keras 3 model"
    let archive = try ZipArchive(file)
    func text(_ name: String) throws(CheckpointError) -> [UInt8]? {
      guard let member = archive.member(name) else { return nil }
      return try archive.contents(of: member, limit: largestText)
    }
    var files: [WeightsFile] = []
    if let member = archive.member("model.weights.h5") {
      files = [try takeOut(member, of: archive)]
    } else if let index = try text("model.weights.json") {
      let map = try weightMap(index, file: file.path)
      for name in Set(map.values.joined()).sorted() {
        guard let member = archive.member(name) else {
          throw .corrupt(
            file: file.path, offset: 0, reason: "the index in the archive names '\(name)', which is not there")
        }
        files.append(try takeOut(member, of: archive))
      }
      try check(map, files)
    } else {
      let shown = archive.members.prefix(5).map { "'\($0.name)'" }.joined(separator: ", ")
      throw .unsupported(
        file: file.path,
        reason: "an archive without 'model.weights.h5' (in it: \(shown)); save the model with Keras 3 as .keras")
    }
    var version: String?
    if let metadata = try text("metadata.json"), let parsed = try? ParsedJSON(metadata) {
      version = parsed.value["keras_version"]?.text
    } else {
      model.warnings.append("The archive has no valid 'metadata.json', so it is not known what wrote it.")
    }
    let config = try text("config.json")
    if config == nil { model.warnings.append("The archive has no 'config.json', so layers are not described.") }
    let configuration = KerasConfiguration(model: config, version: version)
    return try KerasWeights(model: model, files: files, configuration: configuration, isArchived: true)
  }

  /// Copies a member to where HDF5 can open it, checking its size and CRC-32 on the way.
  ///
  /// The copy has no name any more when this returns: the system frees it when the model is forgotten.
  private static func takeOut(_ member: ZipMember, of archive: ZipArchive) throws(CheckpointError) -> WeightsFile {
    let scratch = try ScratchFile(keepsName: true)
    defer { scratch.removeName() }
    var offset = 0
    try archive.forEachPiece(of: member) { (piece) throws(CheckpointError) in
      try scratch.write(piece, at: offset)
      offset += piece.count
      return true
    }
    return try WeightsFile(path: scratch.path, name: Paths.join(archive.file.path, member.name))
  }
}
