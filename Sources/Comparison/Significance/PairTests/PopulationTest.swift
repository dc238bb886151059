import CKernels
import Results
import Statistics

/// "Same population of units?" Energy distance of the units' features, which don't know the order of inputs, under the layer's
/// swaps.
enum PopulationTest: PairTest {
  static let id = "population"
  /// Units up to which swaps are drawn, and up to which all pairs of units are looked at.
  static let resampledTo = 512, pairwiseTo = 4_096
  private static let features = 256

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    let sample = subject.sample
    var row = subject.row(id, "energy", null: unitNullHypothesis, value: sample.identical ? 0 : nil)
    row.effect = Effect(name: "energy_coefficient", value: sample.identical ? 0 : nil)
    if sample.identical {
      row.take(.nothingDiffers)
      return [row]
    }
    if settings.pairing == .independent {
      row.warnings.append("population swaps units at the same place, whatever --pairing says")
    }
    if let reason = sample.obstacle ?? ShapeTest.refusal(sample.pair) ?? refusal(sample) {
      row.warnings.append(reason)
      return [row]
    }
    let points = UnitFeatures(sample, joint: subject.layer)
    guard points.dimensions > 0 else {
      row.value = 0
      row.effect?.value = 0
      row.take(.nothingDiffers)
      return [row]
    }
    if sample.units > pairwiseTo {
      return [try await byRandomFeatures(points, row, settings, generator)]
    }
    let distance = try EnergyDistance(points.a, points.b, units: sample.units)
    row.value = distance.value
    row.effect?.value = distance.coefficient
    let form = try SignQuadraticForm(distance.matrix, units: sample.units)
    if sample.units > resampledTo, let closed = form.closedPValue() {
      row.take(closed)
      return [row]
    }
    let replicates = try await form.replicates(
      resamples: settings.resamples, generator: generator, threads: settings.threads)
    row.take(
      settings.usesParetoTail
        ? replicates.pValueWithParetoTail(0, scale: form.tieScale, confidence: settings.confidence)
        : replicates.pValue(0, scale: form.tieScale, confidence: settings.confidence))
    return [row]
  }

  private static func refusal(_ sample: UnitSample) -> String? {
    sample.sums.total(eqp_count) < 4 * Double(sample.units)
      ? "fewer than 4 weights a unit: a unit has no distribution of its own" : nil
  }

  /// MMD of a Gaussian kernel by random features: linear in the signs, so it shares the swaps of the other tests.
  private static func byRandomFeatures(
    _ points: UnitFeatures, _ row: TestResult, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> TestResult {
    var row = row
    let units = row.unitCount
    // The features are standardised, so distances are about √(2 · dimensions).
    let kernel = try RandomFeatures(
      dimensions: points.dimensions, width: Double(2 * points.dimensions).squareRoot(), count: features,
      generator: generator)
    var values: [Double] = []
    values.reserveCapacity(units * features)
    for u in 0..<units {
      let place = u * points.dimensions..<(u + 1) * points.dimensions
      for (x, y) in zip(kernel(points.a[place]), kernel(points.b[place])) { values.append(y - x) }
    }
    let flips = SignFlips(
      columns: try UnitColumns(units: units, columns: features, values: values), resamples: settings.resamples,
      generator: generator, threads: settings.threads, usesSubgroup: true)
    let scale = 1 / (Double(units) * Double(units))
    let replicates = try await flips.replicates(statistics: 1) { sums, out in
      out[0] = sums.reduce(0) { $0 + $1 * $1 } * scale
    }
    row.statistic = "maximum_mean_discrepancy"
    row.value = replicates[0, 0]
    row.effect = Effect(name: "maximum_mean_discrepancy", value: replicates[0, 0])
    row.take(replicates.pValue(0, confidence: settings.confidence))
    row.warnings.append(
      "above \(pairwiseTo) units: \(features) random features of a Gaussian kernel stand for all pairs")
    return row
  }
}

