import Results
import Tensors

/// Paths at which two trees differ, in natural order.
///
/// Objects are walked by key, arrays by index. Numbers are equal by value, so `1` equals `1.0`.
/// - Complexity: O(size of both trees).
func differences(_ a: JSONValue?, _ b: JSONValue?, path: String = "") -> [Difference] {
  switch (a, b) {
  case (.object(let x)?, .object(let y)?):
    return Set(x.keys).union(y.keys).sorted(by: naturallyPrecedes).flatMap { key in
      differences(x[key], y[key], path: path.isEmpty ? key : "\(path).\(key)")
    }
  case (.array(let x)?, .array(let y)?):
    return (0..<max(x.count, y.count)).flatMap { i in
      differences(i < x.count ? x[i] : nil, i < y.count ? y[i] : nil, path: "\(path)[\(i)]")
    }
  default:
    return isEqual(a, b) ? [] : [Difference(path: path, a: a, b: b)]
  }
}

private func isEqual(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
  switch (a, b) {
  case (.integer(let x)?, .number(let y)?): Double(x) == y
  case (.number(let x)?, .integer(let y)?): x == Double(y)
  default: a == b
  }
}
