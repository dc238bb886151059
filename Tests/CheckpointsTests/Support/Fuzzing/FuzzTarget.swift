import Foundation

@testable import Checkpoints
@testable import Tensors

/// A reader that is fuzzed: how an input becomes the files of a model.
///
/// Inputs are parcels. The first part's bits say how far the files are put right before they are read: where a length
/// or a checksum would turn away whatever was changed, the target can write it anew, so that what lies behind is
/// reached too.
enum FuzzTarget: String, CaseIterable, Sendable {
  case tensorBundle = "TensorBundle"
  case tensorSlices = "TensorSlices"
  case savedModel = "SavedModel"
  case frozenGraph = "FrozenGraph"
  case safetensors = "Safetensors"
  case numPy = "NumPy"
  case kerasArchive = "KerasArchive"
  case kerasHDF5 = "KerasHDF5"

  /// Whether HDF5 itself parses what is damaged.
  var usesHDF5: Bool { self == .kerasArchive || self == .kerasHDF5 }

  struct Files {
    var content: [String: [UInt8]] = [:]
    /// What a user would pass.
    var path: String
  }

  func files(from input: [UInt8]) -> Files {
    let parcel = Parcel(input)
    switch self {
    case .tensorBundle: return Self.bundle(parcel)
    case .tensorSlices: return Self.slices(parcel)
    case .savedModel: return Self.savedModel(parcel)
    case .frozenGraph:
      let name = parcel.has(0) ? "graph.pbtxt" : "graph.pb"
      return Files(content: [name: parcel[1]], path: name)
    case .safetensors: return Self.safetensors(parcel)
    case .numPy: return Self.numPy(parcel)
    case .kerasArchive: return Self.kerasArchive(parcel)
    case .kerasHDF5:
      let name = parcel.has(0) ? "model.weights.h5" : "model.h5"
      return Files(content: [name: parcel[1]], path: name)
    }
  }

  /// Bit 0: entries instead of a table. Bit 1: checksums are written anew. Bit 2: Snappy. Bit 3: small blocks.
  private static func bundle(_ parcel: Parcel) -> Files {
    var files = Files(path: "model")
    guard parcel.has(0) else {
      var index = parcel[1]
      if parcel.has(1) { ChecksumRepair.table(&index) }
      let shards = parcel.parts.dropFirst(2).prefix(4)
      files.content["model.index"] = index
      for (number, shard) in shards.enumerated() {
        files.content["model.data-0000\(number)-of-0000\(shards.count)"] = shard
      }
      return files
    }
    var entries = Self.entries(parcel, from: 3)
    var shards = [parcel[1], parcel[2]]
    if parcel.has(1) { ChecksumRepair.tensors(&entries, &shards) }
    files.content["model.index"] = table(parcel).table(entries)
    let count = shards[1].isEmpty ? 1 : 2
    for number in 0..<count { files.content["model.data-0000\(number)-of-0000\(count)"] = shards[number] }
    return files
  }

  private static func entries(_ parcel: Parcel, from start: Int) -> [(key: [UInt8], value: [UInt8])] {
    stride(from: start, to: parcel.parts.count, by: 2).map { (parcel[$0], parcel[$0 + 1]) }
  }

  private static func table(_ parcel: Parcel) -> TableWriter {
    var table = TableWriter()
    if parcel.has(2) { table.compression = .copies }
    if parcel.has(3) { table.entriesPerBlock = 2 }
    return table
  }

  /// Bits as of ``bundle(_:)``; bit 4: two files.
  private static func slices(_ parcel: Parcel) -> Files {
    if parcel.has(0) {
      return Files(content: ["model.ckpt": table(parcel).table(entries(parcel, from: 1))], path: "model.ckpt")
    }
    var tables = Array(parcel.parts.dropFirst().prefix(parcel.has(4) ? 2 : 1))
    if parcel.has(1) { for index in tables.indices { ChecksumRepair.table(&tables[index]) } }
    guard tables.count == 2 else { return Files(content: ["model.ckpt": tables.first ?? []], path: "model.ckpt") }
    return Files(
      content: ["model-00000-of-00002": tables[0], "model-00001-of-00002": tables[1]], path: "model-00000-of-00002")
  }

  /// Graph, Keras' metadata, fingerprint, index, data. Bit 0: the graph is text.
  private static func savedModel(_ parcel: Parcel) -> Files {
    var files = Files(path: "model")
    let names = [
      parcel.has(0) ? "saved_model.pbtxt" : "saved_model.pb", "keras_metadata.pb", "fingerprint.pb",
      "variables/variables.index", "variables/variables.data-00000-of-00001",
    ]
    for (number, name) in names.enumerated() where !parcel[number + 1].isEmpty {
      files.content["model/" + name] = parcel[number + 1]
    }
    return files
  }

  /// Pairs of header and data. Bit 0: the first part is the whole file. Bit 1: the last part is an index.
  private static func safetensors(_ parcel: Parcel) -> Files {
    var files = Files(path: "model.safetensors")
    guard !parcel.has(0) else {
      files.content[files.path] = parcel[1]
      return files
    }
    func file(_ part: Int) -> [UInt8] { littleEndian(UInt64(parcel[part].count)) + parcel[part] + parcel[part + 1] }
    guard parcel.has(1) else {
      files.content[files.path] = file(1)
      return files
    }
    files.path = "model.safetensors.index.json"
    files.content["a.safetensors"] = file(1)
    files.content["b.safetensors"] = file(3)
    files.content[files.path] = parcel[5]
    return files
  }

  /// Bit 0: pairs of header and data instead of whole files. Bit 1: a zip archive. Bit 2: deflated. Bit 3: the archive
  /// as it is.
  private static func numPy(_ parcel: Parcel) -> Files {
    if parcel.has(3) { return Files(content: ["model.npz": parcel[1]], path: "model.npz") }
    var arrays = Array(parcel.parts.dropFirst())
    if parcel.has(0) {
      arrays = stride(from: 1, to: parcel.parts.count, by: 2).map { part in
        NumPyHeader.magic + [1, 0] + littleEndian(UInt16(truncatingIfNeeded: parcel[part].count)) + parcel[part]
          + parcel[part + 1]
      }
    }
    guard parcel.has(1) else { return Files(content: ["array.npy": arrays.first ?? []], path: "array.npy") }
    var zip = ZipWriter()
    for (number, array) in arrays.enumerated() { zip.add("a\(number).npy", array, deflated: parcel.has(2)) }
    return Files(content: ["model.npz": zip.bytes], path: "model.npz")
  }

  /// Configuration, metadata, weights. Bit 0: the first part is the archive. Bit 1: deflated.
  private static func kerasArchive(_ parcel: Parcel) -> Files {
    if parcel.has(0) { return Files(content: ["model.keras": parcel[1]], path: "model.keras") }
    var zip = ZipWriter()
    for (number, name) in ["config.json", "metadata.json", "model.weights.h5"].enumerated() {
      zip.add(name, parcel[number + 1], deflated: parcel.has(1))
    }
    return Files(content: ["model.keras": zip.bytes], path: "model.keras")
  }
}
