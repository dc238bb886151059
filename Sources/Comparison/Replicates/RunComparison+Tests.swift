import Results
import Statistics

extension RunComparison {
  /// Tests tensors and layers, and adjusts over layers.
  ///
  /// - Parameter tested: Told of each tensor if null distributions are kept, and of each layer.
  mutating func test(
    _ samples: [RunSample], _ labellings: Labellings, _ settings: SignificanceOptions,
    tested: (RunTested) throws -> Void = { _ in }
  ) throws {
    tensors = try samples.map { try $0.result(labellings, settings) }
    if settings.keepsNull { for sample in samples { try tested(try sample.null(labellings)) } }
    var order: [String] = []
    var groups: [String: [RunSample]] = [:]
    for sample in samples {
      let layer = sample.tensor.layer
      if groups[layer] == nil { order.append(layer) }
      groups[layer, default: []].append(sample)
    }
    var columns: [[Double]?] = []
    for layer in order {
      let members = groups[layer] ?? []
      let distances = try RunDistances(mean: members.map(\.distances))
      let test = try RecipeTest(labellings, distances, confidence: settings.confidence)
      layers.append(try RunLayer(layer, members, test, labellings))
      columns.append(distances.isZero ? nil : test.statistics.rSquared.values)
      try tested(
        RunTested(
          layer: layer, tensor: nil, distances: distances,
          statistics: settings.keepsNull && !distances.isZero ? test.null() : []))
    }
    let counts = try stepDownMaxT(columns)
    for i in layers.indices {
      layers[i].pAdjustedMaxT = try counts[i].map { try labellings.pValue(exceedances: $0).value }
      layers[i].significant = (layers[i].pAdjustedMaxT ?? 1) <= settings.alpha
    }
    adjust(settings.adjustment)
  }

  /// Adjusts over layers and over tensors, each row with its like; what could not be tested stays out.
  private mutating func adjust(_ method: Adjustment) {
    let family = layers.map { $0.pAdjustedMaxT == nil ? nil : $0.pValue }
    for (i, p) in adjustedPValues(family, method: method).enumerated() { layers[i].pAdjusted = p }
    let inLayers = adjusted(layers.map(\.tests), method)
    for i in layers.indices { layers[i].tests = inLayers[i] }
    let inTensors = adjusted(tensors.map(\.tests), method)
    for i in tensors.indices { tensors[i].tests = inTensors[i] }
  }

  private func adjusted(_ rows: [[TestResult]], _ method: Adjustment) -> [[TestResult]] {
    var result = rows
    var places: [String: [(Int, Int)]] = [:]
    for (i, tests) in rows.enumerated() {
      for (j, row) in tests.enumerated() where (row.smallestPValue ?? 1) < 1 {
        places[row.statistic, default: []].append((i, j))
      }
    }
    for group in places.values {
      let p = adjustedPValues(group.map { rows[$0.0][$0.1].pValue }, method: method)
      for ((i, j), value) in zip(group, p) { result[i][j].pAdjusted = value }
    }
    return result
  }
}

extension RunSample {
  fileprivate func result(_ labellings: Labellings, _ settings: SignificanceOptions) throws -> RunTensor {
    let all = try RecipeTest(labellings, distances, confidence: settings.confidence)
    var tests = [try all.permanova()]
    for (family, distances) in families where families.count > 1 {
      let test = try RecipeTest(labellings, distances, confidence: settings.confidence)
      tests.append(try test.permanova(suffix: "_\(family.rawValue)"))
    }
    tests += [try all.energy(), try all.maximumMeanDiscrepancy()]
    if let dispersion = try all.dispersion() { tests.append(dispersion) }
    var result = tensor
    result.tests = tests
    return result
  }

  fileprivate func null(_ labellings: Labellings) throws -> RunTested {
    var statistics = distances.isZero ? [] : try RecipeTest(labellings, distances, confidence: 0.95).null()
    for (family, distances) in families where families.count > 1 && !distances.isZero {
      statistics.append(
        ("r_squared_\(family.rawValue)", try RelabellingStatistics(labellings, distances).rSquared.values))
    }
    return RunTested(layer: tensor.layer, tensor: tensor.name, distances: distances, statistics: statistics)
  }
}

extension RunLayer {
  fileprivate init(
    _ layer: String, _ samples: [RunSample], _ test: RecipeTest, _ labellings: Labellings
  ) throws {
    self.init(
      layer: layer, tensors: samples.map(\.tensor.name),
      weightCount: samples.reduce(0) { $0 + $1.tensor.count }, combination: "mean_squared_distance")
    let variance = try test.variance()
    let permanova = try test.permanova()
    tests = [permanova, try test.energy(), try test.maximumMeanDiscrepancy()]
    pValue = permanova.pValue
    pInterval = permanova.pInterval
    method = permanova.method
    methodReason = permanova.methodReason
    smallestPValue = permanova.smallestPValue
    warnings = permanova.warnings
    if test.statistics.distances.isZero { return }
    effect = permanova.effect
    rSquared = variance.rSquared.isFinite ? variance.rSquared : nil
    if let dispersion = try test.dispersion() {
      tests.append(dispersion)
      dispersionPValue = dispersion.pValue
    }
    (spreadA, spreadB) = test.statistics.spread
    directions = test.statistics.directions
    try place(samples, test.statistics.distances, labellings)
    normRatio = normRatio(labellings, confidence: test.confidence)
  }

  /// Every run as a point.
  private mutating func place(_ samples: [RunSample], _ distances: RunDistances, _ labellings: Labellings) throws {
    let (points, shares) = try distances.principalCoordinates()
    coordinateShares = shares
    let norms = Self.largest(samples)?.tensor.norms ?? []
    let n = labellings.runs
    self.points = (0..<n).map { i in
      let isA = i < labellings.sizeA
      func meanDistance(to others: Range<Int>) -> Double? {
        let squared = others.filter { $0 != i }.map { distances[i, $0] }
        return squared.isEmpty ? nil : (squared.reduce(0, +) / Double(squared.count)).squareRoot()
      }
      let (own, other) =
        isA ? (0..<labellings.sizeA, labellings.sizeA..<n) : (labellings.sizeA..<n, 0..<labellings.sizeA)
      return RunPoint(
        group: isA ? "a" : "b", run: isA ? i : i - labellings.sizeA, coordinates: points[i],
        norm: norms.isEmpty ? 0 : norms[i], distanceWithin: meanDistance(to: own),
        distanceBetween: meanDistance(to: other) ?? 0)
    }
  }

  /// The layer's largest weight speaks for its norm.
  private static func largest(_ samples: [RunSample]) -> RunSample? {
    func size(_ sample: RunSample) -> (Int, Int) {
      (sample.tensor.role == .weight ? 1 : 0, sample.tensor.count)
    }
    return samples.max { size($0) < size($1) }
  }

  private func normRatio(_ labellings: Labellings, confidence: Double) -> Effect? {
    let norms = points.map(\.norm)
    guard
      let (ratio, interval) = geometricMeanRatio(
        Array(norms[..<labellings.sizeA]), Array(norms[labellings.sizeA...]), confidence: confidence)
    else { return nil }
    return Effect(
      name: "norm_ratio", value: ratio, interval: [interval.lower, interval.upper], intervalMethod: interval.method)
  }
}
