import Checkpoints
import HDF5
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One string tensor on its way from a model to a dataset, some elements at a time.
///
/// Elements may be any bytes; a string of HDF5 is UTF-8 without a NUL. A tensor with an element that is not is written
/// in Base64 throughout, with an attribute that says so.
struct StringCopy {
  private static let batchSize = 1 << 20, batchCount = 4_096

  private let tensor: StoredTensor
  private let checkpoint: any Checkpoint
  private let storage: StringStorage

  init(_ tensor: StoredTensor, of checkpoint: any Checkpoint, _ storage: StringStorage) {
    self.tensor = tensor
    self.checkpoint = checkpoint
    self.storage = storage
  }

  func write(_ name: String, longName: String, in group: borrowing HDF5Group) throws {
    var longest = 0
    var isText = true
    var isASCII = true
    try checkpoint.forEachString(in: tensor) { element in
      longest = max(longest, element.count)
      isASCII = isASCII && element.allSatisfy { $0 < 128 }
      isText = isText && !element.contains(0) && String(validating: element, as: UTF8.self) != nil
    }
    if !isText { longest = (longest + 2) / 3 * 4 }
    let bytes = max(1, longest)
    let fixed: HDF5Datatype = isASCII || !isText ? .asciiString(bytes: bytes) : .fixedString(bytes: bytes)
    let dataset = try group.createDataset(
      name, shape: tensor.shape, storage == .fixed || tensor.count == 0 ? fixed : .string)
    try dataset.describe(
      [
        ("long_name", .text(longName)), ("dtype", .text(tensor.elementType.name)),
        ("encoding", isText ? nil : .text("base64")),
      ], storage)
    try copy(to: dataset, isText: isText)
  }

  private func copy(to dataset: borrowing HDF5Dataset, isText: Bool) throws {
    var batch: [String] = []
    var bytes = 0
    var written = 0
    var refusal: HDF5Error?
    do {
      try checkpoint.forEachString(in: tensor) { (element) throws(CheckpointError) in
        batch.append(isText ? String(decoding: element, as: UTF8.self) : Data(element).base64EncodedString())
        bytes += element.count
        guard bytes >= Self.batchSize || batch.count == Self.batchCount else { return }
        do throws(HDF5Error) {
          try dataset.write(batch, at: written)
        } catch {
          refusal = error
          throw .io(file: error.file, operation: "write", reason: error.message)
        }
        written += batch.count
        (batch, bytes) = ([], 0)
      }
    } catch {
      throw refusal ?? error
    }
    try dataset.write(batch, at: written)
  }
}
