import CKernels
import Tensors
import Testing

@testable import Comparison

/// The bits of the half nearest to a number, by scaling and rounding to even.
func float16Bits(_ value: Double) -> UInt16 {
  let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
  let magnitude = value.magnitude
  if value.isNaN { return 0x7e00 }
  if magnitude >= 65_520 { return sign | 0x7c00 }
  let exponent = max(magnitude == 0 ? -14 : Int(magnitude.exponent), -14)
  let scaled = (magnitude * Double(sign: .plus, exponent: 10 - exponent, significand: 1)).rounded(.toNearestOrEven)
  return sign | (UInt16(exponent + 14) << 10 &+ UInt16(scaled))
}

/// Elements taken as they lie in memory, against the same decoded first.
@Suite struct KernelElementTests {
  private func check<Element>(_ type: ElementType, _ a: [Element], _ b: [Element], _ note: String = "") {
    let x = decoded(type, a) ?? []
    let y = decoded(type, b) ?? []
    var d = [Double](repeating: 0, count: x.count)
    eqp_differences(type.rawValue, type.rawValue, a, b, x, y, &d, x.count / type.components)
    for (units, inner) in [(1, x.count), (12, 1), (3, 4), (x.count / 6, 6)] {
      for blocks in [6, 1_024] {
        let direct = KernelTable(type, a, b, units: units, inner: inner, blocks: blocks / type.components)
        let decoded = KernelTable(x, y, differences: d, units: units, inner: inner, blocks: blocks)
        #expect(
          direct.fields.map(\.bitPattern) == decoded.fields.map(\.bitPattern), "\(type) \(units) \(inner) \(note)")
        #expect(direct.histogramA == decoded.histogramA)
        #expect(direct.fineB == decoded.fineB)
        #expect(direct.nonFinite == decoded.nonFinite)
      }
    }
  }

  @Test func whatIsLeftOutChangesNothingElse() {
    let a = normals(3_000, seed: 5).map { Float($0) }
    let b = normals(3_000, seed: 6).map { Float($0) }
    let sizes = [eqp_sum_abs_d, eqp_sum_abs_a, eqp_sum_abs_b, eqp_min_a, eqp_max_a, eqp_min_b, eqp_max_b]
    let left = Set(sizes.map { Int($0.rawValue) })
    for (units, inner) in [(1, 3_000), (16, 1), (3, 1_000)] {
      let whole = KernelTable(.float32, a, b, units: units, inner: inner, shift: 0.5)
      let less = KernelTable(.float32, a, b, units: units, inner: inner, shift: 0.5, sizes: false)
      for field in 0..<UnitSums.fieldCount where !left.contains(field) {
        let part = field * units..<(field + 1) * units
        #expect(whole.fields[part].map(\.bitPattern) == less.fields[part].map(\.bitPattern), "field \(field)")
      }
    }
  }

  private func normals(_ count: Int, seed: UInt64) -> [Double] {
    var random = Simulation(seed: seed)
    return random.normals(count)
  }

  @Test func everyKindAgainstDecoded() {
    let a = normals(1_044, seed: 1)
    let b = normals(1_044, seed: 2)
    check(.float64, a, b)
    check(.complex128, a, b)
    check(.float32, a.map { Float($0) }, b.map { Float($0) })
    check(.complex64, a.map { Float($0) }, b.map { Float($0) })
    check(.float16, a.map(float16Bits), b.map(float16Bits))
    check(
      .bfloat16, a.map { UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16) },
      b.map { UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16) })
  }

  @Test func everyIntegerAgainstDecoded() {
    var random = Simulation(seed: 7)
    func check<T: FixedWidthInteger>(_ types: [ElementType], _: T.Type) {
      let near = random.normals(1_044).map { T(clamping: Int(3 * $0)) }
      let extremes: [T] = [.min, .max, 0, 1, T.max / 2, T.min + 1, ~0]
      let bits = (0..<1_044).map { _ in T(truncatingIfNeeded: random.next()) }
      let far = bits.indices.map { $0 % 5 == 0 ? extremes[$0 / 5 % extremes.count] : bits[$0] }
      for type in types {
        self.check(type, near, Array(near.reversed()), "near")
        self.check(type, far, Array(far.reversed()), "far")
        self.check(type, near, far, "both")
      }
    }
    check([.int8, .qint8], Int8.self)
    check([.uint8, .quint8], UInt8.self)
    check([.int16, .qint16], Int16.self)
    check([.uint16, .quint16], UInt16.self)
    check([.int32, .qint32], Int32.self)
    check([.uint32], UInt32.self)
    check([.int64], Int64.self)
    check([.uint64], UInt64.self)
  }

  /// Differences of 64-bit integers are rounded once, against arithmetic of twice the bits.
  @Test func differencesOfLongIntegersAgainstExact() {
    var random = Simulation(seed: 9)
    func check<T: FixedWidthInteger>(_ type: ElementType, _: T.Type) {
      let ends: [T] = [.min, .max, 0, 1, T.max / 2, T.max / 2 + 1, T.min + 1]
      let values = ends + (0..<57).map { _ in T(truncatingIfNeeded: random.next()) }
      let a = values.flatMap { x in values.map { _ in x } }
      let b = values.flatMap { _ in values }
      let table = KernelTable(type, a, b, units: a.count, inner: 1, blocks: a.count)
      let runs = KernelTable(type, a, b, units: a.count / 4, inner: 4, blocks: a.count)
      for i in a.indices {
        let exact = Double(Int128(b[i]) - Int128(a[i]))
        if table[eqp_sum_d, i] != exact { Issue.record("\(b[i]) − \(a[i]) is \(exact), not \(table[eqp_sum_d, i])") }
      }
      for unit in 0..<a.count / 4 {
        let most = (4 * unit..<4 * unit + 4).map { abs(Double(Int128(b[$0]) - Int128(a[$0]))) }.max()
        #expect(runs[eqp_max_abs_d, unit] == most)
      }
    }
    check(.int64, Int64.self)
    check(.uint64, UInt64.self)
  }

  @Test func everyHalfAgainstDecoded() {
    let all = (0...UInt16.max).map { $0 }
    let finite = all.filter { $0 & 0x7c00 != 0x7c00 }
    let table = KernelTable(.float16, finite, finite, units: finite.count, inner: 1, blocks: finite.count)
    let values = decoded(.float16, finite) ?? []
    for (unit, value) in values.enumerated() where table[eqp_sum_a, unit] != value {
      Issue.record("\(finite[unit]) is \(value), taken as \(table[eqp_sum_a, unit])")
    }
    let special = KernelTable(.float16, all, all, units: 1, inner: all.count)
    #expect(special[eqp_count, 0] == Double(finite.count))
    #expect(special.nonFinite == [2_046, 2, 2_046, 2])
  }

  @Test func notFiniteAmongMany() {
    var a = normals(9_000, seed: 3).map { Float($0) }
    let b = normals(9_000, seed: 4).map { Float($0) }
    a[17] = .nan
    a[5_000] = -.infinity
    let kept = a.indices.filter { a[$0].isFinite }
    for (units, inner) in [(1, 9_000), (30, 1), (9, 1_000)] {
      let table = KernelTable(.float32, a, b, units: units, inner: inner, blocks: 4_500)
      for (field, value, magnitude) in exactFields(kept.map { Double(a[$0]) }, kept.map { Double(b[$0]) }, shift: 0) {
        let sum = (0..<units).reduce(0) { $0 + table[field, $1] }
        #expect(abs(sum - value) <= 9_000 * 0x1p-53 * magnitude, "\(field.rawValue) of \(units)")
      }
      #expect((0..<units).reduce(0) { $0 + table[eqp_excluded, $1] } == 2)
      #expect(table.fineA.reduce(0, +) == 8_998)
    }
  }
}
