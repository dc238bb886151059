import Tensors

/// One slice of a tensor as a V1 checkpoint stores it.
struct SavedSlice {
  var name: Range<Int>
  var slice = BundleSlice(extents: [])
  var value: TensorMessage

  /// Hands over the slices of tensor `name`, wherever their keys put them.
  ///
  /// The message says which tensor and slice it is; keys only bring it near.
  static func forEach(
    named name: String, in table: Table,
    _ body: (SavedSlice, UnsafeRawBufferPointer, _ offset: Int) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let text = Array(name.utf8)
    var prefix = OrderedCode()
    prefix.append(number: 0)
    prefix.append(text: text)
    try table.forEachEntry(beginningWith: prefix.bytes) { (bytes, offset) throws(CheckpointError) in
      let slice = try decoding("slice of '\(name)'", of: table.file.path, at: offset) { () throws(WireError) in
        try SavedSlice(bytes)
      }
      if let slice, bytes.part(slice.name)?.elementsEqual(text) == true { try body(slice, bytes, offset) }
    }
  }

  /// Reads a `SavedTensorSlices`; `nil` when it holds no slice.
  private init?(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    var data: Range<Int>?
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      if field.number == 2 { data = field.range }
    }
    guard let data else { return nil }
    var name = 0..<0
    var value: TensorMessage?
    var content = WireReader(bytes, data)
    while let field = try content.next() {
      guard let part = field.range else { continue }
      switch field.number {
      case 1: name = part
      case 2: slice = try BundleSlice(bytes, part)
      case 3: value = try TensorMessage(bytes, part)
      default: break
      }
    }
    guard let value else { return nil }
    self.name = name
    self.value = value
  }

  /// Whether the slice is `piece` of a tensor of shape `shape`.
  func isAt(_ piece: SlicedTensor.Piece, in shape: [Int]) -> Bool {
    let extents = slice.extents.isEmpty ? shape.map { _ in BundleSlice.Extent() } : slice.extents
    guard extents.count == shape.count else { return false }
    for (axis, extent) in extents.enumerated() {
      guard (extent.length == nil ? 0 : extent.start) == piece.start[axis],
        (extent.length ?? shape[axis]) == piece.length[axis]
      else { return false }
    }
    return true
  }
}

/// The tensors that the first entries of a V1 checkpoint's files list.
struct ListedTensors {
  private struct Listed {
    var typeNumber = 0
    var shape: [Int] = []
    var slices: [(slice: BundleSlice, file: Int)] = []
    var place = 0
  }

  private var listed: [String: Listed] = [:]

