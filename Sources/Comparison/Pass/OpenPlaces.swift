/// Runs of neighbouring places that may hold more than the best distance, with what lies between, none above so many
/// elements unless it is a single place.
struct OpenPlaces {
  struct Run {
    var places: ClosedRange<Int>
    var before: Int
    var elements: Int
    var bound: Int
  }

  let most: Int
  private var runs: [Run] = []
  /// Elements since the last open place.
  private var between = 0

  init(most: Int) { self.most = most }

  /// Takes the next place in; `difference` is that of the elements below it, and moves on.
  ///
  /// - Parameter isClosed: It can't hold more than its ends.
  mutating func add(_ place: Int, a: Int, b: Int, isClosed: Bool, _ difference: inout Int, _ best: inout Int) {
    let bound = max(difference + a, b - difference)
    if a > 0, b > 0, !isClosed, bound > best {
      if let last = runs.last, last.bound > best, last.elements + between + a + b <= most {
        runs[runs.count - 1].places = last.places.lowerBound...place
        runs[runs.count - 1].elements += between + a + b
        runs[runs.count - 1].bound = max(last.bound, bound)
      } else {
        runs.append(Run(places: place...place, before: difference, elements: a + b, bound: bound))
      }
      between = 0
    } else {
      between += a + b
    }
    difference += a - b
    best = max(best, abs(difference))
  }

  func open(above best: Int) -> [Run] { runs.filter { $0.bound > best } }
}
