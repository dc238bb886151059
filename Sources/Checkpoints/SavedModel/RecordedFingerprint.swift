import Tensors

/// What `fingerprint.pb` records of a SavedModel's files.
///
/// ## Source
/// TensorFlow, `core/protobuf/fingerprint.proto`, `cc/saved_model/fingerprinting.cc`.
struct RecordedFingerprint {
  /// Fingerprint64 of the model as TensorFlow would write it deterministically; 0 where none is recorded.
  ///
  /// The file itself was often written in another order, so equality proves the file sound and inequality proves
  /// nothing.
  var savedModel: UInt64 = 0
  /// Fingerprint64 of `variables/variables.index`; 0 where none is recorded.
  var checkpoint: UInt64 = 0
  /// All that is recorded but for the random identifier, by the fields' names, in hexadecimal digits.
  var values: [String: String] = [:]

  private static let names = [
    1: "saved_model_checksum", 2: "graph_def_program_hash", 3: "signature_def_hash", 4: "saved_object_graph_hash",
    5: "checkpoint_hash",
  ]

  init(path: String) throws(CheckpointError) {
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    let contents = try file.contents(limit: 1 << 20)
    self = try contents.withBytes { (bytes) throws(CheckpointError) in
      try decoding("fingerprint", of: path) { () throws(WireError) in try RecordedFingerprint(bytes) }
    }
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard case .varint(let value) = field.value else { continue }
      if let name = Self.names[field.number] { values[name] = hexadecimalDigits(value) }
      if field.number == 1 { savedModel = value } else if field.number == 5 { checkpoint = value }
    }
  }

  /// Compares the index of the variables, which is written once and byte for byte as it was fingerprinted.
  func checkIndex(_ path: String, _ result: inout FileVerification) {
    guard checkpoint != 0 else { return }
    result.checked += 1
    do {
      let found = try Fingerprint64.of(try RandomAccessFile.opened(path))
      guard found != checkpoint else { return }
      result.failures.append(
        .corrupt(
          file: path, offset: 0,
          reason: "fingerprint.pb records \(hexadecimalDigits(checkpoint)), the file has \(hexadecimalDigits(found)); "
            + "the file was altered or belongs to another save"))
    } catch {
      result.failures.append(error)
    }
  }

  /// Counts the graph as checked where its bytes are those that were fingerprinted.
  func checkGraph(_ path: String, _ result: inout FileVerification) {
    guard savedModel != 0, let file = try? RandomAccessFile(path: path) else { return }
    if let found = try? Fingerprint64.of(file), found == savedModel { result.checked += 1 }
  }
}
