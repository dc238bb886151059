/// How often each key occurs on side a, less how often on side b: few keys, in a table with open addresses.
final class ValueSteps: @unchecked Sendable {
  private static let most = 1 << 16
  private static let slotBits: UInt64 = 17
  private static let slotCount = 1 << Int(slotBits)
  private let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: most)
  private let steps = UnsafeMutablePointer<Int>.allocate(capacity: most)
  private var count = 0
  /// The place of a key in both, −1 where none is.
  private let slots = UnsafeMutablePointer<Int32>.allocate(capacity: slotCount)
  /// Nothing counts any more.
  private(set) var areTooMany = false

  init() { slots.initialize(repeating: -1, count: Self.slotCount) }

  deinit {
    keys.deallocate()
    steps.deallocate()
    slots.deallocate()
  }

  func add(_ some: UnsafeBufferPointer<UInt64>, _ step: Int) {
    let (keys, steps, slots) = (keys, steps, slots)
    var count = count
    defer { self.count = count }
    for key in some {
      var slot = Int((key &* 0x9e37_79b9_7f4a_7c15) >> (64 - Self.slotBits))
      while slots[slot] >= 0, keys[Int(slots[slot])] != key { slot = (slot + 1) & (Self.slotCount - 1) }
      if slots[slot] >= 0 {
        steps[Int(slots[slot])] += step
        continue
      }
      if count == Self.most {
        areTooMany = true
        return
      }
      slots[slot] = Int32(count)
      keys[count] = key
      steps[count] = step
      count += 1
    }
  }

  func add(_ other: ValueSteps) {
    areTooMany = areTooMany || other.areTooMany
    for i in 0..<other.count { add(UnsafeBufferPointer(start: other.keys + i, count: 1), other.steps[i]) }
  }

  var ascending: [(key: UInt64, step: Int)] {
    (0..<count).map { (key: keys[$0], step: steps[$0]) }.sorted { $0.key < $1.key }
  }
}
