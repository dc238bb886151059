/// The parts in which two names of one node differ.
struct Rename: Hashable {
  let a: String
  let b: String

  /// `nil` for names that differ in automatic numbers at most, or in the scopes around them, which follow from where a
  /// function was traced.
  init?(_ a: String, _ b: String) {
    guard a != b, let (a, b) = Self.middles(a, b), plainName(a) != plainName(b) else { return nil }
    func parts(_ name: String) -> [Substring] { name.split(separator: "/", omittingEmptySubsequences: false) }
    var x = parts(a)[...]
    var y = parts(b)[...]
    while let last = x.last, let other = y.last, x.count > 1, y.count > 1,
      plainName(String(last)) == plainName(String(other))
    {
      x.removeLast()
      y.removeLast()
    }
    self.a = x.joined(separator: "/")
    self.b = y.joined(separator: "/")
  }

  /// What is left of two names without the parts that they begin and end with in common; `nil` where nothing is left of
  /// one of them.
  private static func middles(_ a: String, _ b: String) -> (String, String)? {
    let x = Array(a.utf8)
    let y = Array(b.utf8)
    let slash = UInt8(ascii: "/")
    let shorter = min(x.count, y.count)
    var start = 0
    var i = 0
    while i < shorter, x[i] == y[i] {
      if x[i] == slash { start = i + 1 }
      i += 1
    }
    // A part ends at a slash, or where the whole name does.
    var end = 0
    i = 0
    while i < shorter - start, x[x.count - 1 - i] == y[y.count - 1 - i] {
      i += 1
      let isWholeX = i == x.count - start || x[x.count - 1 - i] == slash
      let isWholeY = i == y.count - start || y[y.count - 1 - i] == slash
      if isWholeX && isWholeY { end = i }
    }
    let left = x[start..<(x.count - end)]
    let right = y[start..<(y.count - end)]
    guard !left.isEmpty, !right.isEmpty else { return nil }
    func text(_ bytes: ArraySlice<UInt8>) -> String {
      let trimmed = bytes.last == slash ? bytes.dropLast() : bytes
      return String(decoding: trimmed, as: UTF8.self)
    }
    return (text(left), text(right))
  }
}

/// FNV-1a: the same in every run, unlike `Hasher`.
func textHash(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return mix(hash, 0)
}
