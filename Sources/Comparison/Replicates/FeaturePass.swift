import CKernels
import Checkpoints
import Statistics
import Tensors

/// Reads one tensor of one run and keeps its features.
///
/// Values stream through a buffer of fixed size; what grows is O(units), and O(side²) for the Gram matrix of the smaller side.
/// Sequential, so that a result depends on the tensor alone: runs are what is read side by side.
struct FeaturePass {
  /// Larger smaller sides have no singular values: they cost O(side²) a weight and O(side³) at the end.
  static let largestSide = 512
  /// Above this many units their norms are left out, for they would be held and sorted.
  static let mostUnits = 1 << 22
  /// Up to so many values quantiles are exact; above, they come from counts by value, 128 an octave.
  static let exactBelow = 1 << 16
  private static let readElements = 1 << 15
  /// Elements of a block of columns.
  private static let blockElements = 1 << 19

  private let source: TensorSource
  private let view: UnitView
  private let verifies: Bool
  private let progress: WorkProgress
  private let components: Int
  private let count: Int
  private let inner: Int

  init(
    _ source: TensorSource, view: UnitView, verifies: Bool, progress: WorkProgress = .ignored
  ) {
    self.source = source
    self.view = view
    self.verifies = verifies
    self.progress = progress
    components = source.tensor.elementType.components
    count = source.tensor.count * components
    inner = view.inner * components
  }

  /// Why a family of features is left out: a matter of type and shape alone, so the same in every run.
  static func omissions(shape: [Int], view: UnitView, components: Int) -> [String] {
    let count = shape.reduce(1, *)
    guard count > 0, shape.count >= 2 else { return [] }
    var notes: [String] = []
    let sides = matrix(count: count, view: view)
    if components > 1 {
      notes.append("singular values of complex matrices are left out")
    } else if min(sides.rows, sides.columns) > largestSide {
      notes.append(
        "singular values are left out: a matrix of \(sides.rows) × \(sides.columns) has no side up to \(largestSide)")
    }
    if view.units > mostUnits { notes.append("the norms of \(view.units) units are left out: more than \(mostUnits)") }
    return notes
  }

  /// The tensor as a matrix whose singular values do not change when units change places: units are its columns where
  /// they come last, else its rows are what comes before the unit's own elements.
  static func matrix(count: Int, view: UnitView) -> (rows: Int, columns: Int) {
    let columns = view.inner == 1 ? view.units : view.inner
    return (count / max(columns, 1), columns)
  }

