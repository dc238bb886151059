import Tensors
import Testing

@testable import Comparison

@Suite struct KolmogorovSmirnovTests {
  /// By sorting, in whole numbers; pairs with a value that is not finite left out.
  private func naive(_ a: [Double], _ b: [Double]) -> Double? {
    let kept = zip(a, b).filter { $0.isFinite && $1.isFinite }
    guard !kept.isEmpty else { return nil }
    let x = kept.map(\.0).sorted()
    let y = kept.map(\.1).sorted()
    var i = 0
    var j = 0
    var best = 0
    while i < x.count, j < y.count {
      let value = min(x[i], y[j])
      while i < x.count, x[i] == value { i += 1 }
      while j < y.count, y[j] == value { j += 1 }
      best = max(best, abs(i - j))
    }
    return Double(best) / Double(x.count)
  }

  private func check(_ a: [Double], _ b: [Double], _ note: String) async throws {
    let found = try await exactKS(.float64("x", [a.count], a), .float64("x", [b.count], b))
    #expect(found == naive(a, b), "\(note)")
  }

  @Test func againstSorting() async throws {
    var random = Simulation(seed: 1)
    for trial in 0..<60 {
      let count = 1 + random.below(trial % 10 == 0 ? 1_500 : 100)
      let scale = [1, 1e-300, 1e300, 1e-12, 30][trial % 5]
      let a = random.normals(count, deviation: scale)
      let b: [Double]
      switch trial % 4 {
      case 0: b = random.normals(count, mean: 0.1 * scale, deviation: scale)
      case 1: b = a.map { $0 * (1 + 1e-14 * random.normal()) }
      case 2: b = a.map { random.below(2) == 0 ? $0 : $0.nextUp }
      default: b = random.normals(count, deviation: 1.2 * scale)
      }
      try await check(a, b, "trial \(trial)")
    }
  }

  @Test func tiesAgainstSorting() async throws {
    var random = Simulation(seed: 2)
    for trial in 0..<24 {
      let count = 1 + random.below(200)
      let levels = 1 + random.below(6)
      let a = (0..<count).map { _ in Double(random.below(levels)) - 2 }
      let b = (0..<count).map { _ in Double(random.below(levels + trial % 2)) - 2 }
      try await check(a, b, "trial \(trial)")
    }
  }

  @Test func degenerateAgainstSorting() async throws {
    let tiny = Double.leastNonzeroMagnitude
    let huge = Double.greatestFiniteMagnitude
    let cases: [([Double], [Double])] = [
      ([1, 1, 1], [1, 1, 1]), ([1, 1, 1], [2, 2, 2]), ([0, -0.0], [-0.0, 0]), ([0], [tiny]),
      ([-tiny, tiny], [tiny, -tiny]),
      ([huge, -huge], [-huge, -huge]), ([tiny, 2 * tiny, 3 * tiny], [3 * tiny, 3 * tiny, 4 * tiny]),
      ([.nan, 1, 2], [3, .nan, 2]), ([.nan], [.nan]), ([.infinity, 1], [0, 1]),
      ([256, 255.99, 257], [300, 255.99, 1e9]),
      ([0x1p-40, -0x1p-40, 0x1p-41], [-0x1p-41, 0x1p-40, 0x1p8]),
    ]
    for (i, (a, b)) in cases.enumerated() { try await check(a, b, "case \(i)") }
    let empty = try await exactKS(.float32("x", [0], []), .float32("x", [0], []))
    #expect(empty == nil)
  }

  @Test func notFiniteIsLeftOutPairwise() async throws {
    var random = Simulation(seed: 3)
    var a = random.normals(900)
    var b = random.normals(900, mean: 0.2)
    for i in stride(from: 0, to: 900, by: 7) { a[i] = [.nan, .infinity, -.infinity][i % 3] }
    for i in stride(from: 3, to: 900, by: 11) { b[i] = .nan }
    try await check(a, b, "holes")
  }

  @Test func integersAndBooleansAgainstSorting() async throws {
    var random = Simulation(seed: 4)
    let a = (0..<500).map { _ in UInt8(random.below(2)) }
    let b = (0..<500).map { _ in UInt8(random.below(3) / 2) }
    let flags = try await exactKS(
      MemoryCheckpoint.Tensor("x", .bool, [500], raw: a), MemoryCheckpoint.Tensor("x", .bool, [500], raw: b))
    #expect(flags == naive(a.map { Double($0) }, b.map { Double($0) }))
    let x = (0..<700).map { _ in Int32(truncatingIfNeeded: random.next()) }
    let y = x.map { $0 / 2 }
    let integers = try await exactKS(
      MemoryCheckpoint.Tensor("x", .int32, [700], raw: x), MemoryCheckpoint.Tensor("x", .int32, [700], raw: y))
    #expect(integers == naive(x.map { Double($0) }, y.map { Double($0) }))
  }

  @Test func identicalIsZero() async throws {
    var random = Simulation(seed: 5)
    let a = random.normals(2_000)
    for b in [a, Array(a.reversed())] {
      let distance = try await exactKS(.float32("x", [2_000], a), .float32("x", [2_000], b))
      #expect(distance == 0)
    }
  }

