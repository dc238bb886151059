extension [Double] {
  /// The values in ascending order, −0 as +0 and NaN at the end: `sorted()`, several times as fast for some thousand values.
  ///
  /// - Complexity: O(count), with six passes at most; room for two copies.
  package func ascending() -> [Double] {
    if count < [UInt64].fewestForDigits { return sorted { $0 < $1 || (!$0.isNaN && $1.isNaN) }.map { $0 + 0 } }
    // Keys in the order of the numbers.
    let keys = map { value in
      let bits = value.isNaN ? UInt64.max >> 1 : (value + 0).bitPattern
      return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }
    return keys.ascending().map { Double(bitPattern: $0 >> 63 == 1 ? $0 & ~(1 << 63) : ~$0) }
  }
}

extension [UInt64] {
  fileprivate static let fewestForDigits = 512

  /// The values in ascending order: `sorted()`, several times as fast for some thousand values.
  ///
  /// - Complexity: O(count), with six passes at most, one for each eleven bits in which the values differ; room for two
  ///   copies.
  package func ascending() -> [UInt64] {
    if count < Self.fewestForDigits { return sorted() }
    // By digits of eleven bits, the lowest first.
    var keys = self
    var spare = self
    var places = [Int](repeating: 0, count: 6 << 11)
    for key in keys {
      for digit in 0..<6 { places[digit << 11 | Int(key >> UInt64(11 * digit) & 2_047)] += 1 }
    }
    for digit in 0..<6 {
      let shift = UInt64(11 * digit)
      // Every key has this digit.
      if places[digit << 11 | Int(keys[0] >> shift & 2_047)] == count { continue }
      var next = 0
      for place in digit << 11..<(digit + 1) << 11 { (places[place], next) = (next, next + places[place]) }
      keys.withUnsafeBufferPointer { keys in
        spare.withUnsafeMutableBufferPointer { spare in
          places.withUnsafeMutableBufferPointer { places in
            for key in keys {
              let place = digit << 11 | Int(key >> shift & 2_047)
              spare[places[place]] = key
              places[place] += 1
            }
          }
        }
      }
      swap(&keys, &spare)
    }
    return keys
  }
}