  /// - Throws: ``CheckpointError`` when the bytes can't be had or contradict their checksum, `CancellationError`.
  /// - Complexity: O(elements), and O(elements · side) for the singular values.
  func run() throws -> RunFeatures {
    if verifies, source.tensor.checksum == nil { try source.checkpoint.verify(source.tensor) }
    var features = RunFeatures()
    let shape = source.tensor.shape
    let sides = Self.matrix(count: source.tensor.count, view: view)
    let side = min(sides.rows, sides.columns)
    let hasMatrix = shape.count >= 2 && components == 1 && side >= 1 && side <= Self.largestSide
    let byRows = hasMatrix && sides.columns <= sides.rows
    var gram = byRows ? GramMatrix(columns: sides.columns) : nil

    // Whole rows at a time, where rows are added up.
    let step = byRows ? max(1, Self.readElements / sides.columns) * sides.columns : Self.readElements
    var squares = [Double](repeating: 0, count: view.units <= Self.mostUnits ? view.units : 0)
    var total = 0.0
    var kept: [Double] = []
    let isExact = count <= Self.exactBelow
    var keys = [UInt64](repeating: 0, count: isExact ? 0 : eqp_key_count())
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    var crc: UInt32 = 0
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, step * source.width), alignment: 64)
    let values = UnsafeMutablePointer<Double>.allocate(capacity: max(1, step * components))
    defer {
      raw.deallocate()
      values.deallocate()
    }
    for start in stride(from: 0, to: source.tensor.count, by: step) {
      try Task.checkCancellation()
      let range = start..<min(start + step, source.tensor.count)
      try source.read(range, into: raw)
      if verifies { crc = eqp_crc32c(crc, raw.baseAddress, range.count * source.width) }
      _ = eqp_decode(source.tensor.elementType.rawValue, raw.baseAddress, values, range.count)
      let n = range.count * components
      for i in 0..<n where !values[i].isFinite {
        features.nonFinite += 1
        values[i] = .nan
      }
      if isExact {
        for i in 0..<n where !values[i].isNaN { kept.append(values[i]) }
      } else {
        for i in 0..<n where !values[i].isNaN {
          keys[eqp_coarse_key(eqp_ordered_key(values[i]))] += 1
          smallest = min(smallest, values[i])
          largest = max(largest, values[i])
        }
      }
      if features.nonFinite > 0 { for i in 0..<n where values[i].isNaN { values[i] = 0 } }
      total += add(values, n, at: start * components, to: &squares)
      gram?.add(rows: range.count / max(sides.columns, 1), stride: sides.columns, values)
      progress.advance(.reading, by: range.count * source.width)
    }
    if verifies { try check(crc) }

    features.norm = total.squareRoot()
    // A unit of one element has no norm of its own that quantiles would not tell.
    if !squares.isEmpty, view.units < count || shape.count < 2 {
      features.setUnitNorms(squares.map { $0.squareRoot() }, countsDead: view.isExchangeable && shape.count >= 2)
    }
    if isExact {
      features.setQuantiles(kept)
    } else {
      features.setQuantiles(counts: keys, from: smallest, to: largest)
    }
    if hasMatrix { features.singularValues = try (gram ?? transposedGram(sides)).singularValues() }
    return features
  }

  /// Adds squares by unit and returns their sum.
  private func add(_ values: UnsafePointer<Double>, _ n: Int, at first: Int, to squares: inout [Double]) -> Double {
    var total = 0.0
    for i in 0..<n { total += values[i] * values[i] }
    let units = squares.count
    guard units > 0 else { return total }
    squares.withUnsafeMutableBufferPointer { squares in
      var i = 0
      while i < n {
        let position = first + i
        let unit = (position / inner) % units
        if inner == 1 {
          let run = min(n - i, units - unit)
          for k in 0..<run { squares[unit + k] += values[i + k] * values[i + k] }
          i += run
        } else {
          let run = min(n - i, inner - position % inner)
          var sum = 0.0
          for k in 0..<run { sum += values[i + k] * values[i + k] }
          squares[unit] += sum
          i += run
        }
      }
    }
    return total
  }

  private func check(_ found: UInt32) throws(CheckpointError) {
    guard let expected = source.tensor.checksum, expected != found else { return }
    // The checkpoint knows file and offset; it reads the bytes once more to say so.
    try source.checkpoint.verify(source.tensor)
    throw .corrupt(file: source.tensor.key, offset: 0, reason: "CRC-32C does not fit")
  }

  /// X Xᵀ of a matrix with fewer rows than columns: blocks of columns, read row by row and turned.
  private func transposedGram(_ sides: (rows: Int, columns: Int)) throws -> GramMatrix {
    let (rows, columns) = sides
    var gram = GramMatrix(columns: rows)
    let width = min(columns, max(1, Self.blockElements / rows))
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: width * source.width, alignment: 64)
    let line = UnsafeMutablePointer<Double>.allocate(capacity: width)
    let block = UnsafeMutablePointer<Double>.allocate(capacity: width * rows)
    defer {
      raw.deallocate()
      line.deallocate()
      block.deallocate()
    }
    for start in stride(from: 0, to: columns, by: width) {
      try Task.checkCancellation()
      let n = min(width, columns - start)
      for row in 0..<rows {
        let first = row * columns + start
        try source.read(first..<first + n, into: raw)
        _ = eqp_decode(source.tensor.elementType.rawValue, raw.baseAddress, line, n)
        for k in 0..<n { block[k * rows + row] = line[k].isFinite ? line[k] : 0 }
      }
      gram.add(rows: n, stride: rows, block)
    }
    return gram
  }
}

extension RunFeatures {
  /// Takes counts by coarse key, values spread evenly within each: an error below 1/256 of the value, and far less where many
  /// lie close.
  fileprivate mutating func setQuantiles(counts: [UInt64], from smallest: Double, to largest: Double) {
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return }
    // The outermost keys are open: the extremes close them.
    func start(_ key: Int) -> Double { key == 0 ? smallest : Self.value(ofOrdered: eqp_coarse_key_start(key)) }
    quantiles = Self.probabilities.map { p in
      let target = p * total
      var below = 0.0
      for (key, count) in counts.enumerated() where count > 0 {
        if below + Double(count) >= target {
          let low = max(start(key), smallest)
          let high = key + 1 < counts.count ? min(start(key + 1), largest) : largest
          return low + (high - low) * min(1, max(0, (target - below) / Double(count)))
        }
        below += Double(count)
      }
      return largest
    }
  }

  private static func value(ofOrdered key: UInt64) -> Double {
    Double(bitPattern: key >> 63 != 0 ? key & 0x7fff_ffff_ffff_ffff : ~key)
  }
}
