import CKernels
import Checkpoints
import Tensors

/// A pair of tensors as matrices [units, fan-in], read slab by slab: the same few inputs of all units at a time.
///
/// Memory is that of one slab, whatever the tensor's size. Numbers that are not finite on either side are 0 on both.
struct UnitMatrix: Sendable {
  let a: TensorSource, b: TensorSource
  /// Units that are taken.
  let units: Int
  /// Place of a unit of the tensor among those taken, −1 for the others.
  private let places: [Int]
  /// Inputs of a unit: 2 for each element of a complex type.
  let inputs: Int
  private let inner: Int
  private let outer: Int
  private let components: Int
  private static let slabSize = 1 << 20

  /// - Parameter chosen: The units to take, ascending; all of them by default.
  init(_ a: TensorSource, _ b: TensorSource, view: UnitView, chosen: [Int]? = nil) {
    self.a = a
    self.b = b
    units = chosen?.count ?? view.units
    var places = chosen == nil ? Array(0..<view.units) : Array(repeating: -1, count: view.units)
    for (place, unit) in (chosen ?? []).enumerated() { places[unit] = place }
    self.places = places
    inner = view.inner
    components = a.tensor.elementType.components
    outer = view.units * view.inner > 0 ? a.tensor.count / (view.units * view.inner) : 0
    inputs = outer * view.inner * components
  }

  /// Calls `body` with the number of inputs in a slab and both sides, shape `[units, width]`, in the order of the inputs.
  func forEachSlab(
    progress: WorkProgress, _ body: (_ width: Int, _ a: [Double], _ b: [Double]) throws -> Void
  ) throws {
    guard units > 0, inputs > 0 else { return }
    progress.expect(.reading, a.tensor.byteCount + b.tensor.byteCount)
    let perOuter = places.count * inner
    if perOuter <= Self.slabSize {
      let step = max(1, Self.slabSize / perOuter)
      for first in stride(from: 0, to: outer, by: step) {
        try Task.checkCancellation()
        let count = min(step, outer - first)
        try slab(runs: [(first * perOuter, count * perOuter)], outers: count, width: inner, progress, body)
      }
      return
    }
    // Units that are long runs: a piece of each.
    let step = max(1, Self.slabSize / places.count)
    for o in 0..<outer {
      for first in stride(from: 0, to: inner, by: step) {
        try Task.checkCancellation()
        let width = min(step, inner - first)
        try slab(
          runs: places.indices.map { ((o * places.count + $0) * inner + first, width) }, outers: 1, width: width,
          progress, body)
      }
    }
  }

  /// Reads runs of elements, [outers, units, width] one after the other, and turns them unit by unit.
  private func slab(
    runs: [(start: Int, count: Int)], outers: Int, width: Int, _ progress: WorkProgress,
    _ body: (Int, [Double], [Double]) throws -> Void
  ) throws {
    let total = outers * places.count * width
    let x = try values(a, runs, total)
    let y = try values(b, runs, total)
    let slabWidth = outers * width * components
    var left = [Double](repeating: 0, count: units * slabWidth)
    var right = left
    var place = 0
    for o in 0..<outers {
      for unit in places {
        let start = place
        place += width * components
        guard unit >= 0 else { continue }
        let target = unit * slabWidth + o * width * components
        for i in 0..<width * components where x[start + i].isFinite && y[start + i].isFinite {
          left[target + i] = x[start + i]
          right[target + i] = y[start + i]
        }
      }
    }
    progress.advance(.reading, by: total * (a.width + b.width))
    try body(slabWidth, left, right)
  }

  private func values(_ source: TensorSource, _ runs: [(start: Int, count: Int)], _ total: Int) throws -> [Double] {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, total * source.width), alignment: 64)
    defer { bytes.deallocate() }
    var offset = 0
    for run in runs {
      try source.read(
        run.start..<run.start + run.count,
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + run.count * source.width]))
      offset += run.count * source.width
    }
    var decoded = [Double](repeating: 0, count: total * components)
    _ = decoded.withUnsafeMutableBufferPointer {
      eqp_decode(source.tensor.elementType.rawValue, bytes.baseAddress, $0.baseAddress, total)
    }
    return decoded
  }
}

/// Cosines of all units of A with all of B, and which units of A stand elsewhere in B.
struct UnitCosines: Sendable {
  let units: Int
  /// Shape `[units, units]`; 0 where a norm is 0.
  let cosines: [Double]
  /// Units of A with weights, and how many of them are found in B: at their own place, at another, and with their inputs in
  /// another order at any place.
  let live: Int, inPlace: Int, elsewhere: Int, reordered: Int

