/// A small fixed generator, so that a failure can be made again.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

enum Mutation {
  /// Flips, cuts, inserts, zeroes or repeats somewhere.
  static func apply(to bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else {
      bytes.append(UInt8.random(in: 0...255, using: &random))
      return
    }
    let position = Int.random(in: 0..<bytes.count, using: &random)
    let end = min(bytes.count, position + Int.random(in: 1...16, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[position] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(position...)
    case 3: bytes.removeSubrange(position..<end)
    case 4:
      bytes.insert(contentsOf: (position..<end).map { _ in UInt8.random(in: 0...255, using: &random) }, at: position)
    case 5: for index in position..<end { bytes[index] = random.next() & 1 == 0 ? 0 : 0xff }
    default: bytes.insert(contentsOf: Array(bytes[position..<end]), at: Int.random(in: 0...bytes.count, using: &random))
    }
  }
}
