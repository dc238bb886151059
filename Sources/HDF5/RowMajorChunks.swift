@preconcurrency import CHDF5

/// A dataset cut into boxes of whole trailing axes, each of them one run of elements in row-major order.
public struct RowMajorChunks: Sendable {
  public let shape: [Int]
  /// The lengths of a box; the last along an axis may stick out of the dataset.
  public let chunk: [Int]
  /// The number of boxes.
  public let count: Int
  /// The axis along which boxes are cut: before it they are one element long, behind it whole.
  private let axis: Int
  /// Boxes along ``axis``.
  private let steps: Int
  /// Elements that one step along ``axis`` passes.
  private let stride: Int

  /// Cuts into boxes of up to 1 MiB.
  public init(of shape: [Int], byteWidth: Int) {
    self.shape = shape
    let chunk = shape.contains(0) ? shape : HDF5Layout.rowMajorChunk(of: shape, byteWidth: byteWidth)
    self.chunk = chunk
    axis = shape.indices.last { chunk[$0] < shape[$0] } ?? 0
    stride = shape.isEmpty ? 1 : shape[(axis + 1)...].reduce(1, *)
    steps = shape.isEmpty ? 1 : shape.contains(0) ? 0 : (shape[axis] + chunk[axis] - 1) / chunk[axis]
    count = shape.isEmpty ? 1 : shape[..<axis].reduce(1, *) * steps
  }

  /// Elements of a whole box.
  public var chunkCount: Int { chunk.reduce(1, *) }

  /// The linear indices of a box's elements that are in the dataset.
  public func elements(_ index: Int) -> Range<Int> {
    if shape.isEmpty { return 0..<1 }
    let first = index % steps * chunk[axis]
    let start = (index / steps * shape[axis] + first) * stride
    return start..<start + min(chunk[axis], shape[axis] - first) * stride
  }

  /// The place of a box's first element.
  public func corner(_ index: Int) -> [Int] {
    var place = shape.map { _ in 0 }
    if shape.isEmpty { return place }
    place[axis] = index % steps * chunk[axis]
    var outer = index / steps
    for axis in (0..<axis).reversed() {
      place[axis] = outer % shape[axis]
      outer /= shape[axis]
    }
    return place
  }
}

extension HDF5Dataset {
  /// Writes a chunk as it is to lie in the file, past the filters of the dataset.
  ///
  /// - Parameters:
  ///   - bytes: What the filters would have made of a whole chunk.
  ///   - corner: The place of its first element.
  ///   - filterMask: A bit for each filter that was not applied, the first lowest.
  /// - Throws: ``HDF5Error``, also if the dataset is not in chunks.
  public func writeChunk(_ bytes: RawSpan, at corner: [Int], filterMask: UInt32 = 0) throws(HDF5Error) {
    let place = corner.map { hsize_t($0) }
    guard place.count == shape.count else {
      throw HDF5Error(.outOfRange, "H5Dwrite_chunk", "corner \(corner) in the shape \(shape)", at: location)
    }
    try bytes.withUnsafeBytes { bytes throws(HDF5Error) in
      _ = try call("H5Dwrite_chunk", at: location) {
        H5Dwrite_chunk(location.id, h5x_default(), filterMask, place, bytes.count, bytes.baseAddress)
      }
    }
  }
}
