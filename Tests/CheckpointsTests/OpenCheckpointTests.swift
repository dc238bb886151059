import Foundation
import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct OpenCheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func error(_ name: String) -> CheckpointError? {
    failure { () throws(CheckpointError) in _ = try openCheckpoint(at: name.isEmpty ? folder.path : folder.file(name)) }
  }

  private func expect(
    _ name: String, _ kind: String, _ words: String..., location: SourceLocation = #_sourceLocation
  ) {
    let error = error(name)
    #expect(error?.kind == kind, "\(error as Any)", sourceLocation: location)
    for word in words {
      #expect(error?.description.contains(word) == true, "\(error as Any)", sourceLocation: location)
    }
  }

  private func bundle(_ prefix: String, _ value: Float = 1) -> [String: [UInt8]] {
    var writer = BundleWriter()
    writer.add("weights", [value])
    return writer.files(prefix)
  }

  @Test func anyFileOfACheckpointLeadsToIt() throws {
    try folder.write(bundle("ckpt-1"))
    try folder.write("ckpt-1.meta", [1])
    for name in ["ckpt-1", "ckpt-1.index", "ckpt-1.data-00000-of-00001", "ckpt-1.meta", ""] {
      let path = name.isEmpty ? folder.path : folder.file(name)
      let model = try openCheckpoint(at: path)
      #expect(model.tensors.map(\.key) == ["weights"], "\(name)")
      #expect(model.model.path == path)
      #expect(Set(model.model.files.keys) == ["ckpt-1.index", "ckpt-1.data-00000-of-00001", "ckpt-1.meta"])
    }
  }

  @Test func stateFileNamesTheLatest() throws {
    try folder.write(bundle("ckpt-1", 1))
    try folder.write(bundle("ckpt-2", 2))
    for text in [
      "model_checkpoint_path: \"ckpt-2\"\nall_model_checkpoint_paths: \"ckpt-1\"\n",
      "all_model_checkpoint_paths: \"ckpt-1\"\n  model_checkpoint_path : 'ckpt-\\062'\n",
      "model_checkpoint_path: \"/somewhere/else/ckpt-2\"\n",
    ] {
      try folder.write("checkpoint", Array(text.utf8))
      for path in [folder.path, folder.file("checkpoint")] {
        let model = try openCheckpoint(at: path)
        #expect(try model.contents(model.tensors[0]) == bytes([Float(2)]), "\(text)")
        #expect(model.model.warnings.isEmpty == !text.contains("/"))
      }
    }
    try folder.write("checkpoint", Array("model_checkpoint_path: \"ckpt-9\"\n".utf8))
    expect("", "notFound", "ckpt-9", "ckpt-2")
    try folder.write("checkpoint", Array("nothing\n".utf8))
    expect("", "corrupt", "model_checkpoint_path")
    try folder.write("checkpoint", Array("model_checkpoint_path: \"no end\n".utf8))
    expect("", "corrupt", "model_checkpoint_path")
    try folder.write("checkpoint", Array("model_checkpoint_path: \"x-?????-of-00003\"\n".utf8))
    expect("", "notFound", "x-?????-of-00003")
  }

  @Test func missingIndexIsNamed() throws {
    try folder.write(bundle("model.ckpt"))
    try folder.remove("model.ckpt.index")
    for name in ["model.ckpt", "model.ckpt.data-00000-of-00001"] { expect(name, "notFound", "model.ckpt.index") }
    expect("", "notFound", "without its index")
  }

  @Test func wrongPathsAreAnswered() throws {
    try folder.write(bundle("run/ckpt-10"))
    expect("run/ckpt-11", "notFound", "did you mean", "run/ckpt-10'")
    expect("rum/ckpt-10", "notFound", "run'")
    expect("run/ckpt-10.index/inside", "notFound", "is a file")
    #expect(failure { () throws(CheckpointError) in _ = try openCheckpoint(at: "") }?.kind == "notFound")
    #expect(failure { () throws(CheckpointError) in _ = try openCheckpoint(at: "/") }?.kind == "notFound")
    #expect(
      failure { () throws(CheckpointError) in _ = try openCheckpoint(at: folder.path + "\0x") }?.kind == "notFound")
    expect(String(repeating: "x", count: 5000), "io")
  }

  @Test func foldersAreExplained() throws {
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    expect("empty", "notFound", "empty")
    try folder.write("several/1/saved_model.pb", SavedModelWriter().bytes)
    expect("several", "notFound", "deeper", "several/1")
    try folder.write("several/2/saved_model.pb", SavedModelWriter().bytes)
    expect("several", "notFound", "2 models", "several/1", "several/2")
    try folder.write(bundle("two/a"))
    try folder.write(bundle("two/b"))
    expect("two", "notFound", "2 models", "two/a'")
    try folder.write("old/x-00000-of-00001", TableWriter().table([([], Message { $0.message(1) { _ in } }.bytes)]))
    expect("old", "notFound", "old/x-00000-of-00001")
    try folder.write("other/notes.txt", [1])
    expect("other", "notFound", "notes.txt")
    try folder.write("text/saved_model.pbtxt", Array("saved_model_schema_version: 1".utf8))
    expect("text", "corrupt", "no meta graph")
    try folder.write("chunks/saved_model.cpb", [1])
    expect("chunks", "truncated", "saved_model.cpb")
  }

  @Test func otherFormatsAreNamed() throws {
    let zip: [UInt8] = [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0]
    for (name, content, words) in [
      ("a.pt", zip, "PyTorch"), ("a.zip", zip, "zip"),
      ("a.onnx", [8, 7], "ONNX"), ("a.tflite", [0, 0, 0, 0] + Array("TFL3".utf8), "TensorFlow Lite"),
      ("a.pb", [0x08, 1], "neither a graph"),
      ("a.pkl", [0x80, 4], "pickle"),
      ("fingerprint.pb", [8, 1], "pass the folder"), ("what", [1, 2, 3], "01 02 03"),
    ] as [(String, [UInt8], String)] {
      try folder.write(name, content)
      expect(name, "unsupported", words)
    }
    try folder.write("a.pbtxt", Array("item { name: 'cat' }".utf8))
    expect("a.pbtxt", "corrupt", "no graph")
    try folder.write("zero", [])
    expect("zero", "truncated")
    try folder.write("pointer.h5", Array("version https://git-lfs.github.com/spec/v1\n".utf8))
    expect("pointer.h5", "notFound", "git lfs pull")
    try folder.write("lonely.meta", [1, 2, 3])
    expect("lonely.meta", "notFound", "index is missing")
  }

  @Test func tablesAreToldApart() throws {
    let first = Message { $0.message(1) { $0.message(2) { $0.number(1, 1) } } }.bytes
    try folder.write("model.ckpt", TableWriter().table([([], first)]))
    #expect(try openCheckpoint(at: folder.file("model.ckpt")).model.format == "V1 checkpoint")
    try folder.write("renamed", bundle("x")["x.index"] ?? [])
    expect("renamed", "unsupported", "does not end in '.index'")
    var damaged = TableWriter().table([([], first)])
    damaged[3] ^= 1
    try folder.write("damaged", damaged)
    expect("damaged", "corrupt", "checksum")
    try folder.write("checkpoint", Array("model_checkpoint_path: \"model.ckpt\"".utf8))
    #expect(try openCheckpoint(at: folder.path).model.format == "V1 checkpoint")
  }

  @Test func tagsNeedASavedModel() throws {
    try folder.write(bundle("ckpt-1"))
    let error = failure { () throws(CheckpointError) in
      _ = try openCheckpoint(at: folder.file("ckpt-1"), tag: "serve")
    }
    #expect(error?.kind == "unsupported")
  }

  @Test(.timeLimit(.minutes(30))) func pipesAreNotWaitedFor() throws {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(mkfifo(folder.file("other.index"), 0o600) == 0)
    expect("pipe", "io", "pipe")
    expect("other.index", "io", "pipe")
    try FileManager.default.createDirectory(atPath: folder.file("model"), withIntermediateDirectories: true)
    #expect(mkfifo(folder.file("model/saved_model.pb"), 0o600) == 0)
    expect("model", "io", "pipe")
    try FileManager.default.createDirectory(atPath: folder.file("state"), withIntermediateDirectories: true)
    #expect(mkfifo(folder.file("state/checkpoint"), 0o600) == 0)
    expect("state", "notFound")
  }

  @Test(.enabled(if: getuid() != 0)) func permissionIsNamed() throws {
    try folder.write(bundle("ckpt-1"))
    chmod(folder.file("ckpt-1.index"), 0)
    expect("ckpt-1", "io", "permission denied")
    chmod(folder.file("ckpt-1.index"), 0o600)
    chmod(folder.file("ckpt-1.data-00000-of-00001"), 0)
    let model = try openCheckpoint(at: folder.file("ckpt-1"))
    #expect(failure { () throws(CheckpointError) in try model.verify(model.tensors[0]) }?.kind == "io")
  }
}
