/// Philox4x32-10, a counter-based generator: a pure function of (seed, stream, purpose, replicate, block).
///
/// Nothing is drawn "next": every random word has an address, so a result depends neither on threads nor on what else is
/// computed. The key is (low 32 bits of the seed, stream), the counter (block, replicate, purpose, high 32 bits of the
/// seed).
///
/// ## Source
/// Salmon, Moraes, Dror & Shaw (2011), doi:10.1145/2063384.2063405
public struct Philox: Sendable, Hashable {
  /// What random words are used for. Purposes never share words.
  public enum Purpose: UInt32, Sendable {
    /// Signs of units, swapped between the two models.
    case swap = 1
    /// Units drawn with replacement.
    case bootstrap = 2
    /// Labels permuted.
    case relabel = 3
    /// Pilot draws that decide on settings.
    case pilot = 4
    /// Simulated data.
    case simulation = 5
  }

  public let seed: UInt64
  public let stream: UInt32

  public init(seed: UInt64, stream: UInt32) {
    self.seed = seed
    self.stream = stream
  }

  /// Returns the four random words at an address.
  ///
  /// - Complexity: O(1), 20 multiplications.
  @inline(__always)
  public func block(_ purpose: Purpose, replicate: UInt32, block: UInt32) -> SIMD4<UInt32> {
    Philox.bijection(key: key, counter: counter(purpose, replicate: replicate, block: block))
  }

  @inline(__always)
  var key: SIMD2<UInt32> { SIMD2(UInt32(truncatingIfNeeded: seed), stream) }

  @inline(__always)
  func counter(_ purpose: Purpose, replicate: UInt32, block: UInt32) -> SIMD4<UInt32> {
    SIMD4(block, replicate, purpose.rawValue, UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// The ten-round bijection itself, for any key and counter.
  @inline(__always)
  public static func bijection(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var x0 = counter.x
    var x1 = counter.y
    var x2 = counter.z
    var x3 = counter.w
    var k0 = key.x
    var k1 = key.y
    for _ in 0..<10 {
      let p0 = 0xD251_1F53 &* UInt64(x0)
      let p1 = 0xCD9E_8D57 &* UInt64(x2)
      x0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ x1 ^ k0
      x2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ x3 ^ k1
      x1 = UInt32(truncatingIfNeeded: p1)
      x3 = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }
}
