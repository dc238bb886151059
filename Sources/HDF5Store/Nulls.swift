import Comparison
import HDF5
import Results

/// Writes the null distributions of a pair: a table a test, a row a swap, a column a statistic.
func writeNulls(
  _ nulls: [NullDistribution], of pair: PairResult, _ place: Place, in layer: borrowing HDF5Group,
  _ storage: StringStorage
) throws(HDF5Error) {
  let group = try layer.createGroup(place.tensor, expecting: nulls.count)
  try group.describe([("name", .text(pair.name)), ("pair", .text(place.path))], storage)
  for null in nulls {
    let test = try group.createGroup(null.test, expecting: null.statistics.count + 1)
    let swaps =
      null.isExhaustive
      ? "every swap there is"
      : null.isSubgroup ? "a random group of swaps" : "random swaps, independent of one another"
    try test.describe(
      [
        ("title", .text("statistics of \(null.test) where units change places; larger is more extreme")),
        ("swaps", .text(swaps)), ("exhaustive", .integer(null.isExhaustive ? 1 : 0)),
      ], storage)
    let columns = zip(null.statistics, null.values).map { name, values in
      Table.Column.number(name, "\(name), in the direction of the alternative", values)
    }
    try Table(null.values.first?.count ?? 0, "swap", "swap; 0 leaves every unit where it is", columns)
      .write(in: test, storage)
  }
}
