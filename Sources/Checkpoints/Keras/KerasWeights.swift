import Tensors

/// A Keras model in HDF5: one file or several, alone or taken from a `.keras` archive.
///
/// The format has no checksums of its own; those of an archive are checked when its files are taken out.
final class KerasWeights: Checkpoint {
  let model: ModelDescription
  let tensors: [StoredTensor]
  let hasChecksums: Bool
  private let files: [WeightsFile]
  private let places: [(file: Int, dataset: WeightsFile.Dataset)]

  /// - Parameters:
  ///   - model: Complete but for metadata, versions and warnings about the files.
  ///   - isArchived: Whether the files were taken from an archive, which has checksums.
  init(
    model: ModelDescription, files: [WeightsFile], configuration: KerasConfiguration, isArchived: Bool = false
  ) throws(CheckpointError) {
    hasChecksums = isArchived
    var places: [(file: Int, dataset: WeightsFile.Dataset)] = []
    for (number, file) in files.enumerated() {
      for dataset in file.datasets { places.append((number, dataset)) }
    }
    places.sort { $0.dataset.path.utf8.lexicographicallyPrecedes($1.dataset.path.utf8) }
    for (first, second) in zip(places, places.dropFirst()) where first.dataset.path == second.dataset.path {
      throw .corrupt(
        file: files[second.file].name, offset: 0,
        reason: "'\(second.dataset.path)' is in this file and in '\(files[first.file].name)'")
    }
    var model = model
    model.metadata = .object(configuration.metadata)
    if let topology = configuration.topology { model.structure = .object(["layers": topology]) }
    model.kerasVersion = configuration.metadata["keras_version"]?.text
    model.warnings += configuration.warnings
    if files.contains(where: \.hasLinks) {
      model.warnings.append("Links to other paths or files are in it; they are not followed.")
    }
    self.model = model
    self.files = files
    self.places = places
    tensors = Self.catalogue(places.map(\.dataset), files, configuration)
  }

  private static func catalogue(
    _ datasets: [WeightsFile.Dataset], _ files: [WeightsFile], _ configuration: KerasConfiguration
  ) -> [StoredTensor] {
    let objectNames = files.reduce(into: [:]) { names, file in
      names.merge(file.objectNames) { first, _ in first }
    }
    var tensors = datasets.enumerated().map { index, dataset in
      StoredTensor(
        index: index, key: dataset.path, elementType: dataset.elementType, shape: dataset.shape, count: dataset.count,
        byteCount: dataset.byteCount, objectPath: dataset.path, unreadable: dataset.unreadable)
    }
    if datasets.contains(where: { KerasVariables.split($0.path) != nil }) {
      nameNumbered(&tensors, KerasVariables(configuration, objectNames: objectNames), configuration)
    } else {
      let isWhole = files.contains { $0.topLevel.contains("model_weights") }
      LegacyNames.complete(&tensors, isWhole: isWhole)
    }
    return tensors
  }

  /// Names Keras 3's variables.
  private static func nameNumbered(
    _ tensors: inout [StoredTensor], _ variables: KerasVariables, _ configuration: KerasConfiguration
  ) {
    var objects: [String: [(number: Int, index: Int)]] = [:]
    for index in tensors.indices {
      guard let (object, variable) = KerasVariables.split(tensors[index].key) else {
        tensors[index].fullName = tensors[index].key
        continue
      }
      if let number = Int(variable), number >= 0 {
        objects[object, default: []].append((number, index))
      } else {
        tensors[index].fullName = variables.name(of: object) + "/" + variable
      }
    }
    for (object, members) in objects {
      let ordered = members.sorted { $0.number < $1.number }
      objects[object] = ordered
      // Only a list without gaps says by its places what is what.
      let isComplete = ordered.last?.number == ordered.count - 1
      let names = isComplete ? variables.variables(of: object, count: ordered.count) : ordered.map { "\($0.number)" }
      let prefix = variables.name(of: object)
      for (member, name) in zip(ordered, names) {
        tensors[member.index].fullName = prefix.isEmpty ? name : prefix + "/" + name
        tensors[member.index].topLevelChild = object.split(separator: "/").first.map(String.init)
      }
    }
    guard let state = objects["optimizer"], state.last?.number == state.count - 1 else { return }
    let order = KerasVariables.trained(configuration, objects: Set(objects.keys))
    let trained = order.map { order in
      order.flatMap { objects[$0] ?? [] }.map(\.index).filter { index in
        !KerasVariables.untrained.contains(tensors[index].fullName?.split(separator: "/").last.map(String.init) ?? "")
      }
    }
    let named = KerasOptimizer.variables(
      configuration.optimizer, shapes: state.map { tensors[$0.index].shape },
      types: state.map { tensors[$0.index].elementType },
      trained: trained?.map { (tensors[$0].fullName ?? "", tensors[$0].shape) })
    // Its number tells how many optimizers the process had made before.
    let prefix = KerasVariables.withoutNumber(variables.name(of: "optimizer"))
    for (member, variable) in zip(state, named) {
      tensors[member.index].fullName = prefix + "/" + variable.name
      tensors[member.index].slotName = variable.slot
      tensors[member.index].slotOf = variable.variable.flatMap { number in trained.map { tensors[$0[number]].key } }
    }
  }

  private func locate(_ tensor: StoredTensor) throws(CheckpointError) -> (WeightsFile, WeightsFile.Dataset) {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: model.path, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    let (file, dataset) = places[tensor.index]
    if let reason = dataset.unreadable {
      throw .unsupported(file: files[file].name, reason: "'\(dataset.path)': \(reason)")
    }
    return (files[file], dataset)
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let (file, dataset) = try locate(tensor)
    guard dataset.elementType != .string else {
      throw .unsupported(file: file.name, reason: "'\(dataset.path)' holds strings, which have no fixed width")
    }
    guard offset >= 0, offset <= dataset.byteCount, buffer.count <= dataset.byteCount - offset else {
      throw .corrupt(
        file: file.name, offset: 0,
        reason: "\(buffer.count) bytes from byte \(offset) on were asked of '\(dataset.path)', which has "
          + "\(dataset.byteCount)")
    }
    try file.read(dataset, at: offset, into: buffer)
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let (file, dataset) = try locate(tensor)
    guard dataset.elementType == .string else {
      throw .unsupported(file: file.name, reason: "'\(dataset.path)' holds no strings")
    }
    try file.forEachString(in: dataset, body)
  }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    // HDF5 checks what checksums a file has (of chunks, if written so) whenever it reads.
    let (file, dataset) = try locate(tensor)
    if dataset.elementType == .string { return try file.forEachString(in: dataset) { _ throws(CheckpointError) in } }
    let scratch = ReadBuffer()
    let width = dataset.elementType.byteWidth ?? 1
    let step = scratch.bytes.count / width * width
    var done = 0
    while done < dataset.byteCount {
      let count = min(step, dataset.byteCount - done)
      try file.read(dataset, at: done, into: UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<count]))
      done += count
    }
  }

  func verifyFiles() -> FileVerification { FileVerification() }
}
