import HDF5
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One side of an exported file: the tensors of A or of B that were compared, with the keys, types and roles they had.
///
/// ## Source
/// `docs/Equipoise.docc/HDF5.md`.
final class ExportedModel: Checkpoint {
  let model: ModelDescription
  let tensors: [StoredTensor]
  private let file: HDF5File
  private let path: String
  private let places: [Place]

  private struct Place: Sendable {
    var dataset: String
    var elements: ExportedElements?
    var isBase64 = false
    var damage: CheckpointError?
  }

  private static let version = 1
  /// No model has more tensors.
  private static let mostTensors = 1_000_000

  /// - Parameters:
  ///   - file: The HDF5 file.
  ///   - side: `a` or `b`.
  ///   - path: As the user gave it.
  init(file path: String, side: String, path given: String) throws(CheckpointError) {
    let status: FileStatus
    do { status = try FileStatus(path: path) } catch { throw CheckpointError(error) }
    var model = ModelDescription(path: given, format: ExportFormat.name)
    model.folder = Paths.folder(path)
    // By side: the two of one file are not the same model.
    model.files = ["\(Paths.name(path))/\(side)": status.size]
    let file = try Self.opened(path)
    var source: String?
    var found = try Self.pairs(of: file, side, path, &source)
    if let source {
      model.warnings = ["An export of '\(source)': only the tensors that were compared are in it."]
    }
    found.sort { $0.tensor.key.utf8.lexicographicallyPrecedes($1.tensor.key.utf8) }
    for (first, second) in zip(found, found.dropFirst()) where first.tensor.key == second.tensor.key {
      throw .corrupt(file: path, offset: 0, reason: "two pairs have the key '\(first.tensor.key)'")
    }
    self.file = file
    self.path = path
    self.model = model
    places = found.map(\.place)
    tensors = found.enumerated().map { index, entry in entry.tensor.at(index) }
  }

  private static func opened(_ path: String) throws(CheckpointError) -> HDF5File {
    do { return try HDF5File(reading: path) } catch { throw CheckpointError(error, file: path) }
  }

  /// - Parameter source: Set to the model's path as it was when it was exported.
  private static func pairs(
    of file: borrowing HDF5File, _ side: String, _ path: String, _ source: inout String?
  ) throws(CheckpointError) -> [(tensor: StoredTensor, place: Place)] {
    var found: [(tensor: StoredTensor, place: Place)] = []
    do {
      let version = try? file.root.readAttribute("schema_version", as: Int.self)
      guard let version, try file.root.contains("pairs") else {
        throw CheckpointError.unsupported(
          file: path, reason: "no file that Equipoise exported, so it has no side '\(side)'; pass the file itself")
      }
      guard version == Self.version else {
        throw CheckpointError.unsupported(
          file: path, reason: "version \(version) of the exported file's layout; this is known: \(Self.version)")
      }
      guard try !file.root.hasAttribute("level") else {
        throw CheckpointError.unsupported(
          file: path,
          reason:
            "holds the runs of two recipes, stacked tensor by tensor, not two models; `equipoise significance \(path)` tests them again"
        )
      }
      source = try? file.root.readAttribute("model_\(side)", as: String.self)
      let pairs = try file.root.group("pairs")
      for layer in try pairs.names() where try pairs.isHardLink(layer) && pairs.kind(of: layer) == .group {
        let group = try pairs.group(layer)
        for name in try group.names() where try group.isHardLink(name) && group.kind(of: name) == .group {
          guard found.count < Self.mostTensors else {
            throw CheckpointError.corrupt(file: path, offset: 0, reason: "more than \(Self.mostTensors) pairs")
          }
          found.append(try Self.describe(group.group(name), "pairs/\(layer)/\(name)", side, path))
        }
      }
    } catch let error as HDF5Error {
      throw CheckpointError(error, file: path)
    } catch let error as CheckpointError {
      throw error
    } catch { throw .io(file: path, operation: "read", reason: "\(error)") }
    return found
  }

  private static func describe(
    _ group: borrowing HDF5Group, _ path: String, _ side: String, _ file: String
  ) throws -> (StoredTensor, Place) {
    func text(_ name: String) -> String? { try? group.readAttribute(name, as: String.self) }
    // A scalar has none: an empty list is more than some tools can read.
    let lengths = (try? group.hasAttribute("shape")) == false ? [] : try? group.readAttribute("shape", as: [Int].self)
    guard let key = text("key_\(side)"), let typeName = text("dtype_\(side)"), let shape = lengths,
      let count = elementCount(of: shape)
    else {
      throw CheckpointError.corrupt(
        file: file, offset: 0, reason: "'/\(path)' does not say which tensor it is (key, dtype, shape)")
    }
    let type = ElementType(name: typeName) ?? .unknown
    let elements = ExportedElements(type)
    var place = Place(dataset: "\(path)/\(side)", elements: elements)
    var byteCount = 0
    do {
      guard try group.contains(side) else {
        throw CheckpointError.notFound(
          file: file, reason: "'\(key)' has no values; export again without --no-tensors")
      }
      let dataset = try group.dataset(side)
      let expected = shape + (type.kind == .complex ? [2] : [])
      guard dataset.shape == expected else {
        throw CheckpointError.corrupt(
          file: file, offset: 0, reason: "'/\(place.dataset)' has the shape \(dataset.shape), expected \(expected)")
      }
      if type == .string, dataset.datatype.isString {
        try dataset.checkSize(elementWidth: 1)
        byteCount = count.multipliedReportingOverflow(by: dataset.datatype.byteWidth).partialValue
        place.isBase64 = try dataset.hasAttribute("encoding")
      } else if let elements, let width = type.byteWidth, elements.isStored(as: try dataset.encoding(), type) {
        try dataset.checkSize(elementWidth: elements.storedWidth / (type.kind == .complex ? 2 : 1))
        byteCount = count * width
      } else {
        throw CheckpointError.corrupt(
          file: file, offset: 0, reason: "'/\(place.dataset)' is not stored as \(typeName) would be")
      }
    } catch let error as CheckpointError {
      place.damage = error
    } catch let error as HDF5Error {
      place.damage = CheckpointError(error, file: file)
    }
    let object = ObjectPath(key: key)
    return (
      StoredTensor(
        index: 0, key: key, elementType: type, shape: shape, count: count, byteCount: byteCount,
        objectPath: text("object_path_\(side)") ?? object?.text, fullName: text("full_name_\(side)") ?? text("name"),
        slotName: object?.slot?.name, topLevelChild: object?.topLevelChild, recordedRole: text("role")),
      place
    )
  }

