import HDF5

/// Reads one dataset of an HDF5 file.
func readHDF5Array(_ path: String, name: String?, path given: String) throws -> NumericArray {
  let file = try HDF5File(reading: path)
  let chosen: String
  if let name {
    guard try file.root.contains(name), try file.root.kind(of: name) == .dataset else {
      throw BehaviorError(path, "has no dataset '\(name)'; there are \(listed(try datasets(in: file.root)))")
    }
    chosen = name
  } else {
    let names = try datasets(in: file.root)
    guard names.count == 1 else {
      throw BehaviorError(
        path,
        names.isEmpty
          ? "holds no dataset" : "holds \(names.count) datasets; choose one by \(path):NAME, of \(listed(names))")
    }
    chosen = names[0]
  }
  let dataset = try file.root.dataset(chosen)
  if dataset.datatype.isString {
    return NumericArray(
      path: given, dtype: "string", isInteger: false, shape: dataset.shape, values: [],
      texts: try dataset.readStrings())
  }
  func array<Element: HDF5Number>(
    _ type: Element.Type, _ dtype: String, isInteger: Bool, _ number: (Element) -> Double
  ) throws -> NumericArray {
    let elements = try dataset.read(type)
    let values = elements.map(number)
    if isInteger, let index = values.firstIndex(where: { abs($0) >= 0x1p53 }) {
      throw BehaviorError(given, "element \(index) is a whole number beyond 2⁵³, which is not read exactly")
    }
    return NumericArray(path: given, dtype: dtype, isInteger: isInteger, shape: dataset.shape, values: values)
  }
  switch dataset.datatype {
  case .float32: return try array(Float.self, "float32", isInteger: false) { Double($0) }
  case .float64: return try array(Double.self, "float64", isInteger: false) { $0 }
  case .int8: return try array(Int8.self, "int8", isInteger: true) { Double($0) }
  case .int16: return try array(Int16.self, "int16", isInteger: true) { Double($0) }
  case .int32: return try array(Int32.self, "int32", isInteger: true) { Double($0) }
  case .int64: return try array(Int64.self, "int64", isInteger: true) { Double($0) }
  case .uint8: return try array(UInt8.self, "uint8", isInteger: true) { Double($0) }
  case .uint16: return try array(UInt16.self, "uint16", isInteger: true) { Double($0) }
  case .uint32: return try array(UInt32.self, "uint32", isInteger: true) { Double($0) }
  case .uint64: return try array(UInt64.self, "uint64", isInteger: true) { Double($0) }
  case .other, .string, .fixedString, .asciiString:
    throw BehaviorError(path, "dataset '\(chosen)' holds \(dataset.datatype); expected numbers")
  }
}

/// Paths of every dataset below a group; links to elsewhere are not followed, so that there is an end.
private func datasets(in group: borrowing HDF5Group, below prefix: String = "") throws(HDF5Error) -> [String] {
  var result: [String] = []
  for name in try group.names() where try group.isHardLink(name) {
    switch try group.kind(of: name) {
    case .dataset: result.append(prefix + name)
    case .group where prefix.count < 1_024:
      result += try datasets(in: group.group(name), below: prefix + name + "/")
    default: break
    }
    if result.count > 1_000 { break }
  }
  return result
}
