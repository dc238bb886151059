/// The parts in which two names of one node differ.
struct Rename: Hashable {
  let a: String
  let b: String

  /// `nil` for names that differ in automatic numbers at most, or in the scopes around them, which follow from where a
  /// function was traced.
  init?(_ a: String, _ b: String) {
    guard a != b else { return nil }
    func parts(_ name: String) -> [Substring] { name.split(separator: "/", omittingEmptySubsequences: false) }
    let plainA = parts(plainName(a))
    let plainB = parts(plainName(b))
    if plainA.reversed().starts(with: plainB.reversed()) || plainB.reversed().starts(with: plainA.reversed()) {
      return nil
    }
    var x = parts(a)[...]
    var y = parts(b)[...]
    while let first = x.first, first == y.first, x.count > 1, y.count > 1 {
      x.removeFirst()
      y.removeFirst()
    }
    while let last = x.last, let other = y.last, x.count > 1, y.count > 1,
      plainName(String(last)) == plainName(String(other))
    {
      x.removeLast()
      y.removeLast()
    }
    self.a = x.joined(separator: "/")
    self.b = y.joined(separator: "/")
  }
}

/// FNV-1a: the same in every run, unlike `Hasher`.
func textHash(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return mix(hash, 0)
}
