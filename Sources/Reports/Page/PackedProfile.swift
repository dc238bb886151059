import Foundation
import Results

/// A pair's profile as the page's panels need it: fewer bins, and no more units than can be told apart in a picture.
enum PackedProfile {
  /// `[low, high, counts a, counts b, [min a, max a, min b, max b], [unit, norm a, norm b …], fits]`, or null.
  ///
  /// - Parameter isFull: With 64 bins and up to 128 units; else half and a fifth of that, for large models.
  static func json(_ pair: PairResult, isFull: Bool) -> String {
    guard let profile = pair.profile, profile.edges.count == 2 else { return "null" }
    let counts = [profile.countsA, profile.countsB].map {
      "[" + scaled(joined($0, bins: isFull ? 64 : 32)).map(String.init).joined(separator: ",") + "]"
    }
    let extremes = [profile.minA, profile.maxA, profile.minB, profile.maxB].map { PackedJSON.digits($0, 5) }
    let units = shownUnits(pair, profile, limit: isFull ? 128 : 24).map { unit in
      "\(unit),\(PackedJSON.digits(profile.unitNormsA[unit], isFull ? 4 : 3)),\(PackedJSON.digits(profile.unitNormsB[unit], isFull ? 4 : 3))"
    }
    let fits = profile.fits.map {
      "[\(quoted($0.side)),\(quoted($0.family)),\(PackedJSON.digits($0.location, 6)),\(PackedJSON.digits($0.scale, 6))]"
    }
    let edges = profile.edges.map { PackedJSON.digits($0, 9) }.joined(separator: ",")
    return "[\(edges),\(counts.joined(separator: ",")),[\(extremes.joined(separator: ","))],"
      + "[\(units.joined(separator: ","))],[\(fits.joined(separator: ","))]]"
  }

  /// Neighbouring bins made one; the outer ones stay.
  private static func joined(_ counts: [Int], bins: Int) -> [Int] {
    let inner = counts.dropFirst().dropLast()
    guard inner.count > bins, inner.count % bins == 0 else { return counts }
    let width = inner.count / bins
    return [counts[0]]
      + (0..<bins).map { bin in (0..<width).reduce(0) { $0 + counts[1 + bin * width + $1] } } + [
        counts[counts.count - 1]
      ]
  }

  /// Counts in twenty-thousandths of a large tensor; what is there at all stays at one.
  private static func scaled(_ counts: [Int]) -> [Int] {
    let total = counts.reduce(0, +)
    guard total > 20_000 else { return counts }
    return counts.map { $0 == 0 ? 0 : max(1, Int((Double($0) / Double(total) * 20_000).rounded())) }
  }

  /// Every k-th unit, and dead ones as far as there is room.
  private static func shownUnits(_ pair: PairResult, _ profile: PairProfile, limit: Int) -> [Int] {
    let count = min(profile.unitNormsA.count, profile.unitNormsB.count)
    guard count > 1 else { return [] }
    guard count > limit else { return Array(0..<count) }
    let dead = Set((pair.deadUnitsA ?? []) + (pair.deadUnitsB ?? [])).filter { $0 < count }.sorted().prefix(limit / 4)
    let step = (count + limit - dead.count - 1) / (limit - dead.count)
    return Set(stride(from: 0, to: count, by: step)).union(dead).sorted()
  }
}
