import Testing

@testable import Statistics

@Suite struct EquivalenceTests {
  private struct Case: Decodable {
    let x: [Double]
    let margin, p: Double
  }

  @Test func againstSciPy() throws {
    for example in try oracle("equivalence", as: Case.self) {
      let n = Double(example.x.count)
      let mean = example.x.reduce(0, +) / n
      let error = (example.x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n * (n - 1))).squareRoot()
      let p = try twoOneSidedTests(
        estimate: mean, standardError: error, margin: example.margin, units: example.x.count)
      #expect(close(p.value, example.p, 1e-9))
      #expect(p.method == .t)
      // At level α the 1 − 2α interval lies within the margins.
      let half = try studentTQuantile(0.95, degreesOfFreedom: n - 1) * error
      #expect((p.value <= 0.05) == (abs(mean) + half <= example.margin))
    }
  }

  @Test func upperLimitsAgreeWithTheirIntervals() throws {
    for margin in [0.11, 0.13, 0.2] {
      let p = try upperLimitTest(estimate: 0.1, standardError: 0.01, margin: margin, units: 20)
      let interval = try #require(
        influenceInterval(
          estimate: 0.1, influence: (0..<20).map { ($0 % 2 == 0 ? 1 : -1) * 0.01 * 19.0.squareRoot() },
          confidence: 0.9, scale: .log))
      #expect((p.value <= 0.05) == (interval.upper <= margin))
    }
    let replicates = (1...999).map { Double($0) / 1_000 }
    #expect(close(try upperLimitTest(replicates, margin: 0.95).value, 51.0 / 1_000))
    #expect(close(try upperLimitTest(replicates, margin: 0.95, correction: 0.1).value, 1.0 / 1_000))
    // z = −Φ⁻¹(.051) = 1.635234; P(T₁₉ ≥ z √(19/20)), by SciPy
    #expect(close(try upperLimitTest(replicates, margin: 0.95, units: 20).value, 0.063737148138740, absolute: 1e-12))
    #expect(try upperLimitTest(replicates, margin: 1e-9, units: 20).value == 1)
    #expect(throws: SampleError.self) { try upperLimitTest(replicates, margin: 0.95, units: 1) }
    #expect(close(try #require(expandedTail(0.05, units: 20)), 0.038027205853879864, 1e-10))
    #expect(try upperLimitTest([.nan, 0], margin: 1).value == 2.0 / 3, "what is not finite counts against it")
  }

  @Test func nothingDiffers() throws {
    let p = try twoOneSidedTests(estimate: 0, standardError: 0, margin: 0.1, units: 6)
    #expect(p.value == 0x1p-6 && !p.warnings.isEmpty)
    #expect(try twoOneSidedTests(estimate: 0.2, standardError: 0, margin: 0.1, units: 6).value == 1)
    #expect(try upperLimitTest(estimate: 0, standardError: 0, margin: 0.1, units: 6).value == 0x1p-6)
    #expect(throws: SampleError.self) { try twoOneSidedTests(estimate: 0, standardError: 1, margin: 0, units: 6) }
    #expect(throws: SampleError.self) { try twoOneSidedTests(estimate: 0, standardError: 1, margin: 1, units: 1) }
    #expect(try twoOneSidedTests(estimate: 0, standardError: 1e-300, margin: 1e300, units: 900).value > 0)
  }

  /// δ at the margin itself: rejected in no more than 5 %; 2,000 runs, four binomial standard errors.
  @Test func calibrationAtTheMargin() throws {
    var rejected = 0
    for run in 0..<2_000 {
      var random = Simulation(seed: 76, run)
      let x = random.normals(15).map { 0.5 + 0.2 * $0 }
      let mean = x.reduce(0, +) / 15
      let error = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 210).squareRoot()
      if try twoOneSidedTests(estimate: mean, standardError: error, margin: 0.5, units: 15).value <= 0.05 {
        rejected += 1
      }
    }
    #expect((61...139).contains(rejected), "\(rejected)")
  }
}
