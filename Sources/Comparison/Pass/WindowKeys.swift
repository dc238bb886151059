import CKernels
import Threads

/// Ordered keys of either side that lie in some windows.
struct WindowKeys: Sendable {
  var a: [UInt64] = [], b: [UInt64] = []

  var count: Int { a.count + b.count }

  /// Keys that are worth a task.
  private static let together = 1 << 16

  /// How many keys of A and B lie in each place, shape `[room, 2]`.
  static func counts(of parts: [WindowKeys], in places: [eqp_window], room: Int, width: Int) async throws -> [UInt64] {
    var total = [UInt64](repeating: 0, count: 2 * room)
    let shares = shares(of: parts, width)
    try await inOrder(count: shares.count, width: width) { share in
      var counts = [UInt32](repeating: 0, count: 2 * room)
      counts.withUnsafeMutableBufferPointer { counts in
        places.withUnsafeBufferPointer { places in
          func add(_ keys: [UInt64], _ side: Int) {
            for key in keys {
              // No two windows have a key in common.
              guard let place = places.first(where: { key &- $0.low <= $0.span }) else { continue }
              counts[2 * (place.offset + Int((key - place.low) >> UInt64(place.shift))) + side] &+= 1
            }
          }
          for part in shares[share] {
            add(part.a, 0)
            add(part.b, 1)
          }
        }
      }
      return counts
    } consume: { _, counts in
      for i in total.indices { total[i] += UInt64(counts[i]) }
    }
    return total
  }

  /// The keys that lie in `windows`, each from its first key on.
  static func within(
    _ windows: [(low: UInt64, span: UInt64)], of parts: [WindowKeys], width: Int
  ) async throws -> [WindowKeys] {
    if windows.isEmpty { return [] }
    var kept: [WindowKeys] = []
    let shares = shares(of: parts, width)
    try await inOrder(count: shares.count, width: width) { share in
      windows.withUnsafeBufferPointer { windows in
        func isWithin(_ key: UInt64) -> Bool { windows.contains { key &- $0.low <= $0.span } }
        return shares[share].map { WindowKeys(a: $0.a.filter(isWithin), b: $0.b.filter(isWithin)) }
      }
    } consume: {
      kept += $1
    }
    return kept
  }

  /// Whole parts, put together to about as many keys for each thread.
  private static func shares(of parts: [WindowKeys], _ width: Int) -> [[WindowKeys]] {
    let total = parts.reduce(0) { $0 + $1.count }
    let each = max(together, (total + width - 1) / max(1, width))
    var shares: [[WindowKeys]] = []
    var size = each
    for part in parts {
      if size >= each {
        shares.append([])
        size = 0
      }
      shares[shares.count - 1].append(part)
      size += part.count
    }
    return shares
  }
}
