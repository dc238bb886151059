import CKernels
import Testing

@testable import Comparison

@Suite struct OrderedKeyTests {
  /// Doubles of every kind, ascending: extremes, subnormals, both zeros, the ends of the coarse range, random bits.
  private var values: [Double] {
    var random = Simulation(seed: 5)
    var values: [Double] = [
      0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, 1,
    ]
    for exponent in [-1_074, -1_022, -41, -40, -39, -1, 0, 7, 8, 9, 1_023] {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      values += [power, power.nextUp, power.nextDown]
    }
    values += (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter { !$0.isNaN }
    values += random.normals(5_000, deviation: 0.1)
    return (values + values.map { -$0 }).sorted()
  }

  @Test func keysFollowTheDoubles() {
    let values = values
    for (x, y) in zip(values, values.dropFirst()) {
      let (p, q) = (eqp_ordered_key(x), eqp_ordered_key(y))
      #expect(x == y ? p == q : p < q, "\(x) \(y)")
    }
    #expect(eqp_ordered_key(-0.0) == eqp_ordered_key(0))
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

  @Test func refinementCountsWhatItShould() {
    var random = Simulation(seed: 6)
    let values = random.normals(2_000)
    // One level: the coarse key of 0.5 … and that of −0.25 …, in places of 2⁴⁰ keys.
    let chosen = [0.5, -0.25].map { eqp_coarse_key(eqp_ordered_key($0)) }.sorted()
    var next = [Int32](repeating: -1, count: eqp_key_count())
    var ranges: [eqp_key_range] = []
    var offset = 0
    for (slot, coarse) in chosen.enumerated() {
      next[coarse] = Int32(slot)
      ranges.append(eqp_key_range(low: eqp_coarse_key_start(coarse), offset: offset, shift: 40))
      offset += 32
    }
    var counts = [UInt32](repeating: 0, count: 2 * offset)
    let taken = next.withUnsafeBufferPointer { next in
      ranges.withUnsafeBufferPointer { ranges in
        let levels: [UnsafePointer<Int32>?] = [next.baseAddress]
        let tables: [UnsafePointer<eqp_key_range>?] = [ranges.baseAddress]
        return levels.withUnsafeBufferPointer { levels in
          tables.withUnsafeBufferPointer { tables in
            var refinement = eqp_refinement(levels: 1, next: levels.baseAddress, ranges: tables.baseAddress)
            return eqp_refine(&refinement, &counts, values, values.count)
          }
        }
      }
    }
    let expected = values.filter { chosen.contains(eqp_coarse_key(eqp_ordered_key($0))) }
    #expect(taken == expected.count)
    #expect(counts.reduce(0, +) == UInt32(expected.count))
  }
}
