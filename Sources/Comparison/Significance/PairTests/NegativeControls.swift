import CKernels
import Results
import Statistics

private let controlWarning =
  "a negative control: between two runs of one recipe it rejects far too often; never a finding by itself"

/// "What a test of single weights would say": sign flips of every weight's difference on its own.
enum FlipsTest: PairTest {
  static let id = "flips"
  /// Above so many weights they are put into as many random blocks that flip together.
  private static let blocks = 1 << 20

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    let sample = subject.sample
    let n = sample.sums.total(eqp_count)
    var row = subject.row(
      id, "mean_difference", level: "weight",
      null: "the differences of single weights are independent and symmetric about zero",
      value: sample.identical ? 0 : n > 0 ? sample.sums.total(eqp_sum_d) / n : nil, alternative: settings.alternative,
      effect: subject.intervals?.effect(.meanShiftPerSD, named: "mean_shift_per_sd"), unit: "element",
      units: Int(n), warnings: [weightLevelWarning, controlWarning])
    // An interval over units is no interval of this test.
    row.effect?.interval = nil
    row.effect?.intervalMethod = nil
    if sample.identical {
      row.take(.nothingDiffers)
      return [row]
    }
    guard n > 0, let pass = sample.source?.pass else {
      row.warnings.append("no finite elements")
      return [row]
    }
    let differences = try differences(pass)
    guard differences.allSatisfy(\.isFinite) else {
      row.warnings.append("the differences overflow: described, not tested")
      return [row]
    }
    row.take(
      try signFlipTest(
        differences, alternative: settings.alternative, resamples: settings.resamples, generator: generator,
        confidence: settings.confidence))
    return [row]
  }

  private static func differences(_ pass: PairPass) throws -> [Double] {
    let count = pass.ranges.last?.upperBound ?? 0
    var sums = [Double](repeating: 0, count: min(count, blocks))
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var (crcA, crcB, identical): (UInt32, UInt32, Bool) = (0, 0, false)
    for range in pass.ranges {
      try pass.stream(range, crcA: &crcA, crcB: &crcB, identical: &identical) { start, x, y, d, n in
        for i in 0..<n where x[i].isFinite && y[i].isFinite {
          sums[count > blocks ? block(start + i) : start + i] += d[i]
        }
      }
    }
    return sums
  }

  /// By position alone, blind to values.
  private static func block(_ position: Int) -> Int {
    var z = UInt64(position) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(blocks))
  }
}

/// "What a test of binned weights would say": the Jensen-Shannon divergence when every weight is given to A or B at random.
enum BinsTest: PairTest {
  static let id = "bins"

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    let sample = subject.sample
    let (a, b) = (sample.sums.wholeA, sample.sums.wholeB)
    let observed = sample.identical ? 0 : jensenShannonDivergence(a, b)
    var row = subject.row(
      id, "jensen_shannon", level: "weight",
      null: "all weights are independent draws from one distribution, so any of them could be A's or B's",
      value: observed, effect: Effect(name: "jensen_shannon_bits", value: observed), unit: "element",
      units: Int(sample.sums.total(eqp_count)), warnings: [weightLevelWarning, controlWarning])
    if sample.identical {
      row.take(.nothingDiffers)
      return [row]
    }
    guard let observed else {
      row.warnings.append("no finite elements")
      return [row]
    }
    let pooled = zip(a, b).map { Int($0 + $1) }
    let drawn = try MultivariateHypergeometric(counts: pooled, sample: Int(a.reduce(0, +)))
    let threshold = observed * (1 - 100 * .ulpOfOne)
    let resamples = settings.resamples
    var exceedances = 0
    var counts = [Int](repeating: 0, count: pooled.count)
    for replicate in 1...resamples {
      if replicate % 256 == 0 { try Task.checkCancellation() }
      var words = PhiloxSequence(generator, .relabel, replicate: UInt32(truncatingIfNeeded: replicate))
      counts.withUnsafeMutableBufferPointer { drawn.draw(&words, into: $0) }
      let x = counts.map { Double($0) }
      let y = zip(pooled, counts).map { Double($0 - $1) }
      // Not a number only without weights, which was looked at.
      if !((jensenShannonDivergence(x, y) ?? .infinity) < threshold) { exceedances += 1 }
    }
    row.take(
      .monteCarlo(
        exceedances: exceedances, resamples: resamples, alternative: .twoSided, smallestAttainable: 0,
        confidence: settings.confidence,
        reason: "random ways to give the binned weights to A and B, by the hypergeometric distribution"))
    return [row]
  }
}
