import Checkpoints
import Comparison
import HDF5
import Results
import Tensors

/// Writes `/pairs`: a group for each pair, with the values of both tensors unless they are left out.
func writePairs(
  _ models: PairedModels, _ places: [Place], in pairs: borrowing HDF5Group, _ options: ExportOptions,
  _ progress: WorkProgress
) async throws {
  for ((pair, tensors), place) in zip(zip(models.result.pairs, models.tensors), places) {
    try Task.checkCancellation()
    let layer = try layerGroup(place.layer, pair.layer, in: pairs, options.strings)
    let group = try layer.createGroup(place.tensor, expecting: 2 + pair.shape.count)
    try group.describe(attributes(of: pair) + names(of: tensors), options.strings)
    guard options.includesTensors else { continue }
    try makeAxes(of: pair.shape, in: group, options.strings)
    let sides = [("a", "A", tensors.a, models.a), ("b", "B", tensors.b, models.b)]
    if sides.contains(where: { $0.2.elementType.kind == .complex }) { try makeComponents(in: group, options.strings) }
    var axes: [(String, [String])] = []
    for (name, model, tensor, checkpoint) in sides {
      let copy = TensorCopy(tensor, of: checkpoint, options, progress)
      try await copy.write(name, longName: "\(pair.name) of \(model)", in: group)
      axes.append((name, copy.scales))
    }
    try group.attachScales(axes)
  }
}

/// The group of a layer, made when its first tensor comes.
func layerGroup(
  _ name: String, _ layer: String, in parent: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) -> HDF5Group {
  if try parent.contains(name) { return try parent.group(name) }
  let group = try parent.createGroup(name)
  try group.describe([("layer", .text(layer))], storage)
  return group
}

private func attributes(of pair: PairResult) -> [(String, AttributeValue?)] {
  [
    ("name", .text(pair.name)), ("layer", .text(pair.layer)), ("role", .text(pair.role.rawValue)),
    ("key_a", .text(pair.a.key)), ("key_b", .text(pair.b.key)), ("dtype_a", .text(pair.a.dtype)),
    ("dtype_b", .text(pair.b.dtype)), ("shape", pair.shape.isEmpty ? nil : .integers(pair.shape)),
    ("paired_by", .text(pair.pairedBy)),
  ]
}

/// What else the models call the two tensors, where they do.
private func names(of tensors: PairedModels.Tensors) -> [(String, AttributeValue?)] {
  [("a", tensors.a), ("b", tensors.b)].flatMap { side, tensor in
    [
      ("full_name_\(side)", tensor.fullName.map(AttributeValue.text)),
      ("object_path_\(side)", tensor.objectPath.map(AttributeValue.text)),
    ]
  }
}

// MARK: - Axes

/// Makes a dimension scale for every axis, with the places along it, counted from 0.
func makeAxes(
  of shape: [Int], in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  for (axis, length) in shape.enumerated() {
    try makeAxis(axisName(axis), length, "place along axis \(axis)", in: group, storage)
  }
}

func makeComponents(in group: borrowing HDF5Group, _ storage: StringStorage) throws(HDF5Error) {
  try makeAxis(componentName, 2, "0: real part, 1: imaginary part", in: group, storage)
}

func makeAxis(
  _ name: String, _ length: Int, _ longName: String, in group: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  if Int32(exactly: length) != nil {
    try makeAxis(name, length, longName, Int32.self, in: group, storage)
  } else {
    try makeAxis(name, length, longName, Int64.self, in: group, storage)
  }
}

private func makeAxis<Index: HDF5Number & FixedWidthInteger>(
  _ name: String, _ length: Int, _ longName: String, _: Index.Type, in group: borrowing HDF5Group,
  _ storage: StringStorage
) throws(HDF5Error) {
  let scale = try group.createDataset(name, shape: [length], Index.hdf5Datatype)
  let piece = 1 << 17
  for start in stride(from: 0, to: length, by: piece) {
    try scale.write((start..<min(start + piece, length)).map { Index($0) }, at: start)
  }
  try scale.makeScale(name)
  try scale.describe([("long_name", .text(longName))], storage)
}

/// Name of the scale of an axis in a pair's group.
func axisName(_ axis: Int) -> String { "axis_\(axis)" }

/// Name of the scale of real and imaginary parts.
let componentName = "component"
