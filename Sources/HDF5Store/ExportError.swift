/// Why an export can't be written, beside what the models and HDF5 say.
public enum ExportError: Error, Sendable, Equatable {
  /// The file system can't hold the tensors; sizes in bytes.
  case noSpace(path: String, needed: Int, free: Int)
  /// A tensor's bytes are no longer those that were compared.
  case changed(model: String, key: String)
  /// Elements that no dataset can hold; the comparison leaves such tensors out.
  case unsupported(key: String, dtype: String)
  /// A pair of a second analysis that the first one's file does not have.
  case otherPair(name: String)
  /// A second analysis of other models than the file's, and what is different.
  case otherInputs(path: String, reason: String)
  /// What the system says when a file is copied.
  case notCopied(path: String, reason: String)
  /// No file with results of this layout.
  case notAnExport(path: String, reason: String)
  /// A file that contradicts itself.
  case corrupt(path: String, place: String, reason: String)
}

extension ExportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSpace(let path, let needed, let free):
      "\(path): the tensors need \(size(needed)) and the disk has \(size(free)) free; write elsewhere, or leave the "
        + "tensors out with --no-tensors"
    case .changed(let model, let key): "\(model): '\(key)' changed while it was exported; export again"
    case .unsupported(let key, let dtype): "'\(key)' can't be exported: its elements are \(dtype)"
    case .otherPair(let name):
      "the file has no pair '\(name)' of these keys, types and shape; export both analyses anew, with the same selection"
    case .otherInputs(let path, let reason):
      "\(path): holds other models, so nothing is appended: \(reason); export to another file"
    case .notCopied(let path, let reason): "\(path): \(reason)"
    case .notAnExport(let path, let reason): "\(path): \(reason); `equipoise export A B -o FILE` writes such a file"
    case .corrupt(let path, let place, let reason): "\(path): \(place) \(reason); export again, or fetch the file again"
    }
  }
}

private func size(_ bytes: Int) -> String {
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  var (value, unit, rest) = (bytes, 0, 0)
  while value >= 1024, unit < units.count - 1 {
    (value, rest) = (value / 1024, value % 1024)
    unit += 1
  }
  return unit == 0 ? "\(value) bytes" : "\(value).\(rest * 10 / 1024) \(units[unit])"
}
