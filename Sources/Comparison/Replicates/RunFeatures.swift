import Statistics

/// What is kept of one tensor of one run: numbers that do not change when hidden units change places.
///
/// Runs that were trained separately number their units as chance has it, so raw weights of two runs can't be compared.
package struct RunFeatures: Sendable, Equatable {
  package enum Family: String, Sendable, CaseIterable {
    case unitNorms = "unit_norms"
    case singularValues = "singular_values"
    case singularValuesPerNorm = "singular_values_per_norm"
    case quantiles
  }

  /// Units with a norm below this share of the median's are dead: norm 0.
  static let deadShare = 1e-6
  /// Of more units, so many order statistics at even distances stand for all norms.
  static let mostNorms = 1_024
  package static let probabilities = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

  /// Ascending; empty where the tensor has none.
  package var unitNorms: [Double] = []
  /// Descending; empty where the tensor is no matrix, or too large a one.
  package var singularValues: [Double] = []
  /// Of the weights, at ``probabilities``.
  package var quantiles: [Double] = []
  /// Euclidean norm of the tensor.
  package var norm = 0.0
  package var deadUnits: Int?
  /// Elements that are not finite, taken as 0 in norms and singular values and left out of quantiles.
  package var nonFinite = 0

  package init() {}

  func values(_ family: Family) -> [Double] {
    switch family {
    case .unitNorms: unitNorms
    case .singularValues: singularValues
    case .singularValuesPerNorm: norm > 0 ? singularValues.map { $0 / norm } : singularValues
    case .quantiles: quantiles
    }
  }

  /// Takes norms of units in any order.
  mutating func setUnitNorms(_ norms: [Double], countsDead: Bool) {
    var ascending = norms.sorted()
    let limit = Self.deadShare * (ascending.isEmpty ? 0 : ascending[ascending.count / 2])
    let dead = ascending.prefix { $0 == 0 || $0 < limit }.count
    for i in 0..<dead { ascending[i] = 0 }
    if countsDead { deadUnits = dead }
    unitNorms =
      ascending.count <= Self.mostNorms
      ? ascending
      : (0..<Self.mostNorms).map { k in
        ascending[Int((Double(k) / Double(Self.mostNorms - 1) * Double(ascending.count - 1)).rounded())]
      }
  }

  /// Takes all finite values.
  mutating func setQuantiles(_ values: [Double]) {
    let ascending = values.sorted()
    guard let last = ascending.last else { return }
    quantiles = Self.probabilities.map { p in
      let position = p * Double(ascending.count - 1)
      let i = Int(position)
      guard i + 1 < ascending.count else { return last }
      return ascending[i] + (position - Double(i)) * (ascending[i + 1] - ascending[i])
    }
  }
}

extension RunDistances {
  /// Distances of one tensor between runs, over all its families of features, each of the same weight.
  ///
  /// - Returns: The families' own distances too; families in which no run differs have distances of 0.
  static func of(_ runs: [RunFeatures]) throws(SampleError) -> (
    all: RunDistances, families: [(RunFeatures.Family, RunDistances)]
  ) {
    var families: [(RunFeatures.Family, RunDistances)] = []
    for family in RunFeatures.Family.allCases where !(runs.first?.values(family).isEmpty ?? true) {
      families.append((family, try RunDistances(standardizing: runs.map { $0.values(family) })))
    }
    if families.isEmpty {
      return (try RunDistances(runs: runs.count, squared: Array(repeating: 0, count: runs.count * runs.count)), [])
    }
    return (try RunDistances(mean: families.map(\.1)), families)
  }
}
