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

  /// The key of a value that the type has.
  private func key(_ type: ElementType, _ value: Double) -> UInt64 {
    switch type {
    case .uint32, .uint64: return UInt64(value)
    case .int64: return UInt64(bitPattern: Int64(value)) ^ 1 << 63
    case .int8, .uint8, .int16, .uint16, .int32: return UInt64(UInt32(bitPattern: Int32(value)) ^ 1 << 31)
    case .float64:
      let bits = (value + 0).bitPattern
      return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    default:
      let bits = (Float(value) + 0).bitPattern
      return UInt64(bits >> 31 == 1 ? ~bits : bits | 1 << 31)
    }
  }

  @Test func keysFollowTheValues() {
    let singles = values.map { Double(Float($0)) }
    for (type, values) in [(ElementType.float64, values), (.float32, singles)] {
      for (x, y) in zip(values, values.dropFirst()) {
        let (p, q) = (key(type, x), key(type, y))
        if x == y ? p != q : p >= q { Issue.record("\(x) \(y)") }
      }
      for x in values where eqp_key_value(type.rawValue, key(type, x)) != x { Issue.record("\(x)") }
      #expect(ends(type) == [key(type, -.infinity), key(type, .infinity)])
    }
    let integers: [(ElementType, [Double])] = [
      (.int8, [-128, -1, 0, 127]), (.uint8, [0, 255]), (.int16, [-32_768, 32_767]), (.uint16, [0, 65_535]),
      (.int32, [-0x1p31, -1, 0, 0x1p31 - 1]), (.uint32, [0, 0x1p32 - 1]), (.int64, [-0x1p63, -1, 0, 0x1p63 - 1_024]),
      (.uint64, [0, 0x1p63, 0x1p64 - 2_048]),
    ]
    for (type, values) in integers {
      for x in values { #expect(eqp_key_value(type.rawValue, key(type, x)) == x, "\(type)") }
      #expect(ends(type) == [0, eqp_key_bits(type.rawValue) == 64 ? .max : UInt64(UInt32.max)])
    }
  }

  private func ends(_ type: ElementType) -> [UInt64] {
    var (first, last): (UInt64, UInt64) = (1, 1)
    eqp_key_ends(type.rawValue, &first, &last)
    return [first, last]
  }

  /// Neighbouring halves are 2^step keys apart or more.
  @Test(arguments: [ElementType.float16, .bfloat16]) func stepsOfHalves(type: ElementType) {
    let finite = (decoded(type, Array(UInt16.min...UInt16.max)) ?? []).filter(\.isFinite)
    let keys = Set(finite.map { key(type, $0) }).sorted()
    let least = zip(keys, keys.dropFirst()).map { $1 - $0 }.min()
    #expect(least == 1 << UInt64(eqp_key_step(type.rawValue)))
    #expect(eqp_key_step(ElementType.float32.rawValue) == 0)
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

  /// Pairs in windows, against a loop, for every kind of element, with values that are not finite and without.
  @Test func looksFindWhatTheyShould() {
    var random = Simulation(seed: 6)
    let count = 1_203
    var a = random.normals(count).map { Float($0) }
    var b = random.normals(count).map { Float($0) }
    for i in stride(from: 0, to: count, by: 5) { b[i] = a[i] }
    for allFinite in [true, false] {
      if !allFinite { (a[3], b[7], a[11]) = (.nan, .infinity, -.infinity) }
      check(.float32, a, b, allFinite)
      check(.float64, a.map { Double($0) }, b.map { Double($0) }, allFinite)
      check(.float16, a.map { float16Bits(Double($0)) }, b.map { float16Bits(Double($0)) }, allFinite)
      func brains(_ x: [Float]) -> [UInt16] { x.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) } }
      check(.bfloat16, brains(a), brains(b), allFinite)
    }
  }

  @Test func looksAtIntegersFindWhatTheyShould() {
    var random = Simulation(seed: 7)
    func check<T: FixedWidthInteger>(_ type: ElementType, _: T.Type) {
      let a = random.normals(1_203).map { T(clamping: Int((2 * $0 + 2).rounded())) }
      let b = random.normals(1_203).map { T(clamping: Int((2 * $0 + 2).rounded())) }
      self.check(type, a, b, true)
      self.check(type, a, b, false)
    }
    check(.int8, Int8.self)
    check(.uint8, UInt8.self)
    check(.int16, Int16.self)
    check(.uint16, UInt16.self)
    check(.int32, Int32.self)
    check(.uint32, UInt32.self)
    check(.int64, Int64.self)
    check(.uint64, UInt64.self)
  }

  private func check<Element>(_ type: ElementType, _ a: [Element], _ b: [Element], _ allFinite: Bool) {
    let bits = eqp_key_bits(type.rawValue)
    #expect(bits == (type.byteWidth == 8 ? 64 : 32))
    let isInteger = type.kind == .integer
    let shift: UInt32 = isInteger ? 1 : bits == 64 ? 44 : 15
    let values = isInteger ? [(0, 1), (3, 6), (7, 9)] : [(-0.75, -0.25), (0.5, 1.5), (2, 2.5)]
    let ends = values.map { (key(type, $0), key(type, $1)) }
    var offset = 16
    let windows = ends.map { low, high in
      defer { offset += Int((high - low) >> UInt64(shift)) + 1 }
      return eqp_window(low: low, span: high - low, offset: offset, shift: shift)
    }
    let pairs = zip(decoded(type, a) ?? [], decoded(type, b) ?? []).filter { x, y in
      x.isFinite && y.isFinite && x != y
    }
    #expect(pairs.count > 600)
    let best = eqp_force_isa(2)
    defer { _ = eqp_force_isa(best) }
    for counted in (0...3).map({ Array(windows.prefix($0)) }) {
      for taken in (0...2).map({ Array(windows.suffix($0)) }) {
        var expected = [UInt32](repeating: 0, count: 2 * offset)
        var keys: [[UInt64]] = [[], []]
        for (p, q) in pairs {
          for (side, value) in [p, q].enumerated() {
            let key = self.key(type, value)
            func lies(in window: eqp_window) -> Bool { key >= window.low && key - window.low <= window.span }
            for window in counted where lies(in: window) {
              expected[2 * (window.offset + Int((key - window.low) >> UInt64(shift))) + side] += 1
            }
            if taken.contains(where: lies) { keys[side].append(key) }
          }
        }
        for isa in 0...best {
          _ = eqp_force_isa(isa)
          let found = look(type, a, b, counted: counted, taken: taken, allFinite, places: offset)
          // The first places are for what lies in no window.
          #expect(found.counts[32...] == expected[32...], "\(type) \(counted.count) \(taken.count) \(isa)")
          #expect(found.keys == keys, "\(type) \(counted.count) \(taken.count) \(isa)")
        }
        if !taken.isEmpty { #expect(!keys[0].isEmpty && !keys[1].isEmpty) }
      }
    }
  }

  private func look<Element>(
    _ type: ElementType, _ a: [Element], _ b: [Element], counted: [eqp_window], taken: [eqp_window], _ allFinite: Bool,
    places: Int
  ) -> (counts: [UInt32], keys: [[UInt64]]) {
    let counts = Counts(2 * places)
    var keysA = [UInt64](repeating: 0, count: a.count + 16)
    var keysB = keysA
    var found = [0, 0]
    let isKnown = a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        counted.withUnsafeBufferPointer { counted in
          taken.withUnsafeBufferPointer { taken in
            var look = eqp_look(
              counted: counted.baseAddress, counted_count: counted.count, taken: taken.baseAddress,
              taken_count: taken.count, all_finite: allFinite ? 1 : 0, counts: counts.places)
            let n = a.count / (type.byteWidth ?? 1)
            return eqp_look_at(&look, type.rawValue, a.baseAddress, b.baseAddress, n, &keysA, &keysB, &found)
          }
        }
      }
    }
    #expect(isKnown == 1)
    return (counts.values, [Array(keysA[..<found[0]]), Array(keysB[..<found[1]])])
  }
}
