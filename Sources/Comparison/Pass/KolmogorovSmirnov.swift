import CKernels

/// The exact two-sample Kolmogorov-Smirnov distance without sorting.
///
/// Coarse counts bound the distance within every range of values; only ranges that can hold more than
/// the best distance found so far are counted more finely, by streaming the pair again, until none is
/// left. Ranges are of ordered keys, so they split down to single values.
struct KolmogorovSmirnov {
  private struct Candidate {
    var low: UInt64
    /// Number of keys in the range, less one.
    var span: UInt64
    /// |{a below}| − |{b below}| at the range's start.
    var before: Int
    /// Elements of both sides in the range.
    var elements: Int
  }

  private var best = 0
  private var candidates: [Candidate] = []
  private var next: [[Int32]] = []
  private var ranges: [[eqp_key_range]] = []

  /// Places counted in one more pass, both sides each, at the most and for each element.
  private static let mostPlaces = 1 << 16, placesPerElement = 16

  /// - Returns: sup |F_a − F_b|; `nil` without elements.
  /// - Complexity: O(elements) per further pass; two or three passes are usual, 64 the most.
  static func distance(of pair: PairSums, pass: PairPass, width: Int) async throws -> Double? {
    let total = pair.keysA.reduce(0, +)
    guard total > 0 else { return nil }
    if pair.sums.total(eqp_changed) == 0 { return 0 }
    var search = KolmogorovSmirnov()
    search.start(pair.keysA, pair.keysB)
    while !search.candidates.isEmpty {
      let (a, b) = try await search.count(pass, width: width)
      search.refine(a, b)
    }
    return Double(search.best) / Double(total)
  }

  private mutating func start(_ a: [Int], _ b: [Int]) {
    next = [select(a, b, spans: Self.coarseSpans, starts: [0])]
  }

  private static let coarseSpans: [(low: UInt64, span: UInt64)] = {
    let keys = eqp_key_count()
    return (0..<keys).map { key in
      let low = eqp_coarse_key_start(key)
      let end = key + 1 < keys ? eqp_coarse_key_start(key + 1) - 1 : UInt64.max
      return (low, end - low)
    }
  }()

  /// Walks the counts from left to right, updates the best distance, and keeps the ranges that may hold more.
  ///
  /// `starts` holds |{a below}| − |{b below}| for runs of ranges of equal length; a single run continues from 0.
  private mutating func select(
    _ a: [Int], _ b: [Int], spans: [(low: UInt64, span: UInt64)], starts: [Int], runs: [Int]? = nil
  ) -> [Int32] {
    var open: [(index: Int, bound: Int, before: Int)] = []
    var run = 0
    var left = runs?.first ?? spans.count
    var difference = starts[0]
    for i in spans.indices {
      while left == 0 {
        run += 1
        left = runs![run]
        difference = starts[run]
      }
      left -= 1
      let bound = max(difference + a[i], b[i] - difference)
      if a[i] > 0, b[i] > 0, spans[i].span > 0, bound > best { open.append((i, bound, difference)) }
      difference += a[i] - b[i]
      best = max(best, abs(difference))
    }
    var slots = [Int32](repeating: -1, count: spans.count)
    candidates = []
    for range in open where range.bound > best {
      slots[range.index] = Int32(candidates.count)
      let i = range.index
      candidates.append(
        Candidate(low: spans[i].low, span: spans[i].span, before: range.before, elements: a[i] + b[i]))
    }
    return slots
  }

