#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The hypergeometric distribution: how many of `sample` objects, drawn without replacement from `good` + `bad`, are good.
///
/// A draw costs the same whatever the numbers are: the ratio-of-uniforms method HRUA where the mean (of the reflected
/// problem, below) is at least 10, inversion otherwise. Both work on the smaller of sample and rest and of good and bad.
/// Ratios of probabilities are formed without the logarithms of huge factorials, so that they keep their digits up to 2⁵⁰ objects.
///
/// ## Source
/// Stadlober (1990), doi:10.1016/0377-0427(90)90349-5
public struct Hypergeometric: Sendable, Equatable {
  public let good: Int
  public let bad: Int
  public let sample: Int

  /// The smaller of sample and rest.
  private let drawn: Double
  /// The smaller and the larger of good and bad.
  private let few: Double
  private let many: Double
  let method: Method

  enum Method: Sendable, Equatable {
    case certain
    /// P(0) of the reflected problem.
    case inversion(atZero: Double)
    /// Centre and width of the hat, and the mode.
    case ratioOfUniforms(centre: Double, width: Double, mode: Double)
  }

  /// - Parameters: NumPy's `ngood`, `nbad`, `nsample`.
  /// - Throws: ``SampleError/outOfRange(parameter:value:)`` for a negative number, a sample larger than all there is, or more
  ///   than 2⁵⁰ objects.
  /// - Complexity: O(1).
  public init(good: Int, bad: Int, sample: Int) throws(SampleError) {
    for (name, value) in [("good", good), ("bad", bad), ("sample", sample)] where value < 0 || value > 1 << 50 {
      throw .outOfRange(parameter: name, value: Double(value))
    }
    guard good + bad <= 1 << 50 else { throw .outOfRange(parameter: "good + bad", value: Double(good + bad)) }
    guard sample <= good + bad else { throw .outOfRange(parameter: "sample", value: Double(sample)) }
    self.init(unchecked: good, bad, sample)
  }

  /// Numbers that are known to be valid.
  init(unchecked good: Int, _ bad: Int, _ sample: Int) {
    self.good = good
    self.bad = bad
    self.sample = sample
    let total = Double(good + bad)
    drawn = Double(min(sample, good + bad - sample))
    few = Double(min(good, bad))
    many = Double(max(good, bad))
    guard drawn > 0, few > 0 else {
      method = .certain
      return
    }
    let mean = drawn * (few / total)
    if mean < 10 {
      method = .inversion(atZero: Hypergeometric.probabilityOfNone(drawn, few, many))
    } else {
      let variance = (total - drawn) / (total - 1) * mean * (many / total)
      let mode = ((drawn + 1) * ((few + 1) / (total + 2))).rounded(.down)
      method = .ratioOfUniforms(
        centre: mean + 0.5, width: Hypergeometric.hatWidth * (variance + 0.5).squareRoot() + Hypergeometric.hatMargin,
        mode: mode)
    }
  }

  public var mean: Double { Double(sample) * (Double(good) / Double(good + bad)) }

  public var variance: Double {
    let total = Double(good + bad)
    guard total > 1 else { return 0 }
    return mean * (Double(bad) / total) * ((total - Double(sample)) / (total - 1))
  }

  /// The values that can occur.
  public var support: ClosedRange<Int> { max(0, sample - bad)...min(sample, good) }

  /// Draws one value.
  ///
  /// - Complexity: O(1) expected: about 1.4 tries of one Philox block each, or 10 steps of inversion at most.
  public func draw(_ words: inout PhiloxSequence) -> Int {
    let reflected: Double
    switch method {
    case .certain: reflected = 0
    case .inversion(let atZero): reflected = invert(words.uniform(), atZero)
    case .ratioOfUniforms(let centre, let width, let mode):
      reflected = ratioOfUniforms(&words, centre, width, mode)
    }
    // Back from the smaller of good and bad, then from the smaller of sample and rest.
    let drawnGood = good > bad ? drawn - reflected : reflected
    return Int(sample > good + bad - sample ? Double(good) - drawnGood : drawnGood)
  }

  // MARK: Inversion

