import CHDF5

@testable import HDF5
@testable import Tensors

/// Writes HDF5 files of weights.
struct WeightsWriter {
  var datasets: [(path: String, shape: [Int], values: [Float])] = []
  /// Whole numbers without axes.
  var counters: [String: Int64] = [:]
  /// Attributes `name` of groups `…/vars`, by the path before `/vars`.
  var objectNames: [String: String] = [:]
  /// Attributes that are texts, by the path of their group.
  var attributes: [String: [String: String]] = [:]
  /// What else to write.
  var also: (borrowing HDF5Group) throws(HDF5Error) -> Void = { _ in }

  mutating func add(_ path: String, _ shape: [Int], _ values: [Float]) { datasets.append((path, shape, values)) }

  /// Adds a dataset with as many different values as `shape` needs.
  mutating func add(_ path: String, _ shape: [Int]) {
    let count = shape.reduce(1, *)
    add(path, shape, (0..<count).map { Float($0) + Float(datasets.count) / 100 })
  }

  func write(to path: String) throws {
    let file = try HDF5File(creating: path)
    for (path, shape, values) in datasets {
      try file.root.createDataset(path, shape: shape, .float32).write(values)
    }
    for (path, value) in counters { try file.root.createDataset(path, shape: [], .int64).write([value]) }
    for (object, name) in objectNames {
      try Self.group(object.isEmpty ? "vars" : object + "/vars", in: file.root).writeAttribute("name", name)
    }
    for (place, texts) in attributes {
      let group = try Self.group(place, in: file.root)
      for (key, value) in texts { try group.writeAttribute(key, value) }
    }
    try also(file.root)
    try file.close()
  }

  private static func group(_ name: String, in root: borrowing HDF5Group) throws(HDF5Error) -> HDF5Group {
    if name.isEmpty { return try root.group("/") }
    return try root.contains(name) ? root.group(name) : root.createGroup(name)
  }

  enum Foreign { case opaque, half, boolean, bigEndian }

  /// Writes a dataset of one axis in a type that ``HDF5Datatype`` has no name for.
  static func write(
    _ bytes: [UInt8], as type: Foreign, to name: String, in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    let place = group.location
    let identifier = try Identifier("type", at: place) {
      switch type {
      case .opaque: return H5Tcreate(H5T_OPAQUE, 2)
      case .bigEndian:
        let type = H5Tcopy(h5x_ieee_f32le())
        H5Tset_order(type, H5T_ORDER_BE)
        return type
      case .half:
        let type = H5Tcopy(h5x_ieee_f32le())
        H5Tset_fields(type, 15, 10, 5, 0, 10)
        H5Tset_size(type, 2)
        H5Tset_ebias(type, 15)
        return type
      case .boolean:
        let type = H5Tenum_create(h5x_std_i8le())
        var value: Int8 = 0
        H5Tenum_insert(type, "FALSE", &value)
        value = 1
        H5Tenum_insert(type, "TRUE", &value)
        return type
      }
    }
    let width = type == .boolean ? 1 : type == .bigEndian ? 4 : 2
    let space = try makeSpace([bytes.count / width], at: place)
    let (raw, rawSpace) = (identifier.raw, space.raw)
    let dataset = try Identifier("H5Dcreate2", at: place) {
      H5Dcreate2(place.id, name, raw, rawSpace, h5x_default(), h5x_default(), h5x_default())
    }
    let rawDataset = dataset.raw
    _ = try call("H5Dwrite", at: place) { H5Dwrite(rawDataset, raw, h5x_all(), h5x_all(), h5x_default(), bytes) }
  }

  /// Makes `name` lead to the group itself, or, softly, to `target`.
  static func link(_ name: String, softlyTo target: String? = nil, in group: borrowing HDF5Group) throws(HDF5Error) {
    let place = group.location
    _ = try call("H5Lcreate", at: place) {
      if let target { return H5Lcreate_soft(target, place.id, name, h5x_default(), h5x_default()) }
      return H5Lcreate_hard(place.id, ".", place.id, name, h5x_default(), h5x_default())
    }
  }
}
