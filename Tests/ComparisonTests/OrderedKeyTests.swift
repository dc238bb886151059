import CKernels
import Tensors
import Testing

@testable import Comparison

@Suite struct OrderedKeyTests {
  /// Doubles of every kind, ascending: extremes, subnormals, both zeros, random bits.
  private var values: [Double] {
    var random = Simulation(seed: 5)
    var values: [Double] = [
      0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, 1,
    ]
    for exponent in [-1_074, -1_022, -41, -1, 0, 8, 1_023] {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      values += [power, power.nextUp, power.nextDown]
    }
    values += (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter { !$0.isNaN }
    values += random.normals(5_000, deviation: 0.1)
    return (values + values.map { -$0 }).sorted()
  }

  @Test func keysFollowTheDoubles() {
    for bits in [Int32(32), 64] {
      let values = bits == 64 ? values : values.map { Double(Float($0)) }
      for (x, y) in zip(values, values.dropFirst()) {
        let (p, q) = (eqp_window_key(bits, x), eqp_window_key(bits, y))
        if x == y ? p != q : p >= q { Issue.record("\(x) \(y)") }
      }
      for x in values where eqp_window_value(bits, eqp_window_key(bits, x)) != x { Issue.record("\(x)") }
    }
  }

  @Test func coarseKeysFollowTheKeys() {
    let keys = values.map { eqp_coarse_key(eqp_ordered_key($0)) }
    #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(keys.allSatisfy { $0 < eqp_key_count() })
    #expect(eqp_coarse_key(0) == 0)
    #expect(eqp_coarse_key(.max) == eqp_key_count() - 1)
  }

  @Test func startsAreTheSmallestKeys() {
    var previous: UInt64?
    for coarse in 0..<eqp_key_count() {
      let start = eqp_coarse_key_start(coarse)
      #expect(eqp_coarse_key(start) == coarse)
      if coarse > 0 { #expect(eqp_coarse_key(start - 1) == coarse - 1) }
      if let previous { #expect(start > previous) }
      previous = start
    }
  }

  @Test func fineBinsFollowTheDoubles() {
    let bins = values.map { eqp_fine_bin(-0.4, 128 / 0.8, 128, $0) }
    #expect(zip(bins, bins.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(bins.first == 0)
    #expect(bins.last == PairPass.fineBins - 1)
  }

  /// Pairs in windows, against a loop, for every kind of element.
  @Test func windowsCountWhatTheyShould() {
    var random = Simulation(seed: 6)
    let count = 2_003
    var a = random.normals(count).map { Float($0) }
    var b = random.normals(count).map { Float($0) }
    for i in stride(from: 0, to: count, by: 5) { b[i] = a[i] }
    (a[3], b[7], a[11]) = (.nan, .infinity, -.infinity)
    check(.float32, a, b, a.map { Double($0) }, b.map { Double($0) })
    check(.float64, a.map { Double($0) }, b.map { Double($0) }, a.map { Double($0) }, b.map { Double($0) })
    let halves = (a.map { float16Bits(Double($0)) }, b.map { float16Bits(Double($0)) })
    check(.float16, halves.0, halves.1, decoded(.float16, halves.0) ?? [], decoded(.float16, halves.1) ?? [])
    let brains = (
      a.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) },
      b.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) }
    )
    check(.bfloat16, brains.0, brains.1, decoded(.bfloat16, brains.0) ?? [], decoded(.bfloat16, brains.1) ?? [])
  }

  private func check<Element>(_ type: ElementType, _ a: [Element], _ b: [Element], _ x: [Double], _ y: [Double]) {
    let bits = eqp_key_bits(type.rawValue)
    #expect(bits == (type == .float64 ? 64 : 32))
    let shift: UInt32 = bits == 64 ? 44 : 15
    let ends = [(-0.75, -0.25), (0.5, 1.5)].map { (eqp_window_key(bits, $0), eqp_window_key(bits, $1)) }
    var offset = 16
    let windows = ends.map { low, high in
      defer { offset += Int((high - low) >> UInt64(shift)) + 1 }
      return eqp_window(low: low, span: high - low, offset: offset, shift: shift)
    }
    var expected = [UInt32](repeating: 0, count: 2 * offset)
    var keys: [[UInt64]] = [[], []]
    for (p, q) in zip(x, y) where p.isFinite && q.isFinite && p != q {
      for (side, value) in [p, q].enumerated() {
        let key = eqp_window_key(bits, value)
        for window in windows where key >= window.low && key - window.low <= window.span {
          expected[2 * (window.offset + Int((key - window.low) >> UInt64(shift))) + side] += 1
          keys[side].append(key)
        }
      }
    }
    let counts = Counts(2 * offset)
    var keysA = [UInt64](repeating: 0, count: x.count)
    var keysB = keysA
    var taken = [0, 0]
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        #expect(eqp_window_counts(windows, 2, type.rawValue, a.baseAddress, b.baseAddress, x.count, counts.places) == 1)
        _ = eqp_window_keys(
          windows, 2, type.rawValue, a.baseAddress, b.baseAddress, x.count, &keysA, &keysB, &taken)
      }
    }
    #expect(counts.values[32...] == expected[32...], "\(type)")
    #expect(Array(keysA[..<taken[0]]) == keys[0], "\(type)")
    #expect(Array(keysB[..<taken[1]]) == keys[1], "\(type)")
    #expect(!keys[0].isEmpty)
  }
}
