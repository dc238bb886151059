/// The bins of a histogram that hold anything, and the two outer ones: what resampling has to carry along.
///
/// No resample of units fills a bin that is empty in all of them, and a few weights a unit leave most of a fine histogram empty.
public struct OccupiedBins: Sendable {
  /// Numbers of the bins that are kept, ascending; at least three.
  public let places: [Int]
  /// How many were left out after each of them.
  let leftOut: [Double]

  public var count: Int { places.count }

  /// - Parameters:
  ///   - count: Bins of the whole histogram, at least 3.
  ///   - isOccupied: Whether any unit has a count there.
  public init(count: Int, isOccupied: (Int) -> Bool) {
    let places = (0..<count).filter { $0 <= 1 || $0 == count - 1 || isOccupied($0) }
    self.places = places
    leftOut = places.indices.map { i in i + 1 < places.count ? Double(places[i + 1] - places[i] - 1) : 0 }
  }
}
