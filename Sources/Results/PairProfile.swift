/// How the values of one pair of tensors are distributed: what a picture of the pair needs.
///
/// Filled on request only; its size depends on bins and units, not on the tensor's elements.
public struct PairProfile: Codable, Sendable, Equatable {
  /// Left and right edge of the bins of equal width between them, in the weight's own unit.
  public var edges: [Double]
  /// Elements in each bin, shape `[bins + 2]`: the first and the last take what lies beyond the edges.
  public var countsA: [Int]
  public var countsB: [Int]
  /// Smallest and largest finite element; `nil` where there is none.
  public var minA: Double?
  public var maxA: Double?
  public var minB: Double?
  public var maxB: Double?
  /// Norm of each unit, shape `[unit_count]`; null where a norm overflows.
  public var unitNormsA: [Double?]
  public var unitNormsB: [Double?]
  /// Distributions fitted to either side.
  public var fits: [DistributionFit]

  enum CodingKeys: String, CodingKey {
    case edges, fits
    case countsA = "counts_a"
    case countsB = "counts_b"
    case minA = "min_a"
    case maxA = "max_a"
    case minB = "min_b"
    case maxB = "max_b"
    case unitNormsA = "unit_norms_a"
    case unitNormsB = "unit_norms_b"
  }

  public init(
    edges: [Double], countsA: [Int], countsB: [Int], unitNormsA: [Double?], unitNormsB: [Double?],
    fits: [DistributionFit] = []
  ) {
    self.edges = edges
    self.countsA = countsA
    self.countsB = countsB
    self.unitNormsA = unitNormsA
    self.unitNormsB = unitNormsB
    self.fits = fits
  }
}

/// A distribution fitted to one side of a pair.
public struct DistributionFit: Codable, Sendable, Equatable {
  /// `a` or `b`.
  public var side: String
  /// SciPy's name of the family: `norm`, `laplace`.
  public var family: String
  /// The mean of `norm`, the median of `laplace`.
  public var location: Double
  /// The standard deviation of `norm`, the mean absolute deviation of `laplace`.
  public var scale: Double

  public init(side: String, family: String, location: Double, scale: Double) {
    self.side = side
    self.family = family
    self.location = location
    self.scale = scale
  }
}
