/// HighwayHash of 64 bits, by which Riegeli's records are checked. Additions and products are modulo 2⁶⁴ by definition.
///
/// ## Source
/// Alakuijala, Cox, Wassenberg (2016), "Fast keyed hash/pseudo-random function using SIMD multiply and permute",
/// arXiv:1612.06257.
struct HighwayHash {
  private typealias Lanes = SIMD4<UInt64>

  private var v0: Lanes
  private var v1: Lanes
  private var product0: Lanes
  private var product1: Lanes

  /// `Riegeli/`, `records\n`, twice.
  static let riegeliKey: SIMD4<UInt64> = [
    0x2f69_6c65_6765_6952, 0x0a73_6472_6f63_6572, 0x2f69_6c65_6765_6952, 0x0a73_6472_6f63_6572,
  ]

  /// Returns the hash of `bytes`.
  ///
  /// - Complexity: O(bytes.count).
  static func of(_ bytes: UnsafeRawBufferPointer, key: SIMD4<UInt64> = riegeliKey) -> UInt64 {
    var state = HighwayHash(key)
    var start = 0
    while start + 32 <= bytes.count {
      state.update(lanes(bytes, start))
      start += 32
    }
    if start < bytes.count { state.updateRest(UnsafeRawBufferPointer(rebasing: bytes[start...])) }
    return state.finish()
  }

  private init(_ key: SIMD4<UInt64>) {
    product0 = [0xdbe6_d5d5_fe4c_ce2f, 0xa409_3822_299f_31d0, 0x1319_8a2e_0370_7344, 0x243f_6a88_85a3_08d3]
    product1 = [0x3bd3_9e10_cb0e_f593, 0xc0ac_f169_b5f1_8a8c, 0xbe54_66cf_34e9_0c6c, 0x4528_21e6_38d0_1377]
    v0 = product0 ^ key
    v1 = product1 ^ Self.halvesSwapped(key)
  }

  private static func lanes(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Lanes {
    Lanes((0..<4).map { bytes.littleEndian(UInt64.self, at: start + 8 * $0) ?? 0 })
  }

  private static func halvesSwapped(_ lanes: Lanes) -> Lanes { lanes &>> 32 | lanes &<< 32 }

  private mutating func update(_ packet: Lanes) {
    let low = Lanes(repeating: 0xffff_ffff)
    v1 &+= packet &+ product0
    product0 ^= (v1 & low) &* (v0 &>> 32)
    v0 &+= product1
    product1 ^= (v0 & low) &* (v1 &>> 32)
    v0 &+= Self.zipped(v1)
    v1 &+= Self.zipped(v0)
  }

  /// Bytes of each pair of lanes, mixed so that good bits come to where the product is bad.
  private static func zipped(_ lanes: Lanes) -> Lanes {
    var result = Lanes()
    for pair in [0, 2] {
      let even = lanes[pair]
      let odd = lanes[pair + 1]
      result[pair] =
        (even & 0xff00_0000 | odd & 0xff_0000_0000) >> 24 | (even & 0xff00_0000_0000 | odd & 0xff_0000_0000_0000) >> 16
        | even & 0xff_0000 | (even & 0xff00) << 32 | (odd & 0xff00_0000_0000_0000) >> 8 | even << 56
      result[pair + 1] =
        (odd & 0xff00_0000 | even & 0xff_0000_0000) >> 24 | odd & 0xff_0000 | (odd & 0xff00_0000_0000) >> 16
        | (odd & 0xff00) << 24 | (even & 0xff_0000_0000_0000) >> 8 | (odd & 0xff) << 48 | even & 0xff00_0000_0000_0000
    }
    return result
  }

  /// Takes in the last 1 to 31 bytes.
  private mutating func updateRest(_ bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    v0 &+= Lanes(repeating: UInt64(count) << 32 &+ UInt64(count))
    let turned = v1
    for lane in 0..<4 {
      let halves = [UInt32(truncatingIfNeeded: turned[lane]), UInt32(truncatingIfNeeded: turned[lane] >> 32)].map {
        UInt64($0 << UInt32(count) | $0 >> UInt32(32 - count))
      }
      v1[lane] = halves[0] | halves[1] << 32
    }
    var packet = [UInt8](repeating: 0, count: 32)
    let whole = count & ~3
    let rest = count & 3
    for index in 0..<whole { packet[index] = bytes[index] }
    if count & 16 != 0 {
      for index in 0..<4 { packet[28 + index] = bytes[whole + index + rest - 4] }
    } else if rest > 0 {
      packet[16] = bytes[whole]
      packet[17] = bytes[whole + (rest >> 1)]
      packet[18] = bytes[whole + rest - 1]
    }
    update(packet.withUnsafeBytes { Self.lanes($0, 0) })
  }

  private mutating func finish() -> UInt64 {
    for _ in 0..<4 { update(Self.halvesSwapped(Lanes(v0[2], v0[3], v0[0], v0[1]))) }
    return v0[0] &+ v1[0] &+ product0[0] &+ product1[0]
  }
}