  /// Goes up from 0 until the distribution function passes `u`.
  private func invert(_ u: Double, _ atZero: Double) -> Double {
    let most = min(drawn, few)
    var k = 0.0
    var rest = u
    var probability = atZero
    while rest > probability, k < most {
      rest -= probability
      probability *= (few - k) * (drawn - k) / ((k + 1) * (many - drawn + k + 1))
      k += 1
    }
    return k
  }

  /// P(0) = many! (many + few − drawn)! / ((many − drawn)! (many + few)!).
  private static func probabilityOfNone(_ drawn: Double, _ few: Double, _ many: Double) -> Double {
    let total = many + few
    // Symmetric in drawn and few.
    let (short, long) = drawn < few ? (drawn, few) : (few, drawn)
    if short <= 32 {
      var product = 1.0
      for i in 0..<Int(short) { product *= 1 - long / (total - Double(i)) }
      return product
    }
    // (x + short)!/x! over (y + short)!/y! with x = total − long − short and y = total − short, which are large here.
    let x = total - long - short
    let y = total - short
    let logarithm =
      (x + 0.5) * log1p(short / x) - (y + 0.5) * log1p(short / y) + short * log1p(-long / total)
      + (stirlingRest(x + short) - stirlingRest(x)) - (stirlingRest(y + short) - stirlingRest(y))
    return exp(logarithm)
  }

  // MARK: Ratio of uniforms

  /// 2 √(2/e) and 3 − 2 √(3/e): with them the hat covers every hypergeometric distribution.
  static let hatWidth = 1.715_527_769_921_413_5
  static let hatMargin = 0.898_916_162_058_898_8

  private func ratioOfUniforms(_ words: inout PhiloxSequence, _ centre: Double, _ width: Double, _ mode: Double)
    -> Double
  {
    let end = min(drawn, few) + 1
    while true {
      let u = words.uniform()
      let x = centre + width * (words.uniform() - 0.5) / u
      guard x >= 0, x < end else { continue }
      let k = x.rounded(.down)
      let logRatio = logRatio(k, mode)
      // u² ≤ f(k)/f(mode), after two bounds of the logarithm that cost less.
      if u * (4 - u) - 3 <= logRatio { return k }
      if u * (u - logRatio) >= 1 { continue }
      if 2 * log(u) <= logRatio { return k }
    }
  }

  /// ln P(k) − ln P(mode) of the reflected problem: minus the sum of four ln((x ± d)!/x!), d = k − mode.
  ///
  /// Each is by Stirling's formula a term of the size of d and ± d ln(x ± d); the latter are taken together, so that nothing of
  /// the size of x ln x is ever formed.
  func logRatio(_ k: Double, _ mode: Double) -> Double {
    let d = k - mode
    let rest = many - drawn
    let odds = max(k, 1) / max(few - k, 1) * (max(rest + k, 1) / max(drawn - k, 1))
    return
      -(moved(mode, k, d) + moved(rest + mode, rest + k, d) + moved(few - mode, few - k, -d)
      + moved(drawn - mode, drawn - k, -d) + d * log(odds))
  }

  /// ln(to!/from!) − by ln(to) + by, where to = from + by and 1 stands for a `to` of 0 in the logarithm.
  private func moved(_ from: Double, _ to: Double, _ by: Double) -> Double {
    if min(from, to) < 16 {
      return Hypergeometric.logFactorial(to) - Hypergeometric.logFactorial(from) - by * log(max(to, 1)) + by
    }
    return (from + 0.5) * log1p(by / from) + (Hypergeometric.stirlingRest(to) - Hypergeometric.stirlingRest(from))
  }

  private static func logFactorial(_ x: Double) -> Double {
    if x < 16 { return smallLogFactorials[Int(x)] }
    return (x + 0.5) * log(x) - x + 0.918_938_533_204_672_741_8 + stirlingRest(x)
  }

  /// What Stirling's formula lacks of ln x!, to 10⁻¹⁴ from x = 16 on.
  private static func stirlingRest(_ x: Double) -> Double {
    let inverse = 1 / x
    let square = inverse * inverse
    return inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1_260 - square / 1_680)))
  }

  private static let smallLogFactorials: [Double] = {
    var factorial = 1.0
    return (0..<16).map {
      if $0 > 0 { factorial *= Double($0) }
      return log(factorial)
    }
  }()
}
