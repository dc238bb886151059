import CKernels
import Results
import Statistics

/// One pair's sums as the unit-level tests see them.
package struct UnitSample: Sendable {
  package let name: String
  package let view: UnitView
  package let pair: PairSums
  /// Standard deviation of both tensors pooled; 0 for constants.
  let deviation: Double
  let identical: Bool
  /// Why the units can't be swapped, in words; `nil` when they can.
  let obstacle: String?
  /// `nil` where only the sums are left.
  let source: UnitSource?

  package var sums: UnitSums { pair.sums }
  var units: Int { pair.sums.units }

  package init(name: String, view: UnitView, pair: PairSums) {
    self.init(name: name, view: view, pair: pair, source: nil)
  }

  init(name: String, view: UnitView, pair: PairSums, source: UnitSource?) {
    self.source = source
    self.name = name
    self.view = view
    self.pair = pair
    deviation = pair.standardDeviations().pooled
    identical = pair.identical || pair.sums.total(eqp_changed) == 0
    obstacle = Self.obstacle(view, pair)
  }

  /// The source of randomness that p-values rest on.
  var level: String { view.name == UnitChoice.element.rawValue ? "weight" : "unit" }

  private static func obstacle(_ view: UnitView, _ pair: PairSums) -> String? {
    if !view.isExchangeable {
      return view.name == "class"
        ? "classes are not interchangeable: described, not tested" : "a single value: described, not tested"
    }
    if pair.sums.units < 2 { return "a single unit: described, not tested" }
    if pair.sums.total(eqp_count) == 0 { return "no finite elements" }
    if !pair.sums.fields.prefix(Int(eqp_summed_fields.rawValue) * pair.sums.units).allSatisfy(\.isFinite) {
      return "the sums of squares overflow: described, not tested"
    }
    return nil
  }
}

/// A test at unit level: its statistics are functions of sums that are linear in the signs, so all tests
/// of a layer share one set of swaps.
///
/// Null hypothesis of every such test: the unit differences are jointly sign-symmetric, that is, nothing
/// is shared by the units. Under ``UnitPairing/independent`` labels take the place of signs, and sums over the units called B
/// less those over A that of signed sums: the same statistics of them. To add a test, add a file with a conforming type and list it in
/// ``swapTests(_:alternative:pairing:)``.
protocol SwapTest: Sendable {
  static var id: String { get }
  /// Names of the statistics; the first is the headline.
  var statistics: [String] { get }
  /// Per column one value a unit.
  var columns: [[Double]] { get }
  /// The same for either side, where units are not paired: what labels are handed out over.
  var sides: (a: [[Double]], b: [[Double]]) { get }
  /// Statistics from the column sums under one set of signs; larger is more extreme.
  func evaluate(_ sums: UnsafeBufferPointer<Double>, _ output: UnsafeMutableBufferPointer<Double>)
  /// Unit differences of a statistic that is linear in the signs; `nil` for the others.
  func linearDifferences(_ statistic: Int) -> [Double]?
  /// The statistic's observed value in its natural unit.
  func value(_ statistic: Int) -> Double?
  /// The size of the terms that a statistic sums, which rounding errors and so ties are relative to.
  func scale(_ statistic: Int) -> Double
  /// Whether the sign of the difference matters to `--alternative`.
  var isDirectional: Bool { get }
  /// Why the test says nothing about these data; `nil` when it does.
  var refusal: String? { get }
  /// Units with a column that is not zero.
  var liveUnits: Int { get }
}

extension SwapTest {
  func linearDifferences(_ statistic: Int) -> [Double]? { nil }
  func scale(_ statistic: Int) -> Double { 0 }
  var isDirectional: Bool { false }
  var refusal: String? { nil }
  var liveUnits: Int {
    let columns = columns
    return (columns.first?.indices ?? 0..<0).count { u in columns.contains { $0[u] != 0 } }
  }
}

/// What every unit-level test assumes under its null hypothesis.
let unitNullHypothesis =
  "the differences of the units between A and B are jointly symmetric in sign: nothing is shared by the units, "
  + "the noise of a training run included"

/// Which units may change places under the null hypothesis of the swap tests.
public enum UnitPairing: String, Sendable, CaseIterable {
  /// Unit u of A and unit u of B.
  case paired
  /// Any units of either side: labels are handed out over both together.
  case independent

  var nullHypothesis: String {
    switch self {
    case .paired: unitNullHypothesis
    case .independent:
      "the units of A and of B are exchangeable draws of one population: nothing is shared by the units of a side, the noise of "
        + "a training run included"
    }
  }
}

let weightLevelWarning = "every element is taken as independent, which weights are not: descriptive only"

/// The tests that share the swaps of a layer, in the order in which they are shown.
func swapTests(_ sample: UnitSample, alternative: Alternative, pairing: UnitPairing) -> [any SwapTest] {
  [
    DriftTest(sample, alternative: alternative), ScaleTest(sample, alternative: alternative, pairing: pairing),
    ShapeTest(sample),
  ]
}
