import CKernels
import Checkpoints
import Tensors
import Testing

@testable import Comparison

@Suite struct PassTests {
  /// Values that add up exactly in any order, so that every way to the sums must agree to the bit.
  private func integers(_ count: Int, seed: UInt64) -> [Double] {
    var random = Simulation(seed: seed)
    return (0..<count).map { _ in Double(random.below(201) - 100) }
  }

  private static let fields = [
    eqp_count, eqp_sum_a, eqp_sum_b, eqp_sum_aa, eqp_sum_bb, eqp_sum_ab, eqp_sum_d, eqp_sum_dd, eqp_changed,
  ]

  /// By a loop over elements; shape `[fields, rows]`.
  private func naive(_ a: [Double], _ b: [Double], view: UnitView, _ block: [Int], rows: Int) -> [Double] {
    var result = [Double](repeating: 0, count: Self.fields.count * rows)
    for i in a.indices {
      let row = block[i / view.inner % view.units]
      let (x, y, d) = (a[i], b[i], b[i] - a[i])
      result[row] += 1
      result[rows + row] += x
      result[2 * rows + row] += y
      result[3 * rows + row] += x * x
      result[4 * rows + row] += y * y
      result[5 * rows + row] += x * y
      result[6 * rows + row] += d
      result[7 * rows + row] += d * d
      result[8 * rows + row] += d == 0 ? 0 : 1
    }
    return result
  }

  private func check(_ shape: [Int], view: UnitView, type: ElementType = .float32) async throws {
    let count = shape.reduce(1, *)
    let a = integers(count, seed: 1)
    let b = integers(count, seed: 2)
    func tensor(_ values: [Double]) -> MemoryCheckpoint.Tensor {
      type == .float32 ? .float32("x", shape, values) : .float64("x", shape, values)
    }
    let found = try await sums(tensor(a), tensor(b), view: view)
    let folds = view.units > PairPass.blockLimit
    let rows = folds ? PairPass.blockLimit : view.units
    #expect(found.sums.units == rows)
    #expect(found.unitCount == view.units)
    let block = (0..<view.units).map { folds ? PairPass.block(of: $0) : $0 }
    let reference = naive(a, b, view: view, block, rows: rows)
    for (place, field) in Self.fields.enumerated() {
      // Squares are of integers below 2⁵³ in all: exact.
      let expected = reference[place * rows..<(place + 1) * rows]
      #expect(found.sums.column(field).elementsEqual(expected), "field \(field.rawValue) of \(shape)")
    }
    var norms = [Double](repeating: 0, count: view.units)
    for (i, x) in a.enumerated() { norms[i / view.inner % view.units] += x * x }
    var byRow = [Double](repeating: 0, count: rows)
    for (unit, square) in norms.enumerated() { byRow[block[unit]] += square.squareRoot() }
    #expect(zip(found.sums.normA, byRow).allSatisfy { close($0, $1) })
    let columns = found.sums.bins + 2
    for row in 0..<rows {
      let total = found.sums.histogramA[row * columns..<(row + 1) * columns].reduce(0) { $0 + Double($1) }
      if total != found.sums[eqp_count, row] { Issue.record("histogram of row \(row) of \(shape)") }
    }
    let totals = (a: found.sums.wholeA, b: found.sums.wholeB)
    let width = found.sums.width
    var expected = [Double](repeating: 0, count: columns)
    for x in a {
      let position = (x - found.sums.low) / width
      expected[position < 0 ? 0 : position >= Double(found.sums.bins) ? columns - 1 : Int(position) + 1] += 1
    }
    // An integer may lie on an edge, where one rounding decides.
    let moved = zip(totals.a, expected).reduce(0.0) { $0 + abs($1.0 - $1.1) }
    #expect(moved <= 0.01 * Double(count))
    #expect(found.fineA.reduce(0, +) == (count < PairPass.fineFrom ? 0 : UInt64(count)))
  }

  @Test(arguments: [
    ([64, 10], UnitView(units: 10, inner: 1, name: "output column")),
    ([64, 10], UnitView(units: 64, inner: 10, name: "row")),
    ([3, 3, 8, 5], UnitView(units: 8, inner: 5, name: "input channel")),
    ([3, 3, 8, 5], UnitView(units: 40, inner: 1, name: "depthwise filter")),
    ([7], UnitView(units: 7, inner: 1, name: "unit")),
    ([], UnitView(units: 1, inner: 1, name: "scalar")),
    ([5, 12], UnitView(units: 3, inner: 1, name: "recurrent unit")),
    ([2_000, 3], UnitView(units: 6_000, inner: 1, name: "element")),
  ]) func everyViewAgainstNaive(shape: [Int], view: UnitView) async throws {
    try await check(shape, view: view)
  }

  @Test(arguments: [
    // Rows and columns in several tasks, and units above the limit in either layout.
    ([700, 1_500], UnitView(units: 1_500, inner: 1, name: "output column")),
    ([20_000, 3], UnitView(units: 20_000, inner: 3, name: "row")),
    ([3, 20_000], UnitView(units: 20_000, inner: 1, name: "output column")),
    ([2, 17_000, 2], UnitView(units: 17_000, inner: 2, name: "input channel")),
    ([70_000], UnitView(units: 70_000, inner: 1, name: "element")),
  ]) func manyElementsAgainstNaive(shape: [Int], view: UnitView) async throws {
    try await check(shape, view: view, type: .float64)
  }

