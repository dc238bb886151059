import CKernels
import CReading

/// The kernels of the one pass against a pure read of the same bytes, in memory, in pairs: read, kernel, read, kernel …
/// Prints a line of JSON each: the case, threads, gigabytes a second of both, and the ratio of every pair.
@main
struct KernelSpeed {
  struct Case {
    let name: String
    let units: Int, inner: Int
    var histograms = false
  }

  static let count = 1 << 24
  static let pairs = 9

  static func main() async {
    let a = values(seed: 1)
    let b = values(seed: 2)
    let cases = [
      Case(name: "one unit", units: 1, inner: count), Case(name: "rows of 4096", units: count / 4_096, inner: 4_096),
      Case(name: "rows of 64", units: count / 64, inner: 64), Case(name: "512 columns", units: 512, inner: 1),
      Case(name: "4096 columns", units: 4_096, inner: 1),
      Case(name: "512 columns, a histogram each", units: 512, inner: 1, histograms: true),
    ]
    for threads in [1, 2] {
      for test in cases {
        var ratios: [Double] = []
        var reading = Double.infinity
        var summing = Double.infinity
        // The first pair warms up.
        for pair in 0...pairs {
          let reads = await time(threads) { read($0, a, b) }
          let sums = await time(threads) { sum($0, test, a, b) }
          if pair == 0 { continue }
          ratios.append(reads / sums)
          reading = min(reading, reads)
          summing = min(summing, sums)
        }
        let bytes = Double(2 * 4 * count) / 1e9
        print(
          """
          {"case": "\(test.name)", "threads": \(threads), "read": \(bytes / reading), "kernel": \(bytes / summing), \
          "ratios": \(ratios.sorted())}
          """)
      }
    }
  }

  struct Values: @unchecked Sendable { let start: UnsafeMutablePointer<Float> }

  /// Roughly normal, of the size of trained weights.
  static func values(seed: UInt64) -> Values {
    var state = seed
    // Where pages begin, as the product's buffers do.
    let start = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 4_096).bindMemory(
      to: Float.self, capacity: count)
    for i in 0..<count {
      var sum: Float = 0
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        sum += Float(state >> 40) * 0x1p-24 - 0.5
      }
      start[i] = 0.05 * sum
    }
    return Values(start: start)
  }

  /// Seconds of wall time in which each thread does its share.
  static func time(_ threads: Int, _ share: @escaping @Sendable (Range<Int>) -> Void) async -> Double {
    let clock = ContinuousClock()
    let elapsed = await clock.measure {
      await withTaskGroup(of: Void.self) { group in
        let each = count / threads
        for thread in 0..<threads { group.addTask { share(thread * each..<(thread + 1) * each) } }
      }
    }
    return Double(elapsed.components.attoseconds) * 1e-18 + Double(elapsed.components.seconds)
  }

  static func read(_ range: Range<Int>, _ a: Values, _ b: Values) {
    let found =
      read_everything(a.start + range.lowerBound, 4 * range.count)
      | read_everything(b.start + range.lowerBound, 4 * range.count)
    // Never so: it keeps the reads from being dropped.
    if found == 0x0123_4567_89ab_cdef { print("") }
  }

  /// As the product does it: pieces of 256 KiB a side, and where units are rows, a table for each million of elements.
  static func sum(_ range: Range<Int>, _ test: Case, _ a: Values, _ b: Values) {
    let isRows = test.units > 1 && test.inner > 1
    let part = isRows ? min(range.count, 1 << 20) : range.count
    let units = isRows ? part / test.inner : test.units
    let stride = units <= 64 ? units : units + 8
    let table = UnsafeMutablePointer<Double>.allocate(capacity: Int(eqp_fields.rawValue) * stride)
    defer { table.deallocate() }
    var pass = eqp_pass()
    pass.units = test.units
    pass.inner = test.inner
    pass.table = table
    pass.stride = stride
    pass.bins = 128
    pass.low = -0.2
    pass.per_width = 128 / 0.4
    // What the direct metrics need; magnitudes and extremes are for tests and export.
    pass.no_sizes = test.histograms ? 0 : 1
    var counts: [eqp_counts] = []
    if test.histograms {
      counts = (0..<2).map { _ in
        let places = eqp_counts(low: .allocate(capacity: units * 130), carries: .allocate(capacity: units * 130))
        places.low.initialize(repeating: 0, count: units * 130)
        places.carries.initialize(repeating: 0, count: units * 130)
        return places
      }
      pass.histogram_a = counts[0]
      pass.histogram_b = counts[1]
    }
    defer {
      for places in counts {
        places.low.deallocate()
        places.carries.deallocate()
      }
    }
    let piece = 65_536
    for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: part) {
      eqp_table_clear(table, stride, units)
      pass.first_unit = isRows ? first / test.inner : 0
      for start in Swift.stride(from: first, to: first + part, by: piece) {
        let n = min(piece, first + part - start)
        _ = eqp_pass_elements(&pass, start, 1, a.start + start, b.start + start, n)
      }
    }
  }
}
