/// The words of one (purpose, replicate) in order, for draws whose number is not known beforehand.
///
/// 2³⁴ words before it would repeat. A value: a copy draws the same words again.
public struct PhiloxSequence: Sendable {
  private let generator: Philox
  private let purpose: Philox.Purpose
  private let replicate: UInt32
  private var nextBlock: UInt32 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  public init(_ generator: Philox, _ purpose: Philox.Purpose, replicate: UInt32) {
    self.generator = generator
    self.purpose = purpose
    self.replicate = replicate
  }

  /// Passes over words: the next one is the first of a block so much further on.
  mutating func skip(blocks: UInt32) {
    nextBlock &+= blocks
    used = 4
  }

  /// The next word, uniform on 0 … 2³² − 1.
  @inline(__always)
  public mutating func next() -> UInt32 {
    if used == 4 {
      words = generator.block(purpose, replicate: replicate, block: nextBlock)
      nextBlock &+= 1
      used = 0
    }
    defer { used &+= 1 }
    return words[used]
  }

  /// The next number uniform on (0, 1), an odd multiple of 2⁻⁵³, from two words.
  @inline(__always)
  public mutating func uniform() -> Double {
    let high = UInt64(next()) << 20
    let bits = high | UInt64(next() >> 12)
    return (Double(bits) + 0.5) * 0x1p-52
  }

  /// Returns an unbiased index below `bound`, by Lemire's multiplication with rejection.
  ///
  /// ## Source
  /// Lemire (2019), doi:10.1145/3230636
  @inline(__always)
  public mutating func index(below bound: UInt32) -> Int {
    guard bound > 1 else { return 0 }
    var product = UInt64(next()) &* UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let threshold = (0 &- bound) % bound
      while UInt32(truncatingIfNeeded: product) < threshold { product = UInt64(next()) &* UInt64(bound) }
    }
    return Int(product >> 32)
  }
}
