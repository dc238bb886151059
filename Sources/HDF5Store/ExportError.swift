/// Why an export can't be written, beside what the models and HDF5 say.
public enum ExportError: Error, Sendable, Equatable {
  /// The file system can't hold the tensors; sizes in bytes.
  case noSpace(path: String, needed: Int, free: Int)
  /// A tensor's bytes are no longer those that were compared.
  case changed(model: String, key: String)
  /// Elements that no dataset can hold; the comparison leaves such tensors out.
  case unsupported(key: String, dtype: String)
}

extension ExportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSpace(let path, let needed, let free):
      "\(path): the tensors need \(size(needed)) and the disk has \(size(free)) free; write elsewhere, or leave the "
        + "tensors out with --no-tensors"
    case .changed(let model, let key): "\(model): '\(key)' changed while it was exported; export again"
    case .unsupported(let key, let dtype): "'\(key)' can't be exported: its elements are \(dtype)"
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
