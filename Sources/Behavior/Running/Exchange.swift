import Checkpoints
import Comparison
import Foundation
import Results
import TensorFlowRuntime
import Tensors

/// A runnable model whose weights can be put in and taken out again.
///
/// The graph's own operation restores a checkpoint of which some tensors are another's, so that whatever the model reads its
/// weights from is replaced too.
struct Exchange {
  let model: RunnableModel
  /// Every key of the model that holds a paired variable, by the key that stands for it: Keras 3 stores each twice, and the
  /// signature reads the second.
  private let copies: [String: [String]]
  private let hybrid: HybridCheckpoint
  private let restore: (filename: String, operation: String)

  /// - Parameter donor: The model that gives weights.
  /// - Throws: ``BehaviorError`` for a model that has nothing to restore; ``CheckpointError``.
  init(_ model: RunnableModel, catalogue: Catalogue, donor: RunnableModel) throws {
    guard let restore = model.interface.restore, let base = model.interface.variables else {
      throw BehaviorError(model.path, "has no variables to exchange")
    }
    guard let other = donor.interface.variables else {
      throw BehaviorError(donor.path, "has no variables to exchange")
    }
    self.model = model
    self.restore = restore
    hybrid = try HybridCheckpoint(base: base, donor: other)
    var copies: [String: [String]] = [:]
    for entry in catalogue.entries {
      let standing = entry.duplicateOf.map { catalogue.entries[$0].stored.key } ?? entry.stored.key
      copies[standing, default: []].append(entry.stored.key)
    }
    self.copies = copies
  }

  /// Restores the model with the donor's tensors under some of its keys.
  func put(replaced: [String: String] = [:], values: [String: [UInt8]] = [:]) throws {
    var allReplaced: [String: String] = [:]
    for (key, donated) in replaced { for copy in copies[key] ?? [key] { allReplaced[copy] = donated } }
    var allValues: [String: [UInt8]] = [:]
    for (key, bytes) in values { for copy in copies[key] ?? [key] { allValues[copy] = bytes } }
    // Needed while TensorFlow reads it, and gone before the model runs.
    let scratch = try ScratchFolder()
    defer { scratch.remove() }
    try load(try hybrid.write(to: scratch.path, replaced: allReplaced, values: allValues))
  }

  /// Restores the model's own weights.
  func takeOut() throws {
    if let base = model.interface.variables { try load(base) }
  }

  private func load(_ prefix: String) throws {
    _ = try model.session.run(
      [(restore.filename, TensorValue(texts: [prefix], shape: []))], targets: [restore.operation])
  }
}

/// A folder for a hybrid checkpoint.
private struct ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/equipoise-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
