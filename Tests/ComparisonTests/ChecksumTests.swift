import CKernels
import Testing

@testable import Comparison

@Suite struct ChecksumTests {
  /// Bit by bit, from the polynomial.
  private func naive(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
    }
    return ~crc
  }

  @Test func againstRFC3720() {
    #expect(eqp_crc32c(0, Array("123456789".utf8), 9) == 0xe306_9283)
    #expect(eqp_crc32c(0, [UInt8](repeating: 0, count: 32), 32) == 0x8a91_36aa)
    #expect(eqp_crc32c(0, [UInt8](repeating: 255, count: 32), 32) == 0x62a8_ab43)
    #expect(eqp_crc32c(0, (0..<32).map { UInt8($0) }, 32) == 0x46dd_794e)
  }

  @Test func portableAgainstHardware() {
    var random = Simulation(seed: 1)
    let bytes = (0..<1_100).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!
      for length in 0...1_000 {
        let offset = length % 17
        #expect(eqp_crc32c(7, base + offset, length) == eqp_crc32c_portable(7, base + offset, length))
      }
      for offset in 0..<64 { #expect(eqp_crc32c(0, base + offset, 999) == eqp_crc32c_portable(0, base + offset, 999)) }
    }
    for length in [0, 1, 7, 8, 9, 255, 771] {
      #expect(eqp_crc32c_portable(0, bytes, length) == naive(bytes[..<length]))
    }
  }

  /// Lengths around what is folded together, on every instruction set.
  @Test func foldedAgainstPortable() {
    var random = Simulation(seed: 2)
    let bytes = (0..<5_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let best = eqp_force_isa(2)
    defer { _ = eqp_force_isa(best) }
    bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!
      for length in Array(1_000...1_300) + [2_047, 2_048, 2_049, 4_096, 4_999] {
        let expected = eqp_crc32c_portable(9, base + 1, length)
        for isa in 0...best {
          _ = eqp_force_isa(isa)
          if eqp_crc32c(9, base + 1, length) != expected { Issue.record("\(length) bytes, set \(isa)") }
        }
      }
    }
  }

  /// Lengths around three long streams (16,800 bytes) and three short ones (768), and around these beside folding (42,656),
  /// on every instruction set.
  @Test func streamsAgainstPortable() {
    var random = Simulation(seed: 2)
    let bytes = (0..<130_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let lengths = [
      767, 768, 769, 1_536, 16_799, 16_800, 16_801, 17_568, 33_600, 42_655, 42_656, 42_657, 60_000, 85_312, 90_001,
      130_000,
    ]
    let best = eqp_force_isa(2)
    defer { _ = eqp_force_isa(best) }
    for length in lengths {
      let expected = eqp_crc32c_portable(5, bytes, length)
      for isa in 0...best {
        _ = eqp_force_isa(isa)
        if eqp_crc32c(5, bytes, length) != expected { Issue.record("\(length) bytes, set \(isa)") }
      }
    }
  }

  @Test func combinedAgainstWhole() {
    var random = Simulation(seed: 3)
    let bytes = (0..<1_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!
      let whole = eqp_crc32c(0, base, 1_000)
      for cut in 0...1_000 {
        let first = eqp_crc32c(0, base, cut)
        let second = eqp_crc32c(0, base + cut, 1_000 - cut)
        #expect(eqp_crc32c_combine(first, second, UInt64(1_000 - cut)) == whole)
        #expect(eqp_crc32c(first, base + cut, 1_000 - cut) == whole)
      }
    }
    // 2⁴⁰ zero bytes by squaring: appending twice as many is the same as appending the half twice.
    var crc: UInt32 = 0xdead_beef
    for power in 0..<40 {
      let zeros = (0..<2).reduce(crc) { state, _ in eqp_crc32c_combine(state, 0, 1 << power) }
      #expect(zeros == eqp_crc32c_combine(crc, 0, 2 << power))
      crc = crc &* 2_654_435_761 &+ 1
    }
  }
}