  /// One more pass: counts within the candidates.
  private mutating func count(_ pass: PairPass, width: Int) async throws -> (a: [Int], b: [Int]) {
    let elements = candidates.reduce(0) { $0 + $1.elements }
    let each = max(2, min(Self.mostPlaces, elements * Self.placesPerElement) / candidates.count)
    var offset = 0
    ranges.append(
      candidates.map { candidate in
        var shift: UInt32 = 0
        while candidate.span >> shift >= UInt64(each) { shift += 1 }
        defer { offset += Int(candidate.span >> shift) + 1 }
        return eqp_key_range(low: candidate.low, offset: offset, shift: shift)
      })
    let places = offset
    let levels = next
    let tables = ranges
    let tasks = pass.ranges
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var a = [Int](repeating: 0, count: places)
    var b = a
    try await inOrder(count: tasks.count, width: width) { task in
      try Self.count(tasks[task], pass: pass, next: levels, ranges: tables, places: places)
    } consume: { _, counts in
      for i in 0..<places {
        a[i] += Int(counts[2 * i])
        b[i] += Int(counts[2 * i + 1])
      }
    }
    return (a, b)
  }

  private static func count(
    _ range: Range<Int>, pass: PairPass, next: [[Int32]], ranges: [[eqp_key_range]], places: Int
  ) throws -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: 2 * places + 1)
    var finiteX: [Double] = []
    var finiteY: [Double] = []
    var ignored: UInt32 = 0
    var identical = false
    try withPointers(next) { next in
      try withPointers(ranges) { ranges in
        try next.withUnsafeBufferPointer { next in
          try ranges.withUnsafeBufferPointer { ranges in
            var refinement = eqp_refinement(levels: next.count, next: next.baseAddress, ranges: ranges.baseAddress)
            var other: UInt32 = 0
            try counts.withUnsafeMutableBufferPointer { counts in
              guard let a = counts.baseAddress else { return }
              let b = a + 1
              try pass.stream(range, crcA: &ignored, crcB: &other, identical: &identical) { _, x, y, _, n in
                if (0..<n).contains(where: { !x[$0].isFinite || !y[$0].isFinite }) {
                  let kept = (0..<n).filter { x[$0].isFinite && y[$0].isFinite }
                  (finiteX, finiteY) = (kept.map { x[$0] }, kept.map { y[$0] })
                  _ = eqp_refine(&refinement, a, finiteX, kept.count)
                  _ = eqp_refine(&refinement, b, finiteY, kept.count)
                  return
                }
                _ = eqp_refine(&refinement, a, x, n)
                _ = eqp_refine(&refinement, b, y, n)
              }
            }
          }
        }
      }
    }
    return counts
  }

  private mutating func refine(_ a: [Int], _ b: [Int]) {
    guard let level = ranges.last else { return }
    var spans: [(low: UInt64, span: UInt64)] = []
    var runs: [Int] = []
    for (candidate, range) in zip(candidates, level) {
      let places = Int(candidate.span >> range.shift) + 1
      runs.append(places)
      for place in 0..<places {
        let from = UInt64(place) << range.shift
        let last = min(from + (UInt64(1) << range.shift) - 1, candidate.span)
        spans.append((candidate.low + from, last - from))
      }
    }
    next.append(select(a, b, spans: spans, starts: candidates.map(\.before), runs: runs))
    prune()
  }
}

extension KolmogorovSmirnov {
  /// Closes the ways to ranges that have no open range left below them: most values then stop at the first look.
  private mutating func prune() {
    for level in stride(from: ranges.count - 1, through: 0, by: -1) {
      var places = ranges[level].indices.map { ranges[level][$0].offset }
      places.append(next[level + 1].count)
      let isOpen = ranges[level].indices.map { slot in
        next[level + 1][places[slot]..<places[slot + 1]].contains { $0 >= 0 }
      }
      for i in next[level].indices where next[level][i] >= 0 && !isOpen[Int(next[level][i])] { next[level][i] = -1 }
    }
  }
}

/// Lends the addresses of nested arrays.
private func withPointers<Element, Result>(
  _ arrays: [[Element]], _ body: ([UnsafePointer<Element>?]) throws -> Result
) throws -> Result {
  func lend(_ index: Int, _ pointers: [UnsafePointer<Element>?]) throws -> Result {
    if index == arrays.count { return try body(pointers) }
    return try arrays[index].withUnsafeBufferPointer { try lend(index + 1, pointers + [$0.baseAddress]) }
  }
  return try lend(0, [])
}
