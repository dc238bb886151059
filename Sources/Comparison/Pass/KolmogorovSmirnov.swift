import CKernels
import Statistics
import Tensors
import Threads

/// The exact two-sample Kolmogorov-Smirnov distance without sorting.
///
/// Counts bound the distance within every range of values. Only ranges that can hold more than the best distance found so
/// far are looked at again, in windows of ordered keys: counted in finer places while that leaves far less, and taken into
/// memory, a few million keys at a time, once they fit. The first look does both, for where the maximum is likely to lie can
/// be told before: one look is usual. Pairs of equal values step on both sides at once and are left out. Where counting in
/// finer places does not help, the weights have few values, as a rule, and each value is counted.
struct KolmogorovSmirnov {
  /// The keys low … low + span.
  struct Window {
    var low: UInt64
    var span: UInt64
    /// |{a below}| − |{b below}| at its start.
    var before: Int
    /// Elements of both sides, equal pairs perhaps among them.
    var elements: Int
    /// What the distance can't exceed in it.
    var bound: Int
  }

  private var best = 0
  private var windows: [Window] = []
  /// Where the maximum is likely to lie.
  private var likely: [Window] = []
  /// Of the elements as the kernels get them, whose keys these are.
  private let type: ElementType
  private var lastKey: UInt64 { eqp_key_bits(type.rawValue) == 32 ? UInt64(UInt32.max) : .max }

  /// Every element is a whole number.
  private let isWhole: Bool

  private init(_ pass: PairPass, mostKeys: Int, allFinite: Bool) {
    type = pass.takesElements ? pass.a.tensor.elementType : .float64
    isWhole = [pass.a, pass.b].allSatisfy { [.integer, .quantized, .boolean].contains($0.tensor.elementType.kind) }
    self.mostKeys = mostKeys
    self.allFinite = allFinite
  }

  private static let places = 1 << 18
  private static let takenTogether = 1 << 13
  /// A place costs as much as some keys, and where more share one, more of them are left.
  private static let keysPerPlace = 16
  /// Keys in memory at a time, both sides.
  private let mostKeys: Int
  /// No element was left out of the sums.
  private let allFinite: Bool
  /// Windows of one look: each costs a comparison an element.
  private static let mostWindows = 6

  /// - Returns: sup |F_a − F_b|; `nil` without elements.
  /// - Complexity: O(elements) per further look; one is usual.
  static func distance(of pair: PairSums, pass: PairPass, width: Int, mostKeys: Int = 1 << 22) async throws -> Double? {
    let total = pair.sums.total(eqp_count)
    let changed = pair.sums.total(eqp_changed)
    guard total > 0 else { return nil }
    if changed == 0 { return 0 }
    var search = KolmogorovSmirnov(
      pass, mostKeys: mostKeys, allFinite: pair.sums.total(eqp_excluded) == 0)
    if pair.fineA.isEmpty {
      search.windows = [
        Window(low: 0, span: search.lastKey, before: 0, elements: Int(changed) * 2, bound: Int(changed))
      ]
    } else {
      search.start(pair, pass)
    }
    var shrinks = true
    var mayBeTied = true
    var mayTake = pair.fineA.isEmpty ? mostKeys : search.affordable(pass.count)
    while !search.windows.isEmpty {
      let elements = search.elements
      if elements <= mayTake, search.windows.count <= mostWindows {
        let all = search.windows
        search.windows = []
        try await search.look(taking: all, pass, width)
      } else if shrinks {
        let cover = joined(search.windows)
        search.windows = []
        try await search.look(counting: cover, taking: search.likely, pass, width)
        search.likely = []
        shrinks = search.elements * 2 < elements
        if !shrinks { mayTake = 0 }
      } else if mayBeTied {
        let cover = joined(search.windows)
        search.windows = []
        if try await !search.countValues(in: cover, pass, width) { search.windows = cover }
        mayBeTied = false
        mayTake = mostKeys
      } else {
        try await search.nextGroup(pass, width)
      }
    }
    return Double(search.best) / total
  }

  /// Keys in memory that are settled, by one thread, sooner than so many pairs are read once more.
  private func affordable(_ pairs: Int) -> Int { min(mostKeys, max(1 << 12, pairs / 32)) }

  private var elements: Int { windows.reduce(0) { $0 + $1.elements } }

  // MARK: Bounds

