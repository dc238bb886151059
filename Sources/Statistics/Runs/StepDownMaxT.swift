/// Counts, for each hypothesis, the rows whose largest standardised statistic among this and all less extreme hypotheses is
/// at least the hypothesis's own: the numerators of p-values that control the family-wise error strongly.
///
/// All columns share their rows: row k of each is the same relabelling. Every column is standardised by its mean and standard
/// deviation over all rows, the observed one included, so that a layer whose statistic varies much under the null hypothesis
/// does not hide one whose statistic varies little. The smallest p stays that of one hypothesis, whatever their number, where
/// Bonferroni's would be multiplied by it.
/// - Parameter columns: Shape `[rows]` each, row 0 observed, larger is more extreme; `nil`, constant ones and those that are
///   not finite stay out of the family.
/// - Returns: Rows at least as extreme, the observed one among them; `nil` for what stayed out.
/// - Throws: ``SampleError/shapeMismatch(expected:actual:)``.
/// - Complexity: O(hypotheses · rows).
/// ## Source
/// Westfall & Young (1993), algorithm 2.8, ISBN 0-471-55761-7
public func stepDownMaxT(_ columns: [[Double]?]) throws(SampleError) -> [Int?] {
  var family: [(index: Int, scores: [Double], scale: Double)] = []
  let rows = columns.lazy.compactMap(\.self).first?.count ?? 0
  for (index, column) in columns.enumerated() {
    guard let column else { continue }
    guard column.count == rows else { throw .shapeMismatch(expected: rows, actual: column.count) }
    guard column.allSatisfy(\.isFinite), let standard = Replicates.standardization(of: column) else { continue }
    family.append(
      (index, column.map { ($0 - standard.mean) / standard.deviation }, standard.largest / standard.deviation))
  }
  // The most extreme first; the order of ties does not matter to the result.
  family.sort { ($0.scores[0], $1.index) > ($1.scores[0], $0.index) }
  var counts = [Int?](repeating: nil, count: columns.count)
  var maxima = [Double](repeating: -.infinity, count: rows)
  var scale = 0.0
  for member in family.reversed() {
    scale = max(scale, member.scale)
    for row in 0..<rows { maxima[row] = max(maxima[row], member.scores[row]) }
    counts[member.index] = exceedances(maxima, threshold: tieThreshold(member.scores[0], scale))
  }
  var largest = 0
  for member in family {
    largest = max(largest, counts[member.index] ?? 0)
    counts[member.index] = largest
  }
  return counts
}