  /// - Complexity: Two readings of both tensors and O(units² · inputs) time, O(units²) memory.
  init(_ matrix: UnitMatrix, progress: WorkProgress) throws {
    let units = matrix.units
    self.units = units
    var hashesA = Hashes(units)
    var hashesB = Hashes(units)
    var largestA = [Double](repeating: 0, count: units)
    var largestB = largestA
    try matrix.forEachSlab(progress: progress) { width, a, b in
      for u in 0..<units {
        for i in u * width..<(u + 1) * width {
          largestA[u] = max(largestA[u], abs(a[i]))
          largestB[u] = max(largestB[u], abs(b[i]))
          hashesA.add(a[i], to: u)
          hashesB.add(b[i], to: u)
        }
      }
    }
    // Each unit on an integer grid of its own, coarse enough that sums of products are exact in any order.
    let bits = max(8, (52 - Int.bitWidth + max(matrix.inputs, 1).leadingZeroBitCount) / 2)
    let stepA = largestA.map { Self.step($0, bits) }
    let stepB = largestB.map { Self.step($0, bits) }
    var products = [Double](repeating: 0, count: units * units)
    var squaresA = [Double](repeating: 0, count: units)
    var squaresB = squaresA
    try matrix.forEachSlab(progress: progress) { width, a, b in
      var left = a
      var panel = [Double](repeating: 0, count: width * 16)
      var sums = [Double](repeating: 0, count: units * 16)
      for u in 0..<units {
        for i in u * width..<(u + 1) * width {
          left[i] = (a[i] / stepA[u]).rounded(.toNearestOrEven)
          squaresA[u] += left[i] * left[i]
        }
      }
      for first in stride(from: 0, to: units, by: 16) {
        let count = min(16, units - first)
        for r in 0..<count {
          let v = first + r
          for i in 0..<width {
            let value = (b[v * width + i] / stepB[v]).rounded(.toNearestOrEven)
            panel[i * 16 + r] = value
            squaresB[v] += value * value
          }
        }
        eqp_weighted_sums(left, units, panel, width, &sums)
        for u in 0..<units { for r in 0..<count { products[u * units + first + r] += sums[u * 16 + r] } }
      }
    }
    for u in 0..<units {
      for v in 0..<units {
        // The root of a square is exact, so equal units have a cosine of 1.
        let size = (squaresA[u] * squaresB[v]).squareRoot()
        products[u * units + v] = size > 0 ? max(-1, min(1, products[u * units + v] / size)) : 0
      }
    }
    cosines = products
    (live, inPlace, elsewhere, reordered) = Hashes.found(hashesA, in: hashesB, largestA)
  }

  /// Share of A's units whose closest unit of B has a cosine above `threshold`: at its own place, and elsewhere.
  func closeMatches(above threshold: Double) -> (inPlace: Double, elsewhere: Double) {
    var (own, other) = (0, 0)
    for u in 0..<units {
      let row = cosines[u * units..<(u + 1) * units]
      guard let best = row.indices.max(by: { row[$0] < row[$1] }), row[best] > threshold else { continue }
      if row[u * units + u] >= row[best] { own += 1 } else { other += 1 }
    }
    return (Double(own) / Double(max(units, 1)), Double(other) / Double(max(units, 1)))
  }

  private static func step(_ largest: Double, _ bits: Int) -> Double {
    guard largest > 0 else { return 1 }
    return Double(sign: .plus, exponent: max(Int(largest.exponent) + 1 - bits, -1_022), significand: 1)
  }
}

/// 64-bit hashes of units: of the values in order, and of the values whatever their order.
private struct Hashes {
  private var ordered: [UInt64]
  private var unordered: [UInt64]

  init(_ units: Int) {
    ordered = Array(repeating: 0xcbf2_9ce4_8422_2325, count: units)
    unordered = Array(repeating: 0, count: units)
  }

  mutating func add(_ value: Double, to unit: Int) {
    // −0 is 0.
    let mixed = Self.mix((value == 0 ? 0 : value).bitPattern)
    ordered[unit] = Self.mix(ordered[unit] &+ mixed)
    unordered[unit] &+= mixed
  }

  private static func mix(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  static func found(_ a: Hashes, in b: Hashes, _ largest: [Double]) -> (Int, Int, Int, Int) {
    let ordered = Set(b.ordered)
    let unordered = Set(b.unordered)
    var (live, own, moved, reordered) = (0, 0, 0, 0)
    for u in a.ordered.indices where largest[u] > 0 {
      live += 1
      if a.ordered[u] == b.ordered[u] {
        own += 1
      } else if ordered.contains(a.ordered[u]) {
        moved += 1
      } else if unordered.contains(a.unordered[u]) {
        reordered += 1
      }
    }
    return (live, own, moved, reordered)
  }
}