  private mutating func start(_ pair: PairSums, _ pass: PairPass) {
    let perWidth = Double(PairPass.bins) / (pass.pilot.high - pass.pilot.low)
    /// The smallest key whose bin is `bin` or above.
    func firstKey(_ bin: Int) -> UInt64 {
      var low: UInt64 = 0
      var high: UInt64 = 0
      eqp_key_ends(type.rawValue, &low, &high)
      while low < high {
        let middle = low + (high - low) / 2
        if eqp_fine_bin(pass.pilot.low, perWidth, PairPass.bins, eqp_key_value(type.rawValue, middle)) >= bin {
          high = middle
        } else {
          low = middle + 1
        }
      }
      return low
    }
    /// A bin that holds one integer at most: nothing can happen within it.
    func isSingle(_ bin: Int) -> Bool {
      guard isWhole, bin > 0, bin + 1 < pair.fineA.count else { return false }
      let binWidth = 1 / (perWidth * Double(eqp_finer))
      let rounding = 1e-9 * (pass.pilot.low.magnitude + pass.pilot.high.magnitude)
      let low = pass.pilot.low + Double(bin - 1) * binWidth - rounding
      return (low + binWidth + 2 * rounding).rounded(.down) - low.rounded(.up) < 1
    }
    func window(_ run: OpenPlaces.Run) -> Window {
      let low = run.places.lowerBound == 0 ? 0 : firstKey(run.places.lowerBound)
      let end = run.places.upperBound + 1 < pair.fineA.count ? firstKey(run.places.upperBound + 1) - 1 : lastKey
      return Window(low: low, span: end - low, before: run.before, elements: run.elements, bound: run.bound)
    }
    var found = OpenPlaces(most: affordable(pass.count))
    var difference = 0
    for bin in pair.fineA.indices {
      found.add(bin, a: Int(pair.fineA[bin]), b: Int(pair.fineB[bin]), isClosed: isSingle(bin), &difference, &best)
    }
    windows = found.open(above: best).map(window)
    // Steps up and down in no order seldom lead farther from both ends of a bin than twice the root of their number.
    var near = OpenPlaces(most: affordable(pass.count))
    var reached = best
    difference = 0
    for bin in pair.fineA.indices {
      let (a, b) = (Int(pair.fineA[bin]), Int(pair.fineB[bin]))
      let ends = max(abs(difference), abs(difference + a - b))
      near.add(
        bin, a: a, b: b, isClosed: Double(ends) + 2 * Double(a + b).squareRoot() < Double(best) || isSingle(bin),
        &difference, &reached)
    }
    let runs = near.open(above: best).sorted { $0.bound > $1.bound }.prefix(Self.mostWindows)
    var elements = 0
    likely = runs.filter { run in
      elements += run.elements
      return elements <= affordable(pass.count)
    }
    .map(window).sorted { $0.low < $1.low }
  }

  /// Windows that cover these, few of them: the nearest neighbours are joined, and those that touch.
  private static func joined(_ windows: [Window]) -> [Window] {
    func gap(after i: Int) -> UInt64 { windows[i + 1].low - windows[i].low - windows[i].span - 1 }
    let gaps = windows.indices.dropLast().filter { gap(after: $0) > 0 }.sorted { gap(after: $0) > gap(after: $1) }
    let kept = Set(gaps.prefix(mostWindows - 1))
    var joined: [Window] = []
    for (i, window) in windows.enumerated() {
      if i > 0, !kept.contains(i - 1) {
        joined[joined.count - 1].span = window.low + window.span - joined[joined.count - 1].low
        joined[joined.count - 1].elements += window.elements
      } else {
        joined.append(window)
      }
    }
    return joined
  }

  /// Walks the counts within windows, updates the best distance, and gives what may hold more beside what is settled.
  private mutating func select(
    _ looked: [Window], _ places: [eqp_window], _ counts: UnsafeBufferPointer<UInt64>, settled: [Window] = [],
    most: Int
  ) -> [Window] {
    let step = UInt32(eqp_key_step(type.rawValue))
    var found: [(Window, eqp_window, OpenPlaces)] = []
    for (window, place) in zip(looked, places) {
      var runs = OpenPlaces(most: most)
      var difference = window.before
      let last = Int(window.span >> UInt64(place.shift))
      let length = (UInt64(1) << UInt64(place.shift)) - 1
      for i in 0...last {
        let low = window.low + UInt64(i) << UInt64(place.shift)
        let isSettled = settled.contains {
          low >= $0.low && low - $0.low <= $0.span && $0.span - (low - $0.low) >= length
        }
        runs.add(
          i, a: Int(counts[2 * (place.offset + i)]), b: Int(counts[2 * (place.offset + i) + 1]),
          isClosed: place.shift <= step || isSettled, &difference, &best)
      }
      found.append((window, place, runs))
    }
    return found.flatMap { window, place, runs in
      runs.open(above: best).map { run in
        let from = UInt64(run.places.lowerBound) << UInt64(place.shift)
        let end = (UInt64(run.places.upperBound) << UInt64(place.shift)) + ((UInt64(1) << UInt64(place.shift)) - 1)
        return Window(
          low: window.low + from, span: min(end, window.span) - from, before: run.before, elements: run.elements,
          bound: run.bound)
      }
    }
  }

