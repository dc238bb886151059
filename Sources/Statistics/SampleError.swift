/// Why numbers could not be turned into a statistic.
///
/// Degenerate but well-formed data (constant, empty, all zero) is not an error: it has a defined result and a warning.
public enum SampleError: Error, Equatable, Sendable {
  /// The number of values does not fit the stated shape.
  case shapeMismatch(expected: Int, actual: Int)
  /// A value is NaN or infinite.
  case nonFinite(index: Int)
  /// Fewer units than the statistic needs.
  case tooFewUnits(count: Int, required: Int)
  /// Exact enumeration was asked for and is out of reach for this many non-zero differences.
  case tooManyArrangements(units: Int, limit: Int)
  /// A parameter lies outside its domain.
  case outOfRange(parameter: String, value: Double)
  /// GSL could not do what it was asked; the status is GSL's own code.
  case numerical(function: String, status: Int32)
}

extension SampleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .shapeMismatch(let expected, let actual): "expected \(expected) values, got \(actual)"
    case .nonFinite(let index): "value \(index) is not finite"
    case .tooFewUnits(let count, let required): "\(count) units, at least \(required) required"
    case .tooManyArrangements(let units, let limit):
      "\(units) non-zero differences are too many to enumerate, the limit is \(limit)"
    case .outOfRange(let parameter, let value): "\(parameter) = \(value) is out of range"
    case .numerical(let function, let status): "\(function) failed with GSL status \(status)"
    }
  }
}

extension SampleError {
  static func checkConfidence(_ confidence: Double) throws(SampleError) {
    guard confidence > 0, confidence < 1 else { throw .outOfRange(parameter: "confidence", value: confidence) }
  }

  static func checkFinite(_ values: [Double]) throws(SampleError) {
    if let index = values.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(index: index) }
  }
}
