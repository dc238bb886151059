import Testing

@testable import Statistics

struct McNemarTests {
  /// R 4.2: `binom.test(x, n)$p.value`, and with `alternative = "less"`; SciPy's `binomtest` says the same.
  @Test(arguments: [
    (5, 1, 0.21875, 0.984375), (10, 2, 0.03857421875, 0.996826171875), (0, 5, 0.0625, 0.03125), (3, 3, 1, 0.65625),
    (25, 8, 0.004551384132, 0.9993406364229), (60, 40, 0.05688793364, 0.9823998998911),
  ])
  func againstR(onlyA: Int, onlyB: Int, twoSided: Double, less: Double) throws {
    #expect(close(try mcNemarTest(onlyA: onlyA, onlyB: onlyB).value, twoSided, 1e-9))
    // B is right less often: few of the discordant examples are A's.
    let oneSided = try mcNemarTest(onlyA: onlyA, onlyB: onlyB, alternative: .greater).value
    #expect(close(oneSided, less, 1e-9))
  }

  @Test func againstExactCounts() throws {
    for n in 1...60 {
      var term = 1.0
      var sum = 1.0
      for k in 0...n {
        if k > 0 {
          term *= Double(n - k + 1) / Double(k)
          sum += term
        }
        let tail = sum / Double(sign: .plus, exponent: n, significand: 1)
        #expect(close(try mcNemarTest(onlyA: k, onlyB: n - k, alternative: .greater).value, min(1, tail), 1e-12))
      }
    }
  }

  @Test func neverZeroAndOneWithoutDiscordance() throws {
    #expect(try mcNemarTest(onlyA: 0, onlyB: 5_000).value == .leastNonzeroMagnitude)
    #expect(try mcNemarTest(onlyA: 0, onlyB: 0).value == 1)
    #expect(try mcNemarTest(onlyA: 500_000, onlyB: 500_000).value == 1)
    #expect(throws: SampleError.self) { try mcNemarTest(onlyA: -1, onlyB: 3) }
  }

  /// The two ways to sum meet at 60 discordant examples.
  @Test func largeAgainstSignFlips() throws {
    for (a, b) in [(70, 40), (61, 60), (200, 160), (3, 90)] {
      let flips = [Double](repeating: -1, count: a) + [Double](repeating: 1, count: b)
      let p = try signFlipTest(flips, generator: generator).value
      #expect(close(try mcNemarTest(onlyA: a, onlyB: b).value, p, 2e-3), "\(a) \(b)")
    }
  }
}

struct PairedProportionsTests {
  @Test func symmetricAndWithinRange() throws {
    for (a, b, n) in [(0, 0, 20), (3, 9, 40), (9, 3, 40), (0, 12, 12), (12, 0, 12), (1, 0, 1)] {
      let forward = try #require(try PairedProportions(onlyA: a, onlyB: b, count: n).interval())
      let backward = try #require(try PairedProportions(onlyA: b, onlyB: a, count: n).interval())
      #expect(close(forward.lower, -backward.upper, 1e-9, absolute: 1e-9))
      #expect(forward.lower >= -1 && forward.upper <= 1 && forward.lower < forward.upper)
    }
  }

  /// Without discordant examples the limit is Wilson's, z²/(n + z²).
  @Test func againstWilsonWithoutDiscordance() throws {
    let z = try standardNormalQuantile(0.975)
    let interval = try #require(try PairedProportions(onlyA: 0, onlyB: 0, count: 50).interval())
    #expect(close(interval.upper, z * z / (50 + z * z), 1e-9) && close(interval.lower, -interval.upper, 1e-9))
  }

  /// The hypothesis is rejected at 5 % exactly where the 90 % interval lies within the margin.
  @Test func equivalenceAgreesWithItsInterval() throws {
    let pair = try PairedProportions(onlyA: 4, onlyB: 7, count: 300)
    let interval = try #require(pair.interval(confidence: 0.9))
    let reach = max(-interval.lower, interval.upper)
    #expect(close(try pair.equivalence(margin: reach).value, 0.05, 1e-6))
    #expect(try pair.equivalence(margin: reach * 1.2).value < 0.05)
    #expect(try pair.equivalence(margin: reach * 0.8).value > 0.05)
  }

  /// At the margin itself no more than 5 % are called equivalent, but for binomial error: 2 000 samples, bound 4 SD.
  @Test func calibrationUnderNull() throws {
    var random = Simulation(seed: 11)
    var rejections = 0
    for _ in 0..<2_000 {
      var (a, b) = (0, 0)
      for _ in 0..<200 {
        let u = random.uniform()
        // P(only B) − P(only A) = 0.05, the margin.
        if u < 0.02 { a += 1 } else if u < 0.09 { b += 1 }
      }
      if try PairedProportions(onlyA: a, onlyB: b, count: 200).equivalence(margin: 0.05).value <= 0.05 {
        rejections += 1
      }
    }
    #expect(Double(rejections) / 2_000 <= 0.05 + 4 * (0.05 * 0.95 / 2_000).squareRoot())
  }
}

struct PairedEquivalenceTests {
  /// SciPy: `max(ttest_1samp(d + m, 0, alternative="greater"), ttest_1samp(d - m, 0, alternative="less"))`.
  @Test func againstSciPy() throws {
    let sleep = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
    #expect(close(try pairedEquivalenceTest(sleep, margin: 3).value, 0.002655570292658665, 1e-12))
    #expect(try pairedEquivalenceTest(sleep, margin: 1.5).value > 0.5)
  }

  @Test func withoutSpread() throws {
    #expect(try pairedEquivalenceTest([0, 0, 0, 0], margin: 0.1).value == 1.0 / 16)
    #expect(try pairedEquivalenceTest([2, 2, 2], margin: 1).value == 1)
    #expect(try pairedEquivalenceTest([Double](repeating: 0, count: 5_000), margin: 1).value > 0)
  }
}