  private static func layout(_ windows: [Window], places: Int = places) -> (places: [eqp_window], count: Int) {
    let each = max(2, places / max(1, windows.count))
    // The first places are for what lies in no window.
    var offset = 16
    let places = windows.map { window in
      var shift: UInt32 = 0
      while window.span >> UInt64(shift) >= UInt64(each) { shift += 1 }
      defer { offset += Int(window.span >> UInt64(shift)) + 1 }
      return eqp_window(low: window.low, span: window.span, offset: offset, shift: shift)
    }
    return (places, offset)
  }

  // MARK: Looks

  /// Reads both sides once more: takes the keys within some windows into memory and settles them, and counts within others,
  /// of which is kept what may still hold more.
  private mutating func look(
    counting counted: [Window] = [], taking taken: [Window] = [], _ pass: PairPass, _ width: Int
  ) async throws {
    // No more places than elements: walking through empty ones would cost more than the elements.
    let room = min(Self.places, max(1 << 12, counted.reduce(0) { $0 + $1.elements }))
    let (countedPlaces, count) = Self.layout(counted, places: room)
    let (takenPlaces, _) = Self.layout(taken)
    let ranges = pass.ranges
    let tallies = Tallies(Tallies.Sizes(windows: counted.isEmpty ? 0 : 2 * count))
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    var parts: [WindowKeys] = []
    try await inOrder(count: ranges.count, width: width) { [self] task in
      try tallies.withTally { tally in
        var keys = WindowKeys()
        try look(pass, ranges[task], counting: countedPlaces, on: tally.windows, taking: takenPlaces) { a, b in
          keys.a += a
          keys.b += b
        }
        return keys
      }
    } consume: { _, keys in
      if keys.count > 0 { parts.append(keys) }
    }
    try await settle(taken, parts, width)
    let total = tallies.windowCounts()
    let before = counted.reduce(0) { $0 + $1.elements }
    let left = total.withUnsafeBufferPointer { total in
      let left = select(counted, countedPlaces, total, settled: taken, most: affordable(pass.count))
      // Ties that no counting tells apart, for one: few large ranges, as keys will be taken then.
      if left.reduce(0, { $0 + $1.elements }) * 2 < before { return left }
      return select(counted, countedPlaces, total, settled: taken, most: mostKeys)
    }
    windows = (windows + left).filter { $0.bound > best }.sorted { $0.low < $1.low }
  }

  /// Looks at a range of both sides, and hands over the keys that are taken, of some thousand elements at a time.
  private func look(
    _ pass: PairPass, _ range: Range<Int>, counting counted: [eqp_window] = [], on counts: eqp_counts = eqp_counts(),
    taking taken: [eqp_window], _ take: (UnsafeBufferPointer<UInt64>, UnsafeBufferPointer<UInt64>) -> Void
  ) throws {
    let workspace = Workspace.borrow()
    defer { workspace.giveBack() }
    try counted.withUnsafeBufferPointer { counted in
      try taken.withUnsafeBufferPointer { taken in
        var look = eqp_look(
          counted: counted.baseAddress, counted_count: counted.count, taken: taken.baseAddress,
          taken_count: taken.count, all_finite: allFinite ? 1 : 0, counts: counts)
        try pass.forEachPiece(range, workspace) { type, x, y, n in
          // Few at a time, so that the room for all of them stays in the cache; complex ones are two numbers.
          let roomA = workspace.keysA.hold(2 * Self.takenTogether + 16)
          let roomB = workspace.keysB.hold(2 * Self.takenTogether + 16)
          let stride = ElementType(rawValue: type)?.byteWidth ?? 0
          for first in Swift.stride(from: 0, to: n, by: Self.takenTogether) {
            var found = (0, 0)
            _ = withUnsafeMutableBytes(of: &found) {
              eqp_look_at(
                &look, type, x + first * stride, y + first * stride, min(Self.takenTogether, n - first), roomA, roomB,
                $0.baseAddress?.assumingMemoryBound(to: Int.self))
            }
            take(
              UnsafeBufferPointer(start: roomA, count: found.0), UnsafeBufferPointer(start: roomB, count: found.1))
          }
        }
      }
    }
  }

