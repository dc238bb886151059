import Tensors

/// What a V2 checkpoint's index says of one tensor or of one slice of one.
///
/// ## Source
/// TensorFlow, `core/protobuf/tensor_bundle.proto`, `BundleEntryProto`.
struct BundleEntry {
  var typeNumber = 0
  var shape: [Int] = []
  var shard = 0
  var offset = 0
  var size = 0
  /// As stored: masked.
  var maskedChecksum: UInt32 = 0
  var slices: [BundleSlice] = []

  /// Elements; checked by ``check(_:header:file:at:)``.
  var count = 0
  var elementType = ElementType.unknown

  init(type: ElementType, shape: [Int], shard: Int) {
    elementType = type
    self.shape = shape
    self.shard = shard
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): typeNumber = field.int ?? 0
      case (2, .bytes(let range)):
        guard let dimensions = try TensorShapeMessage(bytes, range).dimensions else {
          throw WireError(offset: field.offset, reason: "the shape's rank is unknown")
        }
        shape = dimensions
      case (3, .varint): shard = field.int ?? 0
      case (4, .varint): offset = field.int ?? 0
      case (5, .varint): size = field.int ?? 0
      case (6, .fixed32(let value)): maskedChecksum = value
      case (7, .bytes(let range)): slices.append(try BundleSlice(bytes, range))
      case (1...7, _): throw WireError(offset: field.offset, reason: "field \(field.number) has the wrong wire type")
      default: break
      }
    }
  }

  /// Checks what the entry says of itself, and sets ``count`` and ``elementType``.
  ///
  /// Whether the shard holds the bytes is seen when they are read, so that a damaged shard hides no other tensor.
  mutating func check(
    _ key: [UInt8], header: BundleHeader, file: String, at place: Int
  ) throws(CheckpointError) {
    func corrupt(_ reason: String) -> CheckpointError {
      .corrupt(file: file, offset: place, reason: "entry '\(TensorBundle.keyText(key))': \(reason)")
    }
    // A reference type is its base type plus 100.
    let base = typeNumber > 100 ? typeNumber - 100 : typeNumber
    elementType = Int32(exactly: base).flatMap(ElementType.init(rawValue:)) ?? .unknown
    if let negative = shape.first(where: { $0 < 0 }) { throw corrupt("a dimension of \(negative)") }
    guard let elements = elementCount(of: shape) else {
      throw corrupt("the shape \(shape) has more elements than can be counted")
    }
    count = elements
    guard shard >= 0, shard < header.shardCount else {
      throw corrupt("shard \(shard), expected 0 to \(header.shardCount - 1)")
    }
    guard offset >= 0, size >= 0, !offset.addingReportingOverflow(size).overflow else {
      throw corrupt("\(size) bytes at byte \(offset) of its shard lie outside any file")
    }
    // A sliced tensor's own place means nothing; its slices are checked one by one.
    guard slices.allSatisfy(\.isFull) else {
      if let width = elementType.byteWidth, count.multipliedReportingOverflow(by: width).overflow {
        throw corrupt("the shape \(shape) has more bytes than can be counted")
      }
      return
    }
    if let width = elementType.byteWidth {
      let expected = count.multipliedReportingOverflow(by: width)
      guard !expected.overflow, expected.partialValue == size else {
        throw corrupt(
          "\(size) bytes, expected \(expected.overflow ? "more than can be counted" : "\(expected.partialValue)") "
            + "for \(elementType.name) of shape \(shape)")
      }
    } else if elementType == .string || elementType == .variant {
      // Every element takes a byte of length at least.
      guard count <= size else { throw corrupt("\(size) bytes can't hold \(count) elements of \(elementType.name)") }
    }
  }
}

/// The part of a partitioned variable that one entry holds.
///
/// ## Source
/// TensorFlow, `core/framework/tensor_slice.proto`; the key is `EncodeTensorNameSlice` in
/// `core/util/saved_tensor_slice_util.cc`.
struct BundleSlice: Equatable {
  struct Extent: Equatable {
    var start = 0
    /// Elements; `nil` for the whole axis.
    var length: Int?
  }

  var extents: [Extent] = []

  init(extents: [Extent]) { self.extents = extents }

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      guard field.number == 1, let part = field.range else { continue }
      guard extents.count < TensorShapeMessage.largestRank else {
        throw WireError(offset: field.offset, reason: "a slice of more than \(TensorShapeMessage.largestRank) axes")
      }
      var extent = Extent()
      var inner = WireReader(bytes, part)
      while let field = try inner.next() {
        if field.number == 1 { extent.start = field.int ?? 0 }
        if field.number == 2 { extent.length = field.int }
      }
      extents.append(extent)
    }
  }

  /// Whether the slice is the whole tensor: then it has no entry of its own.
  var isFull: Bool { extents.allSatisfy { $0.length == nil } }

  /// The key under which the slice of tensor `name` is stored.
  func key(of name: [UInt8]) -> [UInt8] {
    var code = OrderedCode()
    code.append(number: 0)
    code.append(text: name)
    code.append(number: UInt64(extents.count))
    for extent in extents {
      code.append(signed: Int64(extent.length == nil ? 0 : extent.start))
      code.append(signed: Int64(extent.length ?? -1))
    }
    return code.bytes
  }
}

/// The first entry of a V2 checkpoint's index.
///
/// ## Source
/// TensorFlow, `core/protobuf/tensor_bundle.proto`, `BundleHeaderProto`; versions as `CheckVersions` in
/// `core/framework/versions.cc` checks them.
struct BundleHeader: Equatable {
  var shardCount = 0
  var isBigEndian = false
  var producer = 0
  var minimumConsumer = 0
  var badConsumers: [Int] = []

  /// The version of the format that is read here.
  static let version = 1

  init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): shardCount = field.int ?? 0
      case (2, .varint):
        guard let order = field.int, order == 0 || order == 1 else {
          throw WireError(offset: field.offset, reason: "byte order \(field.int ?? -1), expected 0 or 1")
        }
        isBigEndian = order == 1
      case (3, .bytes(let range)): try readVersions(bytes, range)
      case (1...3, _): throw WireError(offset: field.offset, reason: "field \(field.number) has the wrong wire type")
      default: break
      }
    }
  }

  private mutating func readVersions(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): producer = field.int ?? 0
      case (2, .varint): minimumConsumer = field.int ?? 0
      case (3, .varint): badConsumers.append(field.int ?? 0)
      case (3, .bytes(let packed)):
        var numbers = WireReader(bytes, packed)
        while numbers.position < numbers.end { badConsumers.append(Int(truncatingIfNeeded: try numbers.varint())) }
      default: break
      }
    }
  }

  func check(file: String, at place: Int) throws(CheckpointError) {
    guard shardCount > 0, shardCount <= Int(Int32.max) else {
      throw .corrupt(file: file, offset: place, reason: "\(shardCount) shards, expected at least 1")
    }
    guard producer >= 0, minimumConsumer <= Self.version, !badConsumers.contains(Self.version) else {
      throw .unsupported(
        file: file,
        reason: "version \(producer) of the checkpoint format, for readers from version \(minimumConsumer) on; "
          + "this reader knows version \(Self.version)")
    }
  }
}
