import Tensors

/// FarmHash's Fingerprint64, by which TensorFlow recognises files. Not cryptographic.
///
/// ## Source
/// FarmHash, `farmhashna::Hash64`; TensorFlow, `core/platform/fingerprint.h`. Additions and products are modulo 2⁶⁴ by
/// definition.
enum Fingerprint64 {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f

  /// Returns the fingerprint of a whole file.
  ///
  /// - Complexity: O(file.size), in the memory of one read.
  static func of(_ file: RandomAccessFile) throws(CheckpointError) -> UInt64 {
    guard file.size > 64 else { return try file.bytes(at: 0, count: file.size).withBytes(of) }
    var state = LongState(first: try file.bytes(at: 0, count: 8).withBytes { fetch($0, 0) })
    // The last 64 bytes come in a second time, whole.
    let body = (file.size - 1) / 64 * 64
    let scratch = ReadBuffer()
    var done = 0
    while done < body {
      let part = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<min(scratch.bytes.count, body - done)])
      try file.fill(part, at: done)
      state.update(UnsafeRawBufferPointer(part))
      done += part.count
    }
    let last = try file.bytes(at: file.size - 64, count: 64)
    return last.withBytes { state.finish($0, count: file.size) }
  }

  /// Returns the fingerprint of `bytes`.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    switch bytes.count {
    case 0...16: return short(bytes)
    case 17...32: return medium(bytes)
    case 33...64: return longer(bytes)
    default:
      var state = LongState(first: fetch(bytes, 0))
      let body = (bytes.count - 1) / 64 * 64
      state.update(UnsafeRawBufferPointer(rebasing: bytes[..<body]))
      return state.finish(UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - 64)...]), count: bytes.count)
    }
  }

  private static func fetch(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    bytes.littleEndian(UInt64.self, at: offset) ?? 0
  }

  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value >> count | value << (64 - count) }

  private static func mix(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

  private static func pair(_ u: UInt64, _ v: UInt64, _ multiplier: UInt64) -> UInt64 {
    let a = mix((u ^ v) &* multiplier)
    return mix((v ^ a) &* multiplier) &* multiplier
  }

  private static func short(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = UInt64(bytes.count)
    if count >= 8 {
      let multiplier = k2 &+ count &* 2
      let a = fetch(bytes, 0) &+ k2
      let b = fetch(bytes, bytes.count - 8)
      let c = rotate(b, 37) &* multiplier &+ a
      let d = (rotate(a, 25) &+ b) &* multiplier
      return pair(c, d, multiplier)
    }
    if count >= 4 {
      let first = UInt64(bytes.littleEndian(UInt32.self, at: 0) ?? 0)
      let last = UInt64(bytes.littleEndian(UInt32.self, at: bytes.count - 4) ?? 0)
      return pair(count &+ first << 3, last, k2 &+ count &* 2)
    }
    guard count > 0 else { return k2 }
    let y = UInt64(bytes[0]) &+ UInt64(bytes[bytes.count >> 1]) << 8
    let z = count &+ UInt64(bytes[bytes.count - 1]) << 2
    return mix(y &* k2 ^ z &* k0) &* k2
  }

  private static func medium(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let multiplier = k2 &+ UInt64(bytes.count) &* 2
    let a = fetch(bytes, 0) &* k1
    let b = fetch(bytes, 8)
    let c = fetch(bytes, bytes.count - 8) &* multiplier
    let d = fetch(bytes, bytes.count - 16) &* k2
    return pair(rotate(a &+ b, 43) &+ rotate(c, 30) &+ d, a &+ rotate(b &+ k2, 18) &+ c, multiplier)
  }

  private static func longer(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let multiplier = k2 &+ UInt64(bytes.count) &* 2
    let a = fetch(bytes, 0) &* k2
    let b = fetch(bytes, 8)
    let c = fetch(bytes, bytes.count - 8) &* multiplier
    let d = fetch(bytes, bytes.count - 16) &* k2
    let y = rotate(a &+ b, 43) &+ rotate(c, 30) &+ d
    let z = pair(y, a &+ rotate(b &+ k2, 18) &+ c, multiplier)
    let e = fetch(bytes, 16) &* multiplier
    let f = fetch(bytes, 24)
    let g = (y &+ fetch(bytes, bytes.count - 32)) &* multiplier
    let h = (z &+ fetch(bytes, bytes.count - 24)) &* multiplier
    return pair(rotate(e &+ f, 43) &+ rotate(g, 30) &+ h, e &+ rotate(f &+ a, 18) &+ g, multiplier)
  }

  /// The running sums over more than 64 bytes.
  private struct LongState {
    var x: UInt64
    var y: UInt64
    var z: UInt64
    var v: (UInt64, UInt64) = (0, 0)
    var w: (UInt64, UInt64) = (0, 0)

    init(first: UInt64) {
      let seed: UInt64 = 81
      x = seed &* k2 &+ first
      y = seed &* k1 &+ 113
      z = mix(y &* k2 &+ 113) &* k2
    }

    /// Takes in whole runs of 64 bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
      var start = 0
      while start + 64 <= bytes.count {
        step(bytes, start, k1, xorFactor: 1, addFactor: 1)
        start += 64
      }
    }

    mutating func finish(_ last: UnsafeRawBufferPointer, count: Int) -> UInt64 {
      let multiplier = k1 &+ (z & 0xff) << 1
      w.0 = w.0 &+ UInt64((count - 1) & 63)
      v.0 = v.0 &+ w.0
      w.0 = w.0 &+ v.0
      step(last, 0, multiplier, xorFactor: 9, addFactor: 9)
      return pair(
        pair(v.0, w.0, multiplier) &+ mix(y) &* k0 &+ z, pair(v.1, w.1, multiplier) &+ x, multiplier)
    }

    private mutating func step(
      _ bytes: UnsafeRawBufferPointer, _ start: Int, _ multiplier: UInt64, xorFactor: UInt64, addFactor: UInt64
    ) {
      x = rotate(x &+ y &+ v.0 &+ fetch(bytes, start + 8), 37) &* multiplier
      y = rotate(y &+ v.1 &+ fetch(bytes, start + 48), 42) &* multiplier
      x ^= w.1 &* xorFactor
      y = y &+ v.0 &* addFactor &+ fetch(bytes, start + 40)
      z = rotate(z &+ w.0, 33) &* multiplier
      v = weak(bytes, start, v.1 &* multiplier, x &+ w.0)
      w = weak(bytes, start + 32, z &+ w.1, y &+ fetch(bytes, start + 16))
      swap(&z, &x)
    }

    private func weak(
      _ bytes: UnsafeRawBufferPointer, _ start: Int, _ a: UInt64, _ b: UInt64
    ) -> (UInt64, UInt64) {
      let first = a &+ fetch(bytes, start)
      let sum = first &+ fetch(bytes, start + 8) &+ fetch(bytes, start + 16)
      let last = fetch(bytes, start + 24)
      let turned = rotate(b &+ first &+ last, 21) &+ rotate(sum, 44)
      return (sum &+ last, turned &+ first)
    }
  }
}

/// 16 digits, as fingerprints are shown.
func hexadecimalDigits(_ fingerprint: UInt64) -> String { String(hexadecimal(fingerprint).dropFirst(2)) }
