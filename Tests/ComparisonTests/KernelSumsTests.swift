import CKernels
import Foundation
import Testing

@testable import Comparison

@Suite struct KernelSumsTests {
  /// Values whose sums lose digits: great cancellation, many magnitudes, subnormals, zeros of both signs.
  private func nasty(_ count: Int, seed: UInt64) -> ([Double], [Double]) {
    var random = Simulation(seed: seed)
    func value(_ i: Int) -> Double {
      switch random.below(6) {
      case 0: random.normal() * pow(10, Double(random.below(24) - 12))
      case 1: (i % 2 == 0 ? 1 : -1) * 1e8
      case 2: -0.0
      case 3: 0.1
      case 4: Double(bitPattern: random.next() & 0xf_ffff_ffff_ffff)
      default: random.normal()
      }
    }
    let a = (0..<count).map(value)
    let b = (0..<count).map { random.below(4) == 0 ? a[$0] : value($0) }
    return (a, b)
  }

  private func check(_ table: KernelTable, unit: Int, _ a: [Double], _ b: [Double], shift: Double, _ note: String) {
    // Each of n additions errs by half an ulp of the partial sum, which Σ|x| bounds; each square by half an ulp.
    let tolerance = Double(a.count + 4) * 0x1p-53
    for (field, value, magnitude) in exactFields(a, b, shift: shift) {
      #expect(
        abs(table[field, unit] - value) <= tolerance * magnitude + .leastNormalMagnitude,
        "field \(field.rawValue) \(note)")
    }
    let d = zip(a, b).map { $1 - $0 }
    #expect(table[eqp_count, unit] == Double(a.count))
    #expect(table[eqp_changed, unit] == Double(zip(a, b).count { $0 != $1 }))
    #expect(table[eqp_max_abs_d, unit] == d.map { abs($0) }.max() ?? 0)
    #expect(table[eqp_min_a, unit] == a.min() ?? .infinity)
    #expect(table[eqp_max_a, unit] == a.max() ?? -.infinity)
    #expect(table[eqp_min_b, unit] == b.min() ?? .infinity)
    #expect(table[eqp_max_b, unit] == b.max() ?? -.infinity)
    #expect(table[eqp_excluded, unit] == 0)
  }

  @Test(arguments: [0, 1.25]) func againstExact(shift: Double) {
    for (seed, count) in [1_000, 1_024, 5_003].enumerated() {
      let (a, b) = nasty(count, seed: UInt64(seed))
      check(KernelTable(a, b, units: 1, inner: count, shift: shift), unit: 0, a, b, shift: shift, "\(count)")
    }
  }

  @Test(arguments: [0, -0.5]) func tailsOfEveryLength(shift: Double) {
    for length in 0...40 {
      let (a, b) = nasty(3 * length, seed: UInt64(length))
      // Three rows of a length, and the same as one run: the tail of one is not the next one's beginning.
      let rows = KernelTable(a, b, units: 3, inner: max(1, length), shift: shift)
      for unit in 0..<3 where length > 0 {
        let part = unit * length..<(unit + 1) * length
        check(rows, unit: unit, Array(a[part]), Array(b[part]), shift: shift, "row \(unit) of \(length)")
      }
      let columns = KernelTable(a, b, units: max(1, length), inner: 1, shift: shift)
      for unit in 0..<length {
        let own = stride(from: unit, to: 3 * length, by: length)
        check(columns, unit: unit, own.map { a[$0] }, own.map { b[$0] }, shift: shift, "column \(unit) of \(length)")
      }
    }
  }

  @Test func rowsAgreeWithColumns() {
    // The same matrix, stored by rows and by columns.
    let (units, each) = (37, 53)
    let (a, b) = nasty(units * each, seed: 9)
    func turned(_ x: [Double]) -> [Double] { (0..<each).flatMap { i in (0..<units).map { x[$0 * each + i] } } }
    let rows = KernelTable(a, b, units: units, inner: each, shift: 0.25)
    let columns = KernelTable(turned(a), turned(b), units: units, inner: 1, shift: 0.25)
    #expect(rows.histogramA == columns.histogramA)
    #expect(rows.histogramB == columns.histogramB)
    #expect(rows.fineA == columns.fineA)
    for unit in 0..<units {
      let own = unit * each..<(unit + 1) * each
      for (field, _, magnitude) in exactFields(Array(a[own]), Array(b[own]), shift: 0.25) {
        #expect(
          abs(rows[field, unit] - columns[field, unit]) <= Double(2 * each) * 0x1p-53 * magnitude
            + .leastNormalMagnitude)
      }
      for field in [eqp_count, eqp_changed, eqp_max_abs_d, eqp_min_a, eqp_max_a, eqp_min_b, eqp_max_b] {
        #expect(rows[field, unit] == columns[field, unit])
      }
    }
  }

  @Test(arguments: [1, 7, 1_024]) func middleAxisAgainstExact(blocks: Int) {
    // [outer, units, inner] = [3, 4, 5], handed over in pieces that cut through units.
    let (a, b) = nasty(60, seed: 11)
    let table = KernelTable(a, b, units: 4, inner: 5, blocks: blocks)
    for unit in 0..<4 {
      let own = (0..<60).filter { $0 / 5 % 4 == unit }
      check(table, unit: unit, own.map { a[$0] }, own.map { b[$0] }, shift: 0, "unit \(unit)")
    }
  }

  @Test(arguments: [(6, 1), (3, 2), (1, 6)]) func notFiniteIsLeftOutPairwise(units: Int, inner: Int) {
    let nan = Double.nan
    let inf = Double.infinity
    // unchanged: NaN and NaN, ∞ and ∞; changed: NaN and 1, ∞ and −∞, 2 and NaN; finite: 3 and 4.
    let a = [nan, inf, nan, inf, 2, 3]
    let b = [nan, inf, 1, -inf, nan, 4]
    let table = KernelTable(a, b, units: units, inner: inner)
    func total(_ field: eqp_field) -> Double { (0..<units).reduce(0) { $0 + table[field, $1] } }
    #expect(total(eqp_count) == 1)
    #expect(total(eqp_excluded) == 5)
    #expect(total(eqp_changed) == 4)
    #expect(total(eqp_sum_a) == 3)
    #expect(total(eqp_sum_dd) == 1)
    #expect(table.nonFinite == [2, 2, 2, 2])
    #expect(table.histogramA.reduce(0, +) == 1)
    #expect(table.fineB.reduce(0, +) == 1)
  }

  @Test func zerosOfBothSignsAreEqual() {
    let table = KernelTable([0, -0.0, 0], [-0.0, 0, .leastNonzeroMagnitude], units: 1, inner: 3)
    #expect(table[eqp_changed, 0] == 1)
    #expect(table[eqp_max_abs_d, 0] == .leastNonzeroMagnitude)
  }

  @Test func histogramsAgainstNaive() {
    var random = Simulation(seed: 4)
    let a = random.normals(3_000, deviation: 2)
    let b = (0..<3_000).map { Double($0 % 17) / 2 - 4 }
    let table = KernelTable(a, b, units: 3, inner: 1_000)
    for (values, counts) in [(a, table.histogramA), (b, table.histogramB)] {
      var expected = [UInt32](repeating: 0, count: 3 * 130)
      for (i, value) in values.enumerated() {
        let bin = value < -4 ? 0 : value >= 4 ? 129 : Int(((value + 4) * 16).rounded(.down)) + 1
        expected[i / 1_000 * 130 + bin] += 1
      }
      #expect(counts == expected)
    }
    // The finer bins of all units add up to those they were cut from.
    for (fine, counts) in [(table.fineA, table.histogramA), (table.fineB, table.histogramB)] {
      var added = [UInt32](repeating: 0, count: 130)
      for (i, count) in fine.enumerated() {
        let bin = i == fine.count - 1 ? 129 : (i + Int(eqp_finer) - 1) / Int(eqp_finer)
        added[bin] += count
      }
      var whole = [UInt32](repeating: 0, count: 130)
      for (i, count) in counts.enumerated() { whole[i % 130] += count }
      #expect(added == whole)
    }
  }

  @Test func mergedAgainstWhole() {
    let (a, b) = nasty(400, seed: 21)
    let whole = KernelTable(a, b, units: 1, inner: 400)
    var first = KernelTable(Array(a[..<150]), Array(b[..<150]), units: 1, inner: 150)
    let second = KernelTable(Array(a[150...]), Array(b[150...]), units: 1, inner: 250)
    eqp_table_merge(&first.fields, 1, second.fields, 1, 1)
    for (field, _, magnitude) in exactFields(a, b, shift: 0) {
      #expect(abs(first[field, 0] - whole[field, 0]) <= 800 * 0x1p-53 * magnitude + .leastNormalMagnitude)
    }
    for field in [eqp_count, eqp_changed, eqp_max_abs_d, eqp_min_a, eqp_max_a, eqp_min_b, eqp_max_b] {
      #expect(first[field, 0] == whole[field, 0])
    }
  }
}
