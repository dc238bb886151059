import Tensors

/// The file that holds a SavedModel's graph, as a message, as text or in chunks.
///
/// ## Source
/// TensorFlow, `ReadSavedModel` in `cc/saved_model/reader.cc`: the first of these that is there is the one.
enum GraphFile: String, CaseIterable {
  case binary = "saved_model.pb"
  case text = "saved_model.pbtxt"
  case chunks = "saved_model.cpb"

  /// Finds the graph of the model in `folder`.
  static func find(in folder: String) -> GraphFile? {
    allCases.first { FileStatus.find(Paths.join(folder, $0.rawValue)) != nil }
  }

  /// Reads the message that the file holds or stands for.
  func read(in folder: String) throws(CheckpointError) -> MessageSource {
    let file = try RandomAccessFile.opened(Paths.join(folder, rawValue))
    try GitLFS.refusePointer(file)
    guard file.size > 0 else { throw .truncated(file: file.path, offset: 0, expected: 1, found: 0) }
    switch self {
    case .binary: return .file(file)
    case .text: return try .text(file, as: "SavedModel")
    case .chunks: return .memory(try ChunkedMessage.read(file), path: file.path)
    }
  }
}