  /// Enough elements for finer counts, in one bin, in all, and with most pairs equal.
  @Test(arguments: 0..<6) func manyElementsAgainstSorting(kind: Int) async throws {
    var random = Simulation(seed: UInt64(20 + kind))
    let count = PairPass.fineFrom + 1_234
    let a = random.normals(count).map { Float($0) }
    let b: [Float]
    switch kind {
    case 0: b = a.map { $0 + 0.01 * Float(random.normal()) }
    case 1: b = a.map { random.below(2) == 0 ? $0.nextUp : $0.nextDown }
    case 2: b = a.map { random.below(1_000) == 0 ? -$0 : $0 }
    case 3: b = random.normals(count, mean: 0.3).map { Float($0) }
    case 4: b = a.enumerated().map { $0 == 5 ? 1e30 : $1 * 1.001 }
    default: b = a.map { ($0 * 8).rounded() / 8 }
    }
    let expected = naive(a.map { Double($0) }, b.map { Double($0) })
    // All keys at once, and so few that ranges are counted finer, again and again.
    for mostKeys in [1 << 23, 9_000] + (kind % 3 == 0 ? [400] : []) {
      let found = try await exactKS(
        MemoryCheckpoint.Tensor("x", .float32, [count], raw: a),
        MemoryCheckpoint.Tensor("x", .float32, [count], raw: b),
        mostKeys: mostKeys)
      #expect(found == expected, "\(kind), \(mostKeys) keys")
    }
    let doubles = try await exactKS(
      .float64("x", [count], a.map { Double($0) }), .float64("x", [count], b.map { Double($0) }), mostKeys: 9_000)
    #expect(doubles == expected, "\(kind)")
  }

  private func check<Element>(_ type: ElementType, _ a: [Element], _ b: [Element], _ note: String) async throws {
    let expected = naive(decoded(type, a) ?? [], decoded(type, b) ?? [])
    for mostKeys in [1 << 23, 9_000, 400] {
      let found = try await exactKS(
        MemoryCheckpoint.Tensor("x", type, [a.count], raw: a), MemoryCheckpoint.Tensor("x", type, [b.count], raw: b),
        mostKeys: mostKeys)
      #expect(found == expected, "\(type), \(note), \(mostKeys) keys")
    }
  }

  /// Where finer counts hold many of the same number, or of several, or numbers that no double holds.
  @Test func manyIntegersAgainstSorting() async throws {
    var random = Simulation(seed: 31)
    let count = PairPass.fineFrom + 777
    func check<T: FixedWidthInteger>(_ type: ElementType, _: T.Type) async throws {
      let middle = T.isSigned ? 0 : Double(T.max / 2)
      for scale in [2, 0.2 * Double(T.max)] {
        func draw(_ shift: Double) -> [T] {
          (0..<count).map { _ in
            T(
              clamping: Int(exactly: (middle + scale * (random.normal() + shift)).rounded().clamped(to: -9e18...9e18))
                ?? 0)
          }
        }
        let a = draw(0)
        try await self.check(type, a, draw(0.02), "drawn \(scale)")
        try await self.check(type, a, a.map { random.below(3) == 0 && $0 < .max ? $0 + 1 : $0 }, "one more \(scale)")
      }
    }
    try await check(.int8, Int8.self)
    try await check(.uint8, UInt8.self)
    try await check(.qint16, Int16.self)
    try await check(.uint16, UInt16.self)
    try await check(.int32, Int32.self)
    try await check(.uint32, UInt32.self)
    try await check(.int4, Int8.self)
  }

  /// Weights on a grid, as quantised training leaves them, in floats; halves, which are on one anyhow.
  @Test func manyTiesAgainstSorting() async throws {
    var random = Simulation(seed: 32)
    let count = PairPass.fineFrom + 999
    let a = random.normals(count)
    let b = random.normals(count, mean: 0.01)
    for grid in [0.5, 0.01, 0.0003] {
      func tied(_ x: [Double]) -> [Float] { x.map { Float(($0 / grid).rounded()) * Float(grid) } }
      try await check(.float32, tied(a), tied(b), "grid \(grid)")
      try await check(.float64, tied(a).map { Double($0) / 3 }, tied(b).map { Double($0) / 3 }, "grid \(grid)")
    }
    // Two values that lie close together at each place of a grid, and a tie among others.
    let pairs = (0..<2).map { _ in
      a.map { x in
        random.below(2) == 0 ? Float((x / 0.01).rounded()) * 0.01 : (Float((x / 0.01).rounded()) * 0.01).nextUp
      }
    }
    try await check(.float32, pairs[0], pairs[1], "twos")
    // More values than are counted one by one, so close together at each of some places that no finer place helps.
    let clusters = (0..<2).map { side in
      (0..<120_000).map { _ in
        1 + 0.05 * Double(random.below(20)) + Double(random.below(20_000 + 100 * side)) * .ulpOfOne
      }
    }
    try await check(.float64, clusters[0], clusters[1], "clusters")
    let some = a.map { random.below(2) == 0 ? Float(0.25) : Float($0) }
    try await check(.float32, some, some.map { $0 == 0.25 && random.below(2) == 0 ? $0.nextUp : $0 }, "one tie")
    try await check(.float16, a.map(float16Bits), b.map(float16Bits), "halves")
    func brains(_ x: [Double]) -> [UInt16] { x.map { UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16) } }
    try await check(.bfloat16, brains(a), brains(b), "halves")
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
