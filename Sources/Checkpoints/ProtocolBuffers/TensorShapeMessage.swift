/// A shape as TensorFlow's messages tell it.
struct TensorShapeMessage: Equatable {
  /// Elements along each axis, −1 where unknown; `nil` where even the number of axes is.
  var dimensions: [Int]? = []

  /// No tensor has more axes.
  static let largestRank = 254

  /// A scalar's.
  init() {}

  /// Reads a `TensorShapeProto`.
  ///
  /// ## Source
  /// TensorFlow, `core/framework/tensor_shape.proto`; the limit is `TensorShape::MaxDimensions`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireError) {
    var reader = WireReader(bytes, range)
    var sizes: [Int] = []
    var unknownRank = false
    while let field = try reader.next() {
      switch field.number {
      case 2:
        guard let part = field.range else { throw WireError(offset: field.offset, reason: "a dimension is no message") }
        guard sizes.count < Self.largestRank else {
          throw WireError(offset: field.offset, reason: "a shape of more than \(Self.largestRank) dimensions")
        }
        var size = 0
        var dimension = WireReader(bytes, part)
        while let field = try dimension.next() {
          if field.number == 1, let value = field.int { size = value }
        }
        sizes.append(size)
      case 3: unknownRank = field.bool ?? false
      default: break
      }
    }
    dimensions = unknownRank ? nil : sizes
  }
}
