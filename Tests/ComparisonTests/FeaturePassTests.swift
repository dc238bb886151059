import Checkpoints
import Statistics
import Testing

@testable import Comparison

/// Features of one tensor of one run: streamed as computed at once, and blind to the order of hidden units.
@Suite struct FeaturePassTests {
  private func features(
    _ tensor: MemoryCheckpoint.Tensor, _ view: UnitView? = nil
  ) throws -> RunFeatures {
    let checkpoint = MemoryCheckpoint([tensor])
    let stored = checkpoint.tensors[0]
    let view = view ?? UnitView.of(shape: stored.shape, part: "kernel", layer: LayerContext())
    return try FeaturePass(TensorSource(checkpoint, stored), view: view, verifies: true).run()
  }

  private func frobenius(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test func smallMatrixAgainstExact() throws {
    // Columns (3, 4) and (0, 0) and (5, 12): norms 5, 0, 13; one dead.
    let found = try features(.float64("kernel", [2, 3], [3, 0, 5, 4, 0, 12]))
    #expect(found.unitNorms == [0, 5, 13] && found.deadUnits == 1)
    #expect(close(found.norm, (25.0 + 169).squareRoot()))
    // X Xᵀ = [[34, 72], [72, 160]]: trace 194, determinant 256.
    let root = (194.0 * 194 - 4 * 256).squareRoot()
    #expect(close(found.singularValues.first, ((194 + root) / 2).squareRoot(), 1e-10))
    #expect(close(found.singularValues.last, ((194 - root) / 2).squareRoot(), 1e-8))
    #expect(found.quantiles.count == RunFeatures.probabilities.count && found.quantiles[4] == 3.5)
  }

  /// Hidden units of a network in another order: columns of one kernel, rows of the next.
  @Test func orderOfUnitsDoesNotMatter() throws {
    var random = Simulation(seed: 41)
    let (inputs, units) = (13, 29)
    let x = random.normals(inputs * units)
    var order = Array(0..<units)
    for i in order.indices.reversed() { order.swapAt(i, random.below(i + 1)) }
    let columns = (0..<inputs * units).map { x[$0 / units * units + order[$0 % units]] }
    let rows = (0..<inputs * units).map { x[order[$0 / inputs] * inputs + $0 % inputs] }
    for (shape, permuted) in [([inputs, units], columns), ([units, inputs], rows)] {
      let a = try features(.float64("kernel", shape, x))
      let b = try features(.float64("kernel", shape, permuted))
      for (p, q) in zip(a.singularValues, b.singularValues) { #expect(close(p, q, 1e-9)) }
      #expect(a.quantiles == b.quantiles)
      if shape[1] == units { for (p, q) in zip(a.unitNorms, b.unitNorms) { #expect(close(p, q, 1e-12)) } }
    }
    // Rows as units, as in the last kernel.
    let last = UnitView(units: units, inner: inputs, name: "input row")
    let a = try features(.float64("kernel", [units, inputs], x), last)
    let b = try features(.float64("kernel", [units, inputs], rows), last)
    for (p, q) in zip(a.unitNorms, b.unitNorms) { #expect(close(p, q, 1e-12)) }
  }

  /// High, wide, and of more rows or columns than one buffer holds.
  @Test(arguments: [[700, 3], [3, 700], [40_000, 2], [2, 40_000], [3, 3, 5, 7], [1, 1], [5, 1], [1, 5]])
  func streamsAsAtOnce(shape: [Int]) throws {
    var random = Simulation(seed: 43)
    let count = shape.reduce(1, *)
    let x = random.normals(count)
    let found = try features(.float64("kernel", shape, x))
    let columns = shape[shape.count - 1]
    let rows = count / columns
    #expect(close(found.norm, frobenius(x), 1e-12))
    let norms = (0..<columns).map { c in frobenius((0..<rows).map { x[$0 * columns + c] }) }.sorted()
    if columns < count {
      let kept =
        columns <= 1_024
        ? norms : (0..<1_024).map { norms[Int((Double($0) / 1_023 * Double(columns - 1)).rounded())] }
      for (p, q) in zip(found.unitNorms, kept) { #expect(close(p, q, 1e-12)) }
    } else {
      #expect(found.unitNorms.isEmpty)
    }
    #expect(found.singularValues.count == min(rows, columns))
    #expect(close(frobenius(found.singularValues), found.norm, 1e-9))
    if min(rows, columns) == 2 {
      let at: (Int, Int) -> Double = { k, i in columns == 2 ? x[i * 2 + k] : x[k * columns + i] }
      let n = max(rows, columns)
      let (aa, bb, ab) = (0..<n).reduce((0.0, 0.0, 0.0)) {
        ($0.0 + at(0, $1) * at(0, $1), $0.1 + at(1, $1) * at(1, $1), $0.2 + at(0, $1) * at(1, $1))
      }
      let root = ((aa - bb) * (aa - bb) + 4 * ab * ab).squareRoot()
      #expect(close(found.singularValues[0], ((aa + bb + root) / 2).squareRoot(), 1e-9))
    }
  }

  /// Above 65,536 values quantiles come from counts: within a few times their own error, and far below the bins' width.
  @Test func quantilesOfManyValues() throws {
    var random = Simulation(seed: 47)
    let x = random.normals(70_000, deviation: 0.05)
    let found = try features(.float64("kernel", [7_000, 10], x))
    let ascending = x.sorted()
    for (p, q) in zip(RunFeatures.probabilities, found.quantiles) {
      #expect(abs(q - ascending[Int(p * 69_999)]) < 0.0004, "\(p)")
    }
    // Beyond the counts' range the extremes close the bins.
    let far = try features(.float64("kernel", [70_000, 1], x.map { $0 * 1e6 }))
    #expect(try #require(far.quantiles.last) <= (x.max() ?? 0) * 1e6)
    #expect(try #require(far.quantiles.last) > 256)
  }

  @Test func degenerateTensors() throws {
    let scalar = try features(.float64("x", [], [3]))
    #expect(scalar.unitNorms == [3] && scalar.singularValues.isEmpty && scalar.quantiles.allSatisfy { $0 == 3 })
    let empty = try features(.float64("x", [0, 4], []))
    #expect(empty.norm == 0 && empty.quantiles.isEmpty && empty.singularValues.allSatisfy { $0 == 0 })
    let zeros = try features(.float64("x", [3, 2], Array(repeating: 0, count: 6)))
    #expect(zeros.deadUnits == 2 && zeros.values(.singularValuesPerNorm) == [0, 0])
    let broken = try features(.float64("x", [2, 2], [1, .nan, .infinity, 2]))
    #expect(broken.nonFinite == 2 && broken.unitNorms == [1, 2] && broken.singularValues.count == 2)
    #expect(broken.quantiles.allSatisfy { $0 >= 1 && $0 <= 2 })
  }

  @Test func largeMatricesSayWhatIsLeftOut() {
    let view = UnitView(units: 600, inner: 1, name: "output column")
    #expect(FeaturePass.omissions(shape: [700, 600], view: view, components: 1).first?.contains("700 × 600") == true)
    #expect(
      FeaturePass.omissions(shape: [700, 512], view: UnitView(units: 512, inner: 1, name: ""), components: 1) == [])
    #expect(
      FeaturePass.omissions(shape: [7, 5], view: UnitView(units: 5, inner: 1, name: ""), components: 2).count == 1)
    #expect(FeaturePass.omissions(shape: [7], view: UnitView(units: 7, inner: 1, name: ""), components: 1) == [])
  }

  @Test func damagedBytesAreNamed() {
    let tensor = MemoryCheckpoint.Tensor.float64("kernel", [2, 2], [1, 2, 3, 4]).with { $0.checksum = 1 }
    #expect(throws: CheckpointError.self) { try features(tensor) }
  }
}
