import Results
import Tensors

/// Paths at which two trees differ, in natural order.
///
/// Objects are walked by key, arrays by index; lists of texts are compared as sets and in order, and long lists of
/// numbers are one difference. Numbers are equal by value, so `1` equals `1.0`, and 1e-5 equals the float32 nearest to
/// it, which is how variables hold it.
/// - Complexity: O(size of both trees).
func differences(_ a: JSONValue?, _ b: JSONValue?, path: String = "") -> [Difference] {
  switch (a, b) {
  case (.object(let x)?, .object(let y)?):
    return Set(x.keys).union(y.keys).sorted(by: naturallyPrecedes).flatMap { key in
      differences(x[key], y[key], path: path.isEmpty ? key : "\(path).\(key)")
    }
  case (.array(let x)?, .array(let y)?):
    let textsA = x.compactMap(\.text)
    let textsB = y.compactMap(\.text)
    if textsA.count == x.count, textsB.count == y.count, x.count > 2, y.count > 2 {
      return differences(LookupTable(keys: textsA), LookupTable(keys: textsB), path: path)
    }
    let numbers = zip(x, y).filter { $0.double != nil && $1.double != nil }.count
    if x.count > 8, x.count == y.count, numbers == x.count {
      let changed = zip(x, y).filter { !isSameNumber($0, $1) }.count
      return changed == 0 ? [] : [Difference(path: path, a: a, b: b, note: "\(changed) of \(x.count) differ")]
    }
    return (0..<max(x.count, y.count)).flatMap { i in
      differences(i < x.count ? x[i] : nil, i < y.count ? y[i] : nil, path: "\(path)[\(i)]")
    }
  case (let x?, let y?) where x.double != nil && y.double != nil:
    return isSameNumber(x, y) ? [] : [Difference(path: path, a: a, b: b)]
  default:
    return a == b ? [] : [Difference(path: path, a: a, b: b)]
  }
}
