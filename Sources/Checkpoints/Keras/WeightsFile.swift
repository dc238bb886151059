import HDF5
import Tensors

/// An HDF5 file of weights, open to be read: its datasets, and what its groups and attributes say.
///
/// Links to paths and to other files are not followed: a weights file has none, and they could lead anywhere.
final class WeightsFile: Sendable {
  struct Dataset: Sendable {
    /// From the root, without a slash in front.
    var path: String
    var shape: [Int]
    var count: Int
    var elementType: ElementType
    var byteCount: Int
    var unreadable: String?
  }

  /// How the file is called in errors, wherever it lies.
  let name: String
  let datasets: [Dataset]
  /// The attribute `name` of each group `…/vars`, by the path before `/vars`.
  let objectNames: [String: String]
  /// Attributes of the root, and of `model_weights`, that are texts.
  let attributes: [String: String]
  /// Paths of the groups of the root.
  let topLevel: [String]
  let hasLinks: Bool
  private let file: HDF5File

  /// No model has more objects, and groups may contain one another.
  private static let mostObjects = 1_000_000
  private static let deepest = 48

  /// - Parameters:
  ///   - path: Where the file lies, perhaps temporarily.
  ///   - name: How errors call it.
  init(path: String, name: String) throws(CheckpointError) {
    self.name = name
    let file = try Self.open(path, name: name)
    var walk = Walk()
    var attributes: [String: String] = [:]
    do throws(HDF5Error) {
      try walk.visit(file.root, path: "", depth: 0)
      for key in ["keras_version", "backend", "model_config", "training_config", "Conventions"]
      where try file.root.hasAttribute(key) {
        attributes[key] = try? file.root.readAttribute(key, as: String.self)
      }
      if attributes["keras_version"] == nil, try file.root.contains("model_weights") {
        let weights = try file.root.group("model_weights")
        for key in ["keras_version", "backend"] where try weights.hasAttribute(key) {
          attributes[key] = try? weights.readAttribute(key, as: String.self)
        }
      }
    } catch { throw CheckpointError(error, file: name) }
    if walk.isEndless {
      throw .corrupt(
        file: name, offset: 0,
        reason: "groups are nested more than \(Self.deepest) deep, or hold more than \(Self.mostObjects) objects")
    }
    self.file = file
    self.attributes = attributes
    datasets = walk.datasets
    objectNames = walk.objectNames
    topLevel = walk.topLevel
    hasLinks = walk.hasLinks
  }

  private static func open(_ path: String, name: String) throws(CheckpointError) -> HDF5File {
    // That the system lets us read it was seen before: what fails now is the content.
    do throws(HDF5Error) { return try HDF5File(reading: path) } catch  where error.code == .io {
      throw .corrupt(file: name, offset: 0, reason: "HDF5 can't open it: \(error.message)")
    } catch {
      throw CheckpointError(error, file: name)
    }
  }

  private struct Walk {
    var datasets: [Dataset] = []
    var objectNames: [String: String] = [:]
    var topLevel: [String] = []
    var hasLinks = false
    var objects = 0
    var isEndless = false

    mutating func visit(_ group: borrowing HDF5Group, path: String, depth: Int) throws(HDF5Error) {
      guard depth <= WeightsFile.deepest else {
        isEndless = true
        return
      }
      if path == "vars" || path.hasSuffix("/vars"), try group.hasAttribute("name"),
        let name = try? group.readAttribute("name", as: String.self)
      {
        objectNames[String(path.dropLast(path == "vars" ? 4 : 5))] = name
      }
      for name in try group.names() {
        objects += 1
        guard !isEndless, objects <= WeightsFile.mostObjects else {
          isEndless = true
          return
        }
        guard try group.isHardLink(name) else {
          hasLinks = true
          continue
        }
        let place = path.isEmpty ? name : "\(path)/\(name)"
        switch try group.kind(of: name) {
        case .group:
          if path.isEmpty { topLevel.append(name) }
          try visit(group.group(name), path: place, depth: depth + 1)
        case .dataset: datasets.append(try Self.describe(group.dataset(name), place))
        case .other: break
        }
      }
    }