  /// Adds what the first entry of a table lists.
  mutating func add(_ table: Table, _ number: Int) throws(CheckpointError) {
    let path = table.file.path
    guard let first = table.blocks.first else {
      throw .corrupt(file: path, offset: 0, reason: "the table is empty: it lists no tensors")
    }
    var key = TableKey()
    var found: [(name: String, tensor: Listed)] = []
    var isFirst = true
    try Table.block(first, of: table.file).forEachEntry(after: &key) { (key, value, place) throws(CheckpointError) in
      guard isFirst else { return }
      isFirst = false
      guard key.isEmpty else {
        throw .corrupt(file: path, offset: place, reason: "the first entry lists no tensors: this is no V1 checkpoint")
      }
      found = try decoding("the list of tensors", of: path, at: place) { () throws(WireError) in
        try Self.read(value, file: number, place: place)
      }
    }
    for (name, tensor) in found {
      guard var known = listed[name] else {
        listed[name] = tensor
        continue
      }
      guard known.typeNumber == tensor.typeNumber, known.shape == tensor.shape else {
        throw .corrupt(
          file: path, offset: tensor.place, reason: "'\(name)' is listed as \(known.shape) and as \(tensor.shape)")
      }
      known.slices += tensor.slices
      listed[name] = known
    }
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, file: Int, place: Int
  ) throws(WireError) -> [(name: String, tensor: Listed)] {
    var result: [(name: String, tensor: Listed)] = []
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1, let list = field.range else { continue }
      var meta = WireReader(bytes, list)
      while let field = try meta.next() {
        guard field.number == 1, let tensor = field.range else { continue }
        var name = ""
        var entry = Listed(place: place)
        var content = WireReader(bytes, tensor)
        while let field = try content.next() {
          switch (field.number, field.value) {
          case (1, .bytes(let part)): name = TensorBundle.keyText(content.slice(part))
          case (2, .bytes(let part)):
            guard let dimensions = try TensorShapeMessage(bytes, part).dimensions else {
              throw WireError(offset: field.offset, reason: "the shape's rank is unknown")
            }
            entry.shape = dimensions
          case (3, .varint): entry.typeNumber = field.int ?? 0
          case (4, .bytes(let part)): entry.slices.append((try BundleSlice(bytes, part), file))
          default: break
          }
        }
        result.append((name, entry))
      }
    }
    return result
  }

  /// The catalogue in the order of the names.
  func catalogue(_ files: [String]) -> (tensors: [StoredTensor], placements: [TensorSliceCheckpoint.Placement]) {
    var tensors: [StoredTensor] = []
    var placements: [TensorSliceCheckpoint.Placement] = []
    for (name, entry) in listed.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let base = entry.typeNumber > 100 ? entry.typeNumber - 100 : entry.typeNumber
      let type = Int32(exactly: base).flatMap(ElementType.init(rawValue:)) ?? .unknown
      let count = elementCount(of: entry.shape) ?? 0
      let file = files[entry.slices.first?.file ?? 0]
      let placement: TensorSliceCheckpoint.Placement
      do { placement = try Self.placement(name, entry, type, file) } catch { placement = .damaged(error) }
      var unreadable: String?
      if type.kind == .opaque { unreadable = "Elements of type number \(entry.typeNumber) can't be read." }
      var byteCount = 0
      if case .numbers(let sliced) = placement { byteCount = sliced.byteCount }
      tensors.append(
        StoredTensor(
          index: tensors.count, key: name, elementType: type, shape: entry.shape, count: count, byteCount: byteCount,
          unreadable: unreadable))
      placements.append(placement)
    }
    return (tensors, placements)
  }

  private static func placement(
    _ name: String, _ entry: Listed, _ type: ElementType, _ file: String
  ) throws(CheckpointError) -> TensorSliceCheckpoint.Placement {
    guard let count = elementCount(of: entry.shape),
      let bytes = Optional(count.multipliedReportingOverflow(by: type.byteWidth ?? 1)), !bytes.overflow
    else {
      throw .corrupt(
        file: file, offset: entry.place, reason: "'\(name)' has the shape \(entry.shape), which can't be counted")
    }
    guard type.byteWidth != nil || type == .string else {
      throw .unsupported(file: file, reason: "'\(name)' has elements of type number \(entry.typeNumber)")
    }
    var whole = BundleEntry(type: type, shape: entry.shape, shard: 0)
    whole.count = count
    var parts: [SlicedTensor.Part] = []
    for (slice, number) in entry.slices {
      let extents = slice.extents.isEmpty ? entry.shape.map { _ in BundleSlice.Extent() } : slice.extents
      // The message holds the slice's own shape nowhere: it follows from the extents.
      let shape = zip(extents, entry.shape).map { $0.length ?? $1 }
      var part = BundleEntry(type: type, shape: shape, shard: number)
      guard shape.allSatisfy({ $0 >= 0 }), let elements = elementCount(of: shape), elements <= count else {
        throw .corrupt(file: file, offset: entry.place, reason: "a slice of '\(name)' has the shape \(shape)")
      }
      part.count = elements
      part.size = elements * (type.byteWidth ?? 1)
      parts.append(SlicedTensor.Part(slice: BundleSlice(extents: extents), entry: part))
    }
    let sliced = try SlicedTensor(parts, of: whole, key: name, file: file, at: entry.place)
    return type == .string ? .strings(sliced) : .numbers(sliced)
  }
}
