import CKernels
import Results
import Tensors

/// A rounded or quantised copy: the finer side put on the coarser one's grid, and what still differs then.
struct CommonGrid {
  /// For people: `bfloat16`, `the 255 values of B`.
  let grid: String
  /// Elements that differ on the common grid, of all finite ones.
  let differing: Int, count: Int

  /// Distinct values that a grid may have.
  private static let levelLimit = 1 << 16

  /// - Returns: `nil` unless one side is stored in a narrower floating-point type or has few distinct values.
  /// - Complexity: One reading of both tensors for a type, two for a grid of values.
  init?(_ pass: PairPass) throws {
    let (typeA, typeB) = (pass.a.tensor.elementType, pass.b.tensor.elementType)
    var coarse: (Double) -> Double
    var coarseIsA: Bool
    if typeA != typeB {
      guard let roundA = Rounding(typeA), let roundB = Rounding(typeB) else { return nil }
      coarseIsA = roundA.bits < roundB.bits
      let rounding = coarseIsA ? roundA : roundB
      coarse = rounding.callAsFunction
      grid = (coarseIsA ? typeA : typeB).name
    } else {
      guard pass.pilot.isGridA != pass.pilot.isGridB, typeA.kind == .floatingPoint else { return nil }
      coarseIsA = pass.pilot.isGridA
      guard let levels = try Self.levels(pass, ofA: coarseIsA) else { return nil }
      coarse = { Self.nearest($0, levels) }
      grid = "the \(levels.count) values of \(coarseIsA ? "A" : "B")"
    }
    var differing = 0
    var count = 0
    try Self.forEach(pass) { x, y in
      count += 1
      if coarseIsA ? coarse(y) != x : coarse(x) != y { differing += 1 }
    }
    guard count > 0 else { return nil }
    self.differing = differing
    self.count = count
  }

  var sentence: String {
    differing == 0
      ? "put on the common grid (\(grid)), no weight differs: one is the other rounded"
      : "put on the common grid (\(grid)), \(differing) of \(count) weights differ"
  }

  private static func forEach(_ pass: PairPass, _ body: (Double, Double) -> Void) throws {
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var (crcA, crcB, identical): (UInt32, UInt32, Bool) = (0, 0, false)
    for range in pass.ranges {
      try pass.stream(range, crcA: &crcA, crcB: &crcB, identical: &identical) { _, x, y, _, n in
        for i in 0..<n where x[i].isFinite && y[i].isFinite { body(x[i], y[i]) }
      }
    }
  }

  private static func levels(_ pass: PairPass, ofA: Bool) throws -> [Double]? {
    var found: Set<Double> = []
    try forEach(pass) { x, y in if found.count <= levelLimit { found.insert(ofA ? x : y) } }
    return found.count <= levelLimit ? found.sorted() : nil
  }

  private static func nearest(_ x: Double, _ levels: [Double]) -> Double {
    var (low, high) = (0, levels.count)
    while low < high {
      let middle = (low + high) / 2
      if levels[middle] < x { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return levels[0] }
    if low == levels.count { return levels[low - 1] }
    return x - levels[low - 1] <= levels[low] - x ? levels[low - 1] : levels[low]
  }
}

/// Rounding to a floating-point type, to nearest with ties to even, as frameworks convert.
private struct Rounding {
  /// Of the significand, the leading one among them.
  let bits: Int
  let smallestExponent: Int
  let largest: Double

  init?(_ type: ElementType) {
    switch type {
    case .float16: (bits, smallestExponent, largest) = (11, -14, 65_504)
    case .bfloat16: (bits, smallestExponent, largest) = (8, -126, 0x1.fep127)
    case .float32: (bits, smallestExponent, largest) = (24, -126, Double(Float.greatestFiniteMagnitude))
    case .float64: (bits, smallestExponent, largest) = (53, -1_022, .greatestFiniteMagnitude)
    default: return nil
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    guard x != 0, x.isFinite, bits < 53 else { return x }
    let exponent = max(Int(x.exponent), smallestExponent) - bits + 1
    let step = Double(sign: .plus, exponent: exponent, significand: 1)
    let rounded = (x / step).rounded(.toNearestOrEven) * step
    return abs(rounded) > largest ? (x < 0 ? -.infinity : .infinity) : rounded
  }
}
