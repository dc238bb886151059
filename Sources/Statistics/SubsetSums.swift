/// Exact counts of subsets of positive integers by their sum.
enum SubsetSums {
  /// Returns how many of the 2ⁿ subsets have a sum of at most `bound`, by meeting in the middle.
  ///
  /// - Parameter values: At most 60 positive integers, Σ < 2⁵².
  /// - Complexity: O(2^(n/2)) time and memory.
  /// ## Source
  /// Horowitz & Sahni (1974), doi:10.1145/321812.321823
  static func count(_ values: [Double], upTo bound: Double) -> Int {
    // Every other one, so that halves are alike in size and in values.
    let left = sortedSums(stride(from: 0, to: values.count, by: 2).map { values[$0] })
    let right = sortedSums(stride(from: 1, to: values.count, by: 2).map { values[$0] })
    var total = 0
    var reach = right.count
    for sum in left {
      while reach > 0, sum + right[reach - 1] > bound { reach -= 1 }
      if reach == 0 { break }
      total += reach
    }
    return total
  }

  /// Returns how many subsets have a sum of at most `bound`; `nil` as soon as there are more than `limit`.
  ///
  /// - Parameter ascending: Positive integers in ascending order, Σ < 2⁵².
  /// - Complexity: O(min(count, limit)).
  static func boundedCount(_ ascending: [Double], upTo bound: Double, limit: Int) -> Int? {
    guard bound >= 0 else { return 0 }
    // k smallest that fit together have 2^k subsets; also bounds the depth of what follows.
    var together = 0
    var sum = 0.0
    for value in ascending {
      sum += value
      if sum > bound { break }
      together += 1
      if together >= 62 || 1 << together > limit { return nil }
    }
    var count = 1
    return ascending.withUnsafeBufferPointer { values in
      extend(values, from: 0, remaining: bound, &count, limit) ? count : nil
    }
  }

  /// Counts the non-empty subsets of `values[from...]`; every call has at least one, so the work is what is counted.
  private static func extend(
    _ values: UnsafeBufferPointer<Double>, from: Int, remaining: Double, _ count: inout Int, _ limit: Int
  ) -> Bool {
    var index = from
    while index < values.count, values[index] <= remaining {
      count += 1
      guard count <= limit, extend(values, from: index + 1, remaining: remaining - values[index], &count, limit) else {
        return false
      }
      index += 1
    }
    return true
  }

  /// All subset sums in ascending order, by merging: each value doubles the list with itself, shifted.
  private static func sortedSums(_ values: [Double]) -> [Double] {
    var sums = [0.0]
    for value in values {
      let size = sums.count
      sums = [Double](unsafeUninitializedCapacity: 2 * size) { merged, initialized in
        sums.withUnsafeBufferPointer { sums in
          var plain = 0
          var shifted = 0
          for position in 0..<2 * size {
            if plain < size, sums[plain] <= sums[shifted] + value {
              merged[position] = sums[plain]
              plain += 1
            } else {
              merged[position] = sums[shifted] + value
              shifted += 1
            }
          }
        }
        initialized = 2 * size
      }
    }
    return sums
  }
}
