extension Replicates {
  /// Returns the p-value of the largest of several standardised statistics, which controls the family-wise error among them.
  ///
  /// Every statistic is standardised by its mean and standard deviation over all rows, the observed one included: that
  /// keeps the test exact, and no statistic outweighs another by its unit (the raw maximum halves the power). Weak
  /// control: a small p says that some statistic differs, `leading` which one was largest. Constant statistics and those
  /// with values that are not finite are left out; with none left p = 1.
  /// - Parameter statistics: Larger values are more extreme.
  /// - Complexity: O(rows · statistics).
  /// ## Source
  /// Westfall & Young (1993), ISBN 0-471-55761-7
  public func standardizedMaxT(_ statistics: [Int]) -> (pValue: PValue, leading: Int?) {
    var warnings: [String] = []
    var maxima = [Double](repeating: -.infinity, count: rows)
    var scale = 0.0
    var leading: Int?
    for statistic in statistics where statistic >= 0 && statistic < self.statistics {
      let values = column(statistic, includingObserved: true)
      guard values.allSatisfy(\.isFinite) else {
        warnings.append("statistic \(statistic) is not finite in every replicate and was left out")
        continue
      }
      guard let standard = Replicates.standardization(of: values) else { continue }
      scale = max(scale, standard.largest / standard.deviation)
      for row in 0..<rows {
        let score = (values[row] - standard.mean) / standard.deviation
        if score > maxima[row] {
          maxima[row] = score
          if row == 0 { leading = statistic }
        }
      }
    }
    guard leading != nil else {
      warnings.append("no statistic varies over the replicates")
      return (undefined(.twoSided, warnings.joined(separator: "; ")), nil)
    }
    // Standardising magnifies rounding errors by the mean over the standard deviation; `scale` is what they are relative to.
    var result = pValue(of: maxima, scale: scale, alternative: .twoSided, confidence: 0.95)
    result.warnings += warnings
    return (result, leading)
  }

  /// Mean, standard deviation and largest magnitude; `nil` for a column that is constant but for rounding.
  static func standardization(of values: [Double]) -> (mean: Double, deviation: Double, largest: Double)? {
    guard let first = values.first else { return nil }
    var low = first
    var high = first
    var sum = 0.0
    for value in values {
      low = min(low, value)
      high = max(high, value)
      sum += value - first
    }
    let largest = max(abs(low), abs(high))
    guard high - low > 100 * .ulpOfOne * largest else { return nil }
    let shift = sum / Double(values.count)
    var squares = 0.0
    for value in values {
      let centred = (value - first) - shift
      squares += centred * centred
    }
    let deviation = (squares / Double(values.count)).squareRoot()
    guard deviation > 0, deviation.isFinite, largest.isFinite else { return nil }
    return (first + shift, deviation, largest)
  }
}
