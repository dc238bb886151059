import Results

/// The longest alignment of two sequences that keeps both orders, as far as it is certain.
///
/// Several alignments can be longest: what only some of them pair is ambiguous and is listed, not guessed.
struct OrderedAlignment {
  /// Indices that every longest alignment pairs.
  private(set) var certain: [(Int, Int)] = []
  /// Indices of the left sequence that longest alignments pair in different ways.
  private(set) var ambiguous: [Int] = []
  /// The number of pairs in a longest alignment.
  private(set) var length = 0

  /// The table of lengths is held in memory: two sequences whose product is larger have no alignment.
  static let limit = 4_000_000

  /// - Complexity: O(left · right) time and memory.
  init(left n: Int, right m: Int, matches: (Int, Int) -> Bool) {
    guard n > 0, m > 0, n <= Self.limit / m else { return }
    let width = m + 1
    // Longest alignment of what comes before (i, j), and of what comes from there on.
    var before = [Int32](repeating: 0, count: (n + 1) * width)
    var after = before
    for i in 0..<n {
      for j in 0..<m {
        before[(i + 1) * width + j + 1] =
          matches(i, j)
          ? before[i * width + j] + 1 : max(before[i * width + j + 1], before[(i + 1) * width + j])
      }
    }
    for i in (0..<n).reversed() {
      for j in (0..<m).reversed() {
        after[i * width + j] =
          matches(i, j) ? after[(i + 1) * width + j + 1] + 1 : max(after[(i + 1) * width + j], after[i * width + j + 1])
      }
    }
    length = Int(before[n * width + m])
    // Every longest alignment has one pair at each place; a place with one candidate is certain.
    var candidates = [[(Int, Int)]](repeating: [], count: length)
    for i in 0..<n {
      for j in 0..<m where matches(i, j) {
        let place = Int(before[i * width + j])
        if place + 1 + Int(after[(i + 1) * width + j + 1]) == length { candidates[place].append((i, j)) }
      }
    }
    certain = candidates.filter { $0.count == 1 }.map { $0[0] }
    ambiguous = Set(candidates.filter { $0.count > 1 }.joined().map(\.0)).sorted()
  }
}

extension Array where Element == Catalogue.Entry {
  /// Aligns the free weights and state of two networks that share no names, by shape, role and kind in the order
  /// of the network; empty unless it takes in two thirds of the smaller side, a kernel among them.
  ///
  /// - Returns: Pairs of indices, and A's indices for which there is more than one possibility.
  func orderedPairs(
    _ others: [Catalogue.Entry], free: (Int) -> Bool, freeOther: (Int) -> Bool
  ) -> (pairs: [(Int, Int)], ambiguous: [Int]) {
    let left = networkOrder(free)
    let right = others.networkOrder(freeOther)
    let alignment = OrderedAlignment(left: left.count, right: right.count) {
      self[left[$0]].isAlike(others[right[$1]])
    }
    let pairs = alignment.certain.map { (left[$0.0], right[$0.1]) }
    guard alignment.length * 3 >= Swift.min(left.count, right.count) * 2, alignment.length >= 2,
      pairs.contains(where: { self[$0.0].stored.shape.count >= 2 })
    else { return ([], []) }
    return (pairs, alignment.ambiguous.map { left[$0] })
  }

  /// Free weights and state, layer by layer, a layer's kernel before its bias.
  private func networkOrder(_ free: (Int) -> Bool) -> [Int] {
    indices.filter { free($0) && (self[$0].role == .weight || self[$0].role == .state) }
      .sorted { x, y in
        let (a, b) = (self[x], self[y])
        let (p, q) = (layer(of: a.orderingName), layer(of: b.orderingName))
        if p != q { return naturallyPrecedes(p, q) }
        let (r, s) = (a.kind?.rawValue ?? 0, b.kind?.rawValue ?? 0)
        return r == s ? naturallyPrecedes(a.orderingName, b.orderingName) : r < s
      }
  }
}

/// What a tensor does in its layer, in the order in which layers list it.
private enum Kind: Int {
  case kernel = 1
  case recurrent, bias, scale, offset, mean, variance

  init?(_ part: String) {
    switch part {
    case "kernel", "weight", "weights", "w", "W", "embeddings", "depthwise_kernel", "pointwise_kernel": self = .kernel
    case "recurrent_kernel": self = .recurrent
    case "bias", "biases", "b": self = .bias
    case "gamma", "scale": self = .scale
    case "beta", "offset": self = .offset
    case "moving_mean", "running_mean", "mean": self = .mean
    case "moving_variance", "running_var", "variance": self = .variance
    default: return nil
    }
  }
}

extension Catalogue.Entry {
  fileprivate var kind: Kind? { Kind(part) }

  /// Whether the two could be the same variable of two networks, names apart.
  fileprivate func isAlike(_ other: Catalogue.Entry) -> Bool {
    guard role == other.role, hasShape(of: other) else { return false }
    guard let x = kind, let y = other.kind else { return true }
    return x == y
  }
}
