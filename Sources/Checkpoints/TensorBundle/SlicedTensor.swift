import Tensors

/// A partitioned variable: slices, each an entry of its own, that make one tensor.
///
/// ## Source
/// TensorFlow, `BundleReader::GetSliceValue` in `core/util/tensor_bundle/tensor_bundle.cc`.
struct SlicedTensor: Sendable {
  /// One slice as the index tells it.
  struct Part {
    var slice: BundleSlice
    var entry: BundleEntry
  }

  /// One slice as it is read: runs of elements that are adjacent both in the tensor and in the slice.
  struct Piece: Sendable {
    /// Among the slices as they are listed.
    var number: Int
    var start: [Int]
    var length: [Int]
    var shard: Int
    var offset: Int
    /// In the file.
    var size: Int
    /// Elements.
    var count: Int
    var maskedChecksum: UInt32
    /// Along the axes before this one, every index begins a run of its own.
    var runAxis: Int
    var runBytes: Int
    var runCount: Int
  }

  let shape: [Int]
  let pieces: [Piece]
  let byteCount: Int
  /// Bytes from one index to the next along each axis.
  private let strides: [Int]

  /// Comparing each slice with each takes the square of their number.
  private static let mostSlices = 4096

  /// Checks that the slices cover every element once.
  init(
    _ parts: [Part], of entry: BundleEntry, key: String, file: String, at place: Int
  ) throws(CheckpointError) {
    func corrupt(_ reason: String) -> CheckpointError {
      .corrupt(file: file, offset: place, reason: "slices of '\(key)': \(reason)")
    }
    // Strings are counted, numbers are measured.
    guard let width = entry.elementType.byteWidth ?? (entry.elementType == .string ? 1 : nil) else {
      throw .unsupported(file: file, reason: "'\(key)' is a \(entry.elementType.name) tensor stored in slices")
    }
    guard parts.count <= Self.mostSlices else {
      throw .unsupported(
        file: file, reason: "'\(key)' is stored in \(parts.count) slices, more than \(Self.mostSlices)")
    }
    let shape = entry.shape
    var strides = [Int](repeating: width, count: shape.count)
    // Products of trailing dimensions may overflow beside a dimension of 0: then there is nothing to read.
    if entry.count > 0 {
      for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    }
    var pieces: [Piece] = []
    var covered = 0
    for (number, part) in parts.enumerated() {
      let extents = part.slice.extents
      guard extents.count == shape.count else { throw corrupt("slice \(number + 1) has \(extents.count) axes") }
      var start: [Int] = []
      var length: [Int] = []
      for (extent, dimension) in zip(extents, shape) {
        let first = extent.length == nil ? 0 : extent.start
        let count = extent.length ?? dimension
        guard first >= 0, count >= 0, first <= dimension, count <= dimension - first else {
          throw corrupt("slice \(number + 1) takes \(count) from \(first) on, of \(dimension)")
        }
        start.append(first)
        length.append(count)
      }
      let stored = part.entry
      guard stored.elementType == entry.elementType, stored.shape == length, stored.slices.isEmpty else {
        throw corrupt("slice \(number + 1) is stored as \(stored.elementType.name) \(stored.shape), expected \(length)")
      }
      guard stored.count > 0 else { continue }
      var axis = max(0, shape.count - 1)
      while axis > 0, length[axis] == shape[axis] { axis -= 1 }
      let runBytes = shape.isEmpty ? width : length[axis] * strides[axis]
      let (sum, overflow) = covered.addingReportingOverflow(stored.count)
      covered = sum
      guard !overflow, covered <= entry.count else {
        throw corrupt("more than the tensor's \(entry.count) elements; they overlap")
      }
      pieces.append(
        Piece(
          number: number, start: start, length: length, shard: stored.shard, offset: stored.offset, size: stored.size,
          count: stored.count, maskedChecksum: stored.maskedChecksum, runAxis: axis, runBytes: runBytes,
          runCount: stored.count * width / runBytes))
    }
    for (number, piece) in pieces.enumerated() {
      for other in pieces[..<number] where piece.overlaps(other) {
        throw corrupt("the one from \(piece.start) on overlaps the one from \(other.start) on")
      }
    }
    guard covered == entry.count else { throw corrupt("\(covered) of \(entry.count) elements; the rest is missing") }
    self.shape = shape
    self.pieces = pieces
    self.strides = strides
    byteCount = entry.count * width
  }

  /// Fills `buffer` with the put-together tensor's bytes from `offset` on, in the byte order of the file.
  ///
  /// - Parameter fill: Fills its buffer with the bytes of a slice from an offset within it on.
  func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer,
    _ fill: (Piece, Int, UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let end = offset + buffer.count
    let scratch = ReadBuffer()
    for piece in pieces {
      // Runs come in the order of the tensor, so those within the range are neighbours.
      let first = piece.firstRun { place(of: $0, in: piece) + piece.runBytes > offset }
      let last = piece.firstRun { place(of: $0, in: piece) >= end }
      guard first < last else { continue }
      var position = first * piece.runBytes + max(0, offset - place(of: first, in: piece))
      let stop = (last - 1) * piece.runBytes + min(piece.runBytes, end - place(of: last - 1, in: piece))
      while position < stop {
        let count = min(scratch.bytes.count, stop - position)
        let read = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<count])
        try fill(piece, position, read)
        var done = 0
        while done < count {
          let run = (position + done) / piece.runBytes
          let within = (position + done) % piece.runBytes
          let part = min(piece.runBytes - within, count - done)
          let target = place(of: run, in: piece) + within - offset
          UnsafeMutableRawBufferPointer(rebasing: buffer[target..<target + part])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: read[done..<done + part]))
          done += part
        }
        position += count
      }
    }
  }

  /// Hands over every element of a tensor of strings in row-major order: which of ``pieces`` has it, and where in it.
  ///
  /// - Complexity: O(elements · log runs of a piece + runs · pieces).
  func forEachElement(_ body: (_ piece: Int, _ element: Int) throws(CheckpointError) -> Void) throws(CheckpointError) {
    // Where each run begins, for runs of all pieces in the order of the tensor.
    var runs: [(place: Int, piece: Int, run: Int)] = []
    for (number, piece) in pieces.enumerated() {
      for run in 0..<piece.runCount { runs.append((place(of: run, in: piece), number, run)) }
    }
    runs.sort { $0.place < $1.place }
    for (_, number, run) in runs {
      let length = pieces[number].runBytes
      for element in run * length..<(run + 1) * length { try body(number, element) }
    }
  }

  /// Where run number `run` of a piece begins in the tensor, in bytes.
  private func place(of run: Int, in piece: Piece) -> Int {
    guard !shape.isEmpty else { return 0 }
    var rest = run
    var result = piece.start[piece.runAxis] * strides[piece.runAxis]
    for axis in stride(from: piece.runAxis - 1, through: 0, by: -1) {
      result += (piece.start[axis] + rest % piece.length[axis]) * strides[axis]
      rest /= piece.length[axis]
    }
    return result
  }
}

extension SlicedTensor.Piece {
  func overlaps(_ other: Self) -> Bool {
    for axis in start.indices
    where start[axis] >= other.start[axis] + other.length[axis] || other.start[axis] >= start[axis] + length[axis] {
      return false
    }
    return true
  }

  /// The first run for which `condition`, false before and true after, holds; ``runCount`` where none does.
  func firstRun(where condition: (Int) -> Bool) -> Int {
    var low = 0
    var high = runCount
    while low < high {
      let middle = low + (high - low) / 2
      if condition(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
