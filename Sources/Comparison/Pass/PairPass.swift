import CKernels
import Checkpoints
import Tensors

/// What one pass over a pair of tensors leaves.
package struct PairSums: Sendable {
  package var sums: UnitSums
  /// By element type and bytes.
  package var identical: Bool
  /// Counts by coarse key, for the exact Kolmogorov-Smirnov distance; empty when not asked for.
  package var keysA: [Int], keysB: [Int]
  package var nonFinite: [String: Int]
  package var pilot: Pilot
  /// Units of the tensor; more than `sums.units` where they were grouped into blocks.
  package var unitCount: Int
  /// CRC-32C of the bytes of either side; `nil` where they were not checked.
  package var checksums: (a: UInt32, b: UInt32)?

  package init(
    sums: UnitSums, identical: Bool, keysA: [Int] = [], keysB: [Int] = [], nonFinite: [String: Int], pilot: Pilot,
    unitCount: Int
  ) {
    self.sums = sums
    self.identical = identical
    self.keysA = keysA
    self.keysB = keysB
    self.nonFinite = nonFinite
    self.pilot = pilot
    self.unitCount = unitCount
  }
}

/// Reads a pair once, in parallel chunks, into a table of sums.
///
/// The chunks depend on the shape alone and are merged in their order: the number of threads never
/// changes a byte. Memory is that of a few tables, whatever the tensor's size.
struct PairPass: Sendable {
  /// Above this many units, units are put together at random in so many blocks.
  static let blockLimit = 16_384
  static let bins = 128
  private static let readSize = 256 << 10
  private static let blockSize = 1_024
  private static let taskSize = 1 << 20
  private static let rowsPerTask = 65_536

  let a: TensorSource, b: TensorSource
  let view: UnitView
  let pilot: Pilot
  let wantsHistograms: Bool, wantsKeys: Bool
  let verifies: Bool
  let progress: WorkProgress

  /// Real numbers in the tensor: twice the elements for complex types.
  private let count: Int
  private let components: Int
  private let inner: Int
  /// Every unit is one run of elements, so a part holds whole units.
  var hasRows: Bool { view.units * inner == count }
  /// Units are grouped into blocks.
  var folds: Bool { view.units > Self.blockLimit }

  init(
    a: TensorSource, b: TensorSource, view: UnitView, histograms: Bool, keys: Bool, verifies: Bool,
    progress: WorkProgress = .ignored
  ) throws(CheckpointError) {
    self.a = a
    self.b = b
    self.view = view
    components = a.tensor.elementType.components
    count = a.tensor.count * components
    inner = view.inner * components
    wantsHistograms = histograms
    wantsKeys = keys
    self.verifies = verifies
    self.progress = progress
    pilot = a.tensor.count > 0 ? try Pilot(a, b) : Pilot()
    if verifies {
      if a.tensor.checksum == nil { try a.checkpoint.verify(a.tensor) }
      if b.tensor.checksum == nil { try b.checkpoint.verify(b.tensor) }
    }
  }

  /// Sums, histograms and key counts of the whole pair.
  ///
  /// - Throws: ``CheckpointError`` when the bytes can't be had or contradict their checksum.
  /// - Complexity: O(elements) time.
  func run(width: Int) async throws -> PairSums {
    let ranges = taskRanges()
    var merged = Merged(pass: self)
    try await inOrder(count: ranges.count, width: width) {
      try self.task(ranges[$0])
    } consume: { _, part in
      merged.add(part, pass: self)
    }
    if verifies {
      try check(a, found: merged.crcA)
      try check(b, found: merged.crcB)
    }
    return merged.finished(pass: self)
  }

  /// The same on the calling thread.
  func runSequentially() throws -> PairSums {
    var merged = Merged(pass: self)
    for range in taskRanges() { merged.add(try task(range), pass: self) }
    if verifies {
      try check(a, found: merged.crcA)
      try check(b, found: merged.crcB)
    }
    return merged.finished(pass: self)
  }

  private func check(_ source: TensorSource, found: UInt32) throws(CheckpointError) {
    guard let expected = source.tensor.checksum, expected != found else { return }
    // The checkpoint knows file and offset; it reads the bytes once more to say so.
    try source.checkpoint.verify(source.tensor)
    throw .corrupt(
      file: source.tensor.key, offset: 0, reason: "CRC-32C expected \(hex(expected)), found \(hex(found))")
  }

  private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

  /// Ranges of real numbers, from the shape alone.
  private func taskRanges() -> [Range<Int>] {
    if count == 0 { return [] }
    var step: Int
    if hasRows {
      step = max(1, min(Self.taskSize / inner, Self.rowsPerTask)) * inner
    } else {
      let row = view.units * inner
      step = max(Self.taskSize, min(view.units, Self.blockLimit) * 256)
      step = max(1, step / row) * row
    }
    if !folds { step = max(step, (count + 4_095) / 4_096) }
    if hasRows { step = (step + inner - 1) / inner * inner }
    step = (step + components - 1) / components * components
    return stride(from: 0, to: count, by: step).map { $0..<min($0 + step, count) }
  }

  struct Part: Sendable {
    var firstUnit: Int
    var units: Int
    var table: [Double]
    var histogramA: [UInt32], histogramB: [UInt32]
    var keysA: [UInt32], keysB: [UInt32]
    var crcA: UInt32, crcB: UInt32
    var bytesA: Int, bytesB: Int
    var identical: Bool
    var nonFinite: [UInt64]
  }