    private static func describe(_ dataset: borrowing HDF5Dataset, _ path: String) throws(HDF5Error) -> Dataset {
      var result = Dataset(
        path: path, shape: dataset.shape, count: dataset.count, elementType: .unknown, byteCount: 0)
      if dataset.datatype.isString {
        result.elementType = .string
        result.byteCount = dataset.count.multipliedReportingOverflow(by: dataset.datatype.byteWidth).partialValue
        try dataset.checkSize(elementWidth: 1)
        return result
      }
      let encoding = try dataset.encoding()
      let declared = try dataset.hasAttribute("dtype") ? try? dataset.readAttribute("dtype", as: String.self) : nil
      result.elementType = elementType(encoding, declared: declared)
      guard let width = result.elementType.byteWidth else {
        let said = declared.map { ", said to be \($0)" } ?? ""
        result.unreadable = "elements that are \(encoding.words)\(said) can't be read"
        return result
      }
      // Before anybody takes memory or time for what the file can't hold.
      try dataset.checkSize(elementWidth: width)
      result.byteCount = dataset.count * width
      return result
    }

    /// ## Source
    /// Keras 3, `saving/saving_lib.py` (`H5IOStore.__setitem__`): NumPy has no bfloat16 and no 8-bit floats, so these
    /// are opaque bytes with an attribute `dtype`.
    private static func elementType(_ encoding: HDF5Encoding, declared: String?) -> ElementType {
      switch encoding {
      case .integer(1, true): .int8
      case .integer(1, false): .uint8
      case .integer(2, true): .int16
      case .integer(2, false): .uint16
      case .integer(4, true): .int32
      case .integer(4, false): .uint32
      case .integer(8, true): .int64
      case .integer(8, false): .uint64
      case .floatingPoint(2, 5): .float16
      case .floatingPoint(2, 8): .bfloat16
      case .floatingPoint(4, 8): .float32
      case .floatingPoint(8, 11): .float64
      case .boolean: .bool
      case .opaque(let bytes):
        declared.flatMap(ElementType.init(name:)).flatMap { $0.byteWidth == bytes ? $0 : nil } ?? .unknown
      default: .unknown
      }
    }
  }

  /// Fills `buffer` with a dataset's bytes from `offset` on, which need not be at an element's edge.
  func read(
    _ dataset: Dataset, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    guard let width = dataset.elementType.byteWidth, buffer.count > 0 else { return }
    let first = offset / width
    let last = (offset + buffer.count + width - 1) / width
    if offset % width == 0, buffer.count % width == 0 { return try elements(dataset, at: first, into: buffer) }
    let whole = try OwnedBytes(count: (last - first) * width, file: name) { (buffer) throws(CheckpointError) in
      try elements(dataset, at: first, into: buffer)
    }
    let start = offset - first * width
    whole.withBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + buffer.count])) }
  }

  private func elements(
    _ dataset: Dataset, at index: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    do throws(HDF5Error) { try file.root.dataset(dataset.path).readBytes(into: buffer, at: index) } catch {
      throw CheckpointError(error, file: name)
    }
  }

  /// Hands over the strings of a dataset, some at a time.
  func forEachString(
    in dataset: Dataset, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    var index = 0
    while index < dataset.count {
      let count = min(1024, dataset.count - index)
      let strings: [String]
      do throws(HDF5Error) { strings = try file.root.dataset(dataset.path).readStrings(at: index, count: count) } catch
      {
        throw CheckpointError(error, file: name)
      }
      for string in strings {
        let bytes = Array(string.utf8)
        // Typed errors do not pass through the array's own `withUnsafeBytes`.
        try bytes.span.withUnsafeBytes { (bytes) throws(CheckpointError) in try body(bytes) }
      }
      index += count
    }
  }
}

extension HDF5Encoding {
  fileprivate var words: String {
    switch self {
    case .integer(let bytes, _): "integers of \(bytes) bytes"
    case .floatingPoint(let bytes, let bits): "floating-point numbers of \(bytes) bytes with exponents of \(bits) bits"
    case .boolean: "booleans"
    case .opaque(let bytes): "\(bytes) opaque bytes"
    case .other(let words): words
    }
  }
}

extension CheckpointError {
  /// Puts a refusal of HDF5 into the words of this module.
  init(_ error: HDF5Error, file: String) {
    let place = error.object == "/" ? "" : "'\(error.object)': "
    switch error.code {
    case .io: self = .io(file: file, operation: "read", reason: place + error.message)
    case .notHDF5:
      self = .corrupt(file: file, offset: 0, reason: "no HDF5 file, or one whose beginning is damaged")
    case .truncated:
      self = .corrupt(
        file: file, offset: 0, reason: "the file is shorter than it says: \(error.message); copy it again")
    default: self = .corrupt(file: file, offset: 0, reason: "\(place)\(error.message) [\(error.function)]")
    }
  }
}
