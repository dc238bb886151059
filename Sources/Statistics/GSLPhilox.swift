@preconcurrency import CGSL

/// A GSL generator that carries ``Philox``, so that every `gsl_ran_*` function can draw from it.
///
/// Positioned at a (purpose, replicate): its words are those of ``Philox/block(_:replicate:block:)`` for block 0, 1, 2 …,
/// 2³⁴ words before it would run into the next replicate. Not `Sendable`: one per thread.
public final class GSLPhilox {
  /// The generator to hand to GSL; valid as long as this object lives.
  public let generator: UnsafeMutablePointer<gsl_rng>

  /// - Throws: ``SampleError/numerical(function:status:)`` when GSL has no memory left.
  public convenience init(_ philox: Philox, _ purpose: Philox.Purpose, replicate: UInt32) throws(SampleError) {
    try self.init(key: philox.key, counter: philox.counter(purpose, replicate: replicate, block: 0))
  }

  /// Positions the raw bijection at any key and counter.
  init(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) throws(SampleError) {
    GSL.prepare()
    guard let generator = gsl_rng_alloc(PhiloxType.shared.pointer) else {
      throw .numerical(function: "gsl_rng_alloc", status: GSL_ENOMEM.status)
    }
    self.generator = generator
    generator.pointee.state.assumingMemoryBound(to: PhiloxState.self).pointee = PhiloxState(key: key, counter: counter)
  }

  deinit { gsl_rng_free(generator) }

  /// The next word, uniform on 0 … 2³² − 1.
  public func next() -> UInt32 { UInt32(truncatingIfNeeded: gsl_rng_get(generator)) }

  /// A standard normal number, by the ziggurat method.
  public func normal() -> Double { gsl_ran_gaussian_ziggurat(generator, 1) }
}

/// What GSL keeps per generator. Plain words: GSL allocates and copies it as bytes.
private struct PhiloxState {
  var k0, k1: UInt32
  var c0, c1, c2, c3: UInt32
  var w0: UInt32 = 0
  var w1: UInt32 = 0
  var w2: UInt32 = 0
  var w3: UInt32 = 0
  var used: UInt32 = 4

  init(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) {
    (k0, k1) = (key.x, key.y)
    (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
  }

  @inline(__always)
  mutating func next() -> UInt32 {
    if used >= 4 { refill() }
    used &+= 1
    switch used {
    case 1: return w0
    case 2: return w1
    case 3: return w2
    default: return w3
    }
  }

  private mutating func refill() {
    let words = Philox.bijection(key: SIMD2(k0, k1), counter: SIMD4(c0, c1, c2, c3))
    (w0, w1, w2, w3) = (words.x, words.y, words.z, words.w)
    used = 0
    c0 &+= 1
    guard c0 == 0 else { return }
    c1 &+= 1
    guard c1 == 0 else { return }
    c2 &+= 1
    guard c2 == 0 else { return }
    c3 &+= 1
  }
}

/// GSL keeps a pointer to the type for as long as any generator lives, hence one that is never freed.
private struct PhiloxType: @unchecked Sendable {
  static let shared = PhiloxType()

  let pointer: UnsafePointer<gsl_rng_type>

  private init() {
    let name: StaticString = "philox4x32-10"
    let type = UnsafeMutablePointer<gsl_rng_type>.allocate(capacity: 1)
    type.initialize(
      to: gsl_rng_type(
        name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
        max: 0xFFFF_FFFF, min: 0, size: MemoryLayout<PhiloxState>.size,
        set: { state, seed in
          state?.assumingMemoryBound(to: PhiloxState.self).initialize(
            to: PhiloxState(
              key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: UInt64(seed) >> 32)),
              counter: SIMD4()))
        },
        get: { state in UInt(state?.assumingMemoryBound(to: PhiloxState.self).pointee.next() ?? 0) },
        get_double: { state in
          Double(state?.assumingMemoryBound(to: PhiloxState.self).pointee.next() ?? 0) * 0x1p-32
        }))
    pointer = UnsafePointer(type)
  }
}
