import Checkpoints
import Comparison
import HDF5
import Results
import Tensors

/// One tensor of all runs on its way to the file.
struct RunTensors {
  let tensor: RunTensor
  let place: Place
  let a: [any Checkpoint], b: [any Checkpoint]
  /// Of each run, those of A first.
  let stored: [StoredTensor]

  /// Writes the tensor's group, with the values of all runs unless they are left out.
  func write(in pairs: borrowing HDF5Group, _ options: ExportOptions, _ progress: WorkProgress) async throws {
    try Task.checkCancellation()
    let sides = [
      ("a", "A", Array(stored[..<a.count]), a), ("b", "B", Array(stored[a.count...]), b),
    ]
    let layer = try layerGroup(place.layer, tensor.layer, in: pairs, options.strings)
    let group = try layer.createGroup(place.tensor, expecting: 4 + tensor.shape.count)
    var attributes: [(String, AttributeValue?)] = [
      ("name", .text(tensor.name)), ("layer", .text(tensor.layer)), ("role", .text(tensor.role.rawValue)),
      ("shape", tensor.shape.isEmpty ? nil : .integers(tensor.shape)),
    ]
    for (name, _, tensors, _) in sides {
      attributes += [
        ("key_\(name)", .texts(tensors.map(\.key))), ("dtype_\(name)", .texts(tensors.map(\.elementType.name))),
        ("full_name_\(name)", texts(tensors.map(\.fullName))),
        ("object_path_\(name)", texts(tensors.map(\.objectPath))),
      ]
    }
    try group.describe(attributes, options.strings)
    guard options.includesTensors else { return }
    try makeAxes(of: tensor.shape, in: group, options.strings)
    if stored.contains(where: { $0.elementType.kind == .complex }) { try makeComponents(in: group, options.strings) }
    var axes: [(String, [String])] = []
    for (name, model, tensors, runs) in sides {
      let longName = "\(tensor.name) of the runs of \(model)"
      let copies = zip(tensors, runs).map { TensorCopy($0, of: $1, options, progress) }
      guard Set(tensors.map(\.elementType)).count == 1 else {
        // No one type holds them all as they are: a dataset a run.
        for (run, copy) in copies.enumerated() {
          let own = "\(name)_\(run)"
          try await copy.write(own, longName: "\(tensor.name) of run \(run) of \(model)", in: group)
          axes.append((own, copy.scales))
        }
        continue
      }
      let axis = "run_\(name)"
      try makeAxis(axis, runs.count, "place among the runs of \(model); /runs names them", in: group, options.strings)
      let dataset = try copies[0].makeDataset(name, runs: runs.count, longName: longName, in: group)
      for (run, copy) in copies.enumerated() { try await copy.copy(to: dataset, run: run) }
      try dataset.close()
      axes.append((name, [axis] + copies[0].scales))
    }
    try group.attachScales(axes)
  }

  /// An attribute that is there where every run has the text.
  private func texts(_ values: [String?]) -> AttributeValue? {
    let known = values.compactMap(\.self)
    return known.count == values.count ? .texts(known) : nil
  }
}
