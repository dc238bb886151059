import Results
import Statistics

extension ModelComparison {
  /// Adjusts p-values over layers, and over pairs for each test and statistic.
  ///
  /// Identical tensors and those that could not reach alpha whatever their values stay out of the family:
  /// sign flips condition on the magnitudes, so leaving them out is valid, and ninety-nine frozen layers
  /// do not hide the one that changed.
  mutating func adjust(_ layers: [LayerResult], smallest: [Double?], _ options: SignificanceOptions) {
    var layers = layers
    let family = layers.indices.map { i -> Double? in
      guard let p = layers[i].pValue, layers[i].method != nil, let least = smallest[i], least <= options.alpha else {
        return nil
      }
      return p
    }
    let adjusted = adjustedPValues(family, method: options.adjustment)
    for i in layers.indices {
      layers[i].pAdjusted = adjusted[i]
      layers[i].significant = (adjusted[i] ?? 1) <= options.alpha
    }
    self.layers = layers

    var places: [String: [(pair: Int, row: Int)]] = [:]
    for (i, pair) in pairs.enumerated() {
      for (j, row) in (pair.tests ?? []).enumerated() {
        places["\(row.id)\u{0}\(row.statistic)", default: []].append((i, j))
      }
    }
    for group in places.values {
      let p = group.map { place -> Double? in
        guard let row = pairs[place.pair].tests?[place.row], let p = row.pValue, let least = row.smallestPValue,
          least <= options.alpha
        else { return nil }
        return p
      }
      for (place, value) in zip(group, adjustedPValues(p, method: options.adjustment)) {
        pairs[place.pair].tests?[place.row].pAdjusted = value
      }
    }
    significance = SignificanceSettings(
      alpha: options.alpha, adjustment: options.adjustment.rawValue, confidence: options.confidence,
      resamples: options.resamples, seed: options.seed,
      statement: options.pairing == .paired ? Self.statement : Self.pooledStatement)
    if options.pairing == .independent {
      significance?.pairing = options.pairing.rawValue
      significance?.twoSided = "|difference of the means| at least as large as observed"
    }
  }

  static let pooledStatement =
    "The units of these two files do not look like draws of one population. Those of two runs of one recipe may not either; only "
    + "replicates tell."

  /// What a small p-value of two single models says, and what it does not.
  static let statement =
    "These two files differ in a direction that their units share. Two runs of one recipe can do so too; only "
    + "replicates tell."
}
