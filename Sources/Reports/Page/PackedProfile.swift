import Foundation
import Results

/// A pair's profile as the page's panels need it: half the bins, and no more units than can be told apart in a picture.
enum PackedProfile {
  /// `[low, high, counts a, counts b, [min a, max a, min b, max b], [unit, norm a, norm b …], fits]`, or null.
  static func json(_ pair: PairResult, units limit: Int) -> String {
    guard let profile = pair.profile, profile.edges.count == 2 else { return "null" }
    let counts = [profile.countsA, profile.countsB].map {
      "[" + halved($0).map(String.init).joined(separator: ",") + "]"
    }
    let extremes = [profile.minA, profile.maxA, profile.minB, profile.maxB].map { PackedJSON.digits($0, 5) }
    let units = shownUnits(pair, profile, limit: limit).map { unit in
      "\(unit),\(PackedJSON.digits(profile.unitNormsA[unit], 4)),\(PackedJSON.digits(profile.unitNormsB[unit], 4))"
    }
    let fits = profile.fits.map {
      "[\(quoted($0.side)),\(quoted($0.family)),\(PackedJSON.digits($0.location, 6)),\(PackedJSON.digits($0.scale, 6))]"
    }
    let edges = profile.edges.map { PackedJSON.digits($0, 9) }.joined(separator: ",")
    return "[\(edges),\(counts.joined(separator: ",")),[\(extremes.joined(separator: ","))],"
      + "[\(units.joined(separator: ","))],[\(fits.joined(separator: ","))]]"
  }

  /// Two bins each made one; the outer ones stay.
  private static func halved(_ counts: [Int]) -> [Int] {
    guard counts.count > 66, counts.count % 2 == 0 else { return counts }
    return [counts[0]] + stride(from: 1, to: counts.count - 1, by: 2).map { counts[$0] + counts[$0 + 1] }
      + [counts[counts.count - 1]]
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
