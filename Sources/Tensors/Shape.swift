/// Returns the number of elements of a tensor: the product of its dimensions, 1 for a scalar.
///
/// - Parameter shape: Elements along each axis.
/// - Returns: `nil` when a dimension is negative or the product does not fit an `Int`.
public func elementCount(of shape: some Sequence<Int>) -> Int? {
  var product = 1
  var overflowed = false
  var empty = false
  for dimension in shape {
    if dimension < 0 { return nil }
    if dimension == 0 { empty = true }
    let (value, overflow) = product.multipliedReportingOverflow(by: dimension)
    overflowed = overflowed || overflow
    product = value
  }
  // [0, 2^40, 2^40] is a legal empty tensor: zero wins over overflow.
  if empty { return 0 }
  return overflowed ? nil : product
}
