import Testing

@testable import Statistics

@Suite struct PhiloxTests {
  static let ones: UInt32 = 0xFFFF_FFFF

  /// The known answers of the Random123 distribution.
  @Test func againstKnownAnswers() {
    #expect(
      Philox.bijection(key: SIMD2(), counter: SIMD4()) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.bijection(key: SIMD2(repeating: Self.ones), counter: SIMD4(repeating: Self.ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.bijection(
        key: SIMD2(0xa409_3822, 0x299f_31d0), counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func againstKnownAnswersThroughGSL() throws {
    let zero = try GSLPhilox(key: SIMD2(), counter: SIMD4())
    #expect((0..<4).map { _ in zero.next() } == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    let ones = try GSLPhilox(key: SIMD2(repeating: Self.ones), counter: SIMD4(repeating: Self.ones))
    #expect((0..<4).map { _ in ones.next() } == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    // All ones plus one is zero: the counter carries through.
    #expect(ones.next() == Philox.bijection(key: SIMD2(repeating: Self.ones), counter: SIMD4()).x)
  }

  @Test func gslDrawsTheWordsOfItsPosition() throws {
    let philox = Philox(seed: 0x1234_5678_9abc_def0, stream: 99)
    let random = try GSLPhilox(philox, .bootstrap, replicate: 5)
    for block in 0..<3 as Range<UInt32> {
      let words = philox.block(.bootstrap, replicate: 5, block: block)
      for lane in 0..<4 { #expect(random.next() == words[lane]) }
    }
  }

  /// Mean and variance of GSL's normal numbers; the bounds are 4 standard errors, a false alarm in 8,000.
  @Test func gslDistributionsDrawFromIt() throws {
    let random = try GSLPhilox(generator, .simulation, replicate: 1)
    let sample = (0..<10_000).map { _ in random.normal() }
    let fit = try #require(NormalFit(samples: sample))
    #expect(abs(fit.mean) < 0.04)
    #expect(abs(fit.standardDeviation - 1) < 0.0283)
  }

  @Test func addressesAreKeyAndCounter() {
    let philox = Philox(seed: 0x0000_0002_0000_0001, stream: 3)
    #expect(
      philox.block(.relabel, replicate: 4, block: 5)
        == Philox.bijection(key: SIMD2(1, 3), counter: SIMD4(5, 4, 3, 2)))
  }

  /// Each of 7 indices within 5 standard deviations of its expected count.
  @Test func indicesAreUnbiased() {
    var words = PhiloxSequence(generator, .pilot, replicate: 0)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[words.index(below: 7)] += 1 }
    for count in counts { #expect(abs(Double(count) - 10_000) < 5 * 92.6) }
    #expect(words.index(below: 1) == 0)
  }
}
