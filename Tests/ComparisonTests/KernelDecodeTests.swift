import CKernels
import Checkpoints
import Foundation
import Tensors
import Testing

@testable import Comparison

func decoded<Element>(_ type: ElementType, _ elements: [Element]) -> [Double]? {
  let count = elements.count * MemoryLayout<Element>.stride / (type.byteWidth ?? 1)
  var values = [Double](repeating: .nan, count: count * type.components)
  let known = elements.withUnsafeBytes { eqp_decode(type.rawValue, $0.baseAddress, &values, count) }
  return known == 1 ? values : nil
}

@Suite struct KernelDecodeTests {
  @Test func float16AgainstExact() {
    // By the definition: (−1)^s · 2^(e − 15) · 1.f, without any conversion instruction.
    let patterns = (0...UInt16.max).map { $0 }
    let values = decoded(.float16, patterns) ?? []
    for (bits, value) in zip(patterns, values) {
      let exponent = Int(bits >> 10 & 31)
      let fraction = Double(bits & 1_023)
      let sign: FloatingPointSign = bits >> 15 == 1 ? .minus : .plus
      if exponent == 31, fraction > 0 {
        #expect(value.isNaN)
        continue
      }
      let magnitude =
        exponent == 31
        ? .infinity
        : exponent == 0
          ? fraction * 0x1p-24 : (1 + fraction / 1_024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      let expected = sign == .minus ? -magnitude : magnitude
      #expect(value.bitPattern == expected.bitPattern, "\(bits)")
    }
  }

  @Test func bfloat16AgainstExact() {
    let patterns = (0...UInt16.max).map { $0 }
    let values = decoded(.bfloat16, patterns) ?? []
    for (bits, value) in zip(patterns, values) {
      let exponent = Int(bits >> 7 & 255)
      let fraction = Double(bits & 127)
      if exponent == 255, fraction > 0 {
        #expect(value.isNaN)
        continue
      }
      let magnitude =
        exponent == 255
        ? .infinity
        : exponent == 0
          ? fraction * 0x1p-133 : (1 + fraction / 128) * Double(sign: .plus, exponent: exponent - 127, significand: 1)
      #expect(value.bitPattern == (bits >> 15 == 1 ? -magnitude : magnitude).bitPattern, "\(bits)")
    }
  }

  @Test func bytesAgainstTensorFlow() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Oracles/byte_types.json")
    let oracle = try JSONDecoder().decode([String: [Int64]].self, from: Data(contentsOf: path))
    #expect(oracle.count == 10)
    let bytes = (0...UInt8.max).map { $0 }
    for (name, expected) in oracle {
      let type = try #require(ElementType(name: name))
      let values = try #require(decoded(type, bytes))
      let singles = type.byteFloats
      #expect((singles != nil) == (type.kind == .floatingPoint))
      for (byte, bits) in zip(bytes, expected) {
        let value = values[Int(byte)]
        guard bits >= 0 else {
          #expect(value.isNaN && singles?[Int(byte)].isNaN == true, "\(name) \(byte)")
          continue
        }
        let single = Float(bitPattern: UInt32(bits))
        #expect(value.bitPattern == Double(single).bitPattern, "\(name) \(byte)")
        if let singles { #expect(singles[Int(byte)].bitPattern == single.bitPattern, "\(name) \(byte)") }
      }
      // Bytes can be had back: of 4-bit types the low bits, which alone count.
      if let singles { #expect(Set(singles.map(\.bitPattern)).count == (type == .float4e2m1fn ? 16 : 256), "\(name)") }
    }
  }

  @Test func smallIntegersAgainstExact() {
    let bytes = (0...UInt8.max).map { $0 }
    #expect(
      decoded(.int4, bytes)
        == bytes.map {
          let low = Int($0 & 15)
          return Double(low < 8 ? low : low - 16)
        })
    #expect(
      decoded(.int2, bytes)
        == bytes.map {
          let low = Int($0 & 3)
          return Double(low < 2 ? low : low - 4)
        })
    #expect(decoded(.uint4, bytes) == bytes.map { Double($0 & 15) })
    #expect(decoded(.uint2, bytes) == bytes.map { Double($0 & 3) })
    #expect(decoded(.bool, bytes) == bytes.map { $0 == 0 ? 0 : 1 })
    for type in [ElementType.uint8, .quint8] { #expect(decoded(type, bytes) == bytes.map { Double($0) }) }
    for type in [ElementType.int8, .qint8] {
      #expect(decoded(type, bytes) == bytes.map { Double(Int8(bitPattern: $0)) })
    }
  }

  @Test func widerIntegersAgainstExact() {
    let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max, 1 << 53, 1 << 53 + 1, -(1 << 62) - 1]
    #expect(decoded(.int64, extremes) == extremes.map { Double($0) })
    let unsigned = extremes.map { UInt64(bitPattern: $0) }
    #expect(decoded(.uint64, unsigned) == unsigned.map { Double($0) })
    let words = extremes.map { Int32(truncatingIfNeeded: $0) } + [.min, .max]
    for type in [ElementType.int32, .qint32] { #expect(decoded(type, words) == words.map { Double($0) }) }
    let unsignedWords = words.map { UInt32(bitPattern: $0) }
    #expect(decoded(.uint32, unsignedWords) == unsignedWords.map { Double($0) })
    let shorts = (0...UInt16.max).map { $0 }
    for type in [ElementType.uint16, .quint16] { #expect(decoded(type, shorts) == shorts.map { Double($0) }) }
    for type in [ElementType.int16, .qint16] {
      #expect(decoded(type, shorts) == shorts.map { Double(Int16(bitPattern: $0)) })
    }
  }

  @Test func floatsAndComplexAgainstExact() {
    let values: [Double] = [0, -0.0, 1.5, -.pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, 1e-40, -7]
    #expect(decoded(.float64, values).map { $0.map(\.bitPattern) } == values.map(\.bitPattern))
    let singles = values.map { Float($0) } + [.leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0]
    #expect(decoded(.float32, singles).map { $0.map(\.bitPattern) } == singles.map { Double($0).bitPattern })
    #expect(decoded(.complex128, values + [2]) == values + [2])
    #expect(decoded(.complex64, singles) == singles.map { Double($0) })
  }

  @Test func everyNumericTypeIsDecodedAndNoOther() {
    for type in ElementType.allCases {
      var values = [Double](repeating: 0, count: 2)
      let bytes = [UInt8](repeating: 1, count: 16)
      #expect((eqp_decode(type.rawValue, bytes, &values, 1) == 1) == type.isNumeric, "\(type)")
    }
  }

  @Test func integersBeyondDoublesAreSubtractedExactly() {
    func differences<Element>(_ type: ElementType, _ a: [Element], _ b: [Element]) -> [Double] {
      let x = decoded(type, a) ?? []
      let y = decoded(type, b) ?? []
      var d = [Double](repeating: .nan, count: x.count)
      a.withUnsafeBytes { a in
        b.withUnsafeBytes {
          eqp_differences(type.rawValue, type.rawValue, a.baseAddress, $0.baseAddress, x, y, &d, x.count)
        }
      }
      return d
    }
    let big: Int64 = 1 << 60
    #expect(differences(.int64, [big, .min, .max, big], [big + 1, .max, .min, big]) == [1, 0x1p64, -0x1p64, 0])
    #expect(
      differences(.uint64, [UInt64.max, 0, 1 << 63], [UInt64.max - 1, .max, (1 << 63) + 3]) == [-1, 0x1p64, 3])
    // −0 and 0 are equal; one subnormal step is a difference.
    #expect(differences(.float64, [-0.0, 0], [0, Double.leastNonzeroMagnitude]) == [0, .leastNonzeroMagnitude])
  }

  @Test func changesOf64BitIntegersAreSeen() async throws {
    let a: [Int64] = [1 << 60, 5, -(1 << 61)]
    let b: [Int64] = [1 << 60 + 1, 5, -(1 << 61)]
    let left = MemoryCheckpoint.Tensor("counts", .int64, [3], raw: [Int64](a))
    let right = MemoryCheckpoint.Tensor(
      "counts", .int64, [3], raw: [Int64](b.enumerated().map { $0 == 0 ? a[0] + 1 : $1 }))
    let found = try await sums(left, right, view: UnitView(units: 3, inner: 1, name: "unit"))
    #expect(Array(found.sums.column(eqp_changed)) == [1, 0, 0])
    #expect(Array(found.sums.column(eqp_sum_d)) == [1, 0, 0])
    #expect(!found.identical)
  }
}