  private func locate(_ tensor: StoredTensor) throws(CheckpointError) -> (StoredTensor, Place) {
    guard tensors.indices.contains(tensor.index), tensors[tensor.index].key == tensor.key else {
      throw .notFound(file: model.path, reason: "no tensor '\(tensor.key)' at place \(tensor.index) of the catalogue")
    }
    if let damage = places[tensor.index].damage { throw damage }
    return (tensors[tensor.index], places[tensor.index])
  }

  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let (tensor, place) = try locate(tensor)
    guard let elements = place.elements, let width = tensor.elementType.byteWidth else {
      throw .unsupported(file: path, reason: "'\(tensor.key)' can't be read as numbers: its elements are strings")
    }
    guard offset >= 0, offset <= tensor.byteCount, buffer.count <= tensor.byteCount - offset else {
      throw .corrupt(
        file: path, offset: 0,
        reason:
          "\(buffer.count) bytes from byte \(offset) on were asked of '\(tensor.key)', which has \(tensor.byteCount)")
    }
    guard buffer.count > 0 else { return }
    let stored = ReadBuffer()
    let source = ReadBuffer()
    let perPiece = ReadBuffer.standardSize / max(width, elements.storedWidth)
    let end = offset + buffer.count
    var element = offset / width
    while element * width < end {
      let count = min(perPiece, (end + width - 1) / width - element)
      let read = UnsafeMutableRawBufferPointer(rebasing: stored.bytes[..<(count * elements.storedWidth)])
      let components = tensor.elementType.kind == .complex ? 2 : 1
      do throws(HDF5Error) {
        try file.root.dataset(place.dataset).readBytes(into: read, at: element * components)
      } catch { throw CheckpointError(error, file: path) }
      let restored = UnsafeMutableRawBufferPointer(rebasing: source.bytes[..<(count * width)])
      if let wrong = elements.restore(UnsafeRawBufferPointer(read), into: restored) {
        throw .corrupt(
          file: path, offset: 0,
          reason: "element \(element + wrong) of '/\(place.dataset)' is no value of \(tensor.elementType.name)")
      }
      let from = max(offset, element * width)
      let to = min(end, (element + count) * width)
      let part = restored[(from - element * width)..<(to - element * width)]
      UnsafeMutableRawBufferPointer(rebasing: buffer[(from - offset)..<(to - offset)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      element += count
    }
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let (tensor, place) = try locate(tensor)
    guard tensor.elementType == .string else {
      throw .unsupported(
        file: path, reason: "'\(tensor.key)' can't be read as strings: its elements are \(tensor.elementType.name)")
    }
    for start in stride(from: 0, to: tensor.count, by: 1024) {
      let strings: [String]
      do throws(HDF5Error) {
        strings = try file.root.dataset(place.dataset)
          .readStrings(at: start, count: min(1024, tensor.count - start))
      } catch { throw CheckpointError(error, file: path) }
      for string in strings {
        var bytes = Array(string.utf8)
        if place.isBase64 {
          guard let data = Data(base64Encoded: string) else {
            throw .corrupt(file: path, offset: 0, reason: "a string of '/\(place.dataset)' is not in Base64")
          }
          bytes = Array(data)
        }
        try bytes.withBytes(body)
      }
    }
  }

  var hasChecksums: Bool { false }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    // The export has no checksums of its own: that values are there, and can be the source's, is all there is to check.
    let (tensor, _) = try locate(tensor)
    if tensor.elementType == .string { return try forEachString(in: tensor) { (_) throws(CheckpointError) in } }
    let scratch = ReadBuffer()
    for start in stride(from: 0, to: tensor.byteCount, by: scratch.bytes.count) {
      let count = min(scratch.bytes.count, tensor.byteCount - start)
      try read(tensor, at: start, into: UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<count]))
    }
  }

  func verifyFiles() -> FileVerification { FileVerification() }
}

extension StoredTensor {
  /// The same tensor at another place of its catalogue.
  fileprivate func at(_ index: Int) -> StoredTensor {
    StoredTensor(
      index: index, key: key, elementType: elementType, shape: shape, count: count, byteCount: byteCount,
      objectPath: objectPath, fullName: fullName, slotName: slotName, topLevelChild: topLevelChild,
      recordedRole: recordedRole)
  }
}