/// What is known of each unit without the order of its inputs: mean, SD, norm, quantiles, and its single weights (bias, scale).
///
/// Standardised over the units of both models together, so blind to which is which; features that don't vary are left out.
struct UnitFeatures {
  private(set) var dimensions = 0
  /// Shape `[units, dimensions]`.
  private(set) var a: [Double] = []
  private(set) var b: [Double] = []

  init(_ sample: UnitSample, joint layer: [UnitSample]) {
    var features: [(a: [Double], b: [Double])] = []
    let sums = sample.sums
    let shift = sample.pair.pilot.shift
    let counts = Array(sums.column(eqp_count))
    func ratio(_ x: Double, _ n: Double) -> Double { n > 0 ? x / n : 0 }
    func deviation(_ square: Double, _ sum: Double, _ n: Double) -> Double {
      n > 0 ? max(0, square / n - (sum / n - shift) * (sum / n - shift)).squareRoot() : 0
    }
    func each(_ f: (Int) -> (Double, Double)) {
      let values = (0..<sums.units).map(f)
      features.append((values.map(\.0), values.map(\.1)))
    }
    each { (ratio(sums[eqp_sum_a, $0], counts[$0]), ratio(sums[eqp_sum_b, $0], counts[$0])) }
    each { u in
      (
        deviation(sums[eqp_shifted_aa, u], sums[eqp_sum_a, u], counts[u]),
        deviation(sums[eqp_shifted_bb, u], sums[eqp_sum_b, u], counts[u])
      )
    }
    each { (sums.normA[$0], sums.normB[$0]) }
    if !sums.histogramA.isEmpty {
      let bins = sums.bins + 2
      for probability in [0.05, 0.25, 0.5, 0.75, 0.95] {
        each { u in
          let place = u * bins..<(u + 1) * bins
          return (
            Self.quantile(sums.histogramA[place], probability), Self.quantile(sums.histogramB[place], probability)
          )
        }
      }
    }
    for other in layer where other.name != sample.name && other.units == sample.units && other.obstacle == nil {
      // One weight a unit: a bias, or a scale or statistic of normalisation.
      guard other.sums.total(eqp_count) == Double(other.units) else { continue }
      each { (other.sums[eqp_sum_a, $0], other.sums[eqp_sum_b, $0]) }
    }
    let standardized = features.compactMap(Self.standardized)
    dimensions = standardized.count
    for u in 0..<sums.units {
      for feature in standardized {
        a.append(feature.a[u])
        b.append(feature.b[u])
      }
    }
  }

  /// In bins, interpolated within one.
  private static func quantile(_ histogram: ArraySlice<UInt32>, _ probability: Double) -> Double {
    let wanted = probability * histogram.reduce(0) { $0 + Double($1) }
    var below = 0.0
    for (bin, count) in histogram.enumerated() {
      if below + Double(count) >= wanted { return Double(bin) + (count > 0 ? (wanted - below) / Double(count) : 0) }
      below += Double(count)
    }
    return Double(histogram.count)
  }

  private static func standardized(_ feature: (a: [Double], b: [Double])) -> (a: [Double], b: [Double])? {
    let all = feature.a + feature.b
    let mean = pairwiseSum(all[...]) / Double(all.count)
    let deviation = (pairwiseSum(all.map { ($0 - mean) * ($0 - mean) }[...]) / Double(all.count)).squareRoot()
    guard deviation > 1e-12 * abs(mean), deviation.isFinite else { return nil }
    return (feature.a.map { ($0 - mean) / deviation }, feature.b.map { ($0 - mean) / deviation })
  }
}

extension PValue {
  static let nothingDiffers = PValue(
    value: 1, method: .exact, smallestAttainable: 1,
    reason: "nothing differs: every swap leaves the models as they are", warnings: ["identical: no unit differs"])
}