  /// Reads both sides once more and counts every value within windows, which settles them.
  ///
  /// - Returns: Whether there are few values: else nothing is settled.
  private mutating func countValues(in windows: [Window], _ pass: PairPass, _ width: Int) async throws -> Bool {
    let (places, _) = Self.layout(windows)
    let ranges = pass.ranges
    let idle = Locked<[ValueSteps]>([])
    pass.progress.expect(.reading, pass.a.tensor.byteCount + pass.b.tensor.byteCount)
    do {
      try await inOrder(count: ranges.count, width: width) { [self] task in
        let steps = idle.withLock { $0.popLast() } ?? ValueSteps()
        defer { idle.withLock { $0.append(steps) } }
        try look(pass, ranges[task], taking: places) { a, b in
          steps.add(a, 1)
          steps.add(b, -1)
        }
        if steps.areTooMany { throw TooManyValues() }
      } consume: { _, _ in
      }
    } catch is TooManyValues {
      return false
    }
    let all = ValueSteps()
    for steps in idle.withLock({ $0 }) { all.add(steps) }
    if all.areTooMany { return false }
    var steps = all.ascending[...]
    for window in windows {
      var difference = window.before
      steps = steps.drop { $0.key < window.low }
      while let (key, step) = steps.first, key - window.low <= window.span {
        difference += step
        best = max(best, abs(difference))
        steps.removeFirst()
      }
    }
    self.windows.removeAll { $0.bound <= best }
    return true
  }

  /// The same search in memory, and sorting at the end.
  private mutating func settle(_ looked: [Window], _ parts: [WindowKeys], _ width: Int) async throws {
    var (looked, parts) = (looked, parts)
    var left = parts.reduce(0) { $0 + $1.count }
    while left > 4_096 {
      let (places, room) = Self.layout(looked, places: min(Self.places, max(1 << 12, left / Self.keysPerPlace)))
      let counts = try await WindowKeys.counts(of: parts, in: places, room: room, width: width)
      let before = left
      // Not joined: what lies between windows is not in memory.
      looked = counts.withUnsafeBufferPointer { select(looked, places, $0, most: before / 8) }
      parts = try await WindowKeys.within(looked.map { ($0.low, $0.span) }, of: parts, width: width)
      left = parts.reduce(0) { $0 + $1.count }
      if left * 2 > before { break }
    }
    let a = parts.flatMap(\.a).ascending()
    let b = parts.flatMap(\.b).ascending()
    var i = 0
    var j = 0
    for window in looked {
      let end = window.low + window.span
      while i < a.count, a[i] < window.low { i += 1 }
      while j < b.count, b[j] < window.low { j += 1 }
      var difference = window.before
      while true {
        let key = min(i < a.count ? a[i] : .max, j < b.count ? b[j] : .max)
        // No double has the key .max; behind an integer that has it, the last of all, the sides are even again.
        if key == .max || key > end { break }
        while i < a.count, a[i] == key {
          difference += 1
          i += 1
        }
        while j < b.count, b[j] == key {
          difference -= 1
          j += 1
        }
        best = max(best, abs(difference))
      }
    }
  }

  /// Where counting leaves too much: as much as fits is settled, the most promising first.
  private mutating func nextGroup(_ pass: PairPass, _ width: Int) async throws {
    windows.sort { $0.bound > $1.bound }
    var group = 0
    var elements = 0
    while group < min(windows.count, Self.mostWindows), elements + windows[group].elements <= mostKeys {
      elements += windows[group].elements
      group += 1
    }
    // A single place that holds too much is cut finer.
    let looked = windows.prefix(max(1, group)).sorted { $0.low < $1.low }
    windows.removeFirst(looked.count)
    try await group > 0 ? look(taking: looked, pass, width) : look(counting: looked, pass, width)
    windows.sort { $0.low < $1.low }
  }
}

private struct TooManyValues: Error {}
