import CKernels
import Checkpoints
import Tensors
import Threads

/// What one pass over a pair of tensors leaves.
package struct PairSums: Sendable {
  package var sums: UnitSums
  /// By element type and bytes.
  package var identical: Bool
  /// Counts in the finer histogram over all units, for the exact Kolmogorov-Smirnov distance; empty when not asked for,
  /// and for few elements.
  package var fineA: [UInt64], fineB: [UInt64]
  package var nonFinite: [String: Int]
  package var pilot: Pilot
  /// Units of the tensor; more than `sums.units` where they were grouped into blocks.
  package var unitCount: Int
  /// CRC-32C of the bytes of either side; `nil` where they were not checked.
  package var checksums: (a: UInt32, b: UInt32)?

  package init(
    sums: UnitSums, identical: Bool, fineA: [UInt64] = [], fineB: [UInt64] = [], nonFinite: [String: Int], pilot: Pilot,
    unitCount: Int
  ) {
    self.sums = sums
    self.identical = identical
    self.fineA = fineA
    self.fineB = fineB
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
  /// What is counted beside the sums.
  struct Histograms: OptionSet {
    let rawValue: Int
    /// A histogram a unit.
    static let units = Histograms(rawValue: 1)
    /// One histogram over all units.
    static let whole = Histograms(rawValue: 2)
    /// What the exact Kolmogorov-Smirnov distance starts from.
    static let fine = Histograms(rawValue: 4)
  }

  /// Above this many units, units are put together at random in so many blocks.
  static let blockLimit = 16_384
  static let bins = 128
  /// Elements below which finer counts cost more than they tell.
  static let fineFrom = 1 << 16
  private static let taskSize = 1 << 20
  private static let rowsPerTask = 65_536
  private static let lastSteps = 4

  let a: TensorSource, b: TensorSource
  let view: UnitView
  let pilot: Pilot
  let verifies: Bool
  /// Sums of magnitudes, and the extremes of either side.
  let wantsSizes: Bool
  let progress: WorkProgress

  /// Real numbers in the tensor: twice the elements for complex types.
  let count: Int
  let components: Int
  let inner: Int
  let wantsUnitHistograms: Bool
  /// One histogram, counted in one row.
  let wantsSingleHistogram: Bool
  let wantsFine: Bool
  /// Every unit is one run of elements, so a part holds whole units.
  var hasRows: Bool { view.units * inner == count }
  /// Units are grouped into blocks.
  var folds: Bool { view.units > Self.blockLimit }

  init(
    a: TensorSource, b: TensorSource, view: UnitView, histograms: Histograms, verifies: Bool,
    sizes: Bool = true, progress: WorkProgress = .ignored
  ) throws(CheckpointError) {
    self.a = a
    self.b = b
    self.view = view
    components = a.tensor.elementType.components
    count = a.tensor.count * components
    inner = view.inner * components
    let isLarge = count >= Self.fineFrom
    wantsUnitHistograms = histograms.contains(.units)
    wantsSingleHistogram = histograms.contains(.whole) && !wantsUnitHistograms && !isLarge
    wantsFine = isLarge && (histograms.contains(.fine) || (histograms.contains(.whole) && !wantsUnitHistograms))
    self.verifies = verifies
    wantsSizes = sizes
    self.progress = progress
    pilot = a.tensor.count > 0 ? try Pilot(a, b) : Pilot()
    if verifies {
      if a.tensor.checksum == nil { try a.checkpoint.verify(a.tensor) }
      if b.tensor.checksum == nil { try b.checkpoint.verify(b.tensor) }
    }
  }

  /// Sums and histograms of the whole pair.
  ///
  /// - Throws: ``CheckpointError`` when the bytes can't be had or contradict their checksum.
  /// - Complexity: O(elements) time.
  func run(width: Int) async throws -> PairSums {
    let ranges = ranges
    let tallies = tallies()
    var merged = Merged(pass: self)
    // While one is at a long range, others may get through the short ones at the end.
    try await inOrder(count: ranges.count, width: width, ahead: width + Self.lastSteps) { index in
      try tallies.withTally { try self.task(ranges[index], $0) }
    } consume: { _, part in
      merged.add(part, pass: self)
    }
    try check(merged)
    return merged.finished(pass: self, await tallies.totals(threads: width))
  }

  /// The same on the calling thread.
  func runSequentially() throws -> PairSums {
    let tallies = tallies()
    var merged = Merged(pass: self)
    for range in ranges { merged.add(try tallies.withTally { try task(range, $0) }, pass: self) }
    try check(merged)
    return merged.finished(pass: self, tallies.totals())
  }

  private func tallies() -> Tallies {
    let rows = wantsUnitHistograms ? min(view.units, Self.blockLimit) : wantsSingleHistogram ? 1 : 0
    return Tallies(Tallies.Sizes(histogram: rows * (Self.bins + 2), fine: wantsFine ? Self.fineBins : 0))
  }

  private func check(_ merged: borrowing Merged) throws(CheckpointError) {
    guard verifies else { return }
    try check(a, found: merged.crcA)
    try check(b, found: merged.crcB)
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
  var ranges: [Range<Int>] {
    if count == 0 { return [] }
    var step: Int
    if hasRows {
      step = max(1, min(Self.taskSize / inner, Self.rowsPerTask)) * inner
    } else {
      let row = view.units * inner
      step = max(Self.taskSize, min(view.units, Self.blockLimit) * 512)
      step = max(1, step / row) * row
    }
    if !folds { step = max(step, (count + 4_095) / 4_096) }
    if hasRows { step = (step + inner - 1) / inner * inner }
    step = (step + components - 1) / components * components
    func ranges(_ range: Range<Int>, by step: Int) -> [Range<Int>] {
      stride(from: range.lowerBound, to: range.upperBound, by: step).map { $0..<min($0 + step, range.upperBound) }
    }
    let all = ranges(0..<count, by: step)
    guard all.count > 2 * Self.lastSteps else { return all }
    // Short ones at the end, so that no thread waits long for another.
    let whole = hasRows ? inner : view.units * inner
    let short = (step / Self.lastSteps + whole - 1) / whole * whole
    let first = all[all.count - Self.lastSteps].lowerBound
    return all.dropLast(Self.lastSteps) + ranges(first..<count, by: short)
  }

  /// The block of a unit: fixed by its position, blind to its values.
  static func block(of unit: Int) -> Int {
    var z = UInt64(unit) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(blockLimit))
  }

  /// The sums of one range, in the workspace that made them.
  struct Part: Sendable {
    let workspace: Workspace
    var firstUnit: Int, units: Int
    /// Rows of the table: no power of two, whose columns would crowd the same few sets of a cache.
    var stride: Int
    var crcA: UInt32 = 0, crcB: UInt32 = 0
    var bytesA = 0, bytesB = 0
    var identical: Bool
    var nonFinite: [UInt64] = [0, 0, 0, 0]
  }

  private func task(_ range: Range<Int>, _ tally: Tally) throws -> Part {
    let workspace = Workspace.borrow()
    let firstUnit = hasRows ? range.lowerBound / inner : 0
    let units = hasRows ? (range.upperBound + inner - 1) / inner - firstUnit : view.units
    let stride = units <= 64 ? units : (units + 7) / 8 * 8 + 8
    var part = Part(
      workspace: workspace, firstUnit: firstUnit, units: units, stride: stride,
      identical: a.tensor.elementType == b.tensor.elementType)
    var pass = eqp_pass()
    pass.units = view.units
    pass.inner = inner
    pass.first_unit = firstUnit
    pass.table = workspace.table.hold(UnitSums.fieldCount * stride)
    pass.stride = stride
    eqp_table_clear(pass.table, stride, units)
    pass.shift = pilot.shift
    pass.no_sizes = wantsSizes ? 0 : 1
    pass.bins = Self.bins
    pass.low = pilot.low
    pass.per_width = Double(Self.bins) / (pilot.high - pilot.low)
    pass.fine_a = tally.fineA
    pass.fine_b = tally.fineB
    if wantsSingleHistogram {
      pass.histogram_row = UnsafePointer(workspace.rows.cleared(units))
    } else if folds, wantsUnitHistograms {
      let blocks = workspace.rows.hold(units)
      for unit in 0..<units { blocks[unit] = UInt32(Self.block(of: firstUnit + unit)) }
      pass.histogram_row = UnsafePointer(blocks)
    }
    let firstRow = pass.histogram_row == nil ? firstUnit * (Self.bins + 2) : 0
    pass.histogram_a = tally.histogramA.advanced(by: firstRow)
    pass.histogram_b = tally.histogramB.advanced(by: firstRow)
    let isKnown = takesElements
    try stream(range, workspace, checked: &part) { position, x, y, n in
      if isKnown {
        _ = eqp_pass_elements(&pass, position, a.tensor.elementType.rawValue, x, y, n)
        return
      }
      decode(x, y, n, workspace) { eqp_pass_block(&pass, position + $0, $1, $2, $3, $4) }
    }
    eqp_pass_finish(&pass, units)
    part.nonFinite = [pass.nan_a, pass.inf_a, pass.nan_b, pass.inf_b]
    return part
  }

  static var fineBins: Int { bins * Int(eqp_finer) + 2 }
}

extension eqp_counts {
  /// The counts from a place on; none where there are none.
  func advanced(by places: Int) -> eqp_counts {
    low == nil ? self : eqp_counts(low: low + places, carries: carries + places)
  }
}