  /// The block of a unit: fixed by its position, blind to its values.
  static func block(of unit: Int) -> Int {
    var z = UInt64(unit) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(blockLimit))
  }

  private func task(_ range: Range<Int>) throws -> Part {
    let firstUnit = hasRows ? range.lowerBound / inner : 0
    let units = hasRows ? (range.upperBound + inner - 1) / inner - firstUnit : view.units
    let rows = folds ? Self.blockLimit : units
    let columns = wantsHistograms ? Self.bins + 2 : 0
    var part = Part(
      firstUnit: firstUnit, units: units, table: Array(repeating: 0, count: UnitSums.fieldCount * units),
      histogramA: Array(repeating: 0, count: rows * columns), histogramB: Array(repeating: 0, count: rows * columns),
      keysA: Array(repeating: 0, count: wantsKeys ? eqp_key_count() : 0),
      keysB: Array(repeating: 0, count: wantsKeys ? eqp_key_count() : 0), crcA: 0, crcB: 0, bytesA: 0, bytesB: 0,
      identical: a.tensor.elementType == b.tensor.elementType, nonFinite: [])
    let blocks: [UInt32] =
      folds && wantsHistograms ? (firstUnit..<firstUnit + units).map { UInt32(Self.block(of: $0)) } : []

    try part.table.withUnsafeMutableBufferPointer { table in
      try part.histogramA.withUnsafeMutableBufferPointer { histogramA in
        try part.histogramB.withUnsafeMutableBufferPointer { histogramB in
          try part.keysA.withUnsafeMutableBufferPointer { keysA in
            try part.keysB.withUnsafeMutableBufferPointer { keysB in
              try blocks.withUnsafeBufferPointer { blocks in
                eqp_table_clear(table.baseAddress, units, units)
                var pass = eqp_pass()
                pass.units = view.units
                pass.inner = inner
                pass.first_unit = firstUnit
                pass.table = table.baseAddress
                pass.stride = units
                pass.shift = pilot.shift
                pass.histogram_a = wantsHistograms ? histogramA.baseAddress : nil
                pass.histogram_b = wantsHistograms ? histogramB.baseAddress : nil
                pass.histogram_row = blocks.isEmpty ? nil : blocks.baseAddress
                pass.bins = Self.bins
                pass.low = pilot.low
                pass.per_width = Double(Self.bins) / (pilot.high - pilot.low)
                pass.keys_a = wantsKeys ? keysA.baseAddress : nil
                pass.keys_b = wantsKeys ? keysB.baseAddress : nil
                try stream(range, crcA: &part.crcA, crcB: &part.crcB, identical: &part.identical) {
                  eqp_pass_block(&pass, $0, $1, $2, $3, $4)
                }
                part.nonFinite = [pass.nan_a, pass.inf_a, pass.nan_b, pass.inf_b]
              }
            }
          }
        }
      }
    }
    part.bytesA = range.count / components * a.width
    part.bytesB = range.count / components * b.width
    return part
  }

  /// Reads a range of real numbers, decodes it block by block, and hands over position, a, b, b − a and count.
  func stream(
    _ range: Range<Int>, crcA: inout UInt32, crcB: inout UInt32, identical: inout Bool,
    _ take: (Int, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Void
  ) throws {
    let elementsPerRead = Self.readSize / max(a.width, b.width)
    let perBlock = Self.blockSize / components
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * Self.readSize, alignment: 64)
    let values = UnsafeMutablePointer<Double>.allocate(capacity: 3 * Self.blockSize)
    defer {
      raw.deallocate()
      values.deallocate()
    }
    let x = values
    let y = values + Self.blockSize
    let d = values + 2 * Self.blockSize
    let rawA = UnsafeMutableRawBufferPointer(rebasing: raw[..<Self.readSize])
    let rawB = UnsafeMutableRawBufferPointer(rebasing: raw[Self.readSize...])
    let typeA = a.tensor.elementType.rawValue
    let typeB = b.tensor.elementType.rawValue
    let elements = range.lowerBound / components..<range.upperBound / components
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: elementsPerRead) {
      try Task.checkCancellation()
      let piece = start..<min(start + elementsPerRead, elements.upperBound)
      try a.read(piece, into: rawA)
      try b.read(piece, into: rawB)
      if verifies {
        crcA = eqp_crc32c(crcA, rawA.baseAddress, piece.count * a.width)
        crcB = eqp_crc32c(crcB, rawB.baseAddress, piece.count * b.width)
      }
      if identical {
        let bytes = piece.count * a.width
        identical = rawA[..<bytes].elementsEqualBytes(rawB[..<bytes])
      }
      for first in stride(from: 0, to: piece.count, by: perBlock) {
        let n = min(perBlock, piece.count - first)
        let atA = rawA.baseAddress! + first * a.width
        let atB = rawB.baseAddress! + first * b.width
        _ = eqp_decode(typeA, atA, x, n)
        _ = eqp_decode(typeB, atB, y, n)
        eqp_differences(typeA, typeB, atA, atB, x, y, d, n)
        take((piece.lowerBound + first) * components, x, y, d, n * components)
      }
      progress.advance(.reading, by: piece.count * (a.width + b.width))
    }
  }

  /// All ranges of the pair, for those who stream again.
  var ranges: [Range<Int>] { taskRanges() }
}
