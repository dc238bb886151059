import Results
import Statistics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is compared, and how. None of it but ``threads`` leaves the results as they are.
public struct ComparisonOptions: Sendable {
  public var roles: Set<Role> = [.weight, .state]
  /// Names or layers must match one of `include`, if any is given, and none of `exclude`; `*` and `?` as in a shell.
  public var include: [String] = []
  public var exclude: [String] = []
  public var metrics: Set<Metric> = Set(Metric.allCases)
  public var unit: UnitChoice = .auto
  /// Tensors of A and of B that belong together, by name or key.
  public var map: [(a: String, b: String)] = []
  /// Check every checksum of the bytes that are used.
  public var verifies = true
  /// Never alters a result.
  public var threads = 2
  /// Fill every pair's ``Results/PairProfile``.
  public var profiles = false
  /// Whether ``PairedModels/Tensors/sums`` are complete. Otherwise the columns that no metric and no test needs may be empty:
  /// `sum_abs_d`, `sum_abs_a`, `sum_abs_b`, and the extremes of a and b; and without tests there are no histograms of single
  /// units. They are a third of the work.
  public var wantsAllUnitSums = true
  /// `nil` for a comparison without tests.
  public var significance: SignificanceOptions?
  /// The normalised arguments, for the provenance.
  public var arguments: [String] = []

  public init() {}

  /// Whether patterns let a name through.
  func isIncluded(_ name: String) -> Bool {
    let layer = layer(of: name)
    func matches(_ pattern: String) -> Bool {
      fnmatch(pattern, name, 0) == 0 || (!layer.isEmpty && fnmatch(pattern, layer, 0) == 0)
    }
    return (include.isEmpty || include.contains(where: matches)) && !exclude.contains(where: matches)
  }
}

/// How differences are tested.
public struct SignificanceOptions: Sendable {
  /// Tests that are offered, in the order in which they are shown.
  public static let available = [DriftTest.id, ScaleTest.id, ShapeTest.id] + pairTests.map { $0.id }
  /// Those that need nothing but the one pass.
  public static let standard = [DriftTest.id, ScaleTest.id, ShapeTest.id, DivergenceTest.id]

  public var tests: Set<String> = Set(standard)
  public var alternative: Alternative = .twoSided
  /// Which units drift, scale and shape let change places.
  public var pairing: UnitPairing = .paired
  public var resamples = 9_999
  /// Bootstrap samples of the units behind each interval.
  public var intervalResamples = 1_999
  public var seed: UInt64 = 0
  public var confidence = 0.95
  public var alpha = 0.05
  public var adjustment: Adjustment = .bh
  /// Margins of `equivalence`; there is no default.
  public var margins = Margins()
  public var intervalMethod: IntervalMethod = .auto
  /// Give intervals of drift and scale that hold together within a layer.
  public var simultaneousIntervals = false
  /// Fit a Pareto tail where fewer than 10 random swaps are as extreme as the observed one.
  public var usesParetoTail = false
  public var divergences: Set<DivergenceEstimator> = [.fitted, .histogram]
  /// Keep null distributions for an export; never alters a result.
  public var keepsNull = false

  public init() {}
}