  @Test func emptyTensors() async throws {
    for view in [UnitView(units: 5, inner: 1, name: "output column"), UnitView(units: 1, inner: 1, name: "row")] {
      let found = try await sums(.float32("x", [0, 5], []), .float32("x", [0, 5], []), view: view)
      #expect(found.identical)
      #expect(found.sums.total(eqp_count) == 0)
      #expect(found.fineA.isEmpty)
    }
  }

  @Test func blocksAreEvenAndBlindToTheValues() {
    var counts = [Int](repeating: 0, count: PairPass.blockLimit)
    for unit in 0..<20 * PairPass.blockLimit { counts[PairPass.block(of: unit)] += 1 }
    // χ² with 16,383 degrees of freedom: mean 16,383, SD 181; six SD.
    let square = counts.reduce(0.0) { $0 + (Double($1) - 20) * (Double($1) - 20) / 20 }
    #expect(abs(square - 16_383) < 6 * 181)
  }

  @Test(arguments: [
    ([700, 1_500], UnitView(units: 1_500, inner: 1, name: "output column")),
    ([66_000, 2], UnitView(units: 66_000, inner: 2, name: "row")),
  ]) func threadsChangeNoByte(shape: [Int], view: UnitView) async throws {
    var random = Simulation(seed: 3)
    let count = shape.reduce(1, *)
    let a = (0..<count).map { _ in random.uniform() - 0.5 }
    let b = a.map { $0 * 1.01 + 1e-3 }
    let x = MemoryCheckpoint.Tensor.float32("x", shape, a)
    let y = MemoryCheckpoint.Tensor.float32("x", shape, b)
    let one = try await sums(x, y, view: view, width: 1)
    for width in [2, 8] {
      let other = try await sums(x, y, view: view, width: width)
      #expect(other.sums.fields.map(\.bitPattern) == one.sums.fields.map(\.bitPattern))
      #expect(other.sums.histogramA == one.sums.histogramA)
      #expect(other.sums.normB.map(\.bitPattern) == one.sums.normB.map(\.bitPattern))
      #expect(other.fineB == one.fineB)
    }
  }

  @Test func complexCountsAsTwoReals() async throws {
    let a: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let b: [Float] = [1, 2, 3, 5, 5, 6, 7, 8]
    let found = try await sums(
      MemoryCheckpoint.Tensor("x", .complex64, [2, 2], raw: a),
      MemoryCheckpoint.Tensor("x", .complex128, [2, 2], raw: b.map { Double($0) }),
      view: UnitView(units: 2, inner: 1, name: "output column"))
    #expect(Array(found.sums.column(eqp_sum_a)) == [14, 22])
    #expect(Array(found.sums.column(eqp_count)) == [4, 4])
    #expect(Array(found.sums.column(eqp_changed)) == [0, 1])
    #expect(!found.identical)
  }

  @Test func damageIsThrownWithTheFile() async throws {
    let good = MemoryCheckpoint.Tensor.float32("x", [300, 5], integers(1_500, seed: 4))
    let view = UnitView(units: 5, inner: 1, name: "output column")
    for hasChecksum in [true, false] {
      let bad = good.with {
        $0.checksum = 1
        $0.hasChecksum = hasChecksum
      }
      for (x, y) in [(good, bad), (bad, good)] {
        await #expect(throws: CheckpointError.corrupt(file: "memory", offset: 0, reason: "checksum of x")) {
          try await sums(x, y, view: view)
        }
      }
    }
    let failing = good.with { $0.failure = .io(file: "shard", operation: "read", reason: "gone") }
    await #expect(throws: CheckpointError.io(file: "shard", operation: "read", reason: "gone")) {
      try await sums(good, failing, view: view)
    }
    let short = good.with { $0.bytes.removeLast(4) }
    await #expect(throws: CheckpointError.self) { try await sums(good, short, view: view) }
  }

  @Test func damagedTensorsAreListedAndTheOthersCompared() async throws {
    let x = MemoryCheckpoint.Tensor.float32("layer/kernel", [4, 3], integers(12, seed: 5))
    let y = MemoryCheckpoint.Tensor.float32("layer/bias", [3], [1, 2, 3])
    let result = try await compare(
      MemoryCheckpoint([x.with { $0.checksum = 3 }, y]), MemoryCheckpoint([x, y]), options: ComparisonOptions()
    ).result
    #expect(result.damaged.map(\.name) == ["layer/kernel"])
    #expect(result.damaged.first?.isCorrupt == true)
    #expect(result.pairs.map(\.name) == ["layer/bias"])
    #expect(result.verdict == .different)
    var unchecked = ComparisonOptions()
    unchecked.verifies = false
    let trusting = try await compare(
      MemoryCheckpoint([x.with { $0.checksum = 3 }, y]), MemoryCheckpoint([x, y]), options: unchecked
    ).result
    #expect(trusting.damaged.isEmpty)
    #expect(trusting.verdict == .identicalValues)
  }

  @Test func cancellationIsSeen() async throws {
    let tensor = MemoryCheckpoint.Tensor.float32("x", [100, 10], integers(1_000, seed: 6))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await sums(tensor, tensor, view: UnitView(units: 10, inner: 1, name: "output column"))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
